package sponsored

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/ledger/sponsored"
	"gatehouse/ledger/worklist"
)

// The fingerprint of the item about a sponsored person whose sponsor is gone; the object is their key.
const (
	ItemSystem = "gatehouse"
	ItemClass  = "sponsor_gone"
)

const (
	// heirAge is how long it is believed who a sponsor's manager is: who is above somebody who has left, HR may not say any more.
	heirAge = 20 * time.Hour
	// mostAbove bounds how far up somebody is looked for who is here.
	mostAbove = 10
)

var zero time.Time

// Upkeep sees for each sponsored person whether whoever answers for them is here, and who inherits them if not. What it finds stands in
// their record, so that the poll that asked for it hints them. It may be repeated at will.
func (s *Sponsored) Upkeep(ctx context.Context) error {
	all, err := s.Ledger.Sponsored().All(ctx)
	if err != nil {
		return err
	}
	seen, open := map[string]people.Standing{}, map[string]bool{}
	for _, rec := range all {
		if rec.Over(s.Clock()) {
			continue
		}
		step.Beat(ctx, rec.ID)
		now, err := s.look(ctx, rec, seen)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// That somebody cannot be read says nothing of them, and is looked at again by the next poll.
			step.Log(ctx).Warn("who answers for a sponsored person is not known", "person", rec.Key(), "error", err)
			now = rec
		}
		if now != rec {
			if err := s.Ledger.Sponsored().NoteSponsor(ctx, now); err != nil {
				return err
			}
		}
		if now.OrphanedAt.IsZero() {
			continue
		}
		open[now.Key()] = true
		if err := s.Ledger.Worklist().RaiseItem(ctx, itemOf(now)); err != nil {
			return err
		}
	}
	return s.clear(ctx, open)
}

// look is a record with what is known of its sponsor now.
func (s *Sponsored) look(ctx context.Context, r sponsored.Record, seen map[string]people.Standing) (sponsored.Record, error) {
	now := s.Clock().UTC()
	d, _, err := s.Ledger.Dossier(ctx, r.Sponsor)
	if err != nil {
		return r, err
	}
	left := d.Person.Episode > 0 && !d.Person.Employed || people.ContainOrder(d.Orders, now) != nil
	if !left && r.OrphanedAt.IsZero() && now.Sub(r.HeirAt) < heirAge && d.Person.Forward == "" {
		return r, nil
	}
	st, err := s.standing(ctx, r.Sponsor, seen)
	switch {
	case err != nil:
		return r, err
	case st.Here():
		r.Heir, r.HeirAt, r.OrphanedAt = st.Manager, now, zero
		return r, nil
	case !st.Gone():
		return r, nil // That a record cannot be told, or has disappeared, is no departure.
	}
	if r.OrphanedAt.IsZero() {
		r.OrphanedAt = now.Truncate(time.Microsecond)
	}
	heir, err := s.firstHere(ctx, cmp.Or(st.Manager, r.Heir), r, seen)
	if err != nil {
		return r, err
	}
	if heir != r.Heir {
		r.Heir, r.HeirAt = heir, now
	}
	return r, nil
}

// firstHere is the first one from a manager upwards who works here, "" if there is none. A circle of managers ends it.
func (s *Sponsored) firstHere(ctx context.Context, key string, r sponsored.Record, seen map[string]people.Standing) (string, error) {
	own, err := people.OwnerOf(ctx, s.Ledger, r.Key())
	if err != nil {
		return "", err
	}
	asked := map[string]bool{r.Sponsor: true, own: true}
	for range mostAbove {
		if key == "" || asked[key] {
			return "", nil
		}
		asked[key] = true
		st, err := s.standing(ctx, key, seen)
		switch {
		case err != nil:
			return "", err
		case st.Here() && !asked[st.Key] || st.Here() && st.Key == key:
			return st.Key, nil
		}
		key = st.Manager
	}
	return "", nil
}

// standing is where somebody stands, read once for all whom they answer for.
func (s *Sponsored) standing(ctx context.Context, key string, seen map[string]people.Standing) (people.Standing, error) {
	if st, known := seen[key]; known {
		return st, nil
	}
	st, err := s.Person.Stands(ctx, key)
	if err == nil {
		seen[key] = st
	}
	return st, err
}

func itemOf(r sponsored.Record) worklist.Item {
	deadline, err := time.Parse(time.DateOnly, string(r.LastDay()))
	if err != nil {
		deadline = r.OrphanedAt.Add(sponsored.ConfirmWithin)
	}
	item := worklist.Item{
		System: ItemSystem, Class: ItemClass, Object: r.Key(), Severity: worklist.SeverityWarning, Owner: "it", Deadline: deadline,
		Text: fmt.Sprintf("%s has lost the sponsor, and %s inherits them and has been asked to confirm that they stay. If nobody does, access ends on %s.",
			r.Key(), r.Heir, r.LastDay()),
		Next:     "starter sponsor confirm --person " + r.Key() + " --reason WHY",
		Evidence: r.Sponsor + " " + r.Heir,
	}
	if r.Heir == "" {
		item.Owner = "security"
		item.Text = fmt.Sprintf("%s has lost the sponsor, and nobody is known who inherits them. If nobody takes them over, access ends on %s.", r.Key(), r.LastDay())
		item.Next = "starter sponsor transfer --person " + r.Key() + " --to KEY --reason WHY"
	}
	return item
}

// clear closes the items of those about whom there is nothing to decide any more.
func (s *Sponsored) clear(ctx context.Context, open map[string]bool) error {
	items, err := s.Ledger.Worklist().Items(ctx, worklist.ItemFilter{System: ItemSystem, Class: ItemClass})
	if err != nil {
		return err
	}
	accepted, err := s.Ledger.Worklist().Items(ctx, worklist.ItemFilter{System: ItemSystem, Class: ItemClass, Accepted: true})
	if err != nil {
		return err
	}
	for _, item := range append(items, accepted...) {
		if open[item.Object] {
			continue
		}
		if err := s.Ledger.Worklist().ClearItem(ctx, ItemSystem, ItemClass, item.Object); err != nil {
			return err
		}
	}
	return nil
}
