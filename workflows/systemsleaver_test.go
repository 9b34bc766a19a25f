package workflows_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// departing is a leaver whose accounts in other systems are to be closed, in a world in which OneLogin does all at once.
func departing(t *testing.T, plans ...identity.SystemPlan) (*world, *beyond, api.Assessment) {
	t.Helper()
	w := contained(t)
	w.account.Factors, w.account.Roles = 0, nil
	w.atOnce.access = api.AccessEnded{Roles: true, Password: true, Factors: true}
	a := with(leaver(), plans...)
	a.Reach, a.VerifyAfter = 3, []time.Duration{time.Minute}
	return w, newBeyond(), a
}

// offboards plays an offboarding that reaches other systems, until the chain ends.
func (w *world) offboards(b *beyond, a api.Assessment, prepare func(*play)) ended {
	w.t.Helper()
	var pages []api.PagerEvent
	p := w.open(start).reached(api.Found{}, &pages).beyond(b)
	if prepare != nil {
		prepare(p)
	}
	return p.template(api.TypeOffboarding, a)
}

// toTheEnd plays what follows of a chain.
func (w *world) toTheEnd(b *beyond, e ended) ended {
	w.t.Helper()
	var pages []api.PagerEvent
	for n := 0; e.err == nil && e.next != ""; n++ {
		require.Less(w.t, n, 10, "the chain does not end")
		e = w.open(e.at).reached(api.Found{}, &pages).beyond(b).run(e.next, e.input)
	}
	require.NoError(w.t, e.err)
	return e
}

// A leaver's accounts are closed side by side, beside what OneLogin still gives; nothing is left to say.
func TestLeaverIsClosedEverywhere(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t,
		leaving("google", "77", identity.SystemSuspend, identity.SystemEndSessions, identity.SystemRemoveGroups),
		leaving("salesforce", "005", identity.SystemSuspend), leaving("ldap", "e1", identity.SystemSuspend, identity.SystemMove),
		staying("ldap", "e2", identity.SystemAddGroups))
	together := meet(4)
	for _, step := range []string{"onelogin.end-access", "suspend@google/77", "suspend@salesforce/005", "suspend@ldap/e1"} {
		w.before(step, together)
	}
	e := w.offboards(b, a, nil)
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, start.Add(time.Minute), e.at)
	require.Len(t, b.carried, 6, "an offboarding gives nothing")
	for _, in := range b.carried {
		require.True(t, in.Leaving)
		require.Equal(t, 2, in.Episode)
	}
	for _, ref := range []string{"google/77", "salesforce/005", "ldap/e1"} {
		require.Equal(t, "done", w.fact("suspend@"+ref).Outcome)
		require.Equal(t, "confirmed", w.fact("read-back:1@"+ref).Outcome)
	}
	require.Equal(t, []api.MessageKind{api.MessageLeaverSecurity}, w.posted())
	require.Empty(t, b.comments)
}

