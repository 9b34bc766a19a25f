package account

import (
	"context"
	"fmt"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
)

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
		return api.ReopenedBy{}, err
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
	known, _, err := o.Ledger.Inventory().Mappings(ctx, identity.SystemOneLogin)
	if err != nil {
		step.Log(ctx).Info("a mapping is named by its number only", "error", err)
		return name
	}
	for _, m := range known {
		if m.ID == fmt.Sprint(id) && m.Name != "" {
			return fmt.Sprintf("%s (%q)", name, m.Name)
		}
	}
	return name
}
