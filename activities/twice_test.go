package activities_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/mfa"
	"gatehouse/sandbox/control"
)

// newcomer is the key of the first person hired into a tenant of the rig's size.
const newcomer = "workday-21047"

// newAccount hires somebody and asks for their account.
func newAccount(r *rig) api.EnsureAccountInput {
	r.t.Helper()
	require.Equal(r.t, newcomer, r.hire("workday", ada()))
	a := r.assess(newcomer)
	return api.EnsureAccountInput{
		Key: newcomer, Episode: a.Episode, Profile: a.Plan.Desired.Profile, Group: a.Plan.Desired.Group, ManagerKey: a.ManagerKey,
	}
}

// known has Gatehouse meet a person and returns their account.
func known(r *rig, key string) api.AccountInput {
	r.t.Helper()
	a := r.assess(key)
	require.NotNil(r.t, a.Account, "%s has no account", key)
	return api.AccountInput{Key: key, AccountID: a.Account.ID}
}

// readers are the activities that change nothing at any vendor, with an input each. That they do not is tested, too.
func readers() map[string]func(r *rig) any {
	batch := func(r *rig) any {
		r.must(api.SyncCollect, api.SyncInput{Source: "workday", Batch: "first"})
		r.hr("workday", "terminate", "21003", nil)
		r.must(api.SyncCollect, api.SyncInput{Source: "workday", Batch: "second"})
		return api.BatchInput{Source: "workday", Batch: "second"}
	}
	return map[string]func(r *rig) any{
		api.PersonDeparture: func(r *rig) any { return api.DepartureInput{Key: r.hire("workday", ada())} },
		api.PersonAssess:    func(r *rig) any { return assessInput(r.hire("workday", ada())) },
		api.PersonKeep: func(r *rig) any {
			known(r, "workday-21002")
			return api.KeepRolesInput{
				OrderID: "overlap/workday-21002/1/1", Key: "workday-21002", Roles: []string{"GitHub"}, At: monday, Until: monday.Add(day),
			}
		},
		api.AgentsSwitchOff: func(*rig) any {
			return api.SwitchAgents{Key: "workday-21002", Agents: []string{"helpdesk"}}
		},
		api.PersonUndone:  func(*rig) any { return api.UndoneInput{Key: "workday-21002", Episode: 3, Outcome: "refused"} },
		api.PersonForward: func(*rig) any { return api.ForwardInput{Key: "workday-21002"} },
		api.PersonDecide: func(r *rig) any {
			known(r, "workday-21002")
			return api.DecideInput{
				Key: "workday-21002", Episode: 1, Code: api.NoticeBudgetContain, Decision: api.Decision{Verb: "allow", By: "tester"},
			}
		},
		api.LedgerRecord: func(*rig) any {
			return api.RecordInput{Key: "workday-21002", Episode: 1, Facts: []api.Fact{{Step: "onelogin.suspend", Outcome: "done"}}}
		},
		api.OrdersGive: func(*rig) any {
			return api.GiveOrder{Order: identity.Order{
				ID: "o1", Key: "workday-21002", Kind: identity.OrderSuspend, By: "tester", Reason: "test",
			}, Hint: api.Hint{Source: "operator", Cause: "order"}}
		},
		api.OrdersRelease: func(r *rig) any {
			r.order(identity.Order{ID: "o1", Key: "workday-21002", Kind: identity.OrderSuspend})
			return api.ReleaseOrder{ID: "o1", Key: "workday-21002", By: "tester", Reason: "test"}
		},
		api.OrdersClose: func(r *rig) any {
			r.order(identity.Order{ID: "o1", Key: "workday-21002", Kind: identity.OrderLock})
			return api.CloseOrder{ID: "o1", Outcome: "locked"}
		},
		api.PersonSearch: func(r *rig) any {
			in := known(r, "workday-21002")
			r.hr("workday", "terminate", "21002", control.Fields{"last_day": "today-1"})
			return api.SearchInput{Key: in.Key, Episode: 2}
		},
		api.OneLoginReopenedBy: func(r *rig) any { return known(r, "workday-21002") },
		api.OneLoginReadBack: func(r *rig) any {
			return api.ReadBackInput{AccountInput: known(r, "workday-21002"), Factors: true}
		},
		api.TargetReadBack: func(r *rig) any { return known(r, "workday-21002").Target() },
		api.SystemsOwe: func(r *rig) any {
			return api.OweInput{SystemInput: closing(r), Why: api.ErrUnavailable, Since: monday}
		},
		api.SystemsReadBack: func(r *rig) any {
			in := closing(r)
			return api.SystemReadBack{Key: in.Key, System: in.System, Account: in.Account}
		},
		api.SystemsSweep: func(r *rig) any {
			return api.SystemSweepInput{SystemSweepRequest: api.SystemSweepRequest{System: closing(r).System, Full: true}, Sweep: "s"}
		},
		api.MFAScan: func(*rig) any { return api.MFAScanInput{Scan: "s1"} },
		api.MFAStartGraces: func(r *rig) any {
			r.must(api.MFAScan, api.MFAScanInput{Scan: "s1"})
			return nil
		},
		api.MFACheck: func(r *rig) any { return uncovered(r, "workday-21010") },
		api.MFAMove: func(r *rig) any {
			in := uncovered(r, "workday-21010")
			return api.MFAMoveInput{AccountID: in.AccountID, Clock: 1, Stage: mfa.StageEscalated, Record: api.RecordInput{
				Key: in.Key, Episode: 1, Facts: []api.Fact{{Step: "mfa.escalate", Outcome: "escalated"}},
			}}
		},
		api.MFADecide: func(r *rig) any {
			in := uncovered(r, "workday-21010")
			return api.MFADecision{
				Key: in.Key, AccountID: in.AccountID, Verb: "exempt", By: "tester", Reason: "test", Until: monday.Add(day),
			}
		},
		api.PagerDutyStatus: func(r *rig) any {
			r.must(api.PagerDutyEvent, trigger())
			return api.PagerQuery{DedupKey: trigger().DedupKey}
		},
		api.SlackWhoIs: func(r *rig) any {
			return api.WhoIsInput{UserID: slackUser(known(r, "workday-21001").AccountID), TeamID: "T0ACME"}
		},
		api.EventsCollect:  func(*rig) any { return api.Nothing{} },
		api.EventsEvaluate: func(*rig) any { return api.Nothing{} },
		api.EventsPoke: func(r *rig) any {
			r.temporal.On("SignalWithStartWorkflow", mock.Anything, api.EventWatchID, api.SignalPoke, mock.Anything, mock.Anything,
				mock.Anything, mock.Anything).Return(startedRun{}, nil)
			return api.Nothing{}
		},
		api.EventsCase: func(r *rig) any { return r.someCase() },
		api.EventsNote: func(r *rig) any { return api.NoteCase{CaseRef: r.someCase(), Ticket: "SEC-1", Answered: "lock"} },
		api.EventsApprover: func(r *rig) any {
			return api.ApproverInput{CaseRef: r.someCase(), Email: "farid.obrien@acme.example"}
		},
		api.AccountsSweep: func(*rig) any { return api.SweepAccountsInput{Sweep: "s"} },
		api.AccountsRoles: func(*rig) any { return api.SweepRolesInput{Sweep: "r"} },
		api.AgentReadsRead: func(r *rig) any {
			r.must(api.AccountsSweep, api.SweepAccountsInput{Sweep: "s"})
			return api.AgentReadRequest{Agent: "helpdesk", Accounts: []int64{r.account("workday-21002").ID}, Changes: true, Catalog: true}
		},
		api.AgentRequestJudge: func(r *rig) any { return api.AgentRequestRef{ID: agentAsks(r)} },
		api.AgentRequestCarry: func(r *rig) any { return api.AgentCarry{ID: agentAsks(r), Hash: "of another plan"} },
		api.AgentRequestWatch: func(r *rig) any { return api.AgentRequestRef{ID: agentAsks(r)} },
		api.AgentRequestEnd: func(r *rig) any {
			return api.AgentEnd{ID: agentAsks(r), State: api.RequestRejected, By: "tester", Result: "a person rejected it"}
		},
		api.AgentRequestWho:  func(*rig) any { return api.AgentPresser{User: "U012345", Email: "ann@acme.example"} },
		api.AccountsMappings: func(*rig) any { return api.Nothing{} },
		api.AccountsMatch:    func(*rig) any { return api.Nothing{} },
		api.ReconcileCompare: func(*rig) any { return api.ReconcileInput{Run: "r"} },
		api.ReconcileAdmit:   func(*rig) any { return api.ReconcileInput{Run: "r"} },
		api.ReconcileHint:    func(*rig) any { return api.ReconcileInput{Run: "r"} },

		api.SyncCollect: func(*rig) any { return api.SyncInput{Source: "bamboohr", Batch: "b"} },
		api.AttentionHold: func(*rig) any {
			return api.Parked{Workflow: "person/workday-21001", FirstRun: "r", Step: "plan", Code: "x", Text: "y", Item: "q", Options: []string{"retry"}, At: monday}
		},
		api.AttentionDrop: func(*rig) any { return api.Parked{Workflow: "person/workday-21001", Step: "plan", At: monday} },

		api.SyncReserve: batch,
		api.SyncHint:    batch,
		api.SyncDrop:    batch,
		api.SyncAdmit:   func(r *rig) any { tellsOfHolds(r.temporal); return batch(r) },
		api.HoldsShow:   func(*rig) any { return workdayLeavers },
		api.AuthorisedCarry: func(r *rig) any {
			return api.AuthorisedInput{ID: r.list(api.AuthoriseContain, "ann@acme.example", "bob@acme.example")}
		},
		api.HoldsDecide: func(r *rig) any {
			tellsOfHolds(r.temporal)
			r.leave(21010, 21011, 21012, 21013)
			r.poll("held")
			return api.HoldDecision{Source: "workday", Kind: "leaver", Hash: r.held().Hash, Verb: api.VerbAllow, By: "tester", At: monday}
		},

		api.ReviewBegin:  func(*rig) any { return api.ReviewStart{At: monday} },
		api.ReviewOpen:   reviewAt(api.ReviewOpen),
		api.ReviewApps:   reviewAt(api.ReviewApps),
		api.ReviewUsers:  reviewAt(api.ReviewUsers),
		api.ReviewRoles:  reviewAt(api.ReviewRoles),
		api.ReviewAssess: reviewAt(api.ReviewAssess),
		api.ReviewFreeze: reviewAt(api.ReviewFreeze),
	}
}

