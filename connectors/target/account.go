package target

import "gatehouse/identity"

// Account is an account as its system shows it.
type Account struct {
	Ref identity.Ref
	// Document is what the account says about its person, and its status. AccountActive is the status of an account that can
	// sign in and of no other, AccountSuspended that of one which Suspend has closed. Roles are left out: see Memberships.
	Document identity.Account
	// Memberships are the ids of the roles or groups that the account has access by.
	Memberships []string
	// DirectoryID and TrustedIDP say where the account comes from and who signs it in, 0 if that is the system itself.
	DirectoryID, TrustedIDP int64
	// Manager is the id of the manager's account in the same system. ManagerAddress is the manager's address, where that is what the
	// system has: an answer that does not look up whose it is leaves Manager empty, and so does an address that is nobody's there.
	// There is no manager only where both are empty.
	Manager, ManagerAddress string
	// Container is where the account is, where the system has a tree: what Mover takes.
	Container string
	// Profile is the id of the kind of user that the account is, where the system has kinds: what Profiler shows.
	Profile string
	// Whole says that the system told status and memberships: what is empty is empty.
	Whole bool
}

// CanSignIn reports that the account's status lets its person in.
func (a Account) CanSignIn() bool { return a.Document.Status == identity.AccountActive }
