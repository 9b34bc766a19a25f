// Package condition compiles the conditions of a policy and evaluates them.
//
// A condition is a CEL expression over declared fields, compiled once, when the file is loaded: a misspelt field is an error
// with a line number then, and no surprise when somebody leaves. What fails for a value without any content is refused, too.
package condition
