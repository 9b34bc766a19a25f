package crash

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// A sample kills every fortieth of so many calls, without counting them first: a house with every system takes seconds to found.
const (
	systemsSample    = 40
	sampledCalls     = 90
	sampledDirectory = 30
)

// systemsStory is something that happens to one person in every system.
type systemsStory struct {
	name string
	// begin has HR do something, and returns the person's key and the address that they are known by.
	begin func(h *house) (key, email string)
	check func(t *testing.T, got seen)
}

// seen is somebody as all systems show them, and what could have been made twice.
type seen struct {
	OneLogin                                        control.Person
	Mailboxes                                       []control.GoogleUser
	Users                                           []control.CRMUser
	Entry                                           map[string][]string
	Transfers, Replies, Tickets, Invitations, Heirs int
	InSales, InEngineering                          bool
}

// seller is somebody of Sales whom every system knows.
func (h *house) seller() control.Person {
	h.t.Helper()
	crm, err := h.sandbox.CRM(h.t.Context())
	require.NoError(h.t, err)
	for _, u := range crm.Users {
		p, found, err := h.sandbox.ByUsername(h.t.Context(), u.Email)
		require.NoError(h.t, err)
		if found && u.Active && p.CanSignIn && strings.HasPrefix(p.ExternalID, "workday-") {
			return p
		}
	}
	require.FailNow(h.t, "nobody of Sales is in every system")
	return control.Person{}
}

var systemsStories = []systemsStory{
	{
		name: "a leaver out of everything",
		begin: func(h *house) (string, string) {
			p := h.seller()
			h.change(p.ExternalID, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			return p.ExternalID, p.Email
		},
		check: func(t *testing.T, got seen) {
			require.Equal(t, 2, got.OneLogin.Status)
			require.Empty(t, got.OneLogin.Roles)
			require.Len(t, got.Mailboxes, 1)
			require.False(t, got.Mailboxes[0].OwnPassword)
			require.Empty(t, got.Mailboxes[0].Groups)
			require.Len(t, got.Users, 1)
			require.False(t, got.Users[0].Active)
			require.NotEmpty(t, got.Entry["pwdaccountlockedtime"])
			require.False(t, got.InSales)
			require.Equal(t, 1, got.Transfers, "one transfer")
			require.Equal(t, 1, got.Replies)
			require.Equal(t, 1, got.Heirs)
			require.Equal(t, 1, got.Tickets, "one ticket")
		},
	},
	{
		name: "a mover in five systems",
		begin: func(h *house) (string, string) {
			p := h.seller()
			h.change(p.ExternalID, "change", control.Fields{"department": "Engineering", "title": "Engineer"})
			return p.ExternalID, p.Email
		},
		check: func(t *testing.T, got seen) {
			require.Equal(t, "Engineering", got.OneLogin.Group)
			require.Len(t, got.Mailboxes, 1)
			require.Equal(t, "/Engineering", got.Mailboxes[0].Unit)
			require.Contains(t, got.Mailboxes[0].Groups, "engineering@acme.example")
			require.NotContains(t, got.Mailboxes[0].Groups, "sales@acme.example")
			require.Equal(t, "Engineer", got.Users[0].Title)
			require.Equal(t, []string{"Engineer"}, got.Entry["title"])
			require.True(t, got.InEngineering)
			require.False(t, got.InSales)
			require.Zero(t, got.Transfers+got.Replies)
		},
	},
	{
		name: "a hire into every system",
		begin: func(h *house) (string, string) {
			id, err := h.sandbox.Hire(h.t.Context(), "workday", control.Fields{
				"first_name": "Ada", "last_name": "Byron", "department": "Sales", "title": "Account Executive",
				"location": "Berlin", "hire_date": "today", "manager_id": "21001", "personal_email": "ada@home.example",
			})
			require.NoError(h.t, err)
			return "workday-" + id, "ada.byron@acme.example"
		},
		check: func(t *testing.T, got seen) {
			require.Len(t, got.Mailboxes, 1, "one mailbox")
			require.Len(t, got.Users, 1, "one user of Salesforce")
			require.NotEmpty(t, got.Entry["uid"], "an entry")
			require.True(t, got.InSales)
			require.Equal(t, 1, got.Invitations)
		},
	},
}

// change has HR change a record without a webhook.
func (h *house) change(key, action string, fields control.Fields) {
	h.t.Helper()
	source, id, _ := strings.Cut(key, "-")
	_, err := h.sandbox.HR(h.t.Context(), source, action, id, fields, true)
	require.NoError(h.t, err)
}

// newSystemsHouse is a house with every system, which were read once, and so was HR.
func newSystemsHouse(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	file := filepath.Join(h.dir, "gatehouse.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	systems := kit.SystemsYAML(t, kit.Systems(t, h.tenant, h.sandbox.URL()))
	require.NoError(t, os.WriteFile(file, append(text, "\n"+systems...), 0o600))
	h.edit(func(policy string) string {
		policy = kit.SystemsPolicy(t)(strings.TrimSuffix(policy, kit.PolicyEnd))
		return kit.Replace(t, policy, "      delegate_to: manager\n", "      delegate_to: manager\n      transfer_to: manager\n") + kit.PolicyEnd
	})
	h.start()
	for _, source := range []string{"workday", "bamboohr"} {
		var out api.SyncOutcome
		h.sweepRun("hr-sync-"+source, api.TypeHRSync, api.SyncRequest{Source: source}, &out)
		require.True(t, out.Report.Baseline, source)
	}
	for _, system := range []string{"google", "salesforce", "ldap"} {
		var out api.SystemSweepOutcome
		h.sweepRun(api.SystemSweepID(system), api.TypeSystemSweep, api.SystemSweepRequest{System: system, Full: true}, &out)
		require.True(t, out.Swept.Complete, "%s: %+v", system, out)
	}
	return h
}

// sweepRun runs something on the queue of sweeps to its end.
func (h *house) sweepRun(id, kind string, in, out any) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 3*time.Minute)
	defer cancel()
	run, err := h.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: api.QueueSweep}, kind, in)
	require.NoError(h.t, err)
	require.NoError(h.t, run.Get(ctx, out))
}

