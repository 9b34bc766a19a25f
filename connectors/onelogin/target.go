package onelogin

import (
	"context"
	"fmt"
	"strconv"

	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// Target is OneLogin as a system in which people have access.
type Target struct{ client *Client }

var (
	_ target.System       = (*Target)(nil)
	_ target.Finder       = (*Target)(nil)
	_ target.Lister       = (*Target)(nil)
	_ target.Suspender    = (*Target)(nil)
	_ target.Resumer      = (*Target)(nil)
	_ target.SessionEnder = (*Target)(nil)
	_ target.Remover      = (*Target)(nil)
)

// NewTarget returns what a client can be asked to do. What ends access is of class [Containment] and lists are of class
// [Sweep]; the rest is of the client's own.
func NewTarget(c *Client) *Target { return &Target{client: c} }

// AccountOf is a user as an account of the system.
func AccountOf(u User) target.Account {
	memberships := make([]string, len(u.RoleIDs))
	for i, id := range u.RoleIDs {
		memberships[i] = strconv.FormatInt(id, 10)
	}
	return target.Account{
		Ref: identity.OneLoginRef(u.ID), Memberships: memberships,
		DirectoryID: u.DirectoryID, TrustedIDP: u.TrustedIDP, Whole: u.Whole,
		Document: identity.Account{
			ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
			Title: u.Title, Department: u.Department, Company: u.Company, ExternalID: u.ExternalID, Phone: u.Phone,
			SAMAccountName: u.SAMAccountName, UserPrincipalName: u.UserPrincipalName,
			Status: identity.AccountStatus(u.Status), State: u.State, GroupID: u.GroupID, ManagerID: u.ManagerUserID,
			CreatedAt: u.CreatedAt, LastLogin: u.LastLogin, InvitationSentAt: u.InvitationSentAt, LockedUntil: u.LockedUntil,
		},
	}
}

// number reads an id. OneLogin's are positive numbers; any other is refused by the client.
func number(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// ending is the client that ends access to an account.
func (t *Target) ending(in target.Write) *Client {
	if in.Lifted {
		return t.client.For(Containment).Lifting(number(in.ID))
	}
	return t.client.For(Containment)
}

// Read implements target.System.
func (t *Target) Read(ctx context.Context, in target.ReadRequest) (target.Account, error) {
	c := t.client
	if in.Urgent {
		c = c.For(Containment)
	}
	u, err := c.User(ctx, number(in.ID))
	if err != nil {
		return target.Account{}, err
	}
	return AccountOf(u), nil
}

// Find implements target.Finder.
func (t *Target) Find(ctx context.Context, in target.FindRequest) ([]target.Account, error) {
	var users []User
	var err error
	switch {
	case in.ExternalID != "":
		users, err = t.client.UsersByExternalID(ctx, in.ExternalID)
	case in.Email != "":
		users, err = t.client.UsersByEmail(ctx, in.Email)
	default:
		users, err = t.client.UsersByUsername(ctx, in.Username)
	}
	return accounts(users), err
}

func accounts(users []User) []target.Account {
	var all []target.Account
	for _, u := range users {
		all = append(all, AccountOf(u))
	}
	return all
}

// List implements target.Lister.
func (t *Target) List(ctx context.Context, in target.ListRequest) (target.ListResponse, error) {
	list, err := t.client.For(Sweep).Inventory(ctx, in.Since, in.Cursor)
	if err != nil {
		return target.ListResponse{}, err
	}
	return target.ListResponse{Accounts: accounts(list.Users), Next: list.Next, Total: list.Total}, nil
}

// Suspend implements target.Suspender.
func (t *Target) Suspend(ctx context.Context, in target.Write) (target.Account, error) {
	return setStatus(ctx, t.ending(in), in.ID, StatusSuspended)
}

// Resume implements target.Resumer.
func (t *Target) Resume(ctx context.Context, in target.Write) (target.Account, error) {
	c := t.client
	if in.Lifted {
		c = c.Lifting(number(in.ID))
	}
	return setStatus(ctx, c, in.ID, StatusActive)
}

func setStatus(ctx context.Context, c *Client, id string, status int) (target.Account, error) {
	u, err := c.UpdateUser(ctx, number(id), UserChange{Status: &status})
	if err != nil {
		return target.Account{}, err
	}
	return AccountOf(u), nil
}

// EndSessions implements target.SessionEnder.
func (t *Target) EndSessions(ctx context.Context, in target.Write) error {
	return t.ending(in).LogOut(ctx, number(in.ID))
}

// Remove implements target.Remover.
func (t *Target) Remove(ctx context.Context, in target.RemoveRequest) error {
	roles := make([]int64, len(in.From))
	for i, role := range in.From {
		if roles[i] = number(role); roles[i] <= 0 {
			return invalid(fmt.Sprintf("remove roles from user %d", number(in.ID)), "a role id is a positive number")
		}
	}
	return t.ending(in.Write).RemoveRoles(ctx, number(in.ID), roles)
}
