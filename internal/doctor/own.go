package doctor

import (
	"context"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	enumspb "go.temporal.io/api/enums/v1"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/policy"
)

// ownChecks are about what is ours: configuration, ledger, Temporal, policy.
func (d *Doctor) ownChecks() []check {
	return []check{
		{"GH-D01", "configuration", d.configuration},
		{"GH-D02", "ledger", d.ledger},
		{"GH-D03", "Temporal", d.temporal},
		{"GH-D04", "workers", d.workers},
		{"GH-D05", "schedules", d.schedules},
		{"GH-D06", "policy", d.readPolicy},
		{"GH-D07", "departures", d.departures},
	}
}

func (d *Doctor) configuration(_ context.Context, r *report) {
	if d.Incomplete != nil {
		r.warn("on the machine of the worker: correct the configuration; elsewhere this is as it should be", "a worker could not start with it: %v", d.Incomplete)
		return
	}
	if d.App.Config.Alerts.URL == "" {
		r.warn("set alerts.url and alerts.secret, docs/configuration.md", "alerts.url is not set: nobody hears of an overdue departure while Temporal or Slack is down")
	}
	if d.App.Config.PagerDuty.RoutingKey == "" && d.App.Config.Alerts.URL == "" {
		r.warn("set pagerduty.routing_key or alerts.url", "nobody can be woken")
	}
	if len(r.all) == 0 {
		r.fine("complete")
	}
}

func (d *Doctor) ledger(ctx context.Context, r *report) {
	if d.App.Ledger == nil {
		r.warn("start worker, or starter serve --with-worker", "there is none yet: the first worker makes it")
		return
	}
	if err := bounded(ctx, d.App.Ledger.Ping); err != nil {
		r.fail("see that the database runs and that ledger.url leads there", "it does not answer: %v", err)
		return
	}
	r.fine("answers")
}

func (d *Doctor) temporal(ctx context.Context, r *report) {
	err := bounded(ctx, func(ctx context.Context) error {
		_, err := d.App.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	})
	if d.silent = err != nil; d.silent {
		r.fail("see that its server runs and that TEMPORAL_ADDRESS leads there", "it does not answer: %v", err)
		return
	}
	r.fine("answers, namespace %s", d.App.Config.Temporal.Namespace)
}

// quiet is how long a worker that is alive may not have asked for work: a poll lasts a minute.
const quiet = 90 * time.Second

func (d *Doctor) workers(ctx context.Context, r *report) {
	if d.silent {
		r.unknown("see GH-D03", "Temporal does not answer")
		return
	}
	for _, queue := range []string{api.QueuePeople, api.QueueTemplates, api.QueueSweep} {
		var last time.Time
		err := bounded(ctx, func(ctx context.Context) error {
			for i, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_WORKFLOW, enumspb.TASK_QUEUE_TYPE_ACTIVITY} {
				found, err := d.App.Temporal.DescribeTaskQueue(ctx, queue, kind)
				if err != nil {
					return err
				}
				var polled time.Time
				for _, each := range found.GetPollers() {
					if at := each.GetLastAccessTime().AsTime(); at.After(polled) {
						polled = at
					}
				}
				// The one of the two that was asked for last is the one that counts: half a worker does half of the work.
				if i == 0 || polled.Before(last) {
					last = polled
				}
			}
			return nil
		})
		switch {
		case err != nil:
			r.unknown("see GH-D03", "who works on %s is not known: %v", queue, err)
		case d.Now().Sub(last) > quiet:
			r.fail("start worker, or starter serve --with-worker", "nobody works on %s: what is ordered waits", queue)
		default:
			r.fine("at work on %s", queue)
		}
	}
}

func (d *Doctor) schedules(ctx context.Context, r *report) {
	if d.silent {
		r.unknown("see GH-D03", "Temporal does not answer")
		return
	}
	var all []app.Difference
	err := bounded(ctx, func(ctx context.Context) (err error) {
		all, err = d.App.Compare(ctx)
		return err
	})
	if err != nil {
		r.unknown("see GH-D03", "they could not be read: %v", err)
		return
	}
	var missing []string
	for _, each := range all {
		switch {
		case each.Missing:
			missing = append(missing, each.ID)
		case each.Paused != "" && !each.Surplus:
			r.fail("temporal schedule toggle --unpause --schedule-id "+each.ID, "%s is %s", each.ID, each.Paused)
		case each.Foreign:
		case each.Surplus:
			r.warn("schedules apply", "%s is asked for by nothing in the configuration", each.ID)
		case len(each.Changes) > 0:
			r.warn("schedules apply", "%s differs from the configuration: %s", each.ID, strings.Join(each.Changes, "; "))
		}
	}
	if len(missing) > 0 {
		r.fail("schedules apply", "%d of %d are missing, so that what they start is neither read nor compared: %s", len(missing), len(d.App.Plans()), strings.Join(missing, ", "))
	}
	if len(r.all) == 0 {
		r.fine("%d as configured", len(d.App.Plans()))
	}
}

func (d *Doctor) readPolicy(ctx context.Context, r *report) {
	p, err := d.App.LoadPolicy(d.App.Config.Policy)
	if err != nil {
		r.fail("correct the file; a running worker keeps the last good one", "it cannot be used: %v", err)
		return
	}
	d.policy = p
	switch mode := p.Modes().Offboarding; mode {
	case policy.ModeObserve:
		r.warn("set modes.offboarding when starter plan --all shows what you want", "offboarding is in mode observe: nobody who leaves is shut out")
	case policy.ModeApprove:
		r.warn("set modes.offboarding: enforce when its plans are right", "offboarding is in mode approve: nobody who leaves is shut out before somebody allows it")
	case policy.ModeEnforce:
	}
	client, ok, err := d.App.Reader()
	if err != nil || !ok {
		r.unknown(elsewhere, "its roles and groups were not compared with OneLogin: %s", noCredential)
		return
	}
	err = bounded(ctx, func(ctx context.Context) error {
		roles, groups, err := activities.NewCatalog(client, d.Now).Names(ctx)
		if err != nil {
			r.unknown("see GH-D10", "its roles and groups were not compared with OneLogin: %v", err)
			return nil
		}
		return p.CheckTenant(roles, groups)
	})
	if err != nil {
		r.fail("correct the file", "%v", err)
	}
	if len(r.all) == 0 {
		r.fine("%s, and OneLogin has every role and group it names", p.Hash())
	}
}

func (d *Doctor) departures(ctx context.Context, r *report) {
	if d.App.Ledger == nil {
		r.fine("none yet")
		return
	}
	rules, err := d.App.Ledger.DepartureRules(ctx)
	if err != nil {
		r.unknown("see GH-D02", "%v", err)
		return
	}
	late, err := d.App.Ledger.OverdueDepartures(ctx, d.Now(), rules.ContainWithin)
	if err != nil {
		r.unknown("see GH-D02", "%v", err)
		return
	}
	n := 0
	for _, each := range late {
		if each.Order != "" || !rules.Observe {
			n++
		}
	}
	if n > 0 {
		r.fail("starter status names them", "%d are OVERDUE", n)
		return
	}
	r.fine("none is overdue")
}