// plays has a story happen, waits until the person's chain rests, and shows what came of it.
func (h *house) plays(s systemsStory) seen {
	h.t.Helper()
	key, email := s.begin(h)
	h.hint(key)
	// A step whose process was killed is begun again after two minutes, and a transfer is asked about after another.
	ctx, cancel := context.WithTimeout(h.t.Context(), 8*time.Minute)
	defer cancel()
	var out api.Outcome
	if err := h.temporal.GetWorkflow(ctx, api.PersonID(key), "").Get(ctx, &out); err != nil {
		h.t.Fatalf("%s did not come to rest: %v; it waits for %v", s.name, err, h.pending(key))
	}
	require.NotEmpty(h.t, out.Result)
	return h.shows(key, email)
}

// pending are the activities that a person's run waits for, how often each was tried, and what became of it last.
func (h *house) pending(key string) (all []string) {
	run, err := h.temporal.DescribeWorkflowExecution(h.t.Context(), api.PersonID(key), "")
	require.NoError(h.t, err)
	for _, p := range run.GetPendingActivities() {
		all = append(all, fmt.Sprintf("%s (%s, attempt %d: %s)", p.GetActivityId(), p.GetState(), p.GetAttempt(), p.GetLastFailure().GetMessage()))
	}
	return all
}

func (h *house) shows(key, email string) (got seen) {
	h.t.Helper()
	ctx := h.t.Context()
	var err error
	got.OneLogin, _, err = h.sandbox.ByExternalID(ctx, key)
	require.NoError(h.t, err)
	google, err := h.sandbox.GoogleDirectory(ctx)
	require.NoError(h.t, err)
	for _, u := range google.Users {
		if u.ExternalID == key || u.Email == email {
			got.Mailboxes = append(got.Mailboxes, u)
		}
	}
	for _, m := range google.Mailboxes {
		if m.Mailbox == email && m.AutoReply {
			got.Replies++
		}
		if m.Mailbox == email {
			got.Heirs += len(m.Delegates)
		}
	}
	got.Transfers = len(google.Transfers)
	crm, err := h.sandbox.CRM(ctx)
	require.NoError(h.t, err)
	for _, u := range crm.Users {
		if u.ExternalID == key || u.Email == email {
			got.Users = append(got.Users, u)
		}
	}
	got.Entry, err = h.sandbox.LDAPEntry(ctx, kit.EntryDN(email))
	require.NoError(h.t, err)
	in := func(group string) bool {
		entry, err := h.sandbox.LDAPEntry(ctx, "cn="+group+",ou=groups,dc=acme,dc=example")
		require.NoError(h.t, err)
		return slices.ContainsFunc(entry["member"], func(dn string) bool { return strings.EqualFold(dn, kit.EntryDN(email)) })
	}
	got.InSales, got.InEngineering = in("Sales"), in("Engineering")
	made := h.effects([]string{"jira.create_issue", "onelogin.send_invite_link"})
	got.Tickets, got.Invitations = made["jira.create_issue"], made["onelogin.send_invite_link"]
	return got
}

// TestDyingAtEveryCallToEverySystem kills the process at the calls of stories with every system, over HTTP and LDAP, before they take effect
// and after it: each effect is there once.
func TestDyingAtEveryCallToEverySystem(t *testing.T) {
	t.Parallel()
	every, all := systemsSample, os.Getenv(everyCall) != ""
	if all {
		every = 1
	}
	for _, s := range systemsStories {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			calls, operations := sampledCalls, sampledDirectory
			t.Run("undisturbed", func(t *testing.T) {
				if !all {
					t.Skip("a sample counts nothing")
				}
				h := newSystemsHouse(t)
				mark, err := h.sandbox.Mark(t.Context())
				require.NoError(t, err)
				before, err := h.sandbox.LDAPJournal(t.Context())
				require.NoError(t, err)
				s.check(t, h.plays(s))
				entries, err := h.sandbox.Journal(t.Context(), mark, false)
				require.NoError(t, err)
				after, err := h.sandbox.LDAPJournal(t.Context())
				require.NoError(t, err)
				calls, operations = len(entries), len(after)-len(before)
			})
			t.Logf("%d calls, %d operations of the directory", calls, operations)
			for _, when := range []string{"before", "after"} {
				for n := range calls + operations {
					if n%every != every/2 {
						continue
					}
					t.Run(fmt.Sprintf("%s call %d", when, n+1), func(t *testing.T) {
						t.Parallel()
						h := newSystemsHouse(t)
						if n < calls {
							require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{Style: "callback", When: when, Skip: n, Times: 1, URL: h.killer()}))
						} else {
							require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{After: when == "after", Skip: n - calls, URL: h.killer()}))
						}
						s.check(t, h.plays(s))
					})
				}
			}
		})
	}
}