// A system hangs for an hour. OneLogin's part, its read-back and its evidence are on time; the other systems too. The run stays open
// until the system answers, and its ticket and IT know.
func TestHangingSystemHoldsUpNothingOfADeparture(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t, leaving("salesforce", "005", identity.SystemSuspend, identity.SystemRemoveRoles), leaving("google", "77", identity.SystemSuspend))
	up := false
	w.downUntil("suspend", "@salesforce/005", func() bool { return up })
	w.downUntil("remove_roles", "@salesforce/005", func() bool { return up })
	e := w.offboards(b, a, func(p *play) {
		p.after(20*time.Second, func() {
			require.Equal(t, "confirmed", w.fact("onelogin.read-back").Outcome)
			require.Equal(t, "suspended", b.status["google/77"])
			require.False(t, w.overAt().IsZero(), "the departure is on record as complete at OneLogin")
		})
		p.after(time.Minute+20*time.Second, func() { require.Equal(t, "confirmed", w.fact("onelogin.read-back:1").Outcome) })
		p.after(50*time.Minute, func() {
			require.Equal(t, "owed: Unavailable", w.fact("suspend@salesforce/005").Outcome)
			require.Equal(t, "owed: Unavailable", w.fact("remove_roles@salesforce/005").Outcome, "the rest was tried all the same")
			require.NotEmpty(t, b.owed)
			require.True(t, b.owed[0].Leaving)
			require.Len(t, b.comments, 2)
			require.Equal(t, key+"/2/ticket", b.comments[0].Of)
			require.Contains(t, b.comments[0].Lines[0], "salesforce account 005: suspend the account: owed (Unavailable)")
			require.Equal(t, []string{"suspend", "remove_roles"}, p.state().Systems[0].Owed)
			require.Empty(t, p.state().Attention)
			up = true
		})
	})
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.InDelta(t, 55*time.Minute, e.at.Sub(start), float64(6*time.Minute))
	require.Equal(t, "done", w.fact("suspend@salesforce/005").Outcome)
	require.Equal(t, "done", w.fact("remove_roles@salesforce/005").Outcome)
	require.Empty(t, b.owed[len(b.owed)-1].Why, "the debt is struck")
	require.Contains(t, b.comments[len(b.comments)-1].Lines[0], "done after all")
	require.Contains(t, w.posted(), api.MessageSystemsLeft)
}

// TestWhatIsRefusedOfAStepIsNamed to whoever owns the ticket, and in the debt; a refusal for good is named by its own words.
func TestWhatIsRefusedOfAStepIsNamed(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t, leaving("google", "77", identity.SystemRemoveGroups))
	up := false
	partly := func(context.Context, int) error {
		if up {
			return nil
		}
		return temporal.NewApplicationErrorWithOptions("wifi@acme.example: google: no; the rest is done", api.ErrUnauthorized, temporal.ApplicationErrorOptions{
			NextRetryDelay: time.Minute, Details: []any{api.Refused{Objects: "wifi@acme.example"}},
		})
	}
	w.before("remove_groups@google/77", partly)
	for n := 2; n < 99; n++ {
		w.before("remove_groups:"+strconv.Itoa(n)+"@google/77", partly)
	}
	e := w.offboards(b, a, func(p *play) {
		p.after(50*time.Minute, func() {
			require.Equal(t, "owed: Unauthorized", w.fact("remove_groups@google/77").Outcome)
			require.Equal(t, "Unauthorized: refused: wifi@acme.example", b.owed[0].Why)
			require.Contains(t, b.comments[0].Lines[0], "take it out of groups: owed (Unauthorized): refused: wifi@acme.example. It is tried again by itself")
			up = true
		})
	})
	require.NoError(t, e.err)
	require.Equal(t, "done", w.fact("remove_groups@google/77").Outcome)
	require.Empty(t, b.owed[len(b.owed)-1].Why, "the debt is struck")
}

// overAt is when the last of the person's accounts in OneLogin was recorded as contained.
func (w *world) overAt() (at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.records {
		if !r.Over.IsZero() {
			at = r.Over
		}
	}
	return at
}

// What is owed survives the long waits of an offboarding, each in a run of its own; what is done is not done again.
func TestDebtOfALeaverGoesOnInTheNextRun(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t, leaving("ldap", "e1", identity.SystemSuspend, identity.SystemMove))
	a.VerifyAfter = []time.Duration{2 * time.Hour, 24 * time.Hour}
	up := false
	w.downUntil("suspend", "@ldap/e1", func() bool { return up })
	e := w.offboards(b, a, nil)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.True(t, e.input.Watching)
	var pages []api.PagerEvent
	p := w.open(e.at).reached(api.Found{}, &pages).beyond(b)
	p.after(time.Hour, func() { up = true })
	e = w.toTheEnd(b, p.run(e.next, e.input))
	require.Equal(t, "access ended", e.out.Result)
	kinds := map[identity.SystemStepKind]int{}
	for _, in := range b.carried {
		kinds[in.Step.Kind]++
	}
	require.Equal(t, map[identity.SystemStepKind]int{identity.SystemSuspend: 1, identity.SystemMove: 1}, kinds)
	require.Less(t, b.owed[0].Since.Sub(start), 5*time.Minute)
	require.Equal(t, "confirmed", w.fact("read-back:2@ldap/e1").Outcome)
}

