//go:build !linux

package devserver

import "syscall"

// endWithParent does nothing where a process cannot be told of its parent's end.
func endWithParent(*syscall.SysProcAttr) {}
