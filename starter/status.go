package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/activities/incidents"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/schedule"
	"gatehouse/ledger/inventory"
)

// How a part of Gatehouse stands. What could not be read is never said to be in step.
type standing int

const (
	inStep standing = iota
	// notKnown: it could not be read.
	notKnown
	// wrong: somebody has to see to it.
	wrong
)

// part is one line of the status.
type part struct {
	name, state, todo string
	standing          standing
}

// errSilent is why nothing is known that only Temporal knows.
var errSilent = errors.New("no answer of Temporal")

// unknown is a part that could not be read.
func unknown(name string, err error) part {
	return part{name: name, state: "not known: " + err.Error(), standing: notKnown}
}

// survey is what the command status has read so far.
type survey struct {
	cmd   *cobra.Command
	app   *app.App
	now   time.Time
	parts []part
	// temporal says that Temporal answers; sweeps that a worker reads HR, paused and missing the schedules that do nothing.
	temporal bool
	sweeps   standing
	idle     map[string]string
}

func (p *program) status() *cobra.Command {
	var check bool
	var who string
	cmd := &cobra.Command{
		Use: "status", Short: "Is everything in step? Workers, schedules, OneLogin, sources, who is overdue, open runs",
		Long: `Is everything in step? Workers, schedules, OneLogin, sources, who is overdue, open runs.

What could not be read is said to be not known, and nothing is said to be in step because nobody looked. With --check the command
fails unless everything was read and nothing has to be seen to. With --person it shows what is on record about one person, and
what their run is at.`,
		Args: cobra.NoArgs,
		RunE: p.withoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if who != "" {
				key, err := findOwner(cmd.Context(), a, who)
				if err != nil {
					return err
				}
				cli.Only(cmd, "person")
				return printPerson(cmd, a, key)
			}
			s := &survey{cmd: cmd, app: a, now: time.Now(), idle: map[string]string{}}
			s.readTemporal()
			s.readSchedules()
			s.readOneLogin()
			s.readInventory()
			s.readEvents()
			s.readPolicy()
			s.readHolds()
			s.readGaps()
			s.readAttention()
			s.readBudgets(s.readPolicyFile())
			s.readFailing()
			sources, err := s.sources()
			if err != nil {
				return err
			}
			s.printParts()
			sources.Render()
			if err := s.overdue(); err != nil {
				return err
			}
			s.printRuns()
			return s.conclude(check)
		}),
	}
	personFlag(cmd, &who)
	cmd.Flags().BoolVar(&check, "check", false, "fail unless everything was read and nothing has to be seen to")
	return cmd
}

func (s *survey) add(p part) { s.parts = append(s.parts, p) }

// within asks for something that may not answer.
func (s *survey) within(ask func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(s.cmd.Context(), 2*askWithin)
	defer cancel()
	return ask(ctx)
}

// readTemporal asks Temporal whether it is there, and who works.
func (s *survey) readTemporal() {
	err := s.within(func(ctx context.Context) error {
		_, err := s.app.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	})
	if s.temporal = err == nil; err != nil {
		s.add(part{
			name: "Temporal", state: "DOES NOT ANSWER: " + err.Error(), standing: wrong,
			todo: "see that its server runs and that TEMPORAL_ADDRESS leads there; until then nothing is carried out",
		})
	} else {
		s.add(part{name: "Temporal", state: "answers"})
	}
	for _, q := range []struct{ name, queue string }{
		{"workers for people", api.QueuePeople}, {"workers for templates", api.QueueTemplates}, {"workers for sweeps", api.QueueSweep},
	} {
		one := s.worker(q.name, q.queue)
		if q.queue == api.QueueSweep {
			s.sweeps = one.standing
		}
		s.add(one)
	}
}

func (s *survey) worker(name, queue string) part {
	if !s.temporal {
		return unknown(name, errSilent)
	}
	p := polled(s.cmd.Context(), s.app, queue)
	switch {
	case !p.asked:
		return unknown(name, fmt.Errorf("no answer about who works on %s", queue))
	case !p.polls:
		return part{name: name, state: "NONE: " + p.since(), standing: wrong, todo: "start `worker`, or `starter serve --with-worker`; what was ordered waits"}
	}
	return part{name: name, state: "at work, asked for more " + ago(p.last)}
}

