package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// Settle keeps somebody's word on an account in doubt. "Theirs" puts it on record, in place of whatever the ledger
// thought; "not theirs" holds for as long as what was shown stays the same, and takes back a suspension that was only
// there until somebody had decided.
func (p *Person) Settle(ctx context.Context, in api.SettleInput) error {
	return fail(p.settle(ctx, in))
}

func (p *Person) settle(ctx context.Context, in api.SettleInput) error {
	switch in.Decision.Verb {
	case "link":
		return p.linkByWord(ctx, in)
	case "allow":
		switch {
		case in.Code == api.NoticeProtectedLeaver && len(in.LiftedBy) > 1:
			return p.lift(ctx, in)
		case in.Code != api.NoticeBudgetContain:
			return nil
		}
		source, _, err := SplitKey(in.Key)
		if err != nil {
			return final(api.ErrInvalid, err.Error())
		}
		_, err = p.Ledger.Reserve(ctx, ledger.Reservation{
			Budget: sourceBudget(budgetContain, source), Window: p.Policy().Safety().Window, Override: true, By: in.Decision.By,
			Keys: []string{budgetKey(budgetContain, in.Key, in.Episode, "") + "@" + in.Ref.String()},
		})
		return err
	case "separate":
		for _, shown := range append([]api.Shown{{Ref: in.Ref, Evidence: in.Evidence}}, in.Also...) {
			if in.Elsewhere {
				break
			}
			if err := p.Ledger.RefuseAccount(ctx, shown.Ref, in.Key, shown.Evidence, in.Decision.By); err != nil {
				return err
			}
		}
		return p.reopen(ctx, in)
	}
	return nil
}

// lift records that two people have lifted the protection of a leaver's account, who say with it whose it is.
func (p *Person) lift(ctx context.Context, in api.SettleInput) error {
	if err := p.linkByWord(ctx, in); err != nil {
		return err
	}
	return p.Ledger.MarkLifted(ctx, in.Ref, in.Key, in.Episode)
}

// linkByWord puts an account on record because a person said so, whoever it was on record for.
func (p *Person) linkByWord(ctx context.Context, in api.SettleInput) error {
	link := ledger.LinkAccount{Ref: in.Ref, Person: in.Key, Use: identity.UseSecondary, By: "a person's word", DecidedBy: in.Decision.By}
	return p.Ledger.Together(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		err := l.LinkAccount(ctx, link)
		var taken ledger.ErrAccountTaken
		if !errors.As(err, &taken) {
			return err
		}
		if err := l.UnlinkAccount(ctx, in.Ref, in.Decision.By); err != nil {
			return err
		}
		return l.LinkAccount(ctx, link)
	})
}

// reopen activates an account again that was suspended for a doubt which is over, unless somebody else had closed it.
func (p *Person) reopen(ctx context.Context, in api.SettleInput) error {
	id, ok := in.Ref.OneLogin()
	if !ok || !in.Suspended {
		return nil
	}
	row, found, err := p.Ledger.Account(ctx, in.Ref)
	if err != nil || !found || !row.SuspendedByUs {
		return err
	}
	active := onelogin.StatusActive
	if _, err := p.OneLogin.UpdateUser(ctx, id, onelogin.UserChange{Status: &active}); err != nil {
		return err
	}
	return p.Ledger.MarkSuspended(ctx, in.Ref, in.Key, false, "")
}

// reopenedWithin is how far back events are searched for what gave access back.
const reopenedWithin = 48 * time.Hour

// reopening are the ids of events that open an account or give it a role. Source: onelogin-event-types, checked against
// the vendor's sample.
var reopening = []int{4, 12, 16, 32, 147, 149, 513, 529, 554}

// ReopenedBy finds out from OneLogin's events what gave access back to an account: a mapping, a directory, or an actor by
// its id. What Gatehouse did itself does not count.
func (o *OneLogin) ReopenedBy(ctx context.Context, in api.AccountInput) (api.ReopenedBy, error) {
	page, err := o.Client.EventsPage(ctx, onelogin.EventFilter{
		UserID: in.AccountID, Types: reopening, Since: o.Clock().Add(-reopenedWithin), Newest: true,
	}, "")
	if err != nil {
		return api.ReopenedBy{}, fail(err)
	}
	for _, e := range page.Events {
		switch {
		case e.ClientID != "" && e.ClientID == o.ClientID:
		case e.MappingID != 0:
			return api.ReopenedBy{What: o.mapping(ctx, e.MappingID)}, nil
		case e.DirectoryRunID != 0:
			return api.ReopenedBy{What: fmt.Sprintf("a directory's synchronisation (run %d)", e.DirectoryRunID)}, nil
		case e.ClientID != "":
			return api.ReopenedBy{What: "another API credential"}, nil
		case e.ActorUserID != 0:
			return api.ReopenedBy{What: fmt.Sprintf("OneLogin user %d", e.ActorUserID)}, nil
		case e.Type == 149:
			return api.ReopenedBy{What: "a mapping"}, nil
		case e.ActorSystem != "":
			return api.ReopenedBy{What: "OneLogin itself"}, nil
		}
	}
	return api.ReopenedBy{}, nil
}

// mapping names a mapping, by what it is called as well if the inventory knows it.
func (o *OneLogin) mapping(ctx context.Context, id int64) string {
	name := fmt.Sprintf("mapping %d", id)
	known, _, err := o.Ledger.Mappings(ctx, identity.SystemOneLogin)
	if err != nil {
		activity.GetLogger(ctx).Info("a mapping is named by its number only", "error", err)
		return name
	}
	for _, m := range known {
		if m.ID == fmt.Sprint(id) && m.Name != "" {
			return fmt.Sprintf("%s (%q)", name, m.Name)
		}
	}
	return name
}