// A transfer that is refused is asked about, and keeps neither groups nor the role that carries the app for ever.
func TestRefusedTransferKeepsNothingElse(t *testing.T) {
	t.Parallel()
	google := leaving("google", "77", identity.SystemTransfer, identity.SystemRemoveGroups, identity.SystemReleaseLicences)
	google.Carried = []string{"Google Workspace"}
	w, b, a := departing(t, google)
	a.Account.Roles = []string{"Everyone", "Google Workspace"}
	w.refusing("transfer@google/77", 1)
	e := w.offboards(b, a, func(p *play) {
		p.after(time.Hour, func() {
			require.Equal(t, []string{"remove_groups@google/77"}, w.did("remove_groups@google/77", "release_licences@google/77"))
			require.Len(t, p.state().Attention, 1)
			require.Equal(t, []string{api.VerbRetry, api.VerbSkip, api.VerbAbort}, p.state().Attention[0].Options)
			require.Contains(t, b.comments[0].Lines[0], "google account 77: hand over its files: refused: the vendor refuses this")
			p.by(api.VerbSkip)
		})
	})
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, start.Add(time.Hour), e.at)
	require.Equal(t, "skipped", w.fact("transfer@google/77").Outcome)
	require.Equal(t, 1, w.tried("onelogin.remove-carried"))
	require.Equal(t, 1, w.tried("release_licences@google/77"))
}

// Files are handed over before the role goes that carries the app, and before a licence is released. Until then the role is no
// access that has returned.
func TestRoleThatCarriesAnAppStaysUntilFilesAreHandedOver(t *testing.T) {
	t.Parallel()
	google := leaving("google", "77", identity.SystemSuspend, identity.SystemTransfer, identity.SystemReleaseLicences, identity.SystemRemoveGroups)
	google.Carried = []string{"Google Workspace"}
	w, b, a := departing(t, google)
	b.pending = 4
	a.Account.Roles, a.KeepRoles = []string{"Everyone", "Google Workspace", "Alumni"}, []string{"Alumni"}
	w.account.Roles = []string{"Google Workspace", "Alumni"}
	e := w.offboards(b, a, func(p *play) {
		p.after(10*time.Minute, func() {
			require.Equal(t, "confirmed", w.fact("onelogin.read-back:1").Outcome)
			require.Equal(t, 1, w.tried("remove_groups@google/77"), "nothing else waits")
			require.Zero(t, w.tried("release_licences@google/77"))
			require.Zero(t, w.tried("onelogin.remove-carried"))
			// The comparison of people with their accounts finds the role, and hints.
			now := a
			now.Account = &identity.Account{ID: accountID, Status: identity.AccountSuspended, Roles: []string{"Google Workspace", "Alumni"}}
			now.Returned, now.Systems = start, nil
			w.finds(now)
			p.hint()
		})
		p.after(11*time.Minute, func() { w.account.Roles = []string{"Alumni"} })
	})
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, []string{"transfer@google/77", "transfer:2@google/77", "transfer:3@google/77", "transfer:4@google/77", "transfer:5@google/77"},
		w.did("transfer@google/77", "transfer:2@google/77", "transfer:3@google/77", "transfer:4@google/77", "transfer:5@google/77"))
	require.Equal(t, start.Add(15*time.Minute), e.at, "after 1, 2, 4 and 8 minutes")
	require.Equal(t, []string{"onelogin.remove-carried", "release_licences@google/77"}, w.did("onelogin.remove-carried", "release_licences@google/77"))
	last := w.changes[len(w.changes)-1]
	require.Equal(t, []string{"Google Workspace"}, last.Held)
	require.Equal(t, []string{"Alumni"}, last.Keep)
	require.Empty(t, b.owed, "a transfer in progress is no debt")
	require.Equal(t, []api.MessageKind{api.MessageLeaverSecurity}, w.posted())
}

