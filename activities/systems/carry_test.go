package systems_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	ledgersystems "gatehouse/ledger/systems"
	"gatehouse/sandbox/control"
)

// giving are steps that give something.
func (w *works) giving() []identity.SystemStep {
	return []identity.SystemStep{
		{Kind: identity.SystemAddGroups, Names: []string{w.group(false)}},
		{Kind: identity.SystemAssignLicences, Names: []string{"Starter"}},
		{Kind: identity.SystemWriteProfile, Changes: []identity.SystemChange{{Attribute: target.AttributeTitle, From: "Analyst", To: "Countess"}}},
		{Kind: identity.SystemMove, To: "/People"},
		{Kind: identity.SystemDelegate, To: w.other().ID},
		{Kind: identity.SystemResume},
	}
}

// TestNothingIsGivenToWhoHasLeft, however old the plan is: by HR's word, and by an order's.
func TestNothingIsGivenToWhoHasLeft(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(w *works){
		"HR":           func(w *works) { w.hr.left["21002"] = true },
		"contain":      func(w *works) { w.give(identity.OrderContain) },
		"suspend":      func(w *works) { w.give(identity.OrderSuspend) },
		"freeze":       func(w *works) { w.give(identity.OrderFreeze) },
		"not a person": func(w *works) { w.declare(identity.KindShared) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorks(t, "")
			w.hand("title", w.user, "Analyst")
			w.carry(w.order(identity.SystemStep{Kind: identity.SystemMove, To: "/"}))
			w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemReleaseLicences, Names: []string{"Enterprise"}}))
			steps := w.giving()
			w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}))
			leave(w)
			mark := w.mark()
			for _, s := range steps {
				w.fails(w.order(s), api.ErrSuperseded)
			}
			require.Empty(t, w.effects(mark))
			require.Empty(t, w.view().Given, "nothing was given")
		})
	}
}

func (w *works) declare(kind identity.AccountKind) {
	w.t.Helper()
	require.NoError(w.t, w.l.Inventory().DeclareAccount(w.t.Context(), inventory.Declaration{
		Ref: identity.Ref{System: google, ID: w.user}, Kind: kind, By: "it",
	}))
}

// TestALinkThatIsAnotherOneByNow overtakes every step, that of a departure too.
func TestALinkThatIsAnotherOneByNow(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *works){
		"unlinked": func(w *works) {
			require.NoError(w.t, w.l.Inventory().UnlinkAccount(w.t.Context(), identity.Ref{System: google, ID: w.user}, "it"))
		},
		"somebody else's": func(w *works) {
			require.NoError(w.t, w.l.Inventory().UnlinkAccount(w.t.Context(), identity.Ref{System: google, ID: w.user}, "it"))
			w.admit("workday-1")
			w.link("workday-1", w.user)
		},
		"never there": func(w *works) { w.user = w.other().ID },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorks(t, "")
			change(w)
			mark := w.mark()
			w.fails(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}), api.ErrSuperseded)
			w.fails(w.order(identity.SystemStep{Kind: identity.SystemAddGroups, Names: []string{w.group(false)}}), api.ErrSuperseded)
			require.Empty(t, w.effects(mark))
		})
	}
}

// TestWhatIsHeldIsNotTaken: a hold order keeps what the account holds, however old the plan is, and keeps nobody signed in.
func TestWhatIsHeldIsNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.give(identity.OrderHold)
	mark := w.mark()
	for _, s := range []identity.SystemStep{
		{Kind: identity.SystemRemoveGroups, Names: []string{w.group(true)}},
		{Kind: identity.SystemReleaseLicences, Names: []string{"Enterprise"}},
		{Kind: identity.SystemTransfer, To: w.other().ID},
		{Kind: identity.SystemDelegate, To: w.other().ID},
	} {
		w.fails(w.leaving(s), api.ErrSuperseded)
	}
	require.Empty(t, w.effects(mark))
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}))
	require.True(t, w.account().Suspended)
}

// TestAProtectedAccountIsRefused, and its suspension is nobody's. Two people's word lifts that for a departure alone.
func TestAProtectedAccountIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.guarded = w.user
	mark := w.mark()
	w.fails(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}), api.ErrRefused)
	require.False(t, w.view().SuspendedByUs)
	w.fails(w.order(identity.SystemStep{Kind: identity.SystemAddGroups, Names: []string{w.group(false)}}), api.ErrRefused)
	require.Empty(t, w.effects(mark))
	require.NoError(t, w.l.Inventory().MarkLifted(t.Context(), identity.Ref{System: google, ID: w.user}, ada, 1))
	w.fails(w.order(identity.SystemStep{Kind: identity.SystemAddGroups, Names: []string{w.group(false)}}), api.ErrRefused)
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}))
	require.True(t, w.account().Suspended)
}

