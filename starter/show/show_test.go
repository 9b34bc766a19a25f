package show

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"gatehouse/activities/api"
	"gatehouse/internal/cli"
)

// run is the run of the one whom the desk knows.
const run = "person/workday-21001"

// held is a question that takes two people.
func held() api.Attention {
	return api.Attention{
		Step: "plan", Item: "5d0c1f77ab2e", Code: "budget_contain", Text: "Held by the safety budget.", Plan: []string{"suspend the account"},
		Options: []string{"allow", "reject"}, Since: time.Now().Add(-3 * time.Minute), Two: true,
	}
}

// TestShowSaysWhatARunWaitsFor, and exits with a failure where that is not known.
func TestShowSaysWhatARunWaitsFor(t *testing.T) {
	t.Parallel()
	second := held()
	second.Item, second.AllowedBy, second.Text = "5d0c1f77ab2e-2", []string{"ann@acme.example"}, "Held. One of two has allowed it: ann@acme.example. Another person has to."
	for name, c := range map[string]struct {
		shown  shown
		answer any
		fails  error
		out    []string
		not    []string
		// refused is the error, empty for none.
		refused []string
	}{
		"a run that does not exist": {
			shown: shown{workflow: "hold/workday/levaer"}, fails: serviceerror.NewNotFound("workflow not found"),
			not: []string{"ASKS", "waits for no decision"}, refused: []string{"ask hold/workday/levaer what it waits for", "no run of that name is open"},
		},
		"somebody without a run": {
			shown: shown{who: "workday-21001"}, fails: serviceerror.NewNotFound("workflow not found"),
			out: []string{"person    workday-21001, not known to be employed", "account   none on record", "run       " + run + " has none", "Nothing waits for a decision about them."},
		},
		"somebody who is not known": {shown: shown{who: "workday-99999"}, refused: []string{"nothing is known about workday-99999 yet"}},
		"a name of nobody":          {shown: shown{who: "Nobody Atall"}, refused: []string{"nobody that Gatehouse knows has this name"}},
		"a run that waits for nothing": {
			shown: shown{who: "workday-21001"}, answer: api.State{Template: "Offboarding", Stage: "waiting", Doing: "Reading back"},
			out: []string{run + " (Offboarding), waiting: Reading back", run + ", waiting: Reading back", "It waits for no decision."}, not: []string{"ASKS", "starter decide"},
		},
		"one that has just begun": {
			shown: shown{workflow: run}, answer: api.State{}, out: []string{run + ", working\n", "It waits for no decision."}, not: []string{": \n"},
		},
		"a question for two people": {
			shown: shown{who: "workday-21001"}, answer: api.State{Stage: api.StageAttention, Doing: "Waiting for a decision", Attention: []api.Attention{held()}},
			out: []string{
				"ASKS, since 3m", " ago: budget_contain", "  Held by the safety budget.", "  Two people have to allow it.", "  step  suspend the account",
				"  allow     starter decide --person workday-21001 --item 5d0c1f77ab2e --verb allow --reason \"...\"",
				"  reject    starter decide --person workday-21001 --item 5d0c1f77ab2e --verb reject --reason \"...\"",
			},
		},
		"one that the first has allowed": {
			shown: shown{workflow: run}, answer: api.State{Stage: api.StageAttention, Attention: []api.Attention{second}},
			out: []string{"One of two has allowed it: ann@acme.example.", "starter decide --workflow " + run + " --item 5d0c1f77ab2e-2 --verb allow"},
			not: []string{"Two people have to allow it"},
		},
		"two questions": {
			shown: shown{workflow: run}, answer: api.State{Stage: api.StageAttention, Attention: []api.Attention{
				{Step: "jira.ticket", Item: "aa", Code: "Invalid", Text: "jira: refused", Options: []string{"retry"}},
				{Step: "slack.leaver", Code: "Refused", Text: "slack: refused", Options: []string{"skip"}},
			}},
			out: []string{"jira: refused", "--item aa --verb retry", "slack: refused", "--step slack.leaver --verb skip"}, not: []string{"Two people"},
		},
		"a question of a newer version": {
			shown: shown{workflow: run}, answer: map[string]any{"template": "Tomorrow", "stage": "dreaming", "attention": []any{map[string]any{"code": "of_tomorrow"}}},
			out: []string{run + ", dreaming", "of_tomorrow"},
		},
		"a run of an unknown type": {
			shown: shown{workflow: "foreign/1"}, fails: serviceerror.NewQueryFailed("unknown queryType state. KnownQueryTypes=[__stack_trace]"),
			refused: []string{"what it asks is not known: ask foreign/1", "unknown queryType state"},
		},
		"one that answers something else": {
			shown: shown{workflow: "foreign/2"}, answer: "a text", not: []string{"waits for no decision"}, refused: []string{"what it asks is not known: ask foreign/2"},
		},
		"no worker": {
			shown: shown{who: "workday-21001"}, fails: serviceerror.NewDeadlineExceeded("x"),
			out: []string{"person    workday-21001", "not known"}, not: []string{"waits for a decision about them"}, refused: []string{"no worker has answered"},
		},
		"a Temporal that is broken": {shown: shown{workflow: run}, fails: errors.New("broken"), refused: []string{"broken"}},
		"a text that would draw":    {shown: shown{workflow: run}, answer: api.State{Attention: []api.Attention{{Code: "x", Text: "a\n\nASKS, since forged\tb"}}}, out: []string{"  a ASKS, since forged b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			workflow := c.shown.workflow
			if workflow == "" {
				workflow = run
			}
			if c.fails != nil {
				d.fails(workflow, c.fails)
			} else {
				d.answers(workflow, c.answer)
			}
			c.shown.within = time.Second
			got := d.prints("table", c.shown.run)
			for _, want := range c.out {
				require.Contains(t, got.out, want)
			}
			for _, other := range c.not {
				require.NotContains(t, got.out, other)
			}
			if len(c.refused) == 0 {
				require.Empty(t, got.refused)
				require.Equal(t, cli.ExitDone, got.code)
				return
			}
			for _, want := range c.refused {
				require.Contains(t, got.refused, want)
			}
			require.Equal(t, cli.ExitFailed, got.code)
		})
	}
}

