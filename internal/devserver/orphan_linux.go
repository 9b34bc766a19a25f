package devserver

import "syscall"

// endWithParent has the server end with the process that started it, however that ends: a test that has run out of time is
// killed and stops nothing.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGTERM }
