package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/roll"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// Human is one person as accounts are compared with them.
type Human struct {
	Key string
	// keys are every key that stands for the human, records every HR record of theirs.
	Keys    []string
	Records []identity.Record
	// left says that the comparison is about ending access.
	left bool
	// met is an account that was read a moment ago.
	met *identity.Account
	// kin are records that may be the same human's, which nobody has said.
	kin []identity.Record
	// lost are people whom the human may be under another number: their records are gone from HR.
	lost []string
}

// humanOf gathers what accounts are compared with. An engagement whose record was not read is known by its id only.
func humanOf(d *ledger.Dossier, engagements []identity.Engagement, left bool) Human {
	key := d.Person.Key
	h := Human{Key: key, Keys: append([]string{key}, d.Forwarded...), left: left}
	for _, e := range engagements {
		h.Records = append(h.Records, e.Record)
		if k := e.Source + "-" + e.EmployeeID; !slices.Contains(h.Keys, k) {
			h.Keys = append(h.Keys, k)
		}
	}
	return h
}

// Tie says how an account is tied to a human, from what the ledger knows of both. The zero row is an account that it has not met.
func (p *Person) Tie(ctx context.Context, pol *policy.Policy, h Human, a identity.Account, row inventory.Account) (match.Tied, error) {
	claim, err := p.claim(ctx, pol, h, a, row)
	if err != nil {
		return match.Tied{}, err
	}
	return match.By(pol).Tie(a, claim), nil
}

// claim is what the ledger knows of a human and an account.
func (p *Person) claim(ctx context.Context, pol *policy.Policy, h Human, a identity.Account, row inventory.Account) (match.Claim, error) {
	claim := match.Claim{Keys: h.Keys, Records: h.Records, Left: h.left, Kin: h.kin}
	var err error
	owner := ""
	if row.Belongs() {
		owner = row.Person
	}
	switch {
	case owner == "":
	case slices.Contains(h.lost, owner):
		// On record for somebody of this name of whom HR knows nothing any more.
	case slices.Contains(h.Keys, owner):
		claim.Linked, claim.ByWord = true, row.DecidedBy != ""
	default:
		if claim.Other, claim.OtherEmployed, err = p.standsFor(ctx, owner); err != nil {
			return match.Claim{}, err
		}
	}
	// This is on the path of a first departure, and the ledger may be a network away: one wait and not two.
	var rivals []match.Rival
	reads, within := errgroup.WithContext(ctx)
	reads.Go(func() (err error) {
		claim.Refused, err = p.refused(within, h, a)
		return err
	})
	reads.Go(func() (err error) {
		rivals, err = p.rivals(within, pol, h, a)
		return err
	})
	if err := reads.Wait(); err != nil {
		return match.Claim{}, err
	}
	claim.Rivals = h.stillThere(rivals)
	return claim, nil
}

// standsFor reports whether a key stands for another human with HR records, and whether they are employed. A key such as
// onelogin-42 that only names an account stands for nobody.
func (p *Person) standsFor(ctx context.Context, key string) (human, employed bool, err error) {
	d, _, err := p.Ledger.Dossier(ctx, key)
	if err != nil {
		return false, false, err
	}
	return p.standing(ctx, d)
}

// standing is standsFor for somebody whose dossier is at hand.
func (p *Person) standing(ctx context.Context, d ledger.Dossier) (human, employed bool, err error) {
	if len(d.Links) == 0 {
		return false, false, nil
	}
	if d.Person.Episode > 0 {
		return true, d.Person.Employed, nil
	}
	for _, l := range d.Links {
		active, err := p.Ledger.People().ActiveRecord(ctx, l.Source, l.EmployeeID)
		if err != nil || active {
			return true, active, err
		}
	}
	return true, false, nil
}

// rivals are other humans whose HR records share the account's external id or an address of it.
func (p *Person) rivals(ctx context.Context, pol *policy.Policy, h Human, a identity.Account) ([]match.Rival, error) {
	records, err := p.Ledger.People().RecordsLike(ctx, p.TracesOf(pol, a))
	if err != nil {
		return nil, err
	}
	return p.RivalsAmong(pol, h.Keys, a, records), nil
}

// TracesOf are the traces by which HR records may share an account.
func (p *Person) TracesOf(pol *policy.Policy, a identity.Account) persons.RecordTraces {
	traces := persons.RecordTraces{Addresses: p.ownAddresses(a)}
	for _, address := range a.Aliases {
		traces.Addresses = append(traces.Addresses, p.Ledger.Digest(address))
	}
	for _, n := range match.By(pol).Anchors(a.ExternalID) {
		id := n.EmployeeID
		if id == "" {
			_, id, _ = strings.Cut(n.Key, "-")
		}
		traces.EmployeeIDs = append(traces.EmployeeIDs, id)
	}
	return traces
}

