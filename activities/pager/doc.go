// Package pager pager opens, acknowledges and resolves incidents at PagerDuty.
package pager
