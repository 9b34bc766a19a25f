package ledgertest

import "syscall"

// dieWithParent keeps a server from outliving a test process that was killed: SIGQUIT is PostgreSQL's immediate
// shutdown.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
