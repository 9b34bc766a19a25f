package account

import (
	"context"
	"slices"
	"time"

	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// besideManager writes an account with its manager. Where OneLogin refuses that and the manager's account is gone, the account is
// written without one: nobody goes without access because somebody else has left.
func (o *OneLogin) besideManager(ctx context.Context, manager int64, write func(manager int64) (onelogin.User, error)) (onelogin.User, error) {
	u, err := write(manager)
	if manager == 0 || !connectors.IsKind(err, connectors.KindInvalid) {
		return u, err
	}
	if _, absent := o.Client.User(ctx, manager); !onelogin.Absent(absent) {
		return u, err
	}
	return write(0)
}

// noteWritten writes down what an account looks like after its profile was written, and which values OneLogin keeps in place of
// what was written. It returns what somebody has to be told of that.
func (o *OneLogin) noteWritten(ctx context.Context, a target.Account, wrote identity.Profile, manager int64, changed []identity.Kept, also func(context.Context, *ledger.Ledger) error) ([]identity.Notice, error) {
	known, err := o.Ledger.Inventory().Kept(ctx, a.Ref)
	if err != nil {
		return nil, err
	}
	kept, remembered := o.takenBack(known, changed, a.Document.Differences(wrote, manager))
	noted := append(slices.DeleteFunc(slices.Concat(kept, remembered), func(k identity.Kept) bool { return k.Field == identity.FieldEmail }),
		addressWritten(known, a, wrote)...)
	err = o.Target.noted(ctx, a, func(ctx context.Context, l *ledger.Ledger) error {
		if also != nil {
			if err := also(ctx, l); err != nil {
				return err
			}
		}
		return l.Inventory().NoteKept(ctx, a.Ref, noted)
	})
	return o.Person.Policy().NotKept(kept), err
}

// mostWritten is how often a value is written that is taken back each time: a directory that sets its own every night would have it
// written every night, and nobody would hear of it. What was last written longer ago than takenBackWithin was somebody else's doing.
const (
	mostWritten     = 3
	takenBackWithin = 30 * 24 * time.Hour
)

// takenBack adds to the values that a system keeps, those that somebody sets again each time that they are overwritten. It returns
// as well how often each other value was written, for the next time. Changed is what the write has overwritten.
func (o *OneLogin) takenBack(known, changed, differ []identity.Kept) (kept, remembered []identity.Kept) {
	now := o.Clock()
	stays := func(c identity.Kept) bool {
		return !slices.ContainsFunc(differ, func(k identity.Kept) bool { return k.Field == c.Field })
	}
	for _, c := range changed {
		if !stays(c) {
			continue
		}
		c.Times, c.At = 1, now
		for _, k := range known {
			same := k.Field == c.Field && k.Wrote == c.Wrote
			switch {
			case same && k.TakenBack:
				c.Times = mostWritten // What took it back before now has another value.
			case same && k.Times > 0 && now.Sub(k.At) < takenBackWithin:
				c.Times = k.Times + 1
			}
		}
		if c.Times < mostWritten {
			remembered = append(remembered, c)
			continue
		}
		c.TakenBack, c.Times, c.At = true, 0, time.Time{}
		differ = append(differ, c)
	}
	for _, k := range known {
		if stays(k) && !slices.ContainsFunc(changed, func(c identity.Kept) bool { return c.Field == k.Field }) && k.Times > 0 {
			remembered = append(remembered, k)
		}
	}
	return differ, remembered
}

// writes reports that there is anything of a profile to be written.
func writes(profile identity.Profile, manager int64) bool {
	return len(identity.Account{}.Differences(profile, manager))+len(profile.Clear) > 0
}
