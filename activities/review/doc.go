// Package review collects who has access to what, asks their managers by sheet and e-mail, and reads the answers.
package review
