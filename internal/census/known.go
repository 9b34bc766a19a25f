package census

import (
	"context"

	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/systems"
)

// ledger takes what Gatehouse knows of people and accounts.
func (r *Reader) ledger(ctx context.Context, d *Data) error {
	var err error
	if d.known, err = r.Ledger.Dossiers(ctx); err != nil {
		return err
	}
	d.stated = map[int64]*Stated{}
	shared := texts{}
	err = r.Ledger.Inventory().EachStated(ctx, identity.SystemOneLogin, func(a inventory.Account) error {
		id, isOneLogin := a.Ref.OneLogin()
		if !isOneLogin {
			return nil
		}
		s := &Stated{
			Person: a.Person, Belongs: a.Belongs(), Kind: a.Kind, Purpose: a.Purpose, DecidedBy: a.DecidedBy, CreatedByUs: a.CreatedByUs,
			SuspendedByUs: a.SuspendedByUs, SuspendedFor: a.SuspendedFor, LockedFor: a.LockedFor, Lifted: a.Lifted,
			Contained: !a.ContainedAt.IsZero(),
		}
		for _, text := range []*string{(*string)(&s.Kind), &s.Purpose, &s.DecidedBy} {
			shared.share(text)
		}
		d.stated[id] = s
		return nil
	})
	if err != nil {
		return err
	}
	refused, err := r.Ledger.Inventory().Refusals(ctx, identity.SystemOneLogin)
	if err != nil {
		return err
	}
	d.refused = map[identity.Ref][]inventory.Refusal{}
	for _, each := range refused {
		d.refused[each.Ref] = append(d.refused[each.Ref], each)
	}
	departed, err := r.Ledger.Inventory().DepartedBy(ctx, d.At)
	if err != nil {
		return err
	}
	d.out = map[string]bool{}
	for _, each := range departed {
		d.out[each.Key] = true
	}
	d.asked = map[string]bool{}
	for source := range r.Sweepers {
		findings, err := r.Ledger.Roster().Findings(ctx, source, roster.FindingDuplicate)
		if err != nil {
			return err
		}
		for _, f := range findings {
			d.asked[f.Subject] = true
		}
	}
	without := context.WithoutCancel(ctx) // They are read after everything else was.
	d.views = func(whose []systems.Whose, names []string, compared []identity.SystemObject) (map[string][]identity.SystemView, error) {
		return r.Ledger.Systems().ViewsOf(without, whose, names, compared...)
	}
	d.evidence = func(a identity.Account) string { return people.AccountEvidence(r.Ledger, a) }
	return nil
}
