package systems

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/identity"
)

const (
	// tolerated is how many of what is known may be missing from one reading however little there is, and toleratedShare the part of it
	// above that.
	tolerated      = 50
	toleratedShare = 10
	// fewMissing and missingShare are the same of accounts. They are tighter: a credential that has lost sight of a branch is told that
	// the accounts there do not exist.
	fewMissing   = 5
	missingShare = 50
	// fewUnheld and toleratedShare are the same of memberships.
	fewUnheld = 20
	// fewHidden is how many accounts a list may pass over although they exist: one that is deleted between two pages hides another.
	fewHidden = 2
	// keptAtLeast is how long an account that is not shown any more is kept where the policy says nothing.
	keptAtLeast = 24 * time.Hour
	// notFollowed is how many tombstones are looked at before most of them say that the reading was wrong.
	notFollowed = 10
	// pendingAtOnce is how many accounts are looked up at a time that wait for something.
	pendingAtOnce = 100
)

// most is how many of what is known may be missing from one reading.
func most(known int64) int64 { return max(tolerated, known/toleratedShare) }

// settle judges the coverage of the list. Accounts that were not shown are read by themselves; what two complete readings have not
// shown, and the system says does not exist, goes.
func (sw *sweep) settle(ctx context.Context) error {
	books := sw.Ledger.Inventory()
	unseen, err := books.Unseen(ctx, sw.rec)
	if err != nil {
		return err
	}
	known, err := books.Count(ctx, sw.name)
	if err != nil {
		return err
	}
	switch {
	case !sw.accept && int64(len(unseen)) > max(fewMissing, known/missingShare):
		sw.doubtMissing(fmt.Sprintf("%d of %d accounts that are known were not shown", len(unseen), known))
		return nil
	case sw.accept && sw.rec.Seen == 0 && len(unseen) > 0:
		sw.doubt("no account was shown") // Nobody means that by a word about some.
		return nil
	}
	missing, err := sw.askFor(ctx, unseen)
	if err != nil {
		return err
	}
	seen, err := books.SweepSeen(ctx, sw.name, sw.rec.ID, 0)
	if err != nil {
		return err
	}
	sw.rec.Seen, sw.at.Missing = int64(len(seen)), int64(len(missing))
	hidden := len(unseen) - len(missing)
	fewest := min(sw.at.First, sw.at.Last)
	switch {
	case hidden > max(fewHidden, len(missing)):
		sw.doubt(fmt.Sprintf("%d accounts were not shown although they exist", hidden))
	case sw.at.First >= 0 && sw.rec.Seen < fewest:
		sw.doubt(fmt.Sprintf("%d accounts were seen, and the system counted %d", sw.rec.Seen, fewest))
	case sw.at.NotWhole > 0 && sw.at.NotWhole*toleratedShare > sw.rec.Seen:
		sw.doubt(fmt.Sprintf("what they hold was not shown of %d accounts", sw.at.NotWhole))
	default:
		return sw.missed(ctx, missing)
	}
	return nil
}

// askFor reads accounts by themselves that were not shown, notes those that are there, and returns the others.
func (sw *sweep) askFor(ctx context.Context, unseen []identity.Ref) (missing []identity.Ref, err error) {
	for part := range slices.Chunk(unseen, rowsAtOnce) {
		var found []string
		for _, ref := range part {
			step.Beat(ctx, sw.rec.Seen)
			_, there, err := sw.look(ctx, ref.ID)
			if err != nil {
				return nil, err
			}
			if there {
				found = append(found, ref.ID)
			} else {
				missing = append(missing, ref)
			}
		}
		if err := sw.savePage(ctx, sw.at.Page, found); err != nil {
			return nil, err
		}
		sw.at.Page++
	}
	return missing, nil
}

