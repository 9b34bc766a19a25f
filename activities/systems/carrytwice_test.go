package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// twice is a step that is carried out twice.
type twice struct {
	name    string
	arrange func(w *works)
	step    func(w *works) identity.SystemStep
	leaving bool
	check   func(t *testing.T, w *works, u control.GoogleUser)
	// repeats says that carrying it out is seen each time: nobody can read what is there.
	repeats bool
}

var everyStep = []twice{{
	name: "suspend", leaving: true,
	step: func(*works) identity.SystemStep { return identity.SystemStep{Kind: identity.SystemSuspend} },
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.True(t, u.Suspended)
		require.True(t, w.view().SuspendedByUs, "the ledger must know whose suspension it is")
		require.Equal(t, identity.AccountSuspended, w.view().Document.Status)
	},
}, {
	name:    "resume",
	arrange: func(w *works) { w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend})) },
	step:    func(*works) identity.SystemStep { return identity.SystemStep{Kind: identity.SystemResume} },
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.False(t, u.Suspended)
		require.False(t, w.view().SuspendedByUs)
	},
}, {
	name: "reset the password", leaving: true, repeats: true,
	step: func(*works) identity.SystemStep { return identity.SystemStep{Kind: identity.SystemResetPassword} },
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.False(t, u.OwnPassword)
		require.Contains(t, w.view().Done, identity.SystemResetPassword)
	},
}, {
	name: "end sessions", leaving: true, repeats: true,
	arrange: func(w *works) { w.hand("sign_in", w.user, "") },
	step:    func(*works) identity.SystemStep { return identity.SystemStep{Kind: identity.SystemEndSessions} },
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.Zero(t, u.Sessions)
		require.Contains(t, w.view().Done, identity.SystemEndSessions)
	},
}, {
	name: "revoke grants", leaving: true, repeats: true,
	arrange: func(w *works) {
		w.hand("grant", w.user, "crm")
		w.hand("app_password", w.user, "printer")
		w.hand("forward", w.user, "ada@home.example")
	},
	step: func(*works) identity.SystemStep { return identity.SystemStep{Kind: identity.SystemRevokeGrants} },
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.Empty(t, u.Apps)
		require.Empty(t, u.AppPasswords)
		require.Empty(t, w.mailbox().Forwarded)
		require.Contains(t, w.view().Done, identity.SystemRevokeGrants)
	},
}, {
	name: "demote", leaving: true,
	arrange: func(w *works) { w.hand("role", w.user, "4") },
	step:    func(*works) identity.SystemStep { return identity.SystemStep{Kind: identity.SystemDemote} },
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.Empty(t, u.Roles)
		require.Contains(t, w.view().Done, identity.SystemDemote)
	},
}, {
	name: "remove groups", leaving: true,
	step: func(w *works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemRemoveGroups, Names: []string{w.group(true), "never.was@acme.example"}}
	},
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.ElementsMatch(t, u.Groups, w.view().Groups)
	},
}, {
	name: "add groups",
	step: func(w *works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemAddGroups, Names: []string{w.group(false), w.group(true)}}
	},
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.Len(t, w.view().Given[identity.ObjectGroup], 1, "what somebody else has given stays theirs")
		require.Subset(t, u.Groups, w.view().Given[identity.ObjectGroup])
		require.ElementsMatch(t, u.Groups, w.view().Groups)
	},
}, {
	name: "assign licences",
	step: func(*works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemAssignLicences, Names: []string{"Starter"}}
	},
	arrange: func(w *works) {
		w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemReleaseLicences, Names: []string{"Enterprise"}}))
	},
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.Equal(t, []string{"1010020027"}, u.Licences)
		require.Equal(t, []string{"Starter"}, w.view().Licences)
		require.Equal(t, []string{"Starter"}, w.view().Given[identity.ObjectLicence])
	},
}, {
	name: "release licences", leaving: true,
	step: func(*works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemReleaseLicences, Names: []string{"Enterprise", "Starter"}}
	},
	check: func(t *testing.T, _ *works, u control.GoogleUser) { require.Empty(t, u.Licences) },
}, {
	name: "move",
	step: func(*works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemMove, To: "/People"}
	},
	arrange: func(w *works) {
		w.carry(w.order(identity.SystemStep{Kind: identity.SystemMove, To: "/"}))
	},
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.Equal(t, "/People", u.Unit)
		require.Equal(t, "/People", w.view().Container)
	},
}, {
	name: "write the profile",
	step: func(*works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemWriteProfile, Changes: []identity.SystemChange{{
			Attribute: target.AttributeTitle, From: "Analyst", To: "Countess", Normal: "countess",
		}}}
	},
	arrange: func(w *works) { w.hand("title", w.user, "Analyst") },
	check: func(t *testing.T, w *works, _ control.GoogleUser) {
		v := w.view()
		require.Equal(t, "Countess", v.Document.Title)
		written := w.l.ValueDigest("countess")
		require.Equal(t, written, v.Values[target.AttributeTitle].Written)
		require.Equal(t, written, v.Values[target.AttributeTitle].Seen, "what is shown is what was written")
	},
}, {
	name: "auto-reply", leaving: true, repeats: true,
	step: func(*works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemAutoReply, Subject: "Gone", Text: "Write to {manager_email}"}
	},
	check: func(t *testing.T, w *works, _ control.GoogleUser) {
		require.Equal(t, "Write to it@acme.example", w.mailbox().Reply)
		require.Contains(t, w.view().Done, identity.SystemAutoReply)
	},
}, {
	name: "delegate", leaving: true,
	step: func(w *works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemDelegate, To: w.other().Email}
	},
	check: func(t *testing.T, w *works, _ control.GoogleUser) {
		require.Equal(t, []string{w.other().Email}, w.mailbox().Delegates)
		require.Contains(t, w.view().Done, identity.SystemDelegate)
	},
}, {
	name: "hand over files", leaving: true,
	step: func(w *works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemTransfer, To: w.other().ID}
	},
	check: func(t *testing.T, w *works, _ control.GoogleUser) {
		require.Len(t, w.directory().Transfers, 1)
		require.True(t, w.view().HandingOver)
	},
}, {
	name: "end the auto-reply",
	arrange: func(w *works) {
		w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemAutoReply, Subject: "Gone", Text: "I have left."}))
	},
	step: func(*works) identity.SystemStep { return identity.SystemStep{Kind: identity.SystemEndReply} },
	check: func(t *testing.T, w *works, _ control.GoogleUser) {
		require.False(t, w.mailbox().AutoReply)
		require.Nil(t, w.view().Departure)
	},
}, {
	name: "take the delegation back",
	arrange: func(w *works) {
		w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemDelegate, To: w.other().Email}))
	},
	step: func(w *works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemUndelegate, To: w.other().ID}
	},
	check: func(t *testing.T, w *works, _ control.GoogleUser) {
		require.Empty(t, w.mailbox().Delegates)
		require.Nil(t, w.view().Departure)
	},
}, {
	name: "give groups back",
	step: func(w *works) identity.SystemStep {
		return identity.SystemStep{Kind: identity.SystemAddGroups, Names: []string{w.group(false)}, Back: true}
	},
	check: func(t *testing.T, w *works, u control.GoogleUser) {
		require.ElementsMatch(t, u.Groups, w.view().Groups)
		require.Empty(t, w.view().Given, "no rule takes it for not giving it")
	},
}}