// A worker that dies within a step of several exchanges is missed soon. Of two that ask for a transfer at once Google would take both.
func TestAStepOfSeveralExchangesIsMissedSoonButForATransfer(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t, leaving("google", "77", identity.SystemSuspend, identity.SystemTransfer, identity.SystemRemoveGroups))
	silent := map[string]time.Duration{}
	for _, id := range []string{"suspend@google/77", "transfer@google/77", "remove_groups@google/77"} {
		w.before(id, func(ctx context.Context, _ int) error {
			silent[id] = activity.GetInfo(ctx).HeartbeatTimeout
			return nil
		})
	}
	require.NoError(t, w.offboards(b, a, func(*play) {}).err)
	require.Equal(t, map[string]time.Duration{"suspend@google/77": 0, "transfer@google/77": 0, "remove_groups@google/77": 30 * time.Second}, silent)
}

// A system that does not come to an end with handing over says since when. Somebody hears of it once, and the run goes on asking.
func TestFilesThatAreHandedOverForDaysAreToldOnce(t *testing.T) {
	t.Parallel()
	google := leaving("google", "77", identity.SystemSuspend, identity.SystemTransfer)
	google.Carried = []string{"Google Workspace"}
	w, b, a := departing(t, google)
	b.pending = 200
	e := w.offboards(b, a, func(p *play) {
		p.after(24*time.Hour, func() {
			require.NotContains(t, w.posted(), api.MessageSystemsLeft)
			b.left = map[identity.SystemStepKind][]string{identity.SystemTransfer: {"asked for on 3 June, 09:00 UTC and not done yet"}}
		})
		p.after(30*time.Hour, func() {
			require.Contains(t, w.posted(), api.MessageSystemsLeft)
			require.Contains(t, b.comments[len(b.comments)-1].Lines[0], "google account 77: hand over its files: asked for on 3 June, 09:00 UTC and not done yet")
		})
	})
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Greater(t, e.at.Sub(start), 48*time.Hour)
	require.Equal(t, []api.MessageKind{api.MessageLeaverSecurity, api.MessageSystemsLeft}, w.posted())
	require.Len(t, b.comments, 1)
}

// Nobody knows who gets the files, or there is no room for it: the role that carries the app stays, the run with it, and somebody is
// asked. Once it is known, it goes on.
func TestFilesThatNobodyGetsAreAskedAbout(t *testing.T) {
	t.Parallel()
	google := leaving("google", "77", identity.SystemSuspend)
	google.Carried = []string{"Google Workspace"}
	google.Notices = []identity.Notice{{Code: "no_heir", Text: "the manager has no account there"}}
	for name, tt := range map[string]struct {
		answer func(*world, *play)
		want   []string
	}{
		"skipped": {func(_ *world, p *play) { p.by(api.VerbSkip) }, []string{"onelogin.remove-carried"}},
		"known by now": {func(w *world, p *play) {
			now := leaving("google", "77", identity.SystemTransfer)
			now.Carried = google.Carried
			found := with(left(), now)
			found.Account.Roles = []string{"Google Workspace"}
			found.Plan.Verdict = identity.VerdictLeave
			w.finds(found)
			p.by(api.VerbRetry)
		}, []string{"transfer@google/77", "onelogin.remove-carried"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, b, a := departing(t, google)
			a.Account.Roles = []string{"Everyone", "Google Workspace"}
			w.account.Roles = []string{"Google Workspace"}
			e := w.offboards(b, a, func(p *play) {
				p.after(time.Hour, func() {
					require.Zero(t, w.tried("onelogin.remove-carried"))
					require.Equal(t, api.NoticeNotHandedOver, p.state().Attention[0].Code)
					require.Contains(t, p.state().Attention[0].Text, "the manager has no account there")
					tt.answer(w, p)
				})
			})
			require.NoError(t, e.err)
			require.Equal(t, "access ended", e.out.Result)
			require.Equal(t, start.Add(time.Hour), e.at)
			require.Equal(t, tt.want, w.did("transfer@google/77", "onelogin.remove-carried"))
			require.ElementsMatch(t, []api.MessageKind{api.MessageLeaverSecurity, api.MessageAttention}, w.posted())
		})
	}
}