// confirm reads each account by itself that was not shown with something which it held. What it says it holds all the same was
// passed over by a list that is quarantined.
func (sw *sweep) confirm(ctx context.Context) error {
	if err := sw.weigh(ctx); err != nil || sw.at.Why != "" {
		return err
	}
	looked, passed := 0, 0
	for {
		refs, err := sw.Ledger.Systems().Unconfirmed(ctx, sw.name, sw.at.After, pendingAtOnce)
		if err != nil || len(refs) == 0 {
			return err
		}
		for _, ref := range refs {
			step.Beat(ctx, ref.ID)
			hidden, err := sw.confirmOne(ctx, ref)
			if err != nil {
				return err
			}
			looked++
			if hidden > 0 {
				passed++
				sw.doubt("accounts were shown without what they hold")
			}
			if looked >= notFollowed && 2*passed > looked {
				return nil // What was not shown is believed until a reading shows it.
			}
			sw.at.After = ref.ID
		}
		if err := sw.save(ctx); err != nil {
			return err
		}
	}
}

// weigh judges how much accounts were not shown with that they held. A credential that has lost sight of the members of groups is told
// the same of each account.
func (sw *sweep) weigh(ctx context.Context) error {
	unheld, err := sw.Ledger.Systems().CountUnconfirmed(ctx, sw.name)
	if err != nil || sw.accept || unheld <= fewUnheld {
		return err
	}
	var held int64
	for _, kind := range []identity.SystemObjectKind{identity.ObjectGroup, identity.ObjectRole, identity.ObjectLicence} {
		holders, err := sw.Ledger.Systems().Holders(ctx, sw.name, kind)
		if err != nil {
			return err
		}
		for _, n := range holders {
			held += int64(n)
		}
	}
	if unheld > held/toleratedShare {
		sw.doubtMissing(fmt.Sprintf("%d of %d memberships that are known were not shown", unheld, held))
	}
	return nil
}

// confirmOne reads an account by itself, and counts what it holds that it was not shown with.
func (sw *sweep) confirmOne(ctx context.Context, ref identity.Ref) (hidden int, err error) {
	unshown, err := sw.Ledger.Systems().Unshown(ctx, ref)
	if err != nil {
		return 0, err
	}
	row, there, err := sw.reread(ctx, ref.ID)
	if err != nil || !there {
		return 0, err // That the account is gone is found by who is not shown.
	}
	licences, err := sw.missedLicences(ctx, ref)
	for kind, ids := range unshown {
		for _, id := range ids {
			if slices.Contains(row.Holds[kind], id) || kind == identity.ObjectLicence && slices.Contains(licences, id) {
				hidden++
			}
		}
	}
	return hidden, err
}

// due reads each account by itself of which a tombstone is due: what it held goes by that, and its person is told.
func (sw *sweep) due(ctx context.Context) error {
	for {
		refs, err := sw.Ledger.Systems().Due(ctx, sw.name, sw.at.After, pendingAtOnce)
		if err != nil || len(refs) == 0 {
			return err
		}
		for _, ref := range refs {
			step.Beat(ctx, ref.ID)
			if err := sw.dueOne(ctx, ref); err != nil {
				return err
			}
			sw.at.After = ref.ID
		}
		if err := sw.save(ctx); err != nil {
			return err
		}
	}
}

func (sw *sweep) dueOne(ctx context.Context, ref identity.Ref) error {
	if sw.at.Why == "" {
		_, there, err := sw.reread(ctx, ref.ID)
		if err == nil && there {
			_, err = sw.missedLicences(ctx, ref)
		}
		return err
	}
	// The reading is quarantined, and the tombstone was confirmed by one that was.
	unshown, err := sw.Ledger.Systems().Unshown(ctx, ref)
	if err != nil || len(unshown) > 0 {
		return err
	}
	row, found, err := sw.Ledger.Inventory().Account(ctx, ref)
	if err != nil || !found || !row.Belongs() {
		return err
	}
	return sw.hint(ctx, row.Person)
}

// refused reports that a system does not show something to the credential, or does not have it.
func refused(err error) bool {
	return connectors.IsKind(err, connectors.KindUnauthorized) || connectors.IsKind(err, connectors.KindInvalid) ||
		connectors.IsKind(err, connectors.KindNotFound)
}
