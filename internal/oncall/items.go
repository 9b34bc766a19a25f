package oncall

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"gatehouse/connectors"
	"gatehouse/connectors/pagerduty"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/worklist"
)

// Classes of the items about what people do in the pager.
const (
	ClassUnheard  = "words_unheard"
	ClassDisabled = "webhook_disabled"
)

// hookPath is where the gateway takes PagerDuty's webhooks.
const hookPath = "/webhooks/pagerduty"

// Ours reports whether webhooks to an address arrive at a gateway.
func Ours(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), hookPath)
}

// Wrong says what is wrong with a subscription, "" if it is at work.
func Wrong(s pagerduty.Subscription) string {
	switch {
	case s.Disabled:
		return fmt.Sprintf("PagerDuty has disabled webhook subscription %s for up to 24 hours, because three deliveries in a row were refused.", s.ID)
	case !s.Active:
		return fmt.Sprintf("Somebody has switched off webhook subscription %s in PagerDuty.", s.ID)
	}
	return ""
}

// Look lists each subscription to the gateway that delivers nothing, until it does again.
func (k *Keeper) Look(ctx context.Context) error {
	if !k.o.Client.Reads() {
		return nil
	}
	list, err := k.o.Client.Subscriptions(ctx, Ours)
	if err != nil {
		return err
	}
	work := k.o.Ledger.Worklist()
	open, err := work.Items(ctx, worklist.ItemFilter{System: pagerduty.System, Class: ClassDisabled})
	if err != nil {
		return err
	}
	wrong := map[string]bool{}
	for _, s := range list {
		why := Wrong(s)
		if why == "" {
			continue
		}
		wrong[s.ID] = true
		if err := work.RaiseItem(ctx, worklist.Item{
			System: pagerduty.System, Class: ClassDisabled, Object: s.ID, Severity: worklist.SeverityWarning, Owner: "it",
			Text: why + " What people do in the pager is heard up to an hour late: runs of incidents ask for it once an hour.",
			Next: "see in the gateway's log why (`webhook refused`) and mend that; then enable the subscription in PagerDuty (Integrations, " +
				"Generic Webhooks v3), or wait: docs/webhooks.md",
		}); err != nil {
			return err
		}
	}
	for _, item := range open {
		if !wrong[item.Object] {
			if err := work.ClearItem(ctx, item.System, item.Class, item.Object); err != nil {
				return err
			}
		}
	}
	return nil
}

// sayUnheard lists that words wait which nobody can carry, for want of a token or because it is refused.
func (k *Keeper) sayUnheard(ctx context.Context, words []incidents.PagerWord, failed error) error {
	old := func(w incidents.PagerWord) bool { return w.HeardAt.Before(k.o.Clock().Add(-patience)) }
	refused := connectors.IsKind(failed, connectors.KindUnauthorized)
	waits := len(words) > 0 && old(oldest(words)) && (!k.o.Client.Reads() || refused)
	switch {
	case waits:
		k.unheard = true
		why, next := "there is no pagerduty.token to ask whose an incident is", "give workers pagerduty.token, a read-only REST API key"
		if refused {
			why, next = "PagerDuty refuses pagerduty.token", "renew pagerduty.token, a read-only REST API key"
		}
		return k.o.Ledger.Worklist().RaiseItem(ctx, worklist.Item{
			System: pagerduty.System, Class: ClassUnheard, Severity: worklist.SeverityWarning, Owner: "it",
			Text: "What people do in the pager does not reach tickets and runs: " + why + ".",
			Next: next + "; what was said in the last 48 hours is carried then",
		})
	case k.unheard && failed == nil:
		if err := k.o.Ledger.Worklist().ClearItem(ctx, pagerduty.System, ClassUnheard, ""); err != nil {
			return err
		}
		k.unheard = false
	}
	return nil
}

func oldest(words []incidents.PagerWord) incidents.PagerWord {
	first := words[0]
	for _, w := range words {
		if w.HeardAt.Before(first.HeardAt) {
			first = w
		}
	}
	return first
}
