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
	"gatehouse/ledger"
	"gatehouse/sandbox/control"
)

// writer is an activity that changes something at a vendor.
type writer struct {
	// name tells several of one activity apart.
	name string
	// arrange puts the tenant in place and returns the activity's input.
	arrange func(r *rig) any
	// ops are the writes that the activity makes, in order. Losing the reply to any of them must not double it.
	ops []string
	// effects are all that may ever be in the journal, however often the activity is called.
	effects []string
	// again are the effects that each repetition adds, for a statement that is the same only in its sense.
	again []string
	// lost are the effects that a repetition adds after a lost reply, where the call is not simply the same again.
	lost []string
	// anyOrder says that several of the effects are under way at a time, so that only their number is the same.
	anyOrder bool
	// check looks at the tenant in the end.
	check func(r *rig)
}

// letters are the effects of a number of letters.
func letters(n int) []string {
	return slices.Concat(
		slices.Repeat([]string{"google.gmail.create_draft: draft created"}, n),
		slices.Repeat([]string{"google.gmail.send_draft: mail sent to 1"}, n),
	)
}

// done lists what a writer has done since a mark.
func (w writer) done(r *rig, mark uint64) []string {
	effects := r.effects(mark)
	if w.anyOrder {
		slices.Sort(effects)
	}
	return effects
}

