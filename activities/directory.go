package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// human is one person as accounts are compared with them.
type human struct {
	key string
	// keys are every key that stands for the human, records every HR record of theirs.
	keys    []string
	records []identity.Record
	// left says that the comparison is about ending access.
	left bool
	// met is an account that was read a moment ago.
	met *identity.Account
}

// human gathers what accounts are compared with. An engagement whose record was not read is known by its id only.
func (p *Person) human(ctx context.Context, key string, engagements []identity.Engagement, left bool) (human, error) {
	forwarded, err := p.Ledger.ForwardedTo(ctx, key)
	if err != nil {
		return human{}, err
	}
	h := human{key: key, keys: append([]string{key}, forwarded...), left: left}
	for _, e := range engagements {
		h.records = append(h.records, e.Record)
		if k := e.Source + "-" + e.EmployeeID; !slices.Contains(h.keys, k) {
			h.keys = append(h.keys, k)
		}
	}
	return h, nil
}

// tie says how an account is tied to a human, from what the ledger knows of both. The zero row is an account that it has not met.
func (p *Person) tie(ctx context.Context, pol *policy.Policy, h human, a identity.Account, row ledger.Account) (policy.Tied, error) {
	claim := policy.Claim{Keys: h.keys, Records: h.records, Left: h.left}
	var err error
	owner := ""
	if row.Belongs() {
		owner = row.Person
	}
	switch {
	case owner == "":
	case slices.Contains(h.keys, owner):
		claim.Linked, claim.ByWord = true, row.DecidedBy != ""
	default:
		if claim.Other, claim.OtherEmployed, err = p.standsFor(ctx, owner); err != nil {
			return policy.Tied{}, err
		}
	}
	if claim.Refused, err = p.refused(ctx, h, a); err != nil {
		return policy.Tied{}, err
	}
	if claim.Rivals, err = p.rivals(ctx, pol, h, a); err != nil {
		return policy.Tied{}, err
	}
	return pol.Tie(a, claim), nil
}

// standsFor reports whether a key stands for another human with HR records, and whether they are employed. A key such as
// onelogin-42 that only names an account stands for nobody.
func (p *Person) standsFor(ctx context.Context, key string) (human, employed bool, err error) {
	d, _, err := p.Ledger.Dossier(ctx, key)
	if err != nil || len(d.Links) == 0 {
		return false, false, err
	}
	if d.Person.Episode > 0 {
		return true, d.Person.Employed, nil
	}
	for _, l := range d.Links {
		active, err := p.Ledger.ActiveRecord(ctx, l.Source, l.EmployeeID)
		if err != nil || active {
			return true, active, err
		}
	}
	return true, false, nil
}

// rivals are other humans whose HR records share the account's external id or an address of it.
func (p *Person) rivals(ctx context.Context, pol *policy.Policy, h human, a identity.Account) ([]policy.Rival, error) {
	records, err := p.Ledger.RecordsLike(ctx, p.tracesOf(pol, a))
	if err != nil {
		return nil, err
	}
	return p.rivalsAmong(pol, h.keys, a, records), nil
}

// tracesOf are the traces by which HR records may share an account.
func (p *Person) tracesOf(pol *policy.Policy, a identity.Account) ledger.RecordTraces {
	traces := ledger.RecordTraces{Addresses: []string{p.Ledger.Digest(a.Email)}}
	if strings.Contains(a.Username, "@") {
		traces.Addresses = append(traces.Addresses, p.Ledger.Digest(a.Username))
	}
	for _, n := range pol.Anchors(a.ExternalID) {
		id := n.EmployeeID
		if id == "" {
			_, id, _ = strings.Cut(n.Key, "-")
		}
		traces.EmployeeIDs = append(traces.EmployeeIDs, id)
	}
	return traces
}

