// Package pager opens, acknowledges and resolves incidents at PagerDuty.
package pager