// ownAddresses are digests of the addresses that an account goes by. Its further ones make nobody its rival owner.
func (p *Person) ownAddresses(a identity.Account) []string {
	own := []string{p.Ledger.Digest(a.Email)}
	for _, address := range []string{a.Username, a.UserPrincipalName} {
		if strings.Contains(address, "@") {
			own = append(own, p.Ledger.Digest(address))
		}
	}
	return own
}

// RivalsAmong are those of the records that are not of the human with these keys.
func (p *Person) RivalsAmong(pol *policy.Policy, keys []string, a identity.Account, records []persons.RecordLike) []match.Rival {
	anchors, own := match.By(pol).Anchors(a.ExternalID), p.ownAddresses(a)
	var rivals []match.Rival
	for _, r := range records {
		key := r.Source + "-" + r.EmployeeID
		if slices.Contains(keys, r.Key) || slices.Contains(keys, key) {
			continue
		}
		rivals = append(rivals, match.Rival{
			Key: r.Key, Employed: r.Employed,
			Anchor: slices.ContainsFunc(anchors, func(n match.Anchor) bool {
				return n.Key == key || n.Key == r.Key || n.EmployeeID == r.EmployeeID && (n.Source == "" || n.Source == r.Source)
			}),
			Address: slices.ContainsFunc(own, func(d string) bool {
				return d != "" && (d == r.Digests.WorkEmail || d == r.Digests.PersonalEmail)
			}),
			Work: slices.ContainsFunc(own, func(d string) bool { return d != "" && d == r.Digests.WorkEmail }),
			Name: slices.ContainsFunc(p.namesOf(a), func(name string) bool { return name == r.Digests.Name }),
		})
	}
	return rivals
}

// namesOf are digests of an account's full name, in both orders of its parts.
func (p *Person) namesOf(a identity.Account) []string {
	if strings.TrimSpace(a.FirstName) == "" || strings.TrimSpace(a.LastName) == "" {
		return nil
	}
	return []string{p.Ledger.Digest(a.FirstName + " " + a.LastName), p.Ledger.Digest(a.LastName + " " + a.FirstName)}
}

// refused reports that a person said of this account, as it is now, that it is not the human's.
func (p *Person) refused(ctx context.Context, h Human, a identity.Account) (bool, error) {
	for _, key := range h.Keys {
		shown, found, err := p.Ledger.Inventory().Refused(ctx, identity.OneLoginRef(a.ID), key)
		if err != nil || found && shown == p.EvidenceOf(a) {
			return err == nil, err
		}
	}
	return false, nil
}

// EvidenceOf is what a refusal of an account is bound to: it lapses when that changes.
func (p *Person) EvidenceOf(a identity.Account) string { return AccountEvidence(p.Ledger, a) }

// AccountEvidence digests what an account is recognised by: a refusal holds for as long as it stays the same. Further addresses are
// left out: whoever was refused is not asked about again when a shared account is given the next leaver's mail.
func AccountEvidence(l *ledger.Ledger, a identity.Account) string {
	return l.Digest(strings.Join([]string{
		a.ExternalID, strings.ToLower(a.Email), strings.ToLower(a.Username), a.FirstName, a.LastName,
	}, "\x00"))[:24]
}

// AccountOfKey is the OneLogin user of a person, 0 if none is certainly theirs. One that nobody has recorded yet is looked
// for by external id, and put on record so that whoever asks next need not search again. HR is not asked.
func (p *Person) AccountOfKey(ctx context.Context, key string) (int64, error) {
	d, _, err := p.Ledger.Dossier(ctx, key)
	if err != nil || d.Person.AccountID != 0 {
		return d.Person.AccountID, err
	}
	source, id, err := identity.SplitKey(key)
	if err != nil || source == identity.SourceAccount {
		return 0, nil // The key names no HR record.
	}
	pol := p.Policy()
	rec := identity.Record{Source: source, EmployeeID: id}
	h := Human{Key: key, Keys: []string{key}, Records: []identity.Record{rec}}
	for _, external := range pol.ExternalIDs(key, rec) {
		users, err := p.OneLogin.UsersByExternalID(ctx, external)
		if err != nil {
			return 0, err
		}
		if len(users) != 1 {
			continue
		}
		row, _, err := p.Ledger.Inventory().Account(ctx, identity.OneLoginRef(users[0].ID))
		if err != nil {
			return 0, err
		}
		tied, err := p.Tie(ctx, pol, h, roll.Listed(users[0]), row)
		if err != nil || tied.Tie != match.TieCertain {
			return 0, err
		}
		if !p.dry {
			err = p.Ledger.Inventory().SetAccount(ctx, key, users[0].ID, false)
		}
		var taken inventory.ErrAccountTaken
		if errors.As(err, &taken) {
			return 0, nil
		}
		return users[0].ID, err
	}
	return 0, nil
}
