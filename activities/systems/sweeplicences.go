package systems

import (
	"context"
	"fmt"
	"time"

	"gatehouse/activities/step"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	ledgersystems "gatehouse/ledger/systems"
)

const (
	// sweepLicences is the kind of a reading of who has which licence. It takes as long as one of all accounts, and so is made once a day.
	sweepLicences inventory.SweepKind = "licences"
	licencesEvery                     = 23 * time.Hour
)

// licences reads who has which licence, at most once a day.
func (sw *sweep) licences(ctx context.Context) error {
	able, can := sw.system.(target.LicenceLister)
	if !can {
		return nil
	}
	rec := inventory.Sweep{System: sw.name, ID: sw.rec.ID + "/licences", Kind: sweepLicences}
	last, found, err := sw.Ledger.Inventory().LastSweep(ctx, sw.name, sweepLicences, true)
	if err != nil || found && sw.Clock().Sub(last.StartedAt) < licencesEvery {
		return err
	}
	if rec, err = sw.Ledger.Inventory().BeginSweep(ctx, rec); err != nil {
		return err
	}
	list := ledgersystems.Held{System: sw.name, Kind: identity.ObjectLicence, At: sw.Clock(), IDs: map[string][]string{}, Keep: sw.keep}
	holders, err := able.LicenceHolders(ctx, target.LicenceHoldersRequest{Told: func() { step.Beat(ctx, "licences") }})
	switch {
	case err != nil && refused(err):
		return nil // A credential that is not shown it stops nothing.
	case err != nil:
		return err
	}
	err = sw.Ledger.Inventory().EachStated(ctx, sw.name, func(a inventory.Account) error {
		if !a.ObservedAt.IsZero() {
			list.IDs[a.Ref.ID] = holders.Licences[a.Ref.ID]
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := sw.withoutLicences(ctx, list); err != nil || sw.at.Why != "" {
		return err
	}
	news, err := sw.Ledger.Systems().ObserveHeld(ctx, list)
	if err != nil {
		return err
	}
	sw.at.Written += int64(len(news))
	rec.Complete, rec.Seen, rec.FinishedAt = true, int64(len(list.IDs)), sw.Clock()
	return sw.Ledger.Inventory().FinishSweep(ctx, rec)
}

// withoutLicences asks for accounts by themselves that are shown without a licence which they had: all of them where they are few, else
// some. A list that passes over licences which exist is quarantined, and nothing of it is taken in. The accounts that were asked for
// leave the list.
func (sw *sweep) withoutLicences(ctx context.Context, list ledgersystems.Held) error {
	able, can := sw.system.(target.LicenceAssigner)
	if !can {
		return nil
	}
	less, known, err := sw.Ledger.Systems().Less(ctx, list)
	if err != nil {
		return err
	}
	asked := less
	if int64(len(less)) > most(int64(known)) {
		asked = spread(less, sampled)
	}
	read, hidden := list, 0
	read.At, read.IDs, read.Whole = sw.Clock(), map[string][]string{}, true
	for _, id := range asked {
		step.Beat(ctx, id)
		licences, err := able.LicencesOf(ctx, target.ReadRequest{ID: id})
		switch {
		case step.IsNotFound(err):
			continue
		case err != nil:
			return err
		}
		if len(licences) > len(list.IDs[id]) {
			hidden++
		}
		read.IDs[id] = licences
	}
	if hidden > fewHidden || hidden > 0 && len(asked) < len(less) {
		sw.doubt(fmt.Sprintf("%d accounts were shown without licences that they have", hidden))
		return nil
	}
	for _, id := range asked {
		delete(list.IDs, id)
	}
	news, err := sw.Ledger.Systems().ObserveHeld(ctx, read)
	sw.at.Written += int64(len(news))
	return err
}

// missedLicences asks which licences an account has that was shown without one which it had.
func (sw *sweep) missedLicences(ctx context.Context, ref identity.Ref) ([]string, error) {
	able, can := sw.system.(target.LicenceAssigner)
	missed, err := sw.Ledger.Systems().Misses(ctx, ref, identity.ObjectLicence)
	if err != nil || !can || !missed {
		return nil, err
	}
	read := ledgersystems.Held{System: sw.name, Kind: identity.ObjectLicence, At: sw.Clock(), Keep: sw.keep, Whole: true}
	licences, err := able.LicencesOf(ctx, target.ReadRequest{ID: ref.ID})
	if err != nil {
		if refused(err) {
			err = nil
		}
		return nil, err
	}
	read.IDs = map[string][]string{ref.ID: licences}
	news, err := sw.Ledger.Systems().ObserveHeld(ctx, read)
	sw.at.Written += int64(len(news))
	return licences, err
}
