package app

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/activities/incidents"
	"gatehouse/internal/watchdog"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// startWatchdog watches deadlines for as long as the process lives. It begins before Temporal and the vendors are asked
// for anything, so that a process which cannot start for want of them still says what is overdue.
func (a *App) startWatchdog(ctx context.Context, program string) {
	ctx, cancel := context.WithCancel(ctx)
	w, done := a.Watchdog(program), make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	a.closers = append(a.closers, func() error {
		cancel()
		<-done
		return nil
	})
}

// Watchdog is the watch over deadlines that a program keeps.
func (a *App) Watchdog(program string) *watchdog.Watchdog {
	cfg := a.Config.Alerts
	var down error // Why Temporal did not answer in this round, nil if it did.
	o := watchdog.Options{
		Ledger: a.Ledger, Program: program, Every: cfg.CheckEvery, Grace: cfg.Grace, Repeat: cfg.RepeatEvery,
		PingURL: cfg.PingURL, PingEvery: cfg.PingEvery, Rules: a.departureRules, Clock: a.clock, Log: a.Log,
		Checks: []watchdog.Check{
			watchdog.Temporal(func(ctx context.Context) error { down = a.temporalAnswers(ctx); return down }),
			watchdog.Worker(func(ctx context.Context) error {
				if down != nil {
					return nil // That cannot be known, and is not what is wrong.
				}
				return a.workerPolls(ctx)
			}),
		},
	}
	o.Checks = append(o.Checks, a.readingChecks(func() bool { return down == nil })...)
	if cfg.URL != "" {
		o.Post = a.alerts().Post
	}
	return watchdog.New(o)
}

// readingChecks look after the polls of HR, the reading of events and the schedules that start them.
func (a *App) readingChecks(answers func() bool) []watchdog.Check {
	var checks []watchdog.Check
	schedules := &watchdog.Schedules{Applied: a.applied, Answers: answers, Every: a.Config.Alerts.CheckEvery, Clock: a.clock, Log: a.Log}
	for _, plan := range a.Schedules().Wanted() {
		schedules.IDs = append(schedules.IDs, plan.ID)
		if plan.Source != "" && plan.Every > 0 {
			checks = append(checks, watchdog.Source(a.Ledger, plan.Source, plan.Every, plan.Jitter, a.clock))
		}
	}
	if every := a.Config.Schedules.Events; every > 0 {
		checks = append(checks, watchdog.Events(a.Ledger, incidents.EventReader, every, a.clock))
	}
	return append(checks, schedules.Checks()...)
}

// applied lists the schedules that are there, with the note of the pause of those that are paused.
func (a *App) applied(ctx context.Context) (map[string]string, error) {
	k := a.Schedules()
	k.Temporal = *a.connected.Load()
	return k.Applied(ctx)
}

// departureRules is what the policy in force says about departures; false in a process without a policy.
func (a *App) departureRules() (persons.DepartureRules, bool) {
	file := a.policy.Load()
	if file == nil {
		return persons.DepartureRules{}, false
	}
	p := file.Current()
	return persons.DepartureRules{
		Observe: p.Modes().Offboarding == policy.ModeObserve, ContainWithin: p.Leaver().ContainWithin,
	}, true
}

func (a *App) temporalAnswers(ctx context.Context) error {
	c := a.connected.Load()
	if c == nil {
		return errors.New("not connected yet")
	}
	if _, err := (*c).CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("ask Temporal for its health: %w", err)
	}
	return nil
}

// workerPolls reports whether anybody has asked for people's runs in the last minutes, which is as long as Temporal
// remembers who did.
func (a *App) workerPolls(ctx context.Context) error {
	queue, err := (*a.connected.Load()).DescribeTaskQueue(ctx, api.QueuePeople, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return fmt.Errorf("ask Temporal who works on %q: %w", api.QueuePeople, err)
	}
	if len(queue.GetPollers()) == 0 {
		return fmt.Errorf("nobody polls %q", api.QueuePeople)
	}
	return nil
}