// TestAnIDThatAnEarlierVersionPlannedWith stands for an object as before: a run goes on after an upgrade.
func TestAnIDThatAnEarlierVersionPlannedWith(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	id := w.account().GroupIDs[0]
	require.True(t, w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemRemoveGroups, Names: []string{"#" + id}})).Changed)
	require.NotContains(t, w.account().GroupIDs, id)
}

// TestASuspensionOfSomebodyElseStaysTheirs: it is not lifted, whatever the plan says.
func TestASuspensionOfSomebodyElseStaysTheirs(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.hand("suspend", w.user, "")
	require.False(t, w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend})).Changed)
	require.False(t, w.view().SuspendedByUs)
	require.Contains(t, w.fails(w.order(identity.SystemStep{Kind: identity.SystemResume}), api.ErrSuperseded), "not by Gatehouse")
	require.True(t, w.account().Suspended)
	require.Equal(t, identity.AccountSuspended, w.view().Document.Status)
}

// TestSignInEndsWhereNothingCanBeRead: what ends access does not wait for being able to read.
func TestSignInEndsWhereNothingCanBeRead(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.fault(control.Fault{Method: "GET", Path: "/admin/directory/v1/groups", When: "before", Style: "status", Status: 503, Times: -1})
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}))
	require.True(t, w.account().Suspended)
	require.True(t, w.view().SuspendedByUs)
}

// TestSignInEndsWhereReadingHangs before the account is closed, or only after it.
func TestSignInEndsWhereReadingHangs(t *testing.T) {
	t.Parallel()
	for name, skip := range map[string]int{"before": 0, "after": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorks(t, "")
			w.fault(control.Fault{Method: "GET", Path: "/admin/directory/v1/groups", When: "before", Style: "delay", DelayMS: 60_000, Times: -1, Skip: skip})
			ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
			defer cancel()
			_, err := w.s.Carry(ctx, w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}))
			require.NoError(t, err)
			require.True(t, w.account().Suspended)
			require.True(t, w.view().SuspendedByUs)
		})
	}
}

// TestRecoveryIsClosedBehindThePassword: by an address for recovery the person has set another password since, also where the attempt
// that took it away came to no end.
func TestRecoveryIsClosedBehindThePassword(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]bool{"at once": false, "after a lost reply": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorks(t, "")
			w.hand("recovery", w.user, "ada@home.example")
			w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemResetPassword}))
			w.hand("recover", w.user, "")
			w.hand("sign_in", w.user, "")
			require.True(t, w.account().OwnPassword)
			in := w.leaving(identity.SystemStep{Kind: identity.SystemRevokeGrants})
			if lose {
				w.lose("PUT", "/admin/**")
				_, err := w.s.Carry(t.Context(), in)
				require.Error(t, err)
				require.Empty(t, w.account().RecoveryEmail, "it is gone, and the attempt does not know")
				w.open()
			}
			require.True(t, w.carry(in).Recovery)
			require.False(t, w.account().OwnPassword)
			require.Zero(t, w.account().Sessions)
			require.False(t, w.carry(in).Recovery, "a step that came to its end is over")
		})
	}
}

// TestAValueThatSomebodyChanged is decided anew, unless it is what was wanted.
func TestAValueThatSomebodyChanged(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.hand("title", w.user, "Duchess")
	in := w.order(identity.SystemStep{Kind: identity.SystemWriteProfile, Changes: []identity.SystemChange{
		{Attribute: target.AttributeTitle, From: "Analyst", To: "Countess", Normal: "countess"},
	}})
	mark := w.mark()
	require.Contains(t, w.fails(in, api.ErrSuperseded), "changed since")
	require.Empty(t, w.effects(mark))
	require.Empty(t, w.view().Values)
	require.Equal(t, "Duchess", w.view().Document.Title, "the next plan is made by what is there")
	w.hand("title", w.user, "Countess")
	mark = w.mark()
	require.False(t, w.carry(in).Changed)
	require.Empty(t, w.effects(mark))
	require.Equal(t, w.l.ValueDigest("countess"), w.view().Values[target.AttributeTitle].Written)
}

// TestANameThatIsNothings is a question that says what to do, and keeps nobody out of the other groups.
func TestANameThatIsNothings(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	other := w.group(false)
	for _, back := range []bool{false, true} {
		in := w.order(identity.SystemStep{Kind: identity.SystemAddGroups, Names: []string{"slaes@acme.example", other}, Back: back})
		for range 2 {
			said := w.fails(in, api.ErrInvalid)
			require.Contains(t, said, `"slaes@acme.example"`)
			require.Contains(t, said, "policy.yaml")
			require.Contains(t, w.account().Groups, other)
		}
		require.Equal(t, back, len(w.view().Given) == 0)
		w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemRemoveGroups, Names: []string{other}}))
	}
}

