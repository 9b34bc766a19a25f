package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse/activities/incidents"
	"gatehouse/internal/watchdog"
)

// lateEvents is the least by which security events are late.
const lateEvents = 2 * time.Minute

// eventChecks look after the reading of OneLogin's events. Before the first reading nothing is awaited.
func (a *App) eventChecks() []watchdog.Check {
	every := a.Config.Schedules.Events
	if every <= 0 {
		return nil
	}
	return []watchdog.Check{{
		Name: "events", Down: "OneLogin's events have not been read completely", Quiet: true,
		Do: func(ctx context.Context) error {
			c, err := a.Ledger.Incidents().EventCursor(ctx, incidents.EventReader)
			if err != nil || c.PolledAt.IsZero() {
				return err
			}
			if late := a.clock().Sub(c.PolledAt); late > max(lateEvents, 2*every) {
				return fmt.Errorf("the last complete reading was %s ago, and one is due every %s", late.Round(time.Second), every)
			}
			return nil
		},
		Advice: "`starter status` says what keeps the run event-watch",
	}}
}

// scheduleChecks look whether a schedule is paused or missing. One request answers for all of them.
func (a *App) scheduleChecks(answers func() bool) []watchdog.Check {
	var asked time.Time
	var found map[string]string
	var failed error
	ask := func(ctx context.Context) (map[string]string, bool) {
		if !answers() {
			return nil, false // That cannot be known, and is not what is wrong.
		}
		if now := a.clock(); now.Sub(asked) >= a.Config.Alerts.CheckEvery || now.Before(asked) {
			asked = now
			found, failed = a.applied(ctx)
		}
		if failed != nil {
			a.Log.Warn("watchdog: it is not known which schedules are there or paused", "error", failed)
		}
		return found, failed == nil
	}
	checks := []watchdog.Check{{
		Name: "schedules", Down: "Schedules are missing in Temporal, so that what they start is neither read nor compared", Quiet: true,
		Do: func(ctx context.Context) error {
			all, known := ask(ctx)
			var missing []string
			for _, plan := range a.Schedules().Wanted() {
				if _, is := all[plan.ID]; known && !is {
					missing = append(missing, plan.ID)
				}
			}
			if len(missing) > 0 {
				return errors.New(strings.Join(missing, ", "))
			}
			return nil
		},
		Advice: "schedules apply",
	}}
	for _, plan := range a.Schedules().Wanted() {
		checks = append(checks, watchdog.Check{
			Name: "schedule_" + plan.ID, Down: "The schedule " + plan.ID + " is paused", Quiet: true,
			Do: func(ctx context.Context) error {
				all, _ := ask(ctx)
				if note := all[plan.ID]; note != "" {
					return errors.New(note)
				}
				return nil
			},
			Advice: "temporal schedule toggle --unpause --schedule-id " + plan.ID,
		})
	}
	return checks
}

// applied lists the schedules that are there, with the note of the pause of those that are paused.
func (a *App) applied(ctx context.Context) (map[string]string, error) {
	k := a.Schedules()
	k.Temporal = *a.connected.Load()
	return k.Applied(ctx)
}
