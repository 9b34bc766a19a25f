package systems

import (
	"context"
	"fmt"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
)

const (
	// hintSource and hintCause are what a hint of a reading says.
	hintSource = "systems"
	hintCause  = "sweep"
	// mostHinted bounds how many people one reading hints because something of theirs has changed, and how many debtors who do not
	// leave: the next reading hints more. Leavers are all hinted.
	mostHinted = 500
	// hintsApart is how long a reading waits between two hints.
	hintsApart = 20 * time.Millisecond
)

// hint tells a person's run to look at them.
func (sw *sweep) hint(ctx context.Context, key string) error {
	if key == "" || sw.Launch == nil {
		return nil
	}
	if _, err := sw.Launch.Send(ctx, key, api.Hint{Source: hintSource, Cause: hintCause}); err != nil {
		return fmt.Errorf("hint %s: %w", key, err)
	}
	sw.at.Hinted++
	timer := time.NewTimer(hintsApart)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// hintDebtors tells those of whom something is owed that the system answers again, leavers first.
func (sw *sweep) hintDebtors(ctx context.Context) error {
	if !sw.at.Answered || sw.at.Unreachable {
		return nil
	}
	debts, err := sw.Ledger.Systems().Debts(ctx, sw.name)
	if err != nil {
		return err
	}
	told, others := map[string]bool{}, 0
	for _, d := range debts {
		if told[d.Key] || !d.Leaving && others >= mostHinted {
			continue
		}
		told[d.Key] = true
		if !d.Leaving {
			others++
		}
		step.Beat(ctx, len(told))
		if err := sw.hint(ctx, d.Key); err != nil {
			return err
		}
	}
	return nil
}

// hintNews tells those whose accounts look otherwise than before.
func (sw *sweep) hintNews(ctx context.Context) error {
	if !sw.at.Known {
		return sw.hintLeavers(ctx)
	}
	told, after := map[string]bool{}, ""
	for len(told) < mostHinted {
		refs, err := sw.Ledger.Systems().News(ctx, sw.name, after, pendingAtOnce)
		if err != nil || len(refs) == 0 {
			return err
		}
		ids := make([]string, len(refs))
		for i, ref := range refs {
			ids[i] = ref.ID
		}
		rows, err := sw.Ledger.Inventory().AccountDocuments(ctx, sw.name, ids)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !row.Belongs() || told[row.Person] {
				continue
			}
			told[row.Person] = true
			step.Beat(ctx, len(told))
			if err := sw.hint(ctx, row.Person); err != nil {
				return err
			}
		}
		if err := sw.Ledger.Systems().Told(ctx, sw.name, refs); err != nil {
			return err
		}
		after = refs[len(refs)-1].ID
	}
	return nil
}

// hintLeavers tells those who must be out and have an account that may be open, and nobody else: that everybody's accounts are new to the
// first reading of a system is no change. Who left before anybody was looked at is left to the comparison of everybody, which asks
// about all of them at once.
func (sw *sweep) hintLeavers(ctx context.Context) error {
	keys, err := sw.Ledger.Inventory().LeaversIn(ctx, sw.Clock(), []string{sw.name})
	if err != nil {
		return err
	}
	known, err := sw.Ledger.People().Some(ctx, keys)
	if err != nil {
		return err
	}
	for i, key := range keys {
		step.Beat(ctx, i)
		if known.People[key].Episode == 0 {
			continue
		}
		if err := sw.hint(ctx, key); err != nil {
			return err
		}
	}
	for after := ""; ; {
		refs, err := sw.Ledger.Systems().News(ctx, sw.name, after, pendingAtOnce)
		if err != nil || len(refs) == 0 {
			return err
		}
		if err := sw.Ledger.Systems().Told(ctx, sw.name, refs); err != nil {
			return err
		}
		after = refs[len(refs)-1].ID
	}
}

// refOf names an account of the system by its id.
func (sw *sweep) refOf(id string) identity.Ref { return identity.Ref{System: sw.name, ID: id} }
