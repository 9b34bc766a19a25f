package incidents

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/incidents"
	"gatehouse/policy/detect"
)

// restoreEvery is how often it is looked whether the incidents that are open have runs.
const restoreEvery = time.Hour

// restored is when that was looked last.
type restored struct {
	sync.Mutex
	at time.Time
}

// restore starts the runs of open incidents that Temporal knows nothing of, because its database was lost or is an older one. A run
// that is there is not disturbed.
func (e *Events) restore(ctx context.Context) error {
	e.restored.Lock()
	defer e.restored.Unlock()
	now := e.Clock()
	if now.Sub(e.restored.at) < restoreEvery {
		return nil
	}
	open, err := e.Ledger.Incidents().StandingCases(ctx)
	if err != nil {
		return err
	}
	rules := e.Policy().Detection()
	var runs atomic.Int64
	failed := make([]error, len(open))
	var group errgroup.Group
	group.SetLimit(8)
	for n, c := range open {
		group.Go(func() error {
			goesOn, err := e.waits(ctx, rules, c, now)
			if err != nil || !goesOn {
				failed[n] = err
				return nil
			}
			started, err := e.Launch.Restore(ctx, refOf(c))
			if failed[n] = err; started {
				runs.Add(1)
			}
			return nil
		})
	}
	if err := errors.Join(append(failed, group.Wait())...); err != nil {
		return err
	}
	if n := runs.Load(); n > 0 {
		step.Log(ctx).Warn("open incidents had no runs, and Temporal knew of none: they were started again", "runs", n)
	}
	e.restored.at = now
	return nil
}

// waits reports that the run of an open case has something to wait for: the pager, an answer, or further events. Where nobody was
// paged, a run ends when it has been quiet, and the case stays as it is.
func (e *Events) waits(ctx context.Context, rules *detect.Rules, c incidents.Case, now time.Time) (bool, error) {
	rule, found := rules.Rule(c.Rule)
	account := accountOf(c.Subject)
	switch {
	case !found:
		return false, nil
	case e.Paging && rule.Pager != detect.PagerNone, now.Before(c.LastAt.Add(rule.ReopenAfter)):
		return true, nil
	case account == 0:
		return false, nil
	case slices.ContainsFunc(rule.Respond, func(r detect.Response) bool { return !slices.Contains(c.Answered, string(r.Order)) }):
		return true, nil
	}
	if !e.Paging {
		return false, nil
	}
	// A break-glass account wakes somebody whatever the rule says.
	entry, is, err := e.Person.NonPersonalByID(ctx, account)
	return is && entry.Kind == identity.KindBreakGlass, err
}

func refOf(c incidents.Case) api.CaseRef {
	return api.CaseRef{Rule: c.Rule, Subject: c.Subject, Number: c.Number}
}
