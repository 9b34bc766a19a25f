package account

import (
	"context"
	"slices"

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
func (o *OneLogin) noteWritten(ctx context.Context, a target.Account, wrote identity.Profile, manager int64, also func(context.Context, *ledger.Ledger) error) ([]identity.Notice, error) {
	kept := a.Document.Differences(wrote, manager)
	address, err := o.addressWritten(ctx, a, wrote)
	if err != nil {
		return nil, err
	}
	noted := append(slices.DeleteFunc(slices.Clone(kept), func(k identity.Kept) bool { return k.Field == identity.FieldEmail }), address...)
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

// writes reports that there is anything of a profile to be written.
func writes(profile identity.Profile, manager int64) bool {
	return len(identity.Account{}.Differences(profile, manager)) > 0
}
