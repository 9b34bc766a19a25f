package target

import "context"

// RoleManager gives roles: what an account may do, where the system knows that apart from groups.
type RoleManager interface {
	Remover
	// Roles shows every role that can be given, to the end, each once. An answer that may be incomplete is an error of
	// KindMalformed. It may be repeated.
	Roles(ctx context.Context, in RolesRequest) (RolesResponse, error)
	// Give gives an account these roles and leaves it all others. One that it has already is no error; an empty list sends
	// nothing. It may be repeated. A role that does not exist is an error of KindNotFound or KindInvalid, one for which there is no
	// licence left of KindConflict. Where one of several is refused, the others are given, and the error is connectors.Refusals, which
	// names it.
	Give(ctx context.Context, in GiveRequest) error
}

// RolesRequest asks for all roles.
type RolesRequest struct{}

// Role is a role, by the id that Memberships and RemoveRequest know it by. No two have the same name, whatever its case.
type Role struct{ ID, Name string }

// RolesResponse is every role.
type RolesResponse struct{ Roles []Role }

// GiveRequest names the roles to give, by ids as Roles shows them.
type GiveRequest struct {
	Write
	Roles []string
}
