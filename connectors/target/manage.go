package target

import (
	"context"

	"gatehouse/identity"
)

// Creator makes accounts.
type Creator interface {
	// Create makes an account that carries the document's external id, which is required beside its username. It may be
	// repeated: where an account carries the external id already, that one is returned as it is, and nothing is written. A
	// username or address that another account has is an error of KindConflict. Status, roles and groups of the document do
	// not count: the account can sign in unless the request says otherwise, and has what the system gives to everybody.
	Create(ctx context.Context, in CreateRequest) (CreateResponse, error)
}

// CreateRequest says what account to make.
type CreateRequest struct {
	Document identity.Account
	// Suspended makes it so that nobody can sign in until Resume.
	Suspended bool
	// Container is where it is made, in place of where the implementer was told to; Profile is what kind of user it becomes. Both are as
	// Placer and Profiler show them, and "" where the system has none or nothing is said. One that does not exist is an error of KindInvalid.
	Container, Profile string
}

// CreateResponse is the account, and whether this request made it.
type CreateResponse struct {
	Account Account
	Created bool
}

// The attributes of a profile, by the names that every system is asked by. What a system has no place for is an error of
// KindInvalid.
const (
	AttributeFirstName   = "first_name"
	AttributeLastName    = "last_name"
	AttributeDisplayName = "display_name"
	AttributeEmail       = "email"
	AttributeTitle       = "title"
	AttributeDepartment  = "department"
	AttributeCompany     = "company"
	AttributePhone       = "phone"
	AttributeMobile      = "mobile"
	AttributeLocation    = "location"
	AttributeExternalID  = "external_id"
	// AttributeManager is the id of the manager's account in the same system.
	AttributeManager = "manager"
	// AttributeProfile is the id of the kind of user, as Profiler shows it.
	AttributeProfile = "profile"
	// AttributeFederationID is what single sign-on calls the account, which is the UserPrincipalName of its document.
	AttributeFederationID = "federation_id"
)

// ProfileWriter writes what an account says about its person.
type ProfileWriter interface {
	// WriteProfile makes each change, or none. A value is replaced only if it still is what the request says it was: where
	// somebody else has changed it since, that is an error of KindConflict, and the caller reads and decides again. It may be
	// repeated: a value that is there already is no error and is not written again. Where an attribute has several values, the
	// others stay. It returns the account as the system answered: a value that the system changes by a rule of its own shows
	// only there.
	WriteProfile(ctx context.Context, in ProfileRequest) (Account, error)
}

// ProfileRequest names the account and its changes.
type ProfileRequest struct {
	Write
	Changes []Change
}

// Change replaces the value of an attribute. From is "" where there was none, To where there is to be none.
type Change struct{ Attribute, From, To string }

// GroupManager knows groups and who is in them.
type GroupManager interface {
	Remover
	// Groups lists groups as Lister lists accounts.
	Groups(ctx context.Context, in GroupsRequest) (GroupsResponse, error)
	// Members shows who is in a group, to the end however many there are. Nested asks for those in groups within it too, each
	// once, also where groups contain each other. A group that does not exist is an error of KindNotFound.
	Members(ctx context.Context, in MembersRequest) (MembersResponse, error)
	// Add puts an account into these groups and leaves it in all others. One that it is in already is no error; an empty list
	// sends nothing. It may be repeated. A group that does not exist is refused with KindNotFound. Where the system refuses one of
	// several, the account is in the others, and the error is connectors.Refusals, which names it.
	Add(ctx context.Context, in AddRequest) error
}

// GroupsRequest asks for a page of groups.
type GroupsRequest struct{ Cursor string }

// Group is a group, by the id that Memberships and RemoveRequest know it by. No two have the same name, whatever its case: it is what
// people call the group by.
type Group struct{ ID, Name string }

// GroupsResponse is a page.
type GroupsResponse struct {
	Groups []Group
	// Next is the cursor of the next page, "" after the last.
	Next string
	// Total is how many groups the whole list has as the system counts, -1 if it did not say.
	Total int
}

// MembersRequest names a group by its id.
type MembersRequest struct {
	Group  string
	Nested bool
}

// MembersResponse is who is in a group.
type MembersResponse struct {
	// Accounts and Groups are ids in ascending order. Groups are those directly within, and all below if that was asked.
	Accounts, Groups []string
	// Unknown counts members that are neither an account nor a group that can be read, such as one of another domain.
	Unknown int
	// Cycle says that groups contain each other.
	Cycle bool
}

// AddRequest names the groups to put an account into, by ids as Groups shows them.
type AddRequest struct {
	Write
	To []string
}

// CredentialResetter replaces passwords.
type CredentialResetter interface {
	// ResetPassword sets a password. It may be repeated, and is carried out each time: what is there cannot be read. A
	// password that the system's policy refuses is an error of KindInvalid with Code [CodePasswordPolicy]. It ends no session and
	// changes no other way to sign in.
	ResetPassword(ctx context.Context, in ResetRequest) error
}

// CodePasswordPolicy is the code of an error about a password that the system's policy refuses.
const CodePasswordPolicy = "password_policy"

// ResetRequest is the password to set.
type ResetRequest struct {
	Write
	// Password is the new one; "" sets one that nobody knows.
	Password string
	// Change has the person choose another when they sign in with it, where the system can demand that.
	Change bool
}

// Mover puts accounts elsewhere in the system's tree.
type Mover interface {
	// Move puts an account into a container, such as an organisational unit. Id, memberships and sign-in stay. It may be
	// repeated: one that is there already is no error. A container that does not exist is an error of KindInvalid.
	Move(ctx context.Context, in MoveRequest) (Account, error)
}

// MoveRequest names the account and where it is to be, as the system writes it.
type MoveRequest struct {
	Write
	To string
}

// Deleter deletes accounts.
type Deleter interface {
	// Delete deletes an account, and takes it out of the groups that the system would leave it in. There is no way back. An
	// account that is gone is an error of KindNotFound, which one who has asked before takes for done.
	Delete(ctx context.Context, in Write) error
}
