package activities_test

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
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

// mailed are the effects of a number of letters.
func mailed(n int) []string {
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
				`google.sheets.batch_update: tab "2026-03 Findings" added; 13 cells of "2026-03 Findings" changed`,
				`google.sheets.batch_update_values: 70 cells of "2026-03 Findings" changed`,
				`google.sheets.batch_update: tab "2026-03 Access" added; 20 cells of "2026-03 Access" changed`,
				`google.sheets.batch_update_values: 2614 cells of "2026-03 Access" changed`,
				"google.drive.create_permission: shared as writer",
			},
		}},
		api.ReviewMail: {{
			arrange: reviewAt(api.ReviewMail),
			ops:     []string{"google.gmail.create_draft", "google.gmail.send_draft"},
			effects: mailed(1),
		}},
		api.ReviewManagers: {{
			arrange:  reviewAt(api.ReviewManagers),
			ops:      []string{"google.gmail.create_draft", "google.gmail.send_draft"},
			effects:  mailed(12),
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
		}, {
			name: "/denied",
			arrange: func(r *rig) any {
				in := known(r, "workday-21002")
				r.order(identity.Order{ID: "o1", Key: in.Key, Kind: identity.OrderDeny, Roles: []string{"GitHub"}})
				return api.RolesInput{AccountInput: in, Remove: []string{"GitHub"}, Denies: []string{"o1"}, At: monday}
			},
			ops:     []string{"onelogin.remove_roles"},
			effects: []string{"onelogin.remove_roles: roles -GitHub"},
			check: func(r *rig) {
				orders, err := r.app.Ledger.OrdersInForce(r.t.Context(), "workday-21002")
				require.NoError(r.t, err)
				require.Equal(r.t, []identity.Taken{{Role: "GitHub", Times: 1, At: monday}}, orders[0].Taken, "one look took it once")
			},
		}},
		api.OneLoginGiveBack: {{
			arrange: func(r *rig) any {
				return api.GiveBackInput{AccountInput: known(r, "workday-21009"), OnceKey: "k/3/give-back", Roles: []string{"Super admin"}}
			},
			ops:     []string{"onelogin.add_roles"},
			effects: []string{"onelogin.add_roles: roles +Super admin"},
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
		api.OneLoginDeleteLeaver: {{
			arrange: func(r *rig) any {
				r.edit("delete_after: never", "delete_after: 30d")
				in := letOut(r, "21003")
				r.clock.Advance(kept + time.Hour)
				return in
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
		api.OneLoginEnsureEnabled: {{
			arrange: func(r *rig) any { return closedByHand(r, 2) },
			ops:     []string{"onelogin.update_user"},
			effects: []string{"onelogin.update_user: status 2 -> 1"},
		}, {
			name:    "/locked",
			arrange: func(r *rig) any { return closedByHand(r, 3) },
			ops:     []string{"onelogin.unlock_user"},
			effects: []string{"onelogin.unlock_user: status 3 -> 1"},
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
		api.TargetEnsureSuspended: targetSuspensions(),
		api.TargetEnsureActive:    targetResumptions(),
		api.TargetEnsureLoggedOut: targetLogOuts(),
		api.TargetEndSessions:     targetResponses(),
		api.SystemsCarry:          systemSteps(),
		api.TargetEnsureRemoved:   targetRemovals(),

		api.SlackUpdate:    slackUpdates(),
		api.JiraComment:    jiraComments(),
		api.JiraTransition: jiraTransitions(),
		api.JiraConclude:   conclusions(),
		api.PagerDutyEvent: pagerEvents(),
	}
}
