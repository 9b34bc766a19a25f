package activities

import (
	"context"
	"fmt"
	"strconv"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// account finds a person's account: by the id on record, by external id, or by e-mail where policy agrees that it can
// only be theirs. What cannot be told apart is a notice, never a guess.
func (p *Person) account(ctx context.Context, pol *policy.Policy, d *ledger.Dossier, person identity.Person, ordered bool, seen *notes) (*identity.Account, []identity.Notice, error) {
	client := p.OneLogin.For(onelogin.People)
	if ordered || person.Standing == identity.StandingLeft {
		client = p.OneLogin.For(onelogin.Containment)
	}
	if id := accountID(d); id != 0 {
		u, err := client.User(ctx, id)
		if gone(err) {
			return nil, vanished(pol, d, person), nil
		}
		if err != nil {
			return nil, nil, err
		}
		account, err := p.describe(ctx, u, d.Person)
		return account, nil, err
	}
	u, notices, err := p.find(ctx, client, pol, d.Person.Key, person)
	if err != nil || u == nil {
		return nil, notices, err
	}
	owner, err := p.takeAccount(ctx, d.Person.Key, u.ID, seen)
	if err != nil {
		return nil, nil, err
	}
	if owner != "" {
		return nil, foreign(pol, u.ID, owner), nil
	}
	d.Person.AccountID = u.ID
	account, err := p.describe(ctx, *u, d.Person)
	return account, notices, err
}

// accountID is the account on record, or the one that the key itself names.
func accountID(d *ledger.Dossier) int64 {
	if d.Person.AccountID != 0 {
		return d.Person.AccountID
	}
	if source, digits, err := SplitKey(d.Person.Key); err == nil && source == sourceAccount {
		if id, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return id
		}
	}
	return 0
}

// vanished says that an account on record is gone, where that matters: nobody makes a second one silently.
func vanished(pol *policy.Policy, d *ledger.Dossier, person identity.Person) []identity.Notice {
	if !person.Standing.Employed() {
		return nil
	}
	return []identity.Notice{{
		Code: api.NoticeAccountVanished, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: fmt.Sprintf("OneLogin account %d is on record for this person but no longer exists. Restore it, or use "+
			"retry after `starter unlink-account`.", accountID(d)),
	}}
}

// find looks for an account that nobody has recorded yet.
func (p *Person) find(ctx context.Context, client *onelogin.Client, pol *policy.Policy, key string, person identity.Person) (*onelogin.User, []identity.Notice, error) {
	if person.Record.EmployeeID == "" {
		return nil, nil, nil
	}
	for _, external := range pol.ExternalIDs(key, person.Record) {
		users, err := client.UsersByExternalID(ctx, external)
		if err != nil {
			return nil, nil, err
		}
		switch len(users) {
		case 0:
		case 1:
			return p.whole(ctx, client, users[0].ID)
		default:
			return nil, ambiguous(pol, "external id", len(users)), nil
		}
	}
	if person.Record.WorkEmail == "" {
		return nil, nil, nil
	}
	users, err := client.UsersByEmail(ctx, person.Record.WorkEmail)
	if err != nil {
		return nil, nil, err
	}
	switch len(users) {
	case 0:
		return nil, nil, nil
	case 1:
	default:
		return nil, ambiguous(pol, "e-mail address", len(users)), nil
	}
	u, _, err := p.whole(ctx, client, users[0].ID)
	if err != nil || u == nil {
		return nil, nil, err
	}
	account, err := p.describe(ctx, *u, ledger.Person{})
	if err != nil {
		return nil, nil, err
	}
	if !pol.MatchesAccount(person.Record, *account) {
		// It is somebody else's; a joiner gets the next name.
		return nil, nil, nil
	}
	return u, nil, nil
}

// whole reads one user in full: lists leave out roles.
func (p *Person) whole(ctx context.Context, client *onelogin.Client, id int64) (*onelogin.User, []identity.Notice, error) {
	u, err := client.User(ctx, id)
	if gone(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return &u, nil, nil
}

// takeAccount puts an account on record for a person. Owner is another person with records who has it already.
func (p *Person) takeAccount(ctx context.Context, key string, id int64, seen *notes) (owner string, err error) {
	owner, found, err := p.Ledger.PersonByAccount(ctx, id)
	if err != nil {
		return "", err
	}
	if found && owner != key {
		d, _, err := p.Ledger.Dossier(ctx, owner)
		if err != nil || len(d.Links) > 0 {
			return owner, err
		}
	}
	seen.add(func(ctx context.Context, l *ledger.Ledger) error { return l.SetAccount(ctx, key, id, false) })
	return "", nil
}

// foreign says that the account that would be the person's is on record for somebody else.
func foreign(pol *policy.Policy, id int64, owner string) []identity.Notice {
	return []identity.Notice{{
		Code: api.NoticeAmbiguousAccount, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: fmt.Sprintf("OneLogin account %d fits this person, but is on record for %s. Correct the account's e-mail address or "+
			"external id in OneLogin, or the record in HR, then retry.", id, owner),
	}}
}

func ambiguous(pol *policy.Policy, by string, n int) []identity.Notice {
	return []identity.Notice{{
		Code: api.NoticeAmbiguousAccount, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: fmt.Sprintf("%d OneLogin accounts share this person's %s. Correct it in OneLogin, then retry.", n, by),
	}}
}

// describe turns a OneLogin user into the account that policy reasons about.
func (p *Person) describe(ctx context.Context, u onelogin.User, row ledger.Person) (*identity.Account, error) {
	roles, err := p.Catalog.RoleNames(ctx, u.RoleIDs)
	if err != nil {
		return nil, err
	}
	group, err := p.Catalog.GroupName(ctx, u.GroupID)
	if err != nil {
		return nil, err
	}
	return &identity.Account{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
		Title: u.Title, Department: u.Department, Company: u.Company, ExternalID: u.ExternalID,
		Status: identity.AccountStatus(u.Status), State: u.State, GroupID: u.GroupID, Group: group,
		ManagerID: u.ManagerUserID, Roles: roles, CreatedAt: u.CreatedAt, LastLogin: u.LastLogin,
		InvitationSentAt: u.InvitationSentAt, LockedUntil: u.LockedUntil, CreatedByUs: row.AccountCreated,
		SuspendedByUs: row.SuspendedByUs, SuspendedFor: row.SuspendedFor, LockedFor: row.LockedFor,
	}, nil
}
