package show

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
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/schedule"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/decide"
	"gatehouse/starter/orders"
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

// Status makes the command status.
func Status(p *cmdline.Program) *cobra.Command {
	var check bool
	var who string
	cmd := &cobra.Command{
		Use: "status", Short: "Is everything in step? Workers, schedules, OneLogin, sources, who is overdue, open runs",
		Long: `Is everything in step? Workers, schedules, OneLogin, sources, who is overdue, open runs.

What could not be read is said to be not known, and nothing is said to be in step because nobody looked. With --check the command
fails unless everything was read and nothing has to be seen to. With --person it shows what is on record about one person, and
what their run is at.`,
		Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if who != "" {
				key, err := cmdline.FindOwner(cmd.Context(), a, who)
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
			p := s.readPolicyFile()
			s.readBudgets(p)
			s.readSystems(p)
			s.readDeletions(p)
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
	cmdline.PersonFlag(cmd, &who)
	cmd.Flags().BoolVar(&check, "check", false, "fail unless everything was read and nothing has to be seen to")
	return cmd
}

func (s *survey) add(p part) { s.parts = append(s.parts, p) }

// within asks for something that may not answer.
func (s *survey) within(ask func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(s.cmd.Context(), 2*cmdline.AskWithin)
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
	p := orders.Polled(s.cmd.Context(), s.app, queue)
	switch {
	case !p.Asked:
		return unknown(name, fmt.Errorf("no answer about who works on %s", queue))
	case !p.Polls:
		return part{name: name, state: "NONE: " + p.Since(), standing: wrong, todo: "start `worker`, or `starter serve --with-worker`; what was ordered waits"}
	}
	return part{name: name, state: "at work, asked for more " + cli.Ago(p.Last)}
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

// readHolds says what the safety budgets keep back.
func (s *survey) readHolds() {
	all, err := s.app.Ledger.Budgets().Holds(s.cmd.Context())
	if err != nil {
		s.add(unknown("held changes", err))
		return
	}
	for _, h := range all {
		s.add(part{
			name: "held: " + h.Source + " " + h.Kind, state: fmt.Sprintf("%s since %s: %s", strings.ToUpper(cmdline.CountPeople(h.People)), cli.Ago(h.Since), decide.HeldState(h)),
			standing: wrong, todo: "starter holds --source " + h.Source,
		})
	}
}

// sources says of each HR source when it was read, and whether that goes on.
func (s *survey) sources() (*cli.Sheet, error) {
	t := cmdline.NewSheet(s.cmd, "sources", "HR source", "people", "last sync", "state")
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
	t := cmdline.NewSheet(s.cmd, "parts", "part", "state")
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
	t := cmdline.NewSheet(s.cmd, "runs", "stage|open runs", "count")
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
			cmdline.Advice(s.cmd, "    ", p.todo)
		}
	}
	if check {
		return errors.New("not everything is known to be in step")
	}
	return nil
}
