package people

import (
	"cmp"
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// mostRivals is how many employed people of an account's name are read in HR to see whom it fits better.
const mostRivals = 5

// tieWide is tie for a search of everything: where neither an external id nor the work address says whose an account is, it
// is compared with everybody employed who has its name as well.
func (p *Person) tieWide(ctx context.Context, pol *policy.Policy, h Human, a identity.Account, row inventory.Account) (match.Tied, error) {
	claim, err := p.claim(ctx, pol, h, a, row)
	if err != nil {
		return match.Tied{}, err
	}
	tied := match.By(pol).Tie(a, claim)
	if !tied.Weak() {
		return tied, nil
	}
	records, err := p.Ledger.People().RecordsNamed(ctx, p.namesOf(a))
	if err != nil {
		return match.Tied{}, err
	}
	rivals := h.stillThere(p.RivalsAmong(pol, h.Keys, a, records))
	own := match.By(pol).Closeness(a, claim)
	asked := 0
	for i, r := range rivals {
		if !r.Employed || asked == mostRivals {
			continue
		}
		asked++
		if rivals[i].Closer, err = p.closer(ctx, pol, r.Key, a, own); err != nil {
			return match.Tied{}, err
		}
	}
	claim.Rivals = append(claim.Rivals, rivals...)
	return match.By(pol).Tie(a, claim), nil
}

// closer reports that more of an account agrees with somebody than so many points. Where HR does not answer about them,
// nothing speaks for them.
func (p *Person) closer(ctx context.Context, pol *policy.Policy, key string, a identity.Account, than int) (bool, error) {
	d, _, err := p.Ledger.Dossier(ctx, key)
	if err != nil {
		return false, err
	}
	claim := match.Claim{Keys: []string{key}}
	for _, link := range d.Links {
		src, ok := p.Sources[link.Source]
		if !ok {
			continue
		}
		rec, found, err := src.Read(ctx, link.EmployeeID)
		if err != nil || !found {
			continue
		}
		rec.Source, rec.EmployeeID = link.Source, link.EmployeeID
		claim.Records = append(claim.Records, rec)
	}
	return match.By(pol).Closeness(a, claim) > than, nil
}

// kin are records of other people who are not employed, with the name and the private address of the human. Nobody has said
// whether they are one human: an account that is on such a record is asked about.
func (p *Person) kin(ctx context.Context, h Human) ([]identity.Record, error) {
	var found []identity.Record
	for _, r := range h.Records {
		digests := p.Digests(r)
		if digests.PersonalEmail == "" || digests.Name == "" {
			continue
		}
		digests.WorkEmail = ""
		candidates, err := p.Ledger.People().Candidates(ctx, digests, h.Key)
		if err != nil {
			return nil, err
		}
		for _, c := range candidates {
			if !c.SameName || slices.Contains(h.Keys, c.Key) || slices.Contains(h.Keys, c.Source+"-"+c.EmployeeID) {
				continue
			}
			if _, employed, err := p.standsFor(ctx, c.Key); err != nil {
				return nil, err
			} else if employed {
				continue
			}
			found = append(found, identity.Record{Source: c.Source, EmployeeID: c.EmployeeID})
		}
	}
	return found, nil
}

// keepHandles keeps by what an account that appears later may be a leaver's.
func (p *Person) keepHandles(ctx context.Context, pol *policy.Policy, h Human) error {
	if p.dry || !slices.ContainsFunc(h.Records, func(r identity.Record) bool { return r.LastName != "" || r.WorkEmail != "" }) {
		return nil
	}
	claim := match.Claim{Keys: h.Keys, Records: h.Records}
	return p.Ledger.People().KeepHandles(ctx, h.Key, match.By(pol).HandlesOf(claim), match.By(pol).SlightHandlesOf(claim))
}

// mostNamesakes is how many accounts of a leaver's name are asked about one by one.
const mostNamesakes = 3

// leaveOutNamesakes takes out what nothing but a name speaks for where that says nothing: a name which somebody employed has
// as well, once an account is known to be the human's, or asked about for more than its name. What stays in then waits for the
// daily digest; a name that is the only trace of any account is asked about at once, and so is a privileged account. Where the
// name is a common one, all other accounts that carry it are one question.
func (f *accounts) leaveOutNamesakes(known bool) {
	namesake := func(d api.Doubt) bool { return d.Code == api.NoticeLeaverNamesake }
	known = known || len(f.theirs) > 0 || slices.ContainsFunc(f.doubts, func(d api.Doubt) bool { return !namesake(d) })
	var names, others []api.Doubt
	for _, d := range f.doubts {
		switch {
		case !namesake(d), d.Privileged:
			others = append(others, d)
		case !known || !slices.Contains(d.Reasons, match.ReasonRival):
			d.Digest = known
			names = append(names, d)
		}
	}
	if len(names) > mostNamesakes {
		names = []api.Doubt{asOne(names)}
	}
	f.doubts = append(others, names...)
}

// asOne makes one question of many.
func asOne(doubts []api.Doubt) api.Doubt {
	slices.SortFunc(doubts, func(a, b api.Doubt) int { return cmp.Compare(a.Account.ID, b.Account.ID) })
	one := doubts[0]
	one.Reasons = slices.Clone(one.Reasons)
	for _, d := range doubts[1:] {
		one.Also = append(one.Also, api.Shown{Ref: d.Ref(), Evidence: d.Evidence})
		one.Privileged = one.Privileged || d.Privileged
		for _, reason := range d.Reasons {
			if !slices.Contains(one.Reasons, reason) {
				one.Reasons = append(one.Reasons, reason)
			}
		}
	}
	return one
}