// An account that was suspended and can sign in again is closed again, and security hears of it; what was only locked is not taken
// for that.
func TestAccountThatComesBackElsewhereIsClosedAgain(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t,
		leaving("salesforce", "005", identity.SystemSuspend, identity.SystemEndSessions),
		leaving("google", "77", identity.SystemResetPassword, identity.SystemEndSessions))
	a.Pages = true
	b.status["google/77"] = "active"
	var pages []api.PagerEvent
	p := w.open(start).reached(api.Found{}, &pages).beyond(b)
	reopened := 0
	reopen := func(context.Context, int) error {
		if reopened++; reopened <= 2 {
			b.status["salesforce/005"] = "active"
		}
		return nil
	}
	w.before("read-back:1@salesforce/005", reopen)
	w.before("read-back:1:2@salesforce/005", reopen)
	e := p.template(api.TypeOffboarding, a)
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, "suspended", b.status["salesforce/005"])
	require.Equal(t, []string{"suspend:mend:1@salesforce/005", "end_sessions:mend:1@salesforce/005"},
		w.did("suspend:mend:1@salesforce/005", "end_sessions:mend:1@salesforce/005"))
	require.Equal(t, 1, w.tried("suspend:mend:1:2@salesforce/005"))
	require.Equal(t, "confirmed", w.fact("read-back:1@salesforce/005").Outcome)
	require.Equal(t, "read", w.fact("read-back:1@google/77").Outcome)
	require.Equal(t, []api.MessageKind{api.MessageLeaverSecurity, api.MessageLeaverDrift, api.MessageLeaverDrift}, w.posted())
	require.Equal(t, "salesforce/005", w.messages[1].Lines[0].Value)
	require.Len(t, pages, 1)
	require.Contains(t, pages[0].Summary, "salesforce account 005")
}

// A system that cannot be read delays no read-back of OneLogin, and is read as soon as it answers.
func TestUnreadableSystemDelaysNoReadBack(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t, leaving("ldap", "e1", identity.SystemSuspend))
	a.VerifyAfter = []time.Duration{time.Minute, 10 * time.Minute}
	up := false
	w.downUntil("read-back:1", "@ldap/e1", func() bool { return up })
	e := w.offboards(b, a, func(p *play) {
		p.after(30*time.Minute, func() {
			require.Equal(t, "confirmed", w.fact("onelogin.read-back:2").Outcome)
			require.Equal(t, "not read: Unavailable", w.fact("read-back:1@ldap/e1").Outcome)
			up = true
		})
	})
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, "confirmed", w.fact("read-back:1@ldap/e1").Outcome)
}

// A system that could not be read before a long wait is read by the run that waits.
func TestUnreadableSystemIsReadByTheNextRun(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t, leaving("ldap", "e1", identity.SystemSuspend))
	a.VerifyAfter = []time.Duration{time.Minute, 3 * time.Hour}
	up := false
	w.downUntil("read-back:1", "@ldap/e1", func() bool { return up })
	e := w.offboards(b, a, nil)
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []identity.Ref{{System: "ldap", ID: "e1"}}, e.input.Systems.Unread)
	e = w.toTheEnd(b, e)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, "confirmed", w.fact("read-back@ldap/e1").Outcome)
	require.Equal(t, "confirmed", w.fact("read-back:2@ldap/e1").Outcome)
}
