package cases

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// named is somebody whom the policy names to decide, with a key of their own.
type named struct {
	address string
	key     ed25519.PrivateKey
}

func newNamed(t *testing.T, address string) named {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return named{address, key}
}

// entry is what deciders.people says of them.
func (n named) entry(may string) string {
	return "\n    - {address: " + n.address + `, key: "` + decider.FormatKey(n.key.Public().(ed25519.PublicKey)) + `", may: [` + may + "]}"
}

// file is their key as `starter key` writes it.
func (n named) file(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(map[string]string{"address": n.address, "seed": base64.StdEncoding.EncodeToString(n.key.Seed())})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

// deciding is a policy that names who may decide.
func deciding(t *testing.T, people string) func(policy string) string {
	return func(policy string) string {
		return kit.Replace(t, policy, "\n# A file without", "\ndeciders:\n  people:"+people+"\n\n# A file without")
	}
}

// TestCase_R11_SignedForAll: where the policy names who may decide, one signature is for all who waited when it was made. Nobody
// gets it to more of them, and whoever is named no longer when it arrives has decided nothing.
func TestCase_R11_SignedForAll(t *testing.T) {
	t.Parallel()
	ann, bob, eve := newNamed(t, "ann@acme.example"), newNamed(t, "bob@acme.example"), newNamed(t, "eve@acme.example")
	s := kit.New(t, kit.Options{People: 200, Config: often, Policy: deciding(t, ann.entry("step")+bob.entry("plan"))})
	s.Baseline()
	ids := engineers(s, 12)
	item := movedToNowhere(s, ids)
	mark := s.Mark()
	d := s.Desk(nil)
	abort := []string{"decide", "--cause", item.ID, "--verb", "abort", "--reason", "a mistake in HR"}
	refused := d.Run(abort...)
	require.NotZero(t, refused.Code)
	require.Contains(t, refused.Err, "nothing shows who this is")

	var questions []decider.Question
	holders, err := s.App.Ledger.Worklist().Holders(t.Context(), item.ID, 100, 0)
	require.NoError(t, err)
	for _, h := range holders {
		questions = append(questions, decider.Question{Workflow: h.Workflow, Step: h.Step, Item: h.Question, Code: h.Code})
	}
	writeDown := func(id, said string, proof func(decider.Cause) *decider.SignedCause) {
		t.Helper()
		cause := decider.Cause{Item: item.ID, Verb: "abort", By: said, Reason: id}
		decision := worklist.CauseDecision{ID: id, Item: item.ID, Verb: "abort", By: said, Reason: id}
		if proof != nil {
			decision.Proof, err = proof(cause).Encode()
			require.NoError(t, err)
		}
		n, err := s.App.Ledger.Worklist().DecideCause(t.Context(), decision, nil)
		require.NoError(t, err)
		require.Equal(t, len(ids), n)
	}
	carried := func(id string) (refused int) {
		t.Helper()
		s.Until("the decision "+id+" was carried", func() bool {
			decisions, err := s.App.Ledger.Worklist().CauseDecisions(t.Context(), item.ID, 10)
			require.NoError(t, err)
			for _, each := range decisions {
				if each.ID == id && !each.CarriedAt.IsZero() {
					refused = each.Refused
					return true
				}
			}
			return false
		})
		return refused
	}
	sign := func(by named, of []decider.Question, at time.Time) func(decider.Cause) *decider.SignedCause {
		return func(c decider.Cause) *decider.SignedCause { return decider.SignCause(by.key, c, of, at) }
	}
	writeDown("unsigned", ann.address, nil)
	require.Equal(t, len(ids), carried("unsigned"), "whoever can write to the ledger has decided nothing")
	writeDown("forged", ann.address, sign(eve, questions, time.Now()))
	require.Equal(t, len(ids), carried("forged"))
	writeDown("old", ann.address, sign(ann, questions, time.Now().Add(-25*time.Hour)))
	require.Equal(t, len(ids), carried("old"))
	writeDown("of another clock", ann.address, sign(ann, questions, time.Now().Add(time.Hour)))
	require.Equal(t, len(ids), carried("of another clock"))
	writeDown("what is not theirs", bob.address, sign(bob, questions, time.Now()))
	require.Equal(t, len(ids), carried("what is not theirs"))
	replayed := decider.SignCause(ann.key, decider.Cause{Item: item.ID, Verb: "retry", By: ann.address, Reason: "another answer"}, questions, time.Now())
	writeDown("another answer", ann.address, func(decider.Cause) *decider.SignedCause { return replayed })
	require.Equal(t, len(ids), carried("another answer"))
	writeDown("widened", ann.address, sign(ann, questions[:3], time.Now()))
	require.Equal(t, len(ids)-3, carried("widened"), "only those for whom it was signed take it")
	for _, q := range questions[:3] {
		require.Contains(t, s.Outcome(q.Workflow[len("person/"):]).Result, "abort")
	}

	out := d.MustRun(append(abort, "--key", ann.file(t))...)
	require.Contains(t, out, "abort by ann@acme.example is written down for the 9 who wait")
	for _, q := range questions[3:] {
		require.Contains(t, s.Outcome(q.Workflow[len("person/"):]).Result, "abort")
	}
	s.Until("nobody waits any more", func() bool { return len(needing(s, worklist.ItemFilter{})) == 0 })
	require.Empty(t, s.Effects(mark, "onelogin.update_user", "onelogin.add_roles", "onelogin.remove_roles"))
}

// TestCase_R11_NamedNoMore: whoever the policy names no more when their decision about a cause arrives has decided nothing.
func TestCase_R11_NamedNoMore(t *testing.T) {
	t.Parallel()
	ann, bob := newNamed(t, "ann@acme.example"), newNamed(t, "bob@acme.example")
	s := kit.New(t, kit.Options{People: 200, Config: often, Policy: deciding(t, ann.entry("step")+bob.entry("step"))})
	s.Baseline()
	ids := engineers(s, 2)
	item := movedToNowhere(s, ids)
	d := s.Desk(nil)
	file := ann.file(t)
	reload(s, deciding(t, bob.entry("step")))
	decide := func(key string) {
		d.MustRun("decide", "--cause", item.ID, "--verb", "abort", "--reason", "test", "--key", key)
	}
	decide(file)
	// A run that is looked at again under the next policy meanwhile has gone on by itself, and refuses nothing.
	s.Until("it was carried", func() bool {
		due, err := s.App.Ledger.Worklist().DueDecisions(t.Context(), 10)
		require.NoError(t, err)
		return len(due) == 0
	})
	for _, id := range ids {
		run, err := s.Temporal.DescribeWorkflowExecution(t.Context(), api.PersonID("workday-"+id), "")
		require.NoError(t, err)
		require.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, run.GetWorkflowExecutionInfo().GetStatus(),
			"nobody's run was ended by whom the policy names no more")
	}
	// Whoever waits because of a policy is looked at again under the next one: one whose question has changed meanwhile is asked anew.
	bobs := bob.file(t)
	s.Until("nobody waits any more", func() bool {
		d.Run("decide", "--cause", item.ID, "--verb", "abort", "--reason", "test", "--key", bobs)
		return len(needing(s, worklist.ItemFilter{Class: "department_unmapped"})) == 0
	})
	for _, id := range ids {
		require.Contains(t, s.Outcome("workday-"+id).Result, "abort")
	}
}

// movedToNowhere has people moved to a department that no rule is for, and returns the item that all of them wait for.
func movedToNowhere(s *kit.Stack, ids []string) (item worklist.Item) {
	s.T.Helper()
	_, err := s.Sandbox.HRBulk(s.T.Context(), control.Bulk{
		Source: "workday", Action: "change", EmployeeIDs: ids, Fields: control.Fields{"department": "Robotics"},
	})
	require.NoError(s.T, err)
	s.Sync("workday")
	s.Until("all of them wait", func() bool {
		items := needing(s, worklist.ItemFilter{Class: "department_unmapped"})
		if len(items) == 1 {
			item = items[0]
		}
		return item.Holders == len(ids)
	})
	return item
}
