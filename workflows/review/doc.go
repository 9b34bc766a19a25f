// Package review is the template of the monthly access review.
package review