// signedIn is somebody with two sessions.
func signedIn(r *rig, key string) api.AccountInput {
	in := known(r, key)
	for range 2 {
		ok, reason, err := r.sandbox.SignIn(r.t.Context(), r.account(key).Username)
		require.NoError(r.t, err)
		require.True(r.t, ok, reason)
	}
	return in
}

// leaving is somebody who is to lose every role but one.
func leaving(r *rig, key string) api.RolesInput {
	in := known(r, key)
	return api.RolesInput{AccountInput: in, Held: r.account(key).Roles, Keep: []string{"Everyone"}}
}

func TestEveryActivityIsInATable(t *testing.T) {
	t.Parallel()
	known := slices.Sorted(maps.Keys(all(activities.Set{})))
	inTables := slices.Sorted(maps.Keys(writers()))
	inTables = slices.Sorted(slices.Values(slices.AppendSeq(inTables, maps.Keys(readers()))))
	require.Empty(t, cmp.Diff(known, inTables),
		"an activity that changes something at a vendor belongs in writers, any other into readers, and none into both")
}

func TestWritingTwiceHasOneEffect(t *testing.T) {
	t.Parallel()
	for name, cases := range writers() {
		for _, w := range cases {
			t.Run(name+w.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, rigOptions{})
				in := w.arrange(r)
				mark := r.mark()
				r.must(name, in)
				require.Empty(t, cmp.Diff(w.effects, w.done(r, mark)), "after the first call")
				r.must(name, in)
				require.Empty(t, cmp.Diff(slices.Concat(w.effects, w.again), w.done(r, mark)), "after the second call")
				r.restart()
				r.clock.Advance(time.Hour)
				r.must(name, in)
				require.Empty(t, cmp.Diff(slices.Concat(w.effects, w.again, w.again), w.done(r, mark)), "in another process, an hour later")
				if w.check != nil {
					w.check(r)
				}
			})
		}
	}
}

