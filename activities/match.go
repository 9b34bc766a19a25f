package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// matched is what came of looking for the same human elsewhere.
type matched struct {
	forward string
	notices []identity.Notice
}

// match looks for people whose record may be this same human: a contractor who was hired, a person in two HR systems.
// A shared address together with a shared name proves it; either alone is a question for a person; a shared name alone
// is nothing, because names are shared all the time.
// Under an order HR was not read, so there is nothing to compare.
func (p *Person) match(ctx context.Context, d *ledger.Dossier, engagements []identity.Engagement, ordered bool) (matched, error) {
	if ordered || d.Person.Episode > 0 || len(engagements) == 0 {
		owner, err := p.ownerOfAccount(ctx, d)
		return matched{forward: owner}, err
	}
	rec := engagements[0].Record
	digests := p.digests(rec)
	known := slices.ContainsFunc(d.Links, func(l ledger.Link) bool {
		return l.Source == rec.Source && l.EmployeeID == rec.EmployeeID && l.Digests == digests
	})
	if !known && !p.dry {
		if err := p.Ledger.SetDigests(ctx, rec.Source, rec.EmployeeID, digests); err != nil {
			return matched{}, err
		}
	}
	candidates, err := p.Ledger.Candidates(ctx, digests, d.Person.Key)
	if err != nil {
		return matched{}, err
	}
	for _, c := range candidates {
		sameAddress := c.SameWorkEmail || c.SamePersonalEmail
		if sameAddress && c.SameName {
			if p.dry {
				return matched{forward: c.Key}, nil
			}
			return matched{forward: c.Key}, p.Ledger.Join(ctx, rec.Source, rec.EmployeeID, c.Key, "gatehouse: same address and name")
		}
	}
	if i := slices.IndexFunc(candidates, func(c ledger.Candidate) bool { return c.SameWorkEmail || c.SamePersonalEmail }); i >= 0 {
		return matched{notices: []identity.Notice{{
			Code: api.NoticePossibleDuplicate, Blocking: true, Owner: p.Policy().Leaver().FallbackOwner,
			Text: fmt.Sprintf("This record shares an e-mail address with %s under another name. Same human: link. "+
				"Different humans: separate.", candidates[i].Key),
		}}}, nil
	}
	return matched{}, nil
}

// digests are the traces by which two records of one human are recognised.
func (p *Person) digests(rec identity.Record) ledger.Digests {
	return ledger.Digests{
		WorkEmail:     p.Ledger.Digest(rec.WorkEmail),
		PersonalEmail: p.Ledger.Digest(rec.PersonalEmail),
		Name:          p.Ledger.Digest(rec.FirstName + " " + rec.LastName),
	}
}

// ownerOfAccount finds the person behind an account that an operator named by its id, where it is certainly theirs and
// their only one. The ledger then forwards the account's own key, orders included. An external id alone puts no account in
// the place of one on record.
func (p *Person) ownerOfAccount(ctx context.Context, d *ledger.Dossier) (string, error) {
	source, _, err := SplitKey(d.Person.Key)
	if err != nil || source != sourceAccount {
		return "", nil
	}
	owner, err := p.KeyOfAccount(ctx, accountID(d))
	switch {
	case err != nil || owner == d.Person.Key:
		return "", err
	case p.dry:
		return owner, nil
	}
	return owner, p.Ledger.SetAccount(ctx, owner, accountID(d), false)
}

// Decide carries out a decision that changes the ledger.
func (p *Person) Decide(ctx context.Context, in api.DecideInput) error {
	return fail(p.decide(ctx, in))
}

func (p *Person) decide(ctx context.Context, in api.DecideInput) error {
	switch in.Decision.Verb {
	case "allow":
		return p.exceed(ctx, in)
	case "link", "separate":
		return p.settleDuplicate(ctx, in)
	}
	return nil
}

// exceed reserves beyond the budget, on somebody's word.
func (p *Person) exceed(ctx context.Context, in api.DecideInput) error {
	budget, ok := strings.CutPrefix(in.Code, budgetPrefix)
	if !ok {
		return nil
	}
	_, err := p.Ledger.Reserve(ctx, ledger.Reservation{
		Budget: sourceBudget(budget, in.Source), Keys: []string{budgetKey(budget, in.Key, in.Episode, in.Want)}, Window: p.Policy().Safety().Window,
		Override: true, By: in.Decision.By,
	})
	return err
}

// settleDuplicate records whether two records are one human.
func (p *Person) settleDuplicate(ctx context.Context, in api.DecideInput) error {
	source, id, err := SplitKey(in.Key)
	if err != nil {
		return final(api.ErrInvalid, err.Error())
	}
	src, ok := p.Sources[source]
	if !ok {
		return final(api.ErrInvalid, "no HR source "+source+" is configured")
	}
	rec, found, err := src.Read(ctx, id)
	if err != nil || !found {
		return err
	}
	candidates, err := p.Ledger.Candidates(ctx, p.digests(rec), in.Key)
	if err != nil {
		return err
	}
	for _, c := range candidates {
		if !c.SameWorkEmail && !c.SamePersonalEmail {
			continue
		}
		if in.Decision.Verb == "link" {
			return p.Ledger.Join(ctx, source, id, c.Key, in.Decision.By)
		}
		if err := p.Ledger.Separate(ctx, source, id, c.Key, in.Decision.By); err != nil {
			return err
		}
	}
	return nil
}
