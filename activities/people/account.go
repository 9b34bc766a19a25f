package people

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/catalog"
	"gatehouse/activities/outcome"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// account finds a person's account: the one on record, or one that is certainly theirs by its external id or e-mail
// address. What cannot be told apart is a notice for somebody employed. Of somebody whose access ends it is left to
// reach, which searches by everything known.
func (p *Person) account(ctx context.Context, pol *policy.Policy, d *ledger.Dossier, person identity.Person, engagements []identity.Engagement, ordered bool, seen *outcome.Notes) (*identity.Account, []identity.Notice, error) {
	client := p.OneLogin.For(onelogin.People)
	ends := ordered || endsAccess(person)
	if ends {
		client = p.OneLogin.For(onelogin.Containment)
	}
	if id := accountID(d); id != 0 {
		known := d.Person.AccountID
		account, notices, err := p.onRecord(ctx, client, pol, d, person, engagements, id, ends, seen)
		if err != nil || d.Person.AccountID == known {
			return account, notices, err
		}
	}
	account, row, notices, err := p.find(ctx, client, pol, humanOf(d, engagements, ends), person)
	if err != nil || account == nil {
		return nil, notices, err
	}
	owner, err := p.takeAccount(ctx, d.Person.Key, account.ID, row, seen)
	if err != nil {
		return nil, nil, err
	}
	if owner != "" {
		if ends {
			return nil, nil, nil
		}
		return nil, Foreign(pol, account.ID, owner), nil
	}
	d.Person.AccountID = account.ID
	return account, notices, nil
}

// lifted reports that two people have lifted the protection of an account of somebody's for the present departure.
func lifted(d *ledger.Dossier, id int64) bool {
	return slices.ContainsFunc(d.Accounts, func(row inventory.Account) bool {
		return row.Ref == identity.OneLoginRef(id) && row.Lifted
	})
}

// endsAccess reports that a person of this standing must not have access.
func endsAccess(person identity.Person) bool {
	return person.Standing == identity.StandingLeft || person.Standing == identity.StandingRescinded
}

// onRecord reads the account that the ledger has for a person. One that is gone, or that by now carries what names
// another employed person, is not taken for theirs any more. One that Gatehouse has deleted is on record for nobody.
func (p *Person) onRecord(ctx context.Context, client *onelogin.Client, pol *policy.Policy, d *ledger.Dossier, person identity.Person, engagements []identity.Engagement, id int64, ends bool, seen *outcome.Notes) (*identity.Account, []identity.Notice, error) {
	u, there, err := Existing(ctx, client, id)
	if err != nil {
		return nil, nil, err
	}
	if !there {
		deleted, err := p.wasDeleted(ctx, identity.OneLoginRef(id), seen)
		if err != nil || deleted {
			d.Person.AccountID = 0
			return nil, nil, err
		}
		return nil, vanished(pol, d, person), nil
	}
	marks := d.Person
	if marks.AccountID != id {
		// The key names an account of somebody else's, or one that nobody has met yet.
		row, _, err := p.Ledger.Inventory().Account(ctx, identity.OneLoginRef(id))
		if err != nil {
			return nil, nil, err
		}
		marks = marksOf(row)
	}
	account, err := p.describe(ctx, u, marks)
	if err != nil {
		return nil, nil, err
	}
	account.Lifted = (ends || person.Out()) && lifted(d, id)
	if source, _, err := identity.SplitKey(d.Person.Key); err != nil || source == identity.SourceAccount || undisputed(pol, d.Person.Key, engagements, *account) {
		return account, nil, err
	}
	h := humanOf(d, engagements, ends)
	row, _, err := p.Ledger.Inventory().Account(ctx, identity.OneLoginRef(id))
	if err != nil {
		return nil, nil, err
	}
	tied, err := p.Tie(ctx, pol, h, *account, row)
	switch {
	case err != nil:
		return nil, nil, err
	case tied.Tie != match.TieDisputed:
		return account, nil, nil
	case ends:
		return nil, nil, nil
	}
	return nil, []identity.Notice{{
		Code: api.NoticeAmbiguousAccount, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: words.Sure("account_disputed", view{Account: id}),
	}}, nil
}

// undisputed reports without asking the ledger that an account on record is plainly the person's: it carries their own
// external id and, where HR was read, their work address.
func undisputed(pol *policy.Policy, key string, engagements []identity.Engagement, a identity.Account) bool {
	claim := match.Claim{Keys: []string{key}, Linked: true}
	read := false
	for _, e := range engagements {
		claim.Records = append(claim.Records, e.Record)
		read = read || e.WorkEmail != ""
	}
	reasons := match.By(pol).Tie(a, claim).Reasons
	anchored := slices.Contains(reasons, match.ReasonNamedAnchor) || slices.Contains(reasons, match.ReasonBareAnchor)
	return anchored && (!read || slices.Contains(reasons, match.ReasonWorkAddress))
}

// accountID is the account on record, or the one that the key itself names.
func accountID(d *ledger.Dossier) int64 {
	if d.Person.AccountID != 0 {
		return d.Person.AccountID
	}
	if source, digits, err := identity.SplitKey(d.Person.Key); err == nil && source == identity.SourceAccount {
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
		Text: words.Sure("account_vanished", view{Account: accountID(d)}),
	}}
}

