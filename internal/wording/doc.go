// Package wording says things in words that stand in embedded template files, one file for each kind of text.
//
// What goes into a text is data and never becomes more than that: everything that a template prints passes through the escape of
// the text's target, which the author of a template cannot forget, because it is added when the file is read. All files are
// read, and executed with samples, when the program starts: a template that names a field that is not there stops the start and
// not a message.
package wording