// readSchedules compares the schedules with the configuration.
func (s *survey) readSchedules() {
	if !s.temporal {
		s.add(unknown("schedules", errSilent))
		return
	}
	var all []schedule.Difference
	err := s.within(func(ctx context.Context) (err error) {
		all, err = s.app.Schedules().Compare(ctx)
		return err
	})
	if err != nil {
		s.add(unknown("schedules", err))
		return
	}
	fine := 0
	for _, d := range all {
		one := part{name: "schedule " + d.ID, standing: wrong, todo: "schedules apply"}
		switch {
		case d.Missing:
			one.state = "MISSING"
			s.idle[d.ID] = "its schedule is missing"
		case d.Paused != "":
			one.state, one.todo = "PAUSED: "+strings.TrimPrefix(d.Paused, "paused: "), "temporal schedule toggle --unpause --schedule-id "+d.ID
			s.idle[d.ID] = "its schedule is paused"
		case d.Foreign:
			one.state, one.standing, one.todo = "not ours, left alone", inStep, ""
		case d.Surplus:
			one.state = "SURPLUS: nothing in the configuration asks for it"
		case len(d.Changes) > 0:
			one.state = "DIFFERS: " + strings.Join(d.Changes, "; ")
		default:
			fine++
			continue
		}
		s.add(one)
	}
	s.add(part{name: "schedules", state: fmt.Sprintf("%d of %d as configured", fine, len(s.app.Schedules().Wanted()))})
}

// Where OneLogin's quota is called scarce and spent: sweeps wait below the first, all but containments below the second.
const (
	scarceQuota = 30
	spentQuota  = 10
)

// readOneLogin asks OneLogin whether it answers, and what is left of the hour's quota.
func (s *survey) readOneLogin() {
	c, ok, err := s.app.Reader()
	switch {
	case err != nil:
		s.add(unknown("OneLogin", err))
		return
	case !ok:
		s.add(unknown("OneLogin", errors.New("this machine holds no credential of it")))
		return
	}
	if err := s.within(c.Ping); err != nil {
		s.add(part{
			name: "OneLogin", state: "DOES NOT ANSWER: " + err.Error(), standing: wrong,
			todo: "nobody can be suspended until it does; steps are repeated by themselves",
		})
		return
	}
	s.add(quota(c.RateLimit()))
}

func quota(r onelogin.RateState) part {
	one := part{name: "OneLogin", state: "answers, quota not known"}
	if !r.Known || r.Limit <= 0 {
		return one
	}
	one.state = fmt.Sprintf("answers, %d of %d calls left until %s", r.Remaining, r.Limit, r.ResetAt.UTC().Format("15:04 MST"))
	switch left := 100 * r.Remaining / r.Limit; {
	case left < spentQuota:
		one.standing, one.state, one.todo = wrong, "QUOTA SPENT: "+one.state, "only containments go on; find out who else uses the quota"
	case left < scarceQuota:
		one.standing, one.state, one.todo = wrong, "QUOTA SCARCE: "+one.state, "sweeps and reviews wait for the next hour"
	}
	return one
}

// readInventory says how old the inventory of accounts is.
func (s *survey) readInventory() {
	const name = "inventory of accounts"
	sweep, found, err := s.app.Ledger.Inventory().LastSweep(s.cmd.Context(), identity.SystemOneLogin, inventory.SweepFull, true)
	switch every := s.app.Config.Schedules.Accounts; {
	case err != nil:
		s.add(unknown(name, err))
	case !found:
		s.add(part{name: name, state: "NEVER READ COMPLETELY: the first sweep is due within " + span(every), standing: wrong, todo: "temporal schedule trigger --schedule-id " + api.AccountSweepID})
	case s.now.Sub(sweep.FinishedAt) > 2*every:
		s.add(part{
			name: name, state: "LATE: complete " + ago(sweep.FinishedAt) + ", due every " + span(every), standing: wrong,
			todo: "look at schedule " + api.AccountSweepID + " and at starter list --attention",
		})
	default:
		s.add(part{name: name, state: fmt.Sprintf("%d accounts, complete %s", sweep.Seen, ago(sweep.FinishedAt))})
	}
}

// lateEvents is from when security events are late.
const lateEvents = 2 * time.Minute

// readEvents says until when OneLogin's events were read.
func (s *survey) readEvents() {
	const name = "security events"
	c, err := s.app.Ledger.Incidents().EventCursor(s.cmd.Context(), incidents.EventReader)
	late := max(lateEvents, 2*s.app.Config.Schedules.Events)
	switch {
	case err != nil:
		s.add(unknown(name, err))
	case c.PolledAt.IsZero() && s.idle[api.EventWatchID] != "":
		s.add(part{name: name, state: "NEVER READ: " + s.idle[api.EventWatchID], standing: wrong, todo: "schedules apply"})
	case c.PolledAt.IsZero():
		s.add(part{name: name, state: "NEVER READ", standing: wrong, todo: "temporal schedule trigger --schedule-id " + api.EventWatchID})
	case s.now.Sub(c.PolledAt) > late:
		s.add(part{name: name, state: "LATE: read " + ago(c.PolledAt), standing: wrong, todo: "look at the run event-watch: starter list"})
	default:
		s.add(part{name: name, state: "read " + ago(c.PolledAt)})
	}
}