// TestShowAsJSON: a program reads each question with its answers, and nulls and empty lists where there is nothing.
func TestShowAsJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set       func(*desk)
		questions int
		code      int
	}{
		"two questions": {func(d *desk) { d.answers(run, api.State{Attention: []api.Attention{held(), {Step: "x", Code: "y"}}}) }, 2, cli.ExitDone},
		"no question":   {func(d *desk) { d.answers(run, api.State{Template: "Person"}) }, 0, cli.ExitDone},
		"no run":        {func(d *desk) { d.fails(run, serviceerror.NewNotFound("x")) }, 0, cli.ExitDone},
		"no worker":     {func(d *desk) { d.fails(run, serviceerror.NewDeadlineExceeded("x")) }, 0, cli.ExitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			c.set(d)
			got := d.prints("json", shown{who: "workday-21001", within: time.Second}.run, "questions", "run", "person")
			require.Equal(t, c.code, got.code)
			var doc struct {
				Questions []struct {
					Item    string
					Answers []string
				}
				Person struct{ Person string }
			}
			require.NoError(t, json.Unmarshal([]byte(got.out), &doc), got.out)
			require.NotNil(t, doc.Questions)
			require.Len(t, doc.Questions, c.questions)
			require.Equal(t, "workday-21001", doc.Person.Person)
			for _, q := range doc.Questions {
				require.NotNil(t, q.Answers, "an empty list is no null")
			}
		})
	}
}

// TestShowRefuses what names no run, or no time to wait.
func TestShowRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for args, want := range map[string]string{
		"":                                  "write one of --person, --workflow",
		"--person a --workflow b":           "--person and --workflow do not go together",
		"--workflow x --wait 0s":            "--wait 0s: write how long to wait for a worker, such as 15s",
		"--workflow x --wait -1s":           "--wait -1s: write how long to wait",
		"--workflow x --wait soon":          "invalid argument",
		"--workflow x y":                    "unknown command",
		"--person workday-99999 --wait 1ms": "nothing is known about workday-99999 yet",
	} {
		require.NotContains(t, d.refuses(Show, args, want).out, "ASKS", args)
	}
}

// TestShowWithoutAConfiguration names the file that is missing.
func TestShowWithoutAConfiguration(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write("gatehouse.yaml", "policy: [")
	require.Empty(t, d.refuses(Show, "--workflow x", "gatehouse.yaml").out)
}