// TestLostReply is the dangerous point: the vendor has done it, and nobody was told. Each write in turn loses its
// reply, in each way in which replies are lost, and the next attempt is made by another process.
func TestLostReply(t *testing.T) {
	t.Parallel()
	lost := map[string]control.Fault{
		"connection dropped":   {When: "after", Style: "drop"},
		"reply cut short":      {When: "after", Style: "truncate"},
		"reply unreadable":     {When: "after", Style: "malformed"},
		"gateway says 502":     {When: "after", Style: "status", Status: 502},
		"nothing ever arrived": {When: "before", Style: "drop"},
	}
	for name, cases := range writers() {
		for _, w := range cases {
			for _, op := range w.ops {
				for how, fault := range lost {
					t.Run(name+w.name+"/"+op+"/"+how, func(t *testing.T) {
						t.Parallel()
						r := newRig(t, rigOptions{})
						in := w.arrange(r)
						r.clock.Advance(time.Hour)
						mark := r.mark()
						fault.Op = op
						r.fault(fault)
						repeated := r.untilDone(name, in)
						want := w.effects
						if repeated && fault.When == "after" {
							want = slices.Concat(w.effects, w.again, w.lost)
						}
						require.Empty(t, cmp.Diff(want, w.done(r, mark)))
						if w.check != nil {
							w.check(r)
						}
					})
				}
			}
		}
	}
}