// readHolds says what the safety budgets keep back.
func (s *survey) readHolds() {
	all, err := s.app.Ledger.Budgets().Holds(s.cmd.Context())
	if err != nil {
		s.add(unknown("held changes", err))
		return
	}
	for _, h := range all {
		s.add(part{
			name: "held: " + h.Source + " " + h.Kind, state: fmt.Sprintf("%s since %s: %s", strings.ToUpper(countPeople(h.People)), ago(h.Since), heldState(h)),
			standing: wrong, todo: "starter holds --source " + h.Source,
		})
	}
}

// sources says of each HR source when it was read, and whether that goes on.
func (s *survey) sources() (*cli.Sheet, error) {
	t := newSheet(s.cmd, "sources", "HR source", "people", "last sync", "state")
	for _, plan := range s.app.Schedules().Wanted() {
		if plan.Source == "" {
			continue
		}
		state, err := s.app.Ledger.Roster().Source(s.cmd.Context(), plan.Source)
		if err != nil {
			return nil, err
		}
		words, how, err := sourceState(s.cmd, s.app, state, plan.Every)
		if err != nil {
			return nil, err
		}
		if why := s.unread(plan.ID); why != "" {
			how, words = wrong, "NOT BEING READ: "+why+strings.TrimPrefix("; "+words, "; in step")
		}
		if how == wrong {
			todo := "starter records --source " + plan.Source
			if state.BaselinedAt.IsZero() && state.QuarantinedAt.IsZero() && s.idle[plan.ID] == "" {
				todo = "temporal schedule trigger --schedule-id " + plan.ID
			}
			s.add(part{name: "HR source " + plan.Source, state: "SEE BELOW", standing: wrong, todo: todo})
		}
		t.Add(plan.Source, state.LastSize, cli.At(state.SyncedAt), words)
	}
	return t, nil
}

// unread is why a source is not being read just now.
func (s *survey) unread(schedule string) string {
	switch {
	case !s.temporal:
		return "Temporal does not answer"
	case s.idle[schedule] != "":
		return s.idle[schedule]
	case s.sweeps == wrong:
		return "no worker reads it"
	case s.sweeps == notKnown:
		return "whether a worker reads it is not known"
	}
	return ""
}

func (s *survey) printParts() {
	if cli.Collects(s.cmd) {
		return // What is found besides is added to the parts: conclude has all.
	}
	t := newSheet(s.cmd, "parts", "part", "state")
	for _, p := range s.parts {
		t.Add(p.name, p.state)
	}
	t.Render()
}

func (s *survey) overdue() error {
	late, err := showOverdue(s.cmd, s.app)
	if err == nil && late > 0 {
		s.add(part{name: "departures", state: fmt.Sprintf("%d OVERDUE", late), standing: wrong})
	}
	return err
}

// printRuns counts the open runs.
func (s *survey) printRuns() {
	t := newSheet(s.cmd, "runs", "stage|open runs", "count")
	for _, stage := range []string{api.StageAttention, api.StageWorking, api.StageWatching, api.StageWaiting} {
		n, err := s.count(stage)
		switch {
		case err != nil:
			s.add(unknown("runs in "+stage, err))
			t.Add(stage, unknownCount{})
			continue
		case stage == api.StageAttention && n > 0:
			s.add(part{name: "runs", state: fmt.Sprintf("%d NEED A DECISION", n), standing: wrong, todo: "starter list --attention"})
		}
		t.Add(stage, n)
	}
	t.Render()
}

func (s *survey) count(stage string) (n int64, err error) {
	if !s.temporal {
		return 0, errSilent
	}
	err = s.within(func(ctx context.Context) error {
		found, err := s.app.Temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Query: fmt.Sprintf("ExecutionStatus = 'Running' AND Stage = '%s'", stage),
		})
		n = found.GetCount()
		return err
	})
	return n, err
}

// conclude says in a line what the tables come to.
func (s *survey) conclude(check bool) error {
	counts := map[standing]int{}
	s.collectParts()
	for _, p := range s.parts {
		counts[p.standing]++
	}
	if counts[wrong]+counts[notKnown] == 0 {
		s.cmd.Println("Everything is in step.")
		return nil
	}
	text := fmt.Sprintf("NOT EVERYTHING IS IN STEP: %d to see to, %d not known", counts[wrong], counts[notKnown])
	if counts[wrong] == 0 {
		text = fmt.Sprintf("Nothing is known to be wrong, but %d could not be read", counts[notKnown])
	}
	s.cmd.Println(text + ".")
	for _, p := range s.parts {
		if p.todo != "" && p.standing != inStep {
			s.cmd.Println("  " + p.name)
			advice(s.cmd, "    ", p.todo)
		}
	}
	if check {
		return errors.New("not everything is known to be in step")
	}
	return nil
}
