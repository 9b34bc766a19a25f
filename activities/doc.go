// Package activities holds how things are done: once and safely, one file per system. A step is an absolute statement
// ("is suspended", "has these roles") that may be made twice, or a creation that goes through once.go.
//
// Every error that leaves this package has passed fail, which decides in one place what is worth retrying and when.
package activities
