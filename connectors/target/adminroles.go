package target

import "context"

// AdminDemoter knows who may administer the system itself, where that is neither a group nor a role of Memberships.
type AdminDemoter interface {
	// AdminRoles shows an account's roles of an administrator, each once. It may be repeated.
	AdminRoles(ctx context.Context, in ReadRequest) (AdminRolesResponse, error)
	// Demote takes all of them away and leaves the account otherwise as it is. It may be repeated; an account that is no
	// administrator is no error. It returns what this request took away. The last administrator, or the one that Gatehouse itself
	// acts for, is refused by the system: the others are taken away, and the error is connectors.Refusals, which names the role.
	Demote(ctx context.Context, in Write) (AdminRolesResponse, error)
}

// AdminRole is a role that an account has. Super says that it may do everything.
type AdminRole struct {
	ID, Name string
	Super    bool
}

// AdminRolesResponse is every role of an account.
type AdminRolesResponse struct{ Roles []AdminRole }
