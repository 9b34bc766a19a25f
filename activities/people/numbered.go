package people

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// onceNumbered settles the question about somebody who never was: a record that came under a wrong employee id, such as one padded with
// zeros, and is gone again because HR has corrected the id. It is proven and not supposed: nothing was done under the key, no account
// and no order is theirs, and the source has the same human, by name and an address, under another id, read for this. Of anybody
// else whose record is gone, somebody may have forgotten an account: that stays a question.
func (p *Person) onceNumbered(ctx context.Context, d ledger.Dossier, a *api.Assessment, also int, seen *outcome.Notes) error {
	if a.Plan.Verdict != identity.VerdictAttention || also > 0 || a.Account != nil || len(a.Others)+len(a.Doubts) > 0 || !untouched(d) {
		return nil
	}
	blocking := slices.DeleteFunc(slices.Clone(a.Plan.Notices), func(n identity.Notice) bool { return !n.Blocking })
	if len(blocking) != 1 || blocking[0].Code != policy.NoticeRecordMissing {
		return nil
	}
	there, err := p.underAnotherID(ctx, d.Links[0])
	if err != nil || !there {
		return err
	}
	a.Plan = identity.Plan{
		Verdict: identity.VerdictNone, PolicyHash: a.Plan.PolicyHash,
		Reason: "the source has the same human under another employee id, and nothing was done under this one",
	}
	a.Person.Notices = nil
	p.answered(d.Person.Key, true, seen)
	return nil
}

// untouched reports that nothing was done about somebody, that nobody has ordered anything, and that no account is on record for them.
func untouched(d ledger.Dossier) bool {
	return d.Person.Episode <= 1 && d.Person.AccountID == 0 && !d.Person.AccountCreated && len(d.Accounts)+len(d.Orders)+len(d.Ended) == 0 && len(d.Links) == 1
}

// wasNobody reports that a record which may be the same human's is no question: it came after this one from the same source, nothing
// was done about it, and it is gone again while this one is there.
func (p *Person) wasNobody(ctx context.Context, mine persons.Link, c *persons.Candidate) (bool, error) {
	src := p.Sources[mine.Source]
	if c.Source != mine.Source || src == nil {
		return false, nil
	}
	d, known, err := p.Ledger.Dossier(ctx, c.Key)
	if err != nil || !known || !untouched(d) || !d.Links[0].FirstSeen.After(mine.FirstSeen) {
		return false, err
	}
	_, found, err := src.Read(ctx, c.EmployeeID)
	return err == nil && !found, err
}

// underAnotherID reports that a source has the human of a record that is gone under another employee id now.
func (p *Person) underAnotherID(ctx context.Context, link persons.Link) (bool, error) {
	gone, src := link.Digests, p.Sources[link.Source]
	if gone.Name == "" || src == nil {
		return false, nil
	}
	same := func(d persons.Digests) bool {
		return d.Name == gone.Name && (gone.PersonalEmail != "" && d.PersonalEmail == gone.PersonalEmail || gone.WorkEmail != "" && d.WorkEmail == gone.WorkEmail)
	}
	candidates, err := p.Ledger.People().Candidates(ctx, gone, link.Key)
	if err != nil {
		return false, err
	}
	for _, c := range candidates {
		if c.Source != link.Source || !c.SameName || c.EmployeeID == link.EmployeeID {
			continue
		}
		rec, found, err := src.Read(ctx, c.EmployeeID)
		if err != nil {
			return false, err
		}
		if found && same(p.Digests(rec)) {
			return true, nil
		}
	}
	return false, nil
}
