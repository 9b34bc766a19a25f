package oncall

import (
	"context"
	"errors"
	"time"

	"gatehouse/connectors"
	"gatehouse/connectors/pagerduty"
	"gatehouse/ledger/incidents"
)

// rest is for how long something is left alone after it has failed.
type rest struct {
	until time.Time
	pause time.Duration
}

func (r rest) on(now time.Time) bool { return now.Before(r.until) }

// after is the rest after one more failure: longer and longer, or for as long as PagerDuty says.
func (r rest) after(failed error, now time.Time) rest {
	pause := min(max(2*r.pause, shortest), longest)
	var e *connectors.Error
	if errors.As(failed, &e) && e.RetryAfter > pause {
		pause = e.RetryAfter
	}
	return rest{until: now.Add(pause), pause: pause}
}

// alert is an alert of an incident, and whether it was known to be of it.
type alert struct {
	pagerduty.Alert
	known bool
}

// alerts asks PagerDuty for the alerts of an incident.
func (k *Keeper) alerts(ctx context.Context, id string) ([]alert, error) {
	list, err := k.o.Client.Alerts(ctx, id)
	if err != nil && !connectors.IsKind(err, connectors.KindNotFound) {
		return nil, err
	}
	known, err := k.o.Ledger.Incidents().PagerIncident(ctx, id)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, key := range known.Keys {
		seen[key] = true
	}
	all := make([]alert, len(list))
	for n, a := range list {
		all[n] = alert{Alert: a, known: seen[a.Key]}
	}
	return all, nil
}

func unknown(all []alert) []alert {
	var out []alert
	for _, a := range all {
		if !a.known {
			out = append(out, a)
		}
	}
	return out
}

// moved returns the cases of an incident that was merged, whose alerts are in the other one by now. PagerDuty does not say where an
// alert was before. The one that has opened an incident has its title, though: it was this one's if it has the title of this one. Where
// somebody has written another title, it is any that nobody knew of, but for the one that has opened the other incident.
func (k *Keeper) moved(ctx context.Context, w incidents.PagerWord) ([]incidents.Case, error) {
	all, err := k.alerts(ctx, w.MergedInto)
	if err != nil {
		return nil, err
	}
	title, err := k.title(ctx, w.IncidentID)
	if err != nil {
		return nil, err
	}
	var own []alert
	for _, a := range all {
		if title != "" && a.Summary == title {
			own = append(own, a)
		}
	}
	if len(own) > 0 {
		return k.cases(ctx, own)
	}
	other, err := k.title(ctx, w.MergedInto)
	if err != nil {
		return nil, err
	}
	for _, a := range unknown(all) {
		if a.Summary != other {
			own = append(own, a)
		}
	}
	return k.cases(ctx, own)
}

// title is that of an incident, empty if PagerDuty has no such incident any more.
func (k *Keeper) title(ctx context.Context, id string) (string, error) {
	i, err := k.o.Client.Incident(ctx, id)
	if connectors.IsKind(err, connectors.KindNotFound) {
		return "", nil
	}
	return i.Title, err
}

// cases returns those that alerts are of, each once.
func (k *Keeper) cases(ctx context.Context, alerts []alert) ([]incidents.Case, error) {
	var cases []incidents.Case
	seen := map[string]bool{}
	for _, a := range alerts {
		if seen[a.Key] {
			continue
		}
		seen[a.Key] = true
		c, found, err := k.o.Ledger.Incidents().CaseByDedup(ctx, a.Key)
		if err != nil {
			return nil, err
		}
		if found {
			cases = append(cases, c)
		}
	}
	return cases, nil
}
