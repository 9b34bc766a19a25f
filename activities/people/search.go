package people

import (
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/roll"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

const (
	// freshInventory is how old the last complete sweep of all accounts may be for the inventory to stand for OneLogin.
	freshInventory = 24 * time.Hour
	// leastPart is how long a username has to be for others to be searched by its being a part of theirs.
	leastPart = 4
)

// Words for what was searched by. A search of every account says that nothing was left out.
const (
	byRecord    = "accounts on record"
	byInventory = "every account of the inventory"
	byWalk      = "every account of OneLogin"
)

// search collects accounts that share a trace with a human, without asking anything twice.
type search struct {
	pol   *policy.Policy
	claim match.Claim

	ids   []int64
	by    []string
	seen  map[int64]bool
	asked map[string]bool
	err   error
}

func newSearch(pol *policy.Policy, h Human) *search {
	return &search{
		pol: pol, claim: match.Claim{Keys: h.Keys, Records: slices.Concat(h.Records, h.kin), Left: h.left},
		seen: map[int64]bool{}, asked: map[string]bool{},
	}
}

func (s *search) add(id int64) {
	if !s.seen[id] {
		s.seen[id], s.ids = true, append(s.ids, id)
	}
}

// offer adds an account that resembles the human.
func (s *search) offer(a identity.Account) {
	if match.By(s.pol).Resembles(a, s.claim) {
		s.add(a.ID)
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
		s.offer(roll.Listed(u))
	}
}

// candidates searches OneLogin and the inventory for every account that shares a trace with a human.
func (p *Person) candidates(ctx context.Context, client *onelogin.Client, pol *policy.Policy, h Human) (*search, error) {
	s := newSearch(pol, h)
	for _, r := range slices.Concat(h.Records, h.kin) {
		for _, external := range append(pol.ExternalIDs(h.Key, r), r.EmployeeID) {
			s.ask("external id", external, func() ([]onelogin.User, error) { return client.UsersByExternalID(ctx, external) })
		}
		for _, address := range []string{r.WorkEmail, r.PersonalEmail} {
			s.ask("e-mail address", address, func() ([]onelogin.User, error) { return client.UsersByEmail(ctx, address) })
		}
		s.askLocals(ctx, client, r)
		s.askNames(ctx, client, r)
	}
	for _, key := range h.Keys {
		s.ask("external id", key, func() ([]onelogin.User, error) { return client.UsersByExternalID(ctx, key) })
	}
	if s.err != nil {
		return nil, s.err
	}
	known, err := p.inventoried(ctx, pol, h)
	for _, id := range known {
		s.add(id)
	}
	s.by = append(s.by, byRecord)
	return s, err
}

// askLocals searches by the username: as a part of others, as a part of addresses, and as a directory's account name.
func (s *search) askLocals(ctx context.Context, client *onelogin.Client, r identity.Record) {
	local, _, _ := strings.Cut(r.WorkEmail, "@")
	s.ask("username", local, func() ([]onelogin.User, error) { return client.UsersWithNameIn(ctx, local) })
	if len(local) >= leastPart {
		s.ask("part of the e-mail address", local, func() ([]onelogin.User, error) { return client.UsersWithEmailIn(ctx, local) })
	}
	s.ask("directory account name", local, func() ([]onelogin.User, error) { return client.UsersByAccountName(ctx, local) })
}

// givenNames are the first names that make a full name of a record's last name; none where it has no last name.
func givenNames(r identity.Record) []string {
	if r.LastName == "" {
		return nil
	}
	return slices.DeleteFunc([]string{r.FirstName, r.PreferredName}, func(name string) bool { return name == "" })
}

// askNames searches by the name as HR has it, and by parts of it.
func (s *search) askNames(ctx context.Context, client *onelogin.Client, r identity.Record) {
	for _, first := range givenNames(r) {
		full := first + " " + r.LastName
		s.ask("name", full, func() ([]onelogin.User, error) { return client.UsersByName(ctx, first, r.LastName) })
		s.ask("parts of the name", full, func() ([]onelogin.User, error) { return client.UsersWithNamesIn(ctx, first, r.LastName) })
	}
}

// askSpellings searches by what the inventory would find: the name in the other order and without accents, and the employee
// id where a name should be.
func (s *search) askSpellings(ctx context.Context, client *onelogin.Client, r identity.Record) {
	for _, first := range givenNames(r) {
		s.ask("name", r.LastName+" "+first, func() ([]onelogin.User, error) { return client.UsersByName(ctx, r.LastName, first) })
		plainFirst, plainLast := identity.Plain(first), identity.Plain(r.LastName)
		s.ask("name", plainFirst+" "+plainLast, func() ([]onelogin.User, error) { return client.UsersByName(ctx, plainFirst, plainLast) })
	}
	id := strings.TrimLeft(r.EmployeeID, "0")
	if len(id) < leastPart {
		s.ask("username", r.EmployeeID, func() ([]onelogin.User, error) { return client.UsersByUsername(ctx, r.EmployeeID) })
	} else {
		s.ask("username", id, func() ([]onelogin.User, error) { return client.UsersWithNameIn(ctx, id) })
		s.ask("part of the e-mail address", id, func() ([]onelogin.User, error) { return client.UsersWithEmailIn(ctx, id) })
	}
	s.ask("directory account name", r.EmployeeID, func() ([]onelogin.User, error) { return client.UsersByAccountName(ctx, r.EmployeeID) })
}

// fresh reports that a complete sweep has seen every account not long ago.
func (p *Person) fresh(ctx context.Context) (bool, error) {
	last, found, err := p.Ledger.Inventory().LastSweep(ctx, identity.SystemOneLogin, inventory.SweepFull, true)
	return found && p.Clock().Sub(last.StartedAt) < freshInventory, err
}

// compareAll compares every account with a human, and says whether it could: that nobody is there is the proof that there
// was nothing to do. Where no sweep has filled the inventory not long ago, the accounts of OneLogin are read, unless they are
// too many: then it is searched by further spellings.
func (p *Person) compareAll(ctx context.Context, client *onelogin.Client, h Human, s *search, fresh bool) (all bool, err error) {
	found := p.Roll
	if found == nil {
		found = roll.New()
	}
	ids, err := found.Inventory(ctx, p.Ledger, s.pol, s.claim)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		s.add(id)
	}
	if fresh {
		s.by = append(s.by, byInventory)
		return true, nil
	}
	ids, all, err = found.Walk(ctx, client, s.pol, p.Clock(), s.claim)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		s.add(id)
	}
	if all {
		s.by = append(s.by, byWalk)
		return true, nil
	}
	for _, r := range slices.Concat(h.Records, h.kin) {
		s.askSpellings(ctx, client, r)
	}
	return false, s.err
}