// rivalsAmong are those of the records that are not of the human with these keys.
func (p *Person) rivalsAmong(pol *policy.Policy, keys []string, a identity.Account, records []ledger.RecordLike) []policy.Rival {
	anchors, traces := pol.Anchors(a.ExternalID), p.tracesOf(pol, a)
	name := p.Ledger.Digest(a.FirstName + " " + a.LastName)
	var rivals []policy.Rival
	for _, r := range records {
		key := r.Source + "-" + r.EmployeeID
		if slices.Contains(keys, r.Key) || slices.Contains(keys, key) {
			continue
		}
		rivals = append(rivals, policy.Rival{
			Key: r.Key, Employed: r.Employed,
			Anchor: slices.ContainsFunc(anchors, func(n policy.Anchor) bool {
				return n.Key == key || n.Key == r.Key || n.EmployeeID == r.EmployeeID && (n.Source == "" || n.Source == r.Source)
			}),
			Address: slices.ContainsFunc(traces.Addresses, func(d string) bool {
				return d != "" && (d == r.Digests.WorkEmail || d == r.Digests.PersonalEmail)
			}),
			Name: name != "" && name == r.Digests.Name,
		})
	}
	return rivals
}

// refused reports that a person said of this account, as it is now, that it is not the human's.
func (p *Person) refused(ctx context.Context, h human, a identity.Account) (bool, error) {
	for _, key := range h.keys {
		shown, found, err := p.Ledger.Refused(ctx, identity.OneLoginRef(a.ID), key)
		if err != nil || found && shown == p.evidenceOf(a) {
			return err == nil, err
		}
	}
	return false, nil
}

func (p *Person) evidenceOf(a identity.Account) string { return AccountEvidence(p.Ledger, a) }

// AccountEvidence digests what an account is recognised by: a refusal holds for as long as it stays the same.
func AccountEvidence(l *ledger.Ledger, a identity.Account) string {
	return l.Digest(strings.Join([]string{
		a.ExternalID, strings.ToLower(a.Email), strings.ToLower(a.Username), a.FirstName, a.LastName,
	}, "\x00"))[:24]
}

// candidates searches OneLogin and the inventory for every account that shares a trace with a human. By says what was
// searched by, without the values.
func (p *Person) candidates(ctx context.Context, client *onelogin.Client, pol *policy.Policy, h human) (ids []int64, by []string, err error) {
	s := search{seen: map[int64]bool{}, asked: map[string]bool{}}
	for _, r := range h.records {
		for _, external := range append(pol.ExternalIDs(h.key, r), r.EmployeeID) {
			s.ask("external id", external, func() ([]onelogin.User, error) { return client.UsersByExternalID(ctx, external) })
		}
		for _, address := range []string{r.WorkEmail, r.PersonalEmail} {
			s.ask("e-mail address", address, func() ([]onelogin.User, error) { return client.UsersByEmail(ctx, address) })
		}
		local, _, _ := strings.Cut(r.WorkEmail, "@")
		s.ask("username", local, func() ([]onelogin.User, error) { return client.UsersWithNameIn(ctx, local) })
		for _, first := range []string{r.FirstName, r.PreferredName} {
			if first != "" && r.LastName != "" {
				s.ask("name", first+" "+r.LastName, func() ([]onelogin.User, error) { return client.UsersByName(ctx, first, r.LastName) })
			}
		}
	}
	for _, key := range h.keys {
		s.ask("external id", key, func() ([]onelogin.User, error) { return client.UsersByExternalID(ctx, key) })
	}
	known, err := p.inventoried(ctx, pol, h)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range known {
		s.add(id)
	}
	return s.ids, append(s.by, "accounts on record"), s.err
}

// search collects accounts without asking anything twice.
type search struct {
	ids   []int64
	by    []string
	seen  map[int64]bool
	asked map[string]bool
	err   error
}

func (s *search) add(id int64) {
	if !s.seen[id] {
		s.seen[id], s.ids = true, append(s.ids, id)
	}
}

