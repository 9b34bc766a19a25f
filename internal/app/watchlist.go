package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"gatehouse/activities"
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
			c, err := a.Ledger.EventCursor(ctx, activities.EventReader)
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

// scheduleChecks look whether a schedule is paused. One request answers for all of them.
func (a *App) scheduleChecks(answers func() bool) []watchdog.Check {
	var asked time.Time
	var paused map[string]string
	var failed error
	var checks []watchdog.Check
	for _, plan := range a.Plans() {
		checks = append(checks, watchdog.Check{
			Name: "schedule_" + plan.ID, Down: "The schedule " + plan.ID + " is paused", Quiet: true,
			Do: func(ctx context.Context) error {
				if !answers() {
					return nil // That cannot be known, and is not what is wrong.
				}
				if now := a.clock(); now.Sub(asked) >= a.Config.Alerts.CheckEvery || now.Before(asked) {
					asked = now
					paused, failed = a.paused(ctx)
				}
				if failed != nil {
					a.Log.Warn("watchdog: it is not known which schedules are paused", "error", failed)
					return nil
				}
				if note, is := paused[plan.ID]; is {
					return errors.New(note)
				}
				return nil
			},
			Advice: "temporal schedule toggle --unpause --schedule-id " + plan.ID,
		})
	}
	return checks
}

// paused lists the schedules that are paused, with the note of the pause.
func (a *App) paused(ctx context.Context) (map[string]string, error) {
	found, err := (*a.connected.Load()).ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: 100})
	if err != nil {
		return nil, fmt.Errorf("list the schedules: %w", err)
	}
	all := map[string]string{}
	for found.HasNext() {
		entry, err := found.Next()
		if err != nil {
			return nil, fmt.Errorf("list the schedules: %w", err)
		}
		if entry.Paused {
			all[entry.ID] = pause(entry.Note)
		}
	}
	return all, nil
}
