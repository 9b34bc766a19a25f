package decider_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/policy"
)

// asking are n questions of runs that wait because of one cause.
func asking(n int) []decider.Question {
	all := make([]decider.Question, n)
	for i := range all {
		all[i] = decider.Question{Workflow: "person/workday-" + strconv.Itoa(21000+i), Step: "jira.create", Item: "q" + strconv.Itoa(i), Code: "unavailable"}
	}
	return all
}

var cause = decider.Cause{Item: "0a1b2c", Verb: api.VerbRetry, By: "ann@acme.example", Reason: "jira is back"}

// carried is the decision as one of the questions is told it.
func carried(t *testing.T, s *decider.SignedCause, c decider.Cause, q decider.Question) api.Decision {
	t.Helper()
	d := api.Decision{Verb: c.Verb, By: c.By, Reason: c.Reason, Step: q.Step, Item: q.Item, Code: q.Code, Proof: s.ProofFor(c, q)}
	require.NotNil(t, d.Proof)
	return d
}

// TestSignedCause: however many wait, each of them knows the decision for its own, as it is read back from the ledger.
func TestSignedCause(t *testing.T) {
	t.Parallel()
	ann := newKey(t)
	judge := judgeOf(policy.Decider{Address: "ann@acme.example", Key: decider.FormatKey(public(ann)), May: []string{policy.MayStep}})
	for _, n := range []int{1, 2, 3, 5, 8, 100, 1001} {
		questions := asking(n)
		text, err := decider.SignCause(ann, cause, questions, noon).Encode()
		require.NoError(t, err)
		s, err := decider.DecodeCause(text)
		require.NoError(t, err)
		for _, q := range questions {
			require.NoError(t, judge.Judge(q.Workflow, carried(t, s, cause, q)), "%d of %d", len(questions), n)
		}
		require.Nil(t, s.ProofFor(cause, decider.Question{Workflow: "person/workday-1", Step: "jira.create", Item: "q", Code: "unavailable"}))
	}
	_, err := decider.DecodeCause([]byte(`{"questions":[]}`))
	require.Error(t, err)
}

// TestCauseIsWhatWasSigned: nobody makes more of a signed decision about a cause than was signed.
func TestCauseIsWhatWasSigned(t *testing.T) {
	t.Parallel()
	ann, eve := newKey(t), newKey(t)
	named := policy.Decider{Address: "ann@acme.example", Key: decider.FormatKey(public(ann)), May: []string{policy.MayStep}}
	questions := asking(5)
	signed := decider.SignCause(ann, cause, questions, noon)
	for name, c := range map[string]struct {
		signed *decider.SignedCause
		change func(d *api.Decision)
		run    string
		later  time.Duration
		people []policy.Decider
		want   string
	}{
		"as it should be":      {},
		"an hour on its way":   {later: time.Hour},
		"two days on its way":  {later: 48 * time.Hour, want: "48h0m0s away"},
		"of tomorrow":          {later: -24 * time.Hour, want: "away from the worker's time"},
		"forged":               {signed: decider.SignCause(eve, cause, questions, noon), want: "no worker knows this key"},
		"in somebody's name":   {signed: decider.SignCause(ann, decider.Cause{Item: cause.Item, Verb: cause.Verb, By: "bob@acme.example", Reason: cause.Reason}, questions, noon), change: func(d *api.Decision) { d.By = "bob@acme.example" }, want: "the key is that of"},
		"another answer":       {change: func(d *api.Decision) { d.Verb = api.VerbSkip }, want: "does not fit"},
		"another reason":       {change: func(d *api.Decision) { d.Reason = "" }, want: "does not fit"},
		"another cause":        {change: func(d *api.Decision) { d.Proof.Cause.Item = "ffffff" }, want: "does not fit"},
		"more of them":         {change: func(d *api.Decision) { d.Proof.Cause.Questions++ }, want: "does not fit"},
		"for another run":      {run: "person/workday-9", want: "does not fit"},
		"for another question": {change: func(d *api.Decision) { d.Item = "q4" }, want: "does not fit"},
		"another kind":         {change: func(d *api.Decision) { d.Code = "budget_contain" }, want: "does not fit"},
		"another's way":        {change: func(d *api.Decision) { d.Proof.Cause.Path = signed.ProofFor(cause, questions[4]).Cause.Path }, want: "does not fit"},
		"as one for a run":     {change: func(d *api.Decision) { d.Proof.Cause = nil }, want: "does not fit"},
		"of nobody":            {change: func(d *api.Decision) { d.Proof = nil }, want: "nothing shows who this is"},
		"removed from policy":  {people: []policy.Decider{{Address: "bob@acme.example", Key: decider.FormatKey(public(eve)), May: []string{policy.MayAny}}}, want: "no worker knows this key"},
		"may no more":          {people: []policy.Decider{{Address: named.Address, Key: named.Key, May: []string{policy.MayPlan}}}, want: "this is step"},
		"a name for questions": {signed: decider.SignCause(ann, cause, []decider.Question{{Workflow: questions[0].Workflow, Step: "jira.create"}}, noon), change: func(d *api.Decision) { d.Item, d.Code = "", "" }, want: "names the question"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, q := signed, questions[0]
			if c.signed != nil {
				s = c.signed
			}
			if len(s.Questions) == 1 {
				q.Item, q.Code = "", ""
			}
			said := cause
			if name == "in somebody's name" {
				said.By = "bob@acme.example"
			}
			d := carried(t, s, said, q)
			if c.change != nil {
				c.change(&d)
			}
			about, people := q.Workflow, []policy.Decider{named}
			if c.run != "" {
				about = c.run
			}
			if c.people != nil {
				people = c.people
			}
			judge := &decider.Judge{People: func() []policy.Decider { return people }, Clock: func() time.Time { return noon.Add(c.later) }}
			if err := judge.Judge(about, d); c.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.want)
			}
		})
	}
}
