package target

import "context"

// GrantRevoker takes away what acts for an account, or signs in to it, beside its password and its sessions.
type GrantRevoker interface {
	// RevokeGrants revokes what apps were granted, deletes passwords of programs, makes backup codes worthless, and forgets the
	// addresses and numbers by which the person could set a new password alone. Password, sessions and second factors stay as they
	// are. It may be repeated, also where there is nothing. Where the system refuses a part, the rest is revoked, what was revoked is
	// returned, and the error is connectors.Refusals, which names the part. Where it fails otherwise, a part may be revoked. Who can
	// still sign in can grant anew: it comes after the end of sign-in, or of the password and the sessions.
	RevokeGrants(ctx context.Context, in Write) (Revoked, error)
}

// Revoked counts what this request took away.
type Revoked struct {
	// Apps are those that held a token, Passwords those of programs.
	Apps, Passwords int
	// Recovery says that there was an address or a number for recovery. By it the person may have replaced a password that was
	// reset before: reset it once more, and end the sessions.
	Recovery bool
}
