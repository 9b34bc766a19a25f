// Package activities names what workflows have done: the packages below it do it, and each error that leaves them becomes one
// that Temporal acts on here and nowhere else. A step is an absolute statement ("is suspended", "has these roles") that may be
// made twice, or a creation that goes through step.
package activities