// writers are all activities that change something at a vendor, by registered name. TestEveryActivityIsInATable fails
// for an activity that is missing here.
func writers() map[string][]writer {
	return map[string][]writer{
		api.ReviewWrite: {{
			arrange: reviewAt(api.ReviewWrite),
			ops: []string{
				"google.drive.create_file", "google.sheets.batch_update", "google.sheets.batch_update_values",
				"google.drive.create_permission",
			},
			effects: []string{
				"google.drive.create_file: spreadsheet created",
				`google.sheets.batch_update: tab "2026-03 Summary" added; chart "Findings" added to "2026-03 Summary"; tab "Sheet1" deleted`,
				`google.sheets.batch_update_values: 62 cells of "2026-03 Summary" changed`,
				"google.drive.create_permission: shared as writer",
				`google.sheets.batch_update: tab "2026-03 Findings" added; 13 cells of "2026-03 Findings" changed`,
				`google.sheets.batch_update_values: 70 cells of "2026-03 Findings" changed`,
				`google.sheets.batch_update: tab "2026-03 Access" added; 20 cells of "2026-03 Access" changed`,
				`google.sheets.batch_update_values: 2614 cells of "2026-03 Access" changed`,
			},
		}},
		api.ReviewMail: {{
			arrange: reviewAt(api.ReviewMail),
			ops:     []string{"google.gmail.create_draft", "google.gmail.send_draft"},
			effects: letters(1),
		}},
		api.ReviewManagers: {{
			arrange:  reviewAt(api.ReviewManagers),
			ops:      []string{"google.gmail.create_draft", "google.gmail.send_draft"},
			effects:  letters(12),
			anyOrder: true,
		}},
		api.MFATrack:  trackingWrites(),
		api.MFALetter: mfaLetters(),
		api.PersonSettle: {{
			// Not theirs, after all: what was only closed until somebody had decided is opened again.
			arrange: func(r *rig) any {
				in := known(r, "workday-21003")
				in.Doubt = true
				r.must(api.OneLoginEnsureSuspended, in)
				return api.SettleInput{
					Key: "workday-21002", Episode: 2, Ref: identity.OneLoginRef(in.AccountID), Code: api.NoticeLeaverDoubt,
					Suspended: true, Decision: api.Decision{Verb: "separate", By: "tester"},
				}
			},
			ops:     []string{"onelogin.update_user"},
			effects: []string{"onelogin.update_user: status 2 -> 1"},
			again:   []string{},
		}},
		api.OneLoginEnsureSuspended: {{
			arrange: func(r *rig) any { return known(r, "workday-21002") },
			ops:     []string{"onelogin.update_user"},
			effects: []string{"onelogin.update_user: status 1 -> 2"},
			check: func(r *rig) {
				a := r.assess("workday-21002")
				require.True(r.t, a.Account.SuspendedByUs, "the ledger must know whose suspension it is")
			},
		}, {
			name: "/and log out",
			arrange: func(r *rig) any {
				in := signedIn(r, "workday-21002")
				in.LogOut = true
				return in
			},
			ops:     []string{"onelogin.update_user"},
			effects: []string{"onelogin.update_user: status 1 -> 2", "onelogin.logout: sessions 2 -> 0"},
		}},
		api.OneLoginEndAccess: {{
			// What a lost reply leaves over is told by TestWhatEndAccessLeavesOver: it is no error of the activity.
			arrange: func(r *rig) any { return leaving(r, "workday-21002") },
			effects: []string{
				"onelogin.remove_roles: roles -AWS Admin, -AWS Read Only, -Engineering, -GitHub",
				"onelogin.set_password: password set", "onelogin.delete_device: factors 1 -> 0",
			},
			again: []string{"onelogin.set_password: password set"},
		}},
		api.OneLoginEnsureLoggedOut: {{
			arrange: func(r *rig) any { return signedIn(r, "workday-21002") },
			ops:     []string{"onelogin.logout"},
			effects: []string{"onelogin.logout: sessions 2 -> 0"},
		}},
		api.OneLoginEnsureAccount: {{
			arrange: func(r *rig) any { return newAccount(r) },
			ops:     []string{"onelogin.create_user"},
			effects: []string{"onelogin.create_user: created with status 0"},
			check: func(r *rig) {
				d, _, err := r.app.Ledger.Dossier(r.t.Context(), newcomer)
				require.NoError(r.t, err)
				require.True(r.t, d.Person.AccountCreated, "an account whose creation was confirmed late is ours all the same")
				require.Equal(r.t, r.account(newcomer).ID, d.Person.AccountID)
			},
		}},
		api.OneLoginEnsureProfile: {{
			arrange: func(r *rig) any {
				return api.EnsureProfileInput{
					AccountInput: known(r, "workday-21002"), Group: "Sales",
					Profile: identity.Profile{Title: "Chief Tester", Department: "Sales"},
				}
			},
			ops:     []string{"onelogin.update_user"},
			effects: []string{"onelogin.update_user: group Engineering -> Sales; profile title, department"},
		}},
		api.OneLoginEnsureRenamed: {{
			arrange: func(r *rig) any {
				return api.RenameInput{
					AccountInput: known(r, "workday-21002"),
					Usernames:    []string{"fresh.name@acme.example", "fresh.name2@acme.example"},
				}
			},
			ops:     []string{"onelogin.update_user"},
			effects: []string{"onelogin.update_user: profile email, username"},
			check: func(r *rig) {
				require.Equal(r.t, "fresh.name@acme.example", r.account("workday-21002").Username)
			},
		}},
		api.OneLoginEnsureRoles: {{
			arrange: func(r *rig) any {
				return api.RolesInput{
					AccountInput: known(r, "workday-21002"), Add: []string{"Sales", "Salesforce"}, Remove: []string{"GitHub"},
				}
			},
			ops: []string{"onelogin.remove_roles", "onelogin.add_roles"},
			effects: []string{
				"onelogin.remove_roles: roles -GitHub",
				"onelogin.add_roles: roles +Sales, +Salesforce",
			},
		}},
		api.OneLoginEnsureNoRoles: {{
			arrange: func(r *rig) any { return leaving(r, "workday-21002") },
			ops:     []string{"onelogin.remove_roles"},
			effects: []string{"onelogin.remove_roles: roles -AWS Admin, -AWS Read Only, -Engineering, -GitHub"},
			check: func(r *rig) {
				require.Equal(r.t, []string{"Everyone"}, r.account("workday-21002").Roles)
			},
		}},
		api.OneLoginEnsureActive: {{
			arrange: func(r *rig) any {
				in := known(r, "workday-21002")
				r.must(api.OneLoginEnsureSuspended, in)
				return in
			},
			ops:     []string{"onelogin.update_user"},
			effects: []string{"onelogin.update_user: status 2 -> 1"},
			check: func(r *rig) {
				require.False(r.t, r.assess("workday-21002").Account.SuspendedByUs)
			},
		}},
		api.OneLoginInvite: {{
			arrange: func(r *rig) any {
				return api.InviteInput{
					AccountInput: known(r, "workday-21002"), OnceKey: "workday-21002/1/invite", PersonalEmail: "home@home.example",
				}
			},
			ops:     []string{"onelogin.send_invite_link"},
			effects: []string{"onelogin.send_invite_link: invitation 1 sent"},
		}},
		api.OneLoginScramble: {{
			arrange: func(r *rig) any { return known(r, "workday-21002") },
			ops:     []string{"onelogin.set_password"},
			effects: []string{"onelogin.set_password: password set"},
			// "Nobody knows the password" is true after one call and after two. A scramble that is left out because it may
			// have been done before would be the worse mistake: somebody may have set a password in between.
			again: []string{"onelogin.set_password: password set"},
			check: func(r *rig) {
				_, reason, err := r.sandbox.SignIn(r.t.Context(), r.account("workday-21002").Username)
				require.NoError(r.t, err)
				require.Equal(r.t, "the password was set by an administrator and is not known to the person", reason)
			},
		}},
		api.OneLoginNoFactors: {{
			arrange: func(r *rig) any {
				in := known(r, "workday-21002")
				username := r.account(in.Key).Username
				for _, f := range []string{"Google Authenticator", "OneLogin SMS"} {
					require.NoError(r.t, r.sandbox.Enrol(r.t.Context(), username, f))
				}
				return in
			},
			ops:     []string{"onelogin.delete_device"},
			effects: []string{"onelogin.delete_device: factors 3 -> 2", "onelogin.delete_device: factors 2 -> 1", "onelogin.delete_device: factors 1 -> 0"},
		}},
		api.OneLoginEnsureDeleted: {{
			arrange: func(r *rig) any {
				var made api.AccountState
				require.NoError(r.t, r.must(api.OneLoginEnsureAccount, newAccount(r)).Get(&made))
				return api.AccountInput{Key: newcomer, AccountID: made.AccountID}
			},
			ops:     []string{"onelogin.delete_user"},
			effects: []string{"onelogin.delete_user: deleted"},
		}},
		api.OneLoginEndSessions: {{
			arrange: func(r *rig) any {
				in := known(r, "workday-21002")
				ok, reason, err := r.sandbox.SignIn(r.t.Context(), r.account(in.Key).Username)
				require.NoError(r.t, err)
				require.True(r.t, ok, reason)
				return api.ResponseInput{AccountInput: in, Order: "case-1/log-out"}
			},
			ops:     []string{"onelogin.logout"},
			effects: []string{"onelogin.logout: sessions 1 -> 0"},
		}},
		api.OneLoginEnsureLocked: {{
			arrange: func(r *rig) any {
				return api.ResponseInput{AccountInput: known(r, "workday-21002"), Order: "case-1/lock", Minutes: 120}
			},
			ops:     []string{"onelogin.lock_user"},
			effects: []string{"onelogin.lock_user: status 1 -> 3"},
			check: func(r *rig) {
				a := r.assess("workday-21002")
				require.Equal(r.t, "case-1/lock", a.Account.LockedFor)
				require.NotContains(r.t, codes(a), "suspended_elsewhere", "a lock of ours is no riddle")
			},
		}},
		api.OneLoginResetPassword: {{
			arrange: func(r *rig) any {
				return api.ResponseInput{AccountInput: known(r, "workday-21002"), Order: "case-1/reset"}
			},
			ops:     []string{"onelogin.set_password"},
			effects: []string{"onelogin.set_password: password set"},
			// Nobody was mailed a link before the answer is known, so that nobody's new password is spoilt.
			lost: []string{"onelogin.set_password: password set"},
			check: func(r *rig) {
				_, reason, err := r.sandbox.SignIn(r.t.Context(), r.account("workday-21002").Username)
				require.NoError(r.t, err)
				require.Equal(r.t, "the password was set by an administrator and is not known to the person", reason)
			},
		}},
		api.SlackPost: {
			{
				name: "to a channel",
				arrange: func(*rig) any {
					return api.Message{
						OnceKey: "workday-21002/1/slack-it", Kind: api.MessageAttention, Audience: api.AudienceIT,
						Key: "workday-21002", Text: "a decision is needed", WorkflowID: "person/workday-21002",
					}
				},
				ops:     []string{"slack.chat.postMessage"},
				effects: []string{"slack.chat.postMessage: message posted"},
			},
			{
				name: "to a person",
				arrange: func(r *rig) any {
					known(r, "workday-21001")
					return api.Message{
						OnceKey: "workday-21002/1/slack-manager", Kind: api.MessageJoinerManager, Audience: api.AudienceManager,
						ManagerKey: "workday-21001", Key: "workday-21002", Text: "active",
					}
				},
				ops:     []string{"slack.conversations.open", "slack.chat.postMessage"},
				effects: []string{"slack.conversations.open: direct message opened", "slack.chat.postMessage: message posted"},
			},
		},
		api.JiraTicket: {{
			arrange: func(r *rig) any {
				return api.TicketInput{
					OnceKey: "workday-21002/2/ticket", Kind: "leaver", Key: "workday-21002", WorkflowID: "person/workday-21002",
					Account: r.assess("workday-21002").Account, Roles: []string{"Engineering"},
				}
			},
			ops:     []string{"jira.create_issue"},
			effects: []string{"jira.create_issue: created"},
			check:   func(r *rig) { require.Len(r.t, r.issues(), 1) },
		}},
		api.SlackUpdate:    slackUpdates(),
		api.JiraComment:    jiraComments(),
		api.JiraTransition: jiraTransitions(),
		api.PagerDutyEvent: pagerEvents(),
	}
}

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
		api.MFAScan: func(*rig) any { return api.MFAScanInput{Scan: "s1"} },
		api.MFAStartGraces: func(r *rig) any {
			r.must(api.MFAScan, api.MFAScanInput{Scan: "s1"})
			return nil
		},
		api.MFACheck: func(r *rig) any { return uncovered(r, "workday-21010") },
		api.MFAMove: func(r *rig) any {
			in := uncovered(r, "workday-21010")
			return api.MFAMoveInput{AccountID: in.AccountID, Clock: 1, Stage: ledger.MFAStageEscalated, Record: api.RecordInput{
				Key: in.Key, Episode: 1, Facts: []api.Fact{{Step: "mfa.escalate", Outcome: "escalated"}},
			}}
		},
		api.MFADecide: func(r *rig) any {
			in := uncovered(r, "workday-21010")
			return api.MFADecision{
				Key: in.Key, AccountID: in.AccountID, Verb: "exempt", By: "tester", Reason: "test", Until: monday.Add(day),
			}
		},
		api.PagerDutyStatus: func(*rig) any { return api.PagerQuery{DedupKey: "gatehouse/7f3c/1"} },
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
		api.AccountsSweep:    func(*rig) any { return api.SweepAccountsInput{Sweep: "s"} },
		api.AccountsRoles:    func(*rig) any { return api.SweepRolesInput{Sweep: "r"} },
		api.AccountsMappings: func(*rig) any { return api.Nothing{} },
		api.AccountsMatch:    func(*rig) any { return api.Nothing{} },

		api.SyncCollect: func(*rig) any { return api.SyncInput{Source: "bamboohr", Batch: "b"} },
		api.SyncReserve: batch,
		api.SyncHint:    batch,
		api.SyncDrop:    batch,
		api.SyncAdmit:   func(r *rig) any { tellsOfHolds(r.temporal); return batch(r) },
		api.HoldsShow:   func(*rig) any { return workdayLeavers },
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
		"an activity that changes something at a vendor belongs into writers, any other into readers, and none into both")
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
		rows, err := r.app.Ledger.EvidenceOf(t.Context(), "workday-21002")
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
	held, err := r.app.Ledger.Reserve(t.Context(), ledger.Reservation{
		Budget: "contain/workday", Keys: []string{"workday-21003/1"}, Window: time.Hour,
	})
	require.NoError(t, err)
	require.Equal(t, 2, held.Used, "the decision counts once, and this one beside it")
}