// inventoried are the accounts that the ledger has on record for a human or knows to share a trace with them.
func (p *Person) inventoried(ctx context.Context, pol *policy.Policy, h Human) ([]int64, error) {
	rows, err := p.Ledger.Inventory().Find(ctx, p.accountTraces(pol, h))
	if err != nil {
		return nil, err
	}
	for _, key := range h.Keys {
		of, err := p.Ledger.Inventory().AccountsOf(ctx, key)
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

// accountTraces are the digests by which the inventory finds accounts of a human.
func (p *Person) accountTraces(pol *policy.Policy, h Human) inventory.Traces {
	var traces inventory.Traces
	for _, r := range slices.Concat(h.Records, h.kin) {
		for _, external := range append(pol.ExternalIDs(h.Key, r), r.EmployeeID) {
			traces.ExternalIDs = append(traces.ExternalIDs, p.Ledger.Inventory().ExternalIDDigest(external))
		}
		traces.Emails = append(traces.Emails, p.Ledger.Inventory().AddressDigest(r.WorkEmail), p.Ledger.Inventory().AddressDigest(r.PersonalEmail))
		local, _, _ := strings.Cut(r.WorkEmail, "@")
		for _, name := range []string{local, r.EmployeeID} {
			traces.Usernames = append(traces.Usernames, p.Ledger.Inventory().AddressDigest(name))
			if name != "" {
				traces.Usernames = append(traces.Usernames, p.Ledger.Inventory().AddressDigest(name+"@"+pol.Domain()))
			}
		}
		traces.Usernames = append(traces.Usernames, p.Ledger.Inventory().AddressDigest(r.WorkEmail), p.Ledger.Inventory().AddressDigest(r.PersonalEmail))
		for _, first := range givenNames(r) {
			traces.Names = append(traces.Names, p.Ledger.Inventory().NameDigest(first, r.LastName), p.Ledger.Inventory().NameDigest(r.LastName, first))
		}
	}
	for _, key := range h.Keys {
		traces.ExternalIDs = append(traces.ExternalIDs, p.Ledger.Inventory().ExternalIDDigest(key))
	}
	return traces
}
