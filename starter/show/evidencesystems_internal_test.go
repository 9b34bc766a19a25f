package show

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/journal"
)

// TestEvidenceOfOtherSystemsIsReadable: an operator reads what was done to which account, and what is left to do.
func TestEvidenceOfOtherSystemsIsReadable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step, outcome, after  string
		wantStep, wantOutcome string
	}{
		"a suspension": {
			"suspend@google/123", "done", `{"step":{"kind":"suspend"},"ref":{"System":"google","ID":"123"},"status":"suspended","changed":true}`,
			"google account 123: suspend the account", "done",
		},
		"one that was found so": {
			"suspend@google/123", "done", `{"step":{"kind":"suspend"},"changed":false}`, "google account 123: suspend the account",
			"done: there was nothing to change",
		},
		"what a system refuses": {
			"suspend@salesforce/005A", "done", `{"step":{"kind":"suspend"},"changed":true,"left":["salesforce: it owns 3 dashboards"]}`,
			"salesforce account 005A: suspend the account", "done; left to do by hand: salesforce: it owns 3 dashboards",
		},
		"groups": {
			"add_groups:mend2@ldap/u-1", "done", `{"step":{"kind":"add_groups","names":["sales","all"]},"changed":true}`,
			"ldap account u-1: add it to groups (mend2): sales, all", "done",
		},
		"a profile, without the values": {
			"write_profile@google/1", "done", `{"step":{"kind":"write_profile","changes":[{"attribute":"phone","from":"1","to":"2"}]},"changed":true}`,
			"google account 1: write the profile: phone", "done",
		},
		"a new account": {
			"create@google", "done", `{"step":{"kind":"create","names":["a@acme.example"]},"changed":true}`, "google: create the account", "done",
		},
		"a debt":            {"suspend@google/1", "owed: Unavailable", "", "google account 1: suspend the account", "owed: Unavailable"},
		"a plan":            {"observe@google/1", "planned, not carried out", `[{"kind":"suspend"}]`, "google account 1: planned", "planned, not carried out"},
		"one of OneLogin":   {"onelogin.suspend@onelogin/7", "done", `{"changed":true}`, "onelogin.suspend@onelogin/7", "done"},
		"one of no account": {"onelogin.suspend", "done", "", "onelogin.suspend", "done"},
		"one of tomorrow":   {"polish@google/1", "done", "", "polish@google/1", "done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step, outcome := readable(journal.Evidence{Step: c.step, Outcome: c.outcome, After: []byte(c.after)})
			require.Equal(t, c.wantStep, step)
			require.Equal(t, c.wantOutcome, outcome)
		})
	}
}
