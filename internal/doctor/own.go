package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	enumspb "go.temporal.io/api/enums/v1"

	"gatehouse/activities/api"
	"gatehouse/activities/catalog"
	"gatehouse/internal/schedule"
	"gatehouse/ledger"
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
		{"GH-D08", "agents", d.agents},
	}
}

func (d *Doctor) configuration(_ context.Context, r *report) {
	if d.Broken != nil {
		mend := "correct what is named, then run starter doctor again"
		if errors.Is(d.Broken, fs.ErrNotExist) {
			mend = "name the file by starter doctor --config FILE, or begin with cp gatehouse.example.yaml gatehouse.yaml"
		}
		r.failure(mend, "it cannot be used, and no program starts with it: %v", d.Broken)
		return
	}
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
	switch {
	case d.App.LedgerError != nil:
		r.failure(d.openingLedger(), "it cannot be used, and no program starts with it: %v", d.App.LedgerError)
		return
	case d.App.Ledger == nil:
		r.warn("start worker, or starter serve --with-worker", "there is none yet: the first worker makes it")
		return
	}
	if err := bounded(ctx, d.App.Ledger.Ping); err != nil {
		r.failure("see that the database runs and that ledger.url leads there", "it does not answer: %v", err)
		return
	}
	if err := bounded(ctx, d.App.Ledger.Writable); err != nil {
		mend := "give this database's user the right to write: GRANT UPDATE, INSERT, DELETE ON ALL TABLES IN SCHEMA public TO gatehouse; if the server is a " +
			"standby, point ledger.url at the primary"
		if file := d.ledgerFile(); file != "" {
			mend = fmt.Sprintf("run: chmod u+w %[1]q*; ls -l %[1]q*; df -h %[2]q; and see that the owner is the user of worker and serve", file, filepath.Dir(file))
		}
		r.failure(mend, "it can be read, and not written, so that no order and no departure is recorded: %v", err)
		return
	}
	r.fine("answers, and can be written")
}

// openingLedger is what to do about a ledger that cannot be opened.
func (d *Doctor) openingLedger() string {
	file := d.ledgerFile()
	switch {
	case errors.Is(d.App.LedgerError, ledger.ErrNewer):
		return "run the newer version that has migrated it, on every machine; to go back to this one, restore the backup of before: docs/operations.md, Backup"
	case errors.Is(d.App.LedgerError, ledger.ErrNoLedger):
		return "correct ledger.url, or move the file to where it leads"
	case file == "":
		return "see that the database runs and that ledger.url leads there"
	}
	return fmt.Sprintf("run: ls -l %[1]q*; df -h %[2]q; sqlite3 %[1]q 'PRAGMA integrity_check'. If the file is damaged, stop worker and serve and restore the last "+
		"backup: docs/operations.md, Backup", file, filepath.Dir(file))
}

// ledgerFile is the file of a ledger on this machine, "" for a database server.
func (d *Doctor) ledgerFile() string {
	path := strings.TrimPrefix(d.App.Config.Ledger.URL.Reveal(), "sqlite://")
	if strings.Contains(path, "://") {
		return ""
	}
	return path
}

// ledgerMissing says why something that the ledger tells is not known; it reports whether that is so.
func (d *Doctor) ledgerMissing(r *report) bool {
	if d.App.LedgerError == nil {
		return false
	}
	r.unknown("see GH-D02", "the ledger cannot be used")
	return true
}

func (d *Doctor) temporal(ctx context.Context, r *report) {
	err := bounded(ctx, func(ctx context.Context) error {
		_, err := d.App.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	})
	if d.silent = err != nil; d.silent {
		r.failure("see that its server runs and that TEMPORAL_ADDRESS leads there", "it does not answer: %v", err)
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
			r.failure("start worker, or starter serve --with-worker", "nobody works on %s: what is ordered waits", queue)
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
	var all []schedule.Difference
	err := bounded(ctx, func(ctx context.Context) (err error) {
		all, err = d.App.Schedules().Compare(ctx)
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
			r.failure("temporal schedule toggle --unpause --schedule-id "+each.ID, "%s is %s", each.ID, each.Paused)
		case each.Foreign:
		case each.Surplus:
			r.warn("schedules apply", "%s is asked for by nothing in the configuration", each.ID)
		case len(each.Changes) > 0:
			r.warn("schedules apply", "%s differs from the configuration: %s", each.ID, strings.Join(each.Changes, "; "))
		}
	}
	if len(missing) > 0 {
		r.failure("schedules apply", "%d of %d are missing, so that what they start is neither read nor compared: %s", len(missing), len(d.App.Schedules().Wanted()), strings.Join(missing, ", "))
	}
	if len(r.all) == 0 {
		r.fine("%d as configured", len(d.App.Schedules().Wanted()))
	}
}

func (d *Doctor) readPolicy(ctx context.Context, r *report) {
	p, err := d.App.LoadPolicy(d.App.Config.Policy)
	if err != nil {
		r.failure("correct the file; a running worker keeps the last good one", "it cannot be used: %v", err)
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
		roles, groups, err := catalog.NewCatalog(client, d.Now).Names(ctx)
		if err != nil {
			r.unknown("see GH-D10", "its roles and groups were not compared with OneLogin: %v", err)
			return nil
		}
		return p.CheckTenant(roles, groups)
	})
	if err != nil {
		r.failure("correct the file", "%v", err)
	}
	if len(r.all) == 0 {
		r.fine("%s, and OneLogin has every role and group it names", p.Hash())
	}
}

func (d *Doctor) departures(ctx context.Context, r *report) {
	if d.ledgerMissing(r) {
		return
	}
	if d.App.Ledger == nil {
		r.fine("none yet")
		return
	}
	rules, err := d.App.Ledger.People().DepartureRules(ctx)
	if err != nil {
		r.unknown("see GH-D02", "%v", err)
		return
	}
	late, err := d.App.Ledger.People().OverdueDepartures(ctx, d.Now(), rules.ContainWithin)
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
		r.failure("starter status names them", "%d are OVERDUE", n)
		return
	}
	r.fine("none is overdue")
}