// find looks for an account that nobody has recorded yet, by external id and by work address. Several that are certain,
// or one that only may be theirs, are a notice for somebody employed.
func (p *Person) find(ctx context.Context, client *onelogin.Client, pol *policy.Policy, h Human, person identity.Person) (*identity.Account, inventory.Account, []identity.Notice, error) {
	if person.Record.EmployeeID == "" {
		return nil, inventory.Account{}, nil, nil
	}
	for _, external := range pol.ExternalIDs(h.Key, person.Record) {
		users, err := client.UsersByExternalID(ctx, external)
		if err != nil {
			return nil, inventory.Account{}, nil, err
		}
		if len(users) > 0 {
			return p.choose(ctx, client, pol, h, users, "external id")
		}
	}
	if person.Record.WorkEmail != "" {
		users, err := client.UsersByEmail(ctx, person.Record.WorkEmail)
		if err != nil {
			return nil, inventory.Account{}, nil, err
		}
		if len(users) > 0 {
			return p.choose(ctx, client, pol, h, users, "e-mail address")
		}
	}
	if h.left || !person.Belongs() {
		return nil, inventory.Account{}, nil, nil
	}
	notices, err := p.furtherAccount(ctx, client, pol, h, person.Record)
	return nil, inventory.Account{}, notices, err
}

// choose takes the one of several users that is certainly the human's, with what the ledger knows of it.
func (p *Person) choose(ctx context.Context, client *onelogin.Client, pol *policy.Policy, h Human, users []onelogin.User, by string) (*identity.Account, inventory.Account, []identity.Notice, error) {
	if len(users) > 1 && !h.left {
		return nil, inventory.Account{}, Ambiguous(pol, by, len(users)), nil
	}
	for _, listed := range users {
		account, row, err := p.meet(ctx, client, h, listed.ID) // Lists may leave out roles.
		if err != nil {
			return nil, inventory.Account{}, nil, err
		}
		if account == nil {
			continue
		}
		tied, err := p.Tie(ctx, pol, h, *account, row)
		if err != nil {
			return nil, inventory.Account{}, nil, err
		}
		if theirs, _ := p.sort(pol, h, *account, row, tied); theirs || tied.Tie == match.TieCertain && !h.left {
			return account, row, nil, nil
		}
		switch {
		case h.left:
		case tied.Tie == match.TieCandidate:
			return nil, row, Doubtful(pol, h.Key, account.ID, tied), nil
		case slices.Contains(tied.Reasons, match.ReasonEmployedOwner):
			return nil, row, Foreign(pol, account.ID, row.Person), nil
		}
	}
	// Nothing ties them to this human; a joiner gets the next name.
	return nil, inventory.Account{}, nil, nil
}

// Doubtful says that an account may be an employed person's, and why that is not certain. Nobody gets a second account
// meanwhile.
func Doubtful(pol *policy.Policy, key string, id int64, tied match.Tied) []identity.Notice {
	return []identity.Notice{{
		Code: api.NoticeAccountDoubt, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: words.Sure("account_doubt", view{Account: id, Why: strings.Join(tied.Reasons, "; "), Key: key}),
	}}
}

// takeAccount puts an account on record for a person. Owner is another person with records who has it already, by the row
// that was read a moment ago: should somebody take the account meanwhile, the ledger refuses it.
func (p *Person) takeAccount(ctx context.Context, key string, id int64, row inventory.Account, seen *outcome.Notes) (owner string, err error) {
	if row.Belongs() && row.Person != key {
		owner, found, err := p.Ledger.Inventory().PersonByAccount(ctx, id)
		if err != nil {
			return "", err
		}
		if found && owner != key {
			d, _, err := p.Ledger.Dossier(ctx, owner)
			if err != nil || len(d.Links) > 0 {
				return owner, err
			}
		}
	}
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		return l.Inventory().SetAccount(ctx, key, id, false)
	})
	return "", nil
}

// Foreign says that the account that would be the person's is on record for somebody else.
func Foreign(pol *policy.Policy, id int64, owner string) []identity.Notice {
	return []identity.Notice{{
		Code: api.NoticeAmbiguousAccount, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: words.Sure("account_foreign", view{Account: id, Other: owner}),
	}}
}

// Ambiguous says that several accounts share what one of an employed person is found by.
func Ambiguous(pol *policy.Policy, by string, n int) []identity.Notice {
	return []identity.Notice{{
		Code: api.NoticeAmbiguousAccount, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: words.Sure("account_ambiguous", view{Count: n, Why: by}),
	}}
}

// describe turns a OneLogin user into the account that policy reasons about.
func (p *Person) describe(ctx context.Context, u onelogin.User, row persons.Person) (*identity.Account, error) {
	account, err := DescribeUser(ctx, p.Catalog, u)
	if err != nil {
		return nil, err
	}
	account.CreatedByUs, account.SuspendedByUs = row.AccountCreated, row.SuspendedByUs
	account.SuspendedFor, account.LockedFor = row.SuspendedFor, row.LockedFor
	return account, nil
}

// DescribeUser turns a OneLogin user into an account, without what only the ledger knows of it.
func DescribeUser(ctx context.Context, catalog *catalog.Catalog, u onelogin.User) (*identity.Account, error) {
	return catalog.Describe(ctx, onelogin.AccountOf(u))
}

// nothingToContain says that an order was given about somebody whose account cannot be found.
func nothingToContain(pol *policy.Policy) identity.Notice {
	return identity.Notice{
		Code: api.NoticeNothingToContain, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: words.Sure("nothing_to_contain", view{}),
	}
}