// ask searches by one value. A value that cannot be searched by is passed over; the first failure ends the search,
// because "no account" would not be true any more.
func (s *search) ask(what, value string, find func() ([]onelogin.User, error)) {
	name := what + "\x00" + strings.ToLower(value)
	if s.err != nil || s.asked[name] || strings.TrimSpace(value) == "" || strings.Contains(value, "*") {
		return
	}
	s.asked[name] = true
	users, err := find()
	if err != nil {
		s.err = err
		return
	}
	if !slices.Contains(s.by, what) {
		s.by = append(s.by, what)
	}
	for _, u := range users {
		s.add(u.ID)
	}
}

// inventoried are the accounts that the ledger has on record for a human or knows to share a trace with them.
func (p *Person) inventoried(ctx context.Context, pol *policy.Policy, h human) ([]int64, error) {
	var traces ledger.AccountTraces
	for _, r := range h.records {
		for _, external := range append(pol.ExternalIDs(h.key, r), r.EmployeeID) {
			traces.ExternalIDs = append(traces.ExternalIDs, p.Ledger.ExternalIDDigest(external))
		}
		traces.Emails = append(traces.Emails, p.Ledger.AddressDigest(r.WorkEmail), p.Ledger.AddressDigest(r.PersonalEmail))
		local, _, _ := strings.Cut(r.WorkEmail, "@")
		traces.Usernames = append(traces.Usernames, p.Ledger.AddressDigest(r.WorkEmail), p.Ledger.AddressDigest(local))
		for _, name := range policy.AdminMarks(local) {
			traces.Usernames = append(traces.Usernames, p.Ledger.AddressDigest(name), p.Ledger.AddressDigest(name+"@"+pol.Domain()))
		}
		if r.FirstName != "" && r.LastName != "" {
			traces.Names = append(traces.Names, p.Ledger.NameDigest(r.FirstName, r.LastName))
		}
	}
	for _, key := range h.keys {
		traces.ExternalIDs = append(traces.ExternalIDs, p.Ledger.ExternalIDDigest(key))
	}
	rows, err := p.Ledger.FindAccounts(ctx, traces)
	if err != nil {
		return nil, err
	}
	for _, key := range h.keys {
		of, err := p.Ledger.AccountsOf(ctx, key)
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
	}
	var ids []int64
	for _, row := range rows {
		if id, ok := row.Ref.OneLogin(); ok {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// accountOfKey is the OneLogin user of a person, 0 if none is certainly theirs. One that nobody has recorded yet is looked
// for by external id, and put on record so that whoever asks next need not search again. HR is not asked.
func (p *Person) accountOfKey(ctx context.Context, key string) (int64, error) {
	d, _, err := p.Ledger.Dossier(ctx, key)
	if err != nil || d.Person.AccountID != 0 {
		return d.Person.AccountID, err
	}
	source, id, err := SplitKey(key)
	if err != nil || source == sourceAccount {
		return 0, nil // The key names no HR record.
	}
	pol := p.Policy()
	rec := identity.Record{Source: source, EmployeeID: id}
	h := human{key: key, keys: []string{key}, records: []identity.Record{rec}}
	for _, external := range pol.ExternalIDs(key, rec) {
		users, err := p.OneLogin.UsersByExternalID(ctx, external)
		if err != nil {
			return 0, err
		}
		if len(users) != 1 {
			continue
		}
		row, _, err := p.Ledger.Account(ctx, identity.OneLoginRef(users[0].ID))
		if err != nil {
			return 0, err
		}
		tied, err := p.tie(ctx, pol, h, listed(users[0]), row)
		if err != nil || tied.Tie != policy.TieCertain {
			return 0, err
		}
		if !p.dry {
			err = p.Ledger.SetAccount(ctx, key, users[0].ID, false)
		}
		var taken ledger.ErrAccountTaken
		if errors.As(err, &taken) {
			return 0, nil
		}
		return users[0].ID, err
	}
	return 0, nil
}

// listed is what an account of a list is recognised by.
func listed(u onelogin.User) identity.Account {
	return identity.Account{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, ExternalID: u.ExternalID,
		Status: identity.AccountStatus(u.Status),
	}
}

// bareKey names an account that nobody in HR stands behind.
func bareKey(account int64) string { return fmt.Sprintf("%s-%d", sourceAccount, account) }
