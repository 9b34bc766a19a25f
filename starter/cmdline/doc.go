// Package cmdline has what the commands of starter are made of: how Gatehouse is opened, how people and files are named, how text and tables fit a terminal.
package cmdline
