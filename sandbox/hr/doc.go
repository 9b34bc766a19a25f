// Package hr holds the simulated company's employment records, the truth behind the simulated Workday and BambooHR, and
// carries out what the company's HR department does: hire, change, terminate, rescind, delete, leave and return.
//
// The package knows no vendor's format. The workday and bamboohr packages turn records into their vendor's shape, and a
// listener hears of every change, which is how BambooHR's webhooks are fed.
package hr
