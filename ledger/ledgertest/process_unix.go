//go:build unix && !linux

package ledgertest

import "syscall"

// dieWithParent has no counterpart outside Linux; a server whose data directory is deleted ends by itself.
func dieWithParent(*syscall.SysProcAttr) {}