// TestAGroupThatIsRenamedIsNotBelievedTaken: between the plan and its step it has got another name.
func TestAGroupThatIsRenamedIsNotBelievedTaken(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	groups, ids := w.memberOf()
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemRemoveGroups, Names: groups[1:2]}))
	renamed := []ledgersystems.Object{{Kind: identity.ObjectGroup, ID: ids[groups[0]], Name: "other@acme.example"}, {Kind: identity.ObjectGroup, ID: ids[groups[2]], Name: groups[2]}}
	require.NoError(t, w.l.Systems().PutObjects(t.Context(), google, identity.ObjectGroup, w.now(), 0, renamed))
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemRemoveGroups, Names: []string{groups[0], groups[2]}}))
	require.Contains(t, w.account().Groups, groups[0])
	require.NotContains(t, w.account().Groups, groups[2])
	require.Contains(t, w.view().Groups, "other@acme.example", "the next plan takes it")
}

// TestWhatASystemCannotDoBesideOneLogin is a question too.
func TestWhatASystemCannotDoBesideOneLogin(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.order(identity.SystemStep{Kind: identity.SystemAddRoles, Names: []string{"x"}})
	require.Contains(t, w.fails(in, api.ErrInvalid), "google: Gatehouse cannot give roles there")
	in.System = "mainframe"
	require.Contains(t, w.fails(in, api.ErrInvalid), "no system of this name is configured")
	in = w.order(identity.SystemStep{Kind: "dance"})
	require.Contains(t, w.fails(in, api.ErrInvalid), `no step "dance"`)
}

// TestAMailboxThatIsClosed answers nothing, and says so: no departure waits for it.
func TestAMailboxThatIsClosed(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.hand("suspend", w.user, "")
	for _, s := range []identity.SystemStep{{Kind: identity.SystemAutoReply, Subject: "Gone", Text: "Gone"}, {Kind: identity.SystemDelegate, To: w.other().ID}} {
		state := w.carry(w.leaving(s))
		require.False(t, state.Changed)
		require.Len(t, state.Left, 1, s.Kind)
		require.Contains(t, state.Left[0], "no open mailbox")
		require.Contains(t, w.view().Done, s.Kind)
	}
	require.False(t, w.mailbox().AutoReply)
	require.Empty(t, w.mailbox().Delegates)
}

// TestATransferIsDoneWhenTheSystemSaysSo, and is begun once.
func TestATransferIsDoneWhenTheSystemSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.leaving(identity.SystemStep{Kind: identity.SystemTransfer, To: w.other().ID})
	w.owe(in, "Unavailable")
	w.lose("POST", "/admin/datatransfer/**")
	_, err := w.s.Carry(t.Context(), in)
	require.Error(t, err)
	w.open()
	require.True(t, w.carry(in).Pending)
	require.True(t, w.carry(in).Pending)
	require.Len(t, w.directory().Transfers, 1)
	require.Empty(t, w.view().Done)
	require.NotEmpty(t, w.debts(), "it is owed until it is done")
	w.offset = 23 * time.Hour
	require.Empty(t, w.carry(in).Left)
	w.offset = 25 * time.Hour
	late := w.carry(in)
	require.True(t, late.Pending)
	require.Len(t, late.Left, 1, "somebody hears of one that does not end")
	require.Contains(t, late.Left[0], "asked for on ")
	require.Equal(t, late.Left, w.carry(in).Left, "in the same words, that are said once")
	w.settings(control.DirectorySettings{TransferMS: -1})
	require.False(t, w.carry(in).Pending)
	require.Contains(t, w.view().Done, identity.SystemTransfer)
	require.Empty(t, w.debts())
	require.Len(t, w.directory().Transfers, 1)
}

// TestAHandOverToAnAddressThatIsNobodys is a question.
func TestAHandOverToAnAddressThatIsNobodys(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	said := w.fails(w.leaving(identity.SystemStep{Kind: identity.SystemTransfer, To: "nobody@acme.example"}), api.ErrInvalid)
	require.Contains(t, said, "leaver.transfer_to")
	require.Empty(t, w.directory().Transfers)
}

// TestWhoIsAboutToBeginIsMadeReady: what is given ahead of the first day is no mistake.
func TestWhoIsAboutToBeginIsMadeReady(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.newcomer()
	w.hr.soon = identity.Date(w.now().AddDate(0, 0, 10).Format("2006-01-02"))
	made := w.carry(in)
	in.Account, in.Step = made.Ref.ID, identity.SystemStep{Kind: identity.SystemAddGroups, Names: []string{w.group(true)}}
	require.True(t, w.carry(in).Changed)
}