// begin arranges what the step begins with, and returns its order.
func (c twice) begin(t *testing.T) (*works, api.SystemInput) {
	t.Helper()
	w := newWorks(t, "")
	if c.arrange != nil {
		c.arrange(w)
	}
	in := w.order(c.step(w))
	in.Leaving = c.leaving
	return w, in
}

// mailbox is what is set in the user's mailbox.
func (w *works) mailbox() control.GoogleMailbox {
	w.t.Helper()
	address := w.account().Email
	for _, m := range w.directory().Mailboxes {
		if m.Mailbox == address {
			return m
		}
	}
	return control.GoogleMailbox{Mailbox: address}
}

// other is another user than that of the works.
func (w *works) other() control.GoogleUser {
	w.t.Helper()
	for _, u := range w.directory().Users {
		if u.ID != w.user && u.CanSignIn && u.ExternalID != "" {
			return u
		}
	}
	w.t.Fatal("there is nobody else")
	return control.GoogleUser{}
}

// TestEveryStepIsCarriedOutTwice and comes to the same: by the account in Google, and by the ledger.
func TestEveryStepIsCarriedOutTwice(t *testing.T) {
	t.Parallel()
	for _, c := range everyStep {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, in := c.begin(t)
			mark := w.mark()
			state := w.carry(in)
			require.Equal(t, identity.Ref{System: google, ID: w.user}, state.Ref)
			require.True(t, state.Changed)
			require.NotEmpty(t, w.effects(mark))
			c.check(t, w, w.account())

			before := w.account()
			mark = w.mark()
			w.open()
			again := w.carry(in)
			if !c.repeats {
				require.Empty(t, w.effects(mark), "a step that was carried out is not carried out again")
			}
			require.Equal(t, state.Ref, again.Ref)
			after := w.account()
			before.Passwords, after.Passwords = 0, 0
			require.Equal(t, before, after)
			c.check(t, w, after)
		})
	}
}

// TestAStepWhoseReplyIsLostIsCarriedOut: the next attempt finds what the first has done, and the ledger knows that it is ours.
func TestAStepWhoseReplyIsLostIsCarriedOut(t *testing.T) {
	t.Parallel()
	for _, c := range everyStep {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, in := c.begin(t)
			for _, method := range []string{"PUT", "POST", "DELETE"} {
				w.lose(method, "/**")
			}
			var err error
			for range 4 {
				if _, err = w.s.Carry(t.Context(), in); err == nil {
					break
				}
				w.open()
			}
			require.NoError(t, err)
			c.check(t, w, w.account())
		})
	}
}

// TestAnAccountThatIsGone has nothing left to lose, and is a question where it is to be given something.
func TestAnAccountThatIsGone(t *testing.T) {
	t.Parallel()
	for _, c := range everyStep {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, in := c.begin(t)
			w.hand("delete", w.user, "")
			if !c.leaving {
				require.Contains(t, w.fails(in, api.ErrNotFound), "does not exist any more")
				return
			}
			state := w.carry(in)
			require.Equal(t, api.SystemState{Ref: identity.Ref{System: google, ID: w.user}, Gone: true}, state)
			require.Equal(t, state, w.carry(in))
			row, found, err := w.l.Inventory().Account(t.Context(), state.Ref)
			require.NoError(t, err)
			require.True(t, found, "two answers take nothing off the record")
			require.Equal(t, ada, row.Person)
			require.False(t, row.MissingSince.IsZero())
		})
	}
}

// TestOneNotFoundIsNoProof: the account is asked for twice.
func TestOneNotFoundIsNoProof(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.fault(control.Fault{
		Method: "GET", Path: "/admin/directory/v1/users/*", When: "before", Style: "status", Status: 404, ContentType: "application/json", Times: 1,
		Body: `{"error":{"code":404,"message":"Resource Not Found: userKey","errors":[{"domain":"global","reason":"notFound"}]}}`,
	})
	require.False(t, w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend})).Gone)
	require.True(t, w.account().Suspended)
}