// untilDone retries an activity as Temporal would, each attempt in a new process, and reports whether it had to.
func (r *rig) untilDone(name string, in any) (repeated bool) {
	r.t.Helper()
	for attempt := range 5 {
		_, err := r.run(name, in)
		if err == nil {
			return attempt > 0
		}
		app := application(r.t, err)
		require.False(r.t, app.NonRetryable(), "a lost reply must be retried: %v", err)
		r.restart()
		r.clock.Advance(max(app.NextRetryDelay(), time.Second))
	}
	require.Fail(r.t, "still failing after five attempts", name)
	return true
}

func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	for name, arrange := range readers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			in := arrange(r)
			mark := r.mark()
			r.must(name, in)
			r.must(name, in)
			require.Empty(t, r.effects(mark))
		})
	}
}

// TestEvidenceAndBudgetsCountOnce holds the same of what goes into the ledger instead of to a vendor.
func TestEvidenceAndBudgetsCountOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	known(r, "workday-21002")
	record := api.RecordInput{
		Key: "workday-21002", Episode: 1, RunID: "run", PolicyHash: "abc", Contained: monday,
		Facts: []api.Fact{{Step: "onelogin.suspend", Outcome: "done", After: api.AccountState{AccountID: 1}, Started: monday}},
	}
	evidence := func() int {
		rows, err := r.app.Ledger.Journal().EvidenceOf(t.Context(), "workday-21002")
		require.NoError(t, err)
		return len(rows)
	}
	r.must(api.LedgerRecord, record)
	r.must(api.LedgerRecord, record)
	require.Equal(t, 1, evidence(), "a fact that is handed over twice is one fact")
	record.Facts[0].Started = monday.Add(time.Hour)
	r.must(api.LedgerRecord, record)
	require.Equal(t, 2, evidence(), "a step that is carried out again is another")

	decide := api.DecideInput{
		Key: "workday-21002", Episode: 1, Source: "workday", Code: api.NoticeBudgetContain,
		Decision: api.Decision{Verb: "allow", By: "tester"},
	}
	r.must(api.PersonDecide, decide)
	r.must(api.PersonDecide, decide)
	held, err := r.app.Ledger.Budgets().Reserve(t.Context(), budgets.Reservation{
		Budget: "contain/workday", Keys: []string{"workday-21003/1"}, Window: time.Hour,
	})
	require.NoError(t, err)
	require.Equal(t, 2, held.Used, "the decision counts once, and this one beside it")
}
