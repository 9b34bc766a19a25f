package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// TargetSubject is an implementer of the capabilities of package target.
type TargetSubject = SubjectOn[TargetBench]

// SubjectOn is an implementer to be held to contracts, on benches of a kind.
type SubjectOn[Bench any] struct {
	// System is the name in its refs and errors.
	System string
	// New makes a simulated system of its own, and an implementer that speaks to it.
	New func(t *testing.T) Bench
	// NotApplicable says of a case why it does not apply, such as that the system has no sessions.
	NotApplicable map[string]string
}

// TargetBench is a system for one case. Its functions look at the system itself, and not at what the implementer says of it.
type TargetBench struct {
	Target target.System
	// Restart returns an implementer of another process.
	Restart func() target.System
	// ID is an account that can sign in, has sessions and three memberships at least. Protected is another of that kind that
	// the implementer has been told to protect. Missing is the id of no account, and Wrong can be none.
	ID, Protected, Missing, Wrong string
	// Look shows an account as the system has it.
	Look func(id string) Seen
	// Effects counts what was changed in the system, Requests what it was asked.
	Effects, Requests func() int
	// LoseReply has the next write carried out and its reply lost. Deny has something in between answer the next read with
	// a 404.
	LoseReply, Deny func()
	// Refuse has the system refuse from now on to take an account out of one of its memberships, and says which.
	Refuse func(id string) (membership string)
	// All are the ids of all accounts, over more than one page.
	All func() []string
	// Delete deletes an account by hand, Add makes one, and Touch changes one.
	Delete func(id string)
	Add    func() (id string)
	Touch  func(id string)
	// Age lets an hour pass in the system, and returns its time.
	Age func() time.Time

	// What follows is for RunManagement. Fresh is what an account might say that is not there. Group is a group that ID is not
	// in. Nested makes groups that contain each other, and says who is in the first. Elsewhere is a container that ID is not
	// in, Nowhere one that does not exist. Kind is a kind of user that ID is not. SignIn tries a password, and Weak is one that the
	// system refuses.
	Fresh                    func() identity.Account
	Group                    func() (id string)
	Nested                   func() (top string, accounts, groups []string)
	Elsewhere, Nowhere, Kind string
	SignIn                   func(id, password string) bool
	Weak                     string
}

// Seen is an account as its system has it.
type Seen struct {
	CanSignIn                   bool
	Sessions                    int
	Memberships                 []string
	ExternalID, Email, Username string
	Title, Phone                string
	// Manager and Container are as target.Account has them, where the system knows them.
	Manager, Container string
}

// targetCase is a promise of a capability.
type targetCase = caseOf[TargetBench]

type caseOf[Bench any] struct {
	name string
	run  func(*testing.T, *Bench)
}

// RunTarget holds an implementer to the contracts of package target.
func RunTarget(t *testing.T, s TargetSubject) {
	t.Helper()
	runCases(t, s, targetCases())
}

func runCases[Bench any](t *testing.T, s SubjectOn[Bench], cases []caseOf[Bench]) {
	t.Helper()
	known := map[string]bool{}
	for _, c := range cases {
		known[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			if reason, ok := s.NotApplicable[c.name]; ok {
				require.NotEmpty(t, reason, "a case that does not apply needs a reason")
				t.Skipf("does not apply to %s: %s", s.System, reason)
			}
			t.Parallel()
			b := s.New(t)
			c.run(t, &b)
		})
	}
	for name := range s.NotApplicable {
		require.True(t, known[name], "unknown case %q", name)
	}
}

func targetCases() []targetCase {
	cases := []targetCase{
		{"read/shows what is there", readShows},
		{"read/missing", readMissing},
		{"read/missing at something in between", readDenied},
		{"suspend/ends sign-in and nothing else", suspendEnds},
		{"resume/gives it back", resumeGives},
		{"end sessions/ends them and nothing else", sessionsEnd},
		{"end sessions/where there are none", sessionsNone},
		{"remove/takes these and no other", removeTakes},
		{"remove/nothing", removeNothing},
		{"remove/one refused of three", removeRefused},
		{"find/by each field", findExact},
		{"find/nobody", findNobody},
		{"find/what cannot be searched for", findRefused},
		{"list/to the end", listEnds},
		{"list/while accounts change", listChanging},
		{"list/over a restart", listRestarted},
		{"list/what was changed", listSince},
	}
	for _, w := range targetWrites {
		cases = append(cases, w.cases()...)
	}
	return cases
}

// able returns a capability that the subject must have, or say why it has not.
func able[T any](t *testing.T, s target.System) T {
	t.Helper()
	c, ok := s.(T)
	require.True(t, ok, "the system lacks this capability: say why in NotApplicable")
	return c
}

// failed expects an error of a kind.
func failed(t *testing.T, err error, kind connectors.Kind) {
	t.Helper()
	var e *connectors.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, kind, e.Kind, "%v", err)
}

// targetWrite is a write of a capability, arranged so that it has something to do.
type targetWrite struct {
	name string
	// arrange puts an account in place, do carries out the write, and done says whether the system has it.
	arrange func(*testing.T, *TargetBench, string)
	do      func(context.Context, *testing.T, *TargetBench, target.Write) error
	done    func(b *TargetBench, before, now Seen) bool
}

// oneGroup has a case use one group throughout, and oneMore says that the account is in one more than before.
func oneGroup(_ *testing.T, b *TargetBench, _ string) {
	group := b.Group()
	b.Group = func() string { return group }
}

func oneMore(_ *TargetBench, before, now Seen) bool {
	return len(now.Memberships) == len(before.Memberships)+1
}

var targetWrites = []targetWrite{
	{
		name: "suspend",
		do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
			_, err := able[target.Suspender](t, b.Target).Suspend(ctx, in)
			return err
		},
		done: func(_ *TargetBench, _, now Seen) bool { return !now.CanSignIn },
	},
	{
		name: "resume",
		arrange: func(t *testing.T, b *TargetBench, id string) {
			_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: id, Lifted: true})
			require.NoError(t, err)
		},
		do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
			_, err := able[target.Resumer](t, b.Target).Resume(ctx, in)
			return err
		},
		done: func(_ *TargetBench, _, now Seen) bool { return now.CanSignIn },
	},
	{
		name: "end sessions",
		do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
			return able[target.SessionEnder](t, b.Target).EndSessions(ctx, in)
		},
		done: func(_ *TargetBench, _, now Seen) bool { return now.Sessions == 0 },
	},
	{
		name: "remove",
		do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
			from := b.Look(b.ID).Memberships[:1]
			if in.ID == b.Protected {
				from = b.Look(b.Protected).Memberships[:1]
			}
			return able[target.Remover](t, b.Target).Remove(ctx, target.RemoveRequest{Write: in, From: from})
		},
		done: func(_ *TargetBench, before, now Seen) bool { return len(now.Memberships) < len(before.Memberships) },
	},
}

// prepared puts an account in place and returns what it looks like before the write.
func (w targetWrite) prepared(t *testing.T, b *TargetBench, id string) (before Seen) {
	t.Helper()
	if w.arrange != nil {
		w.arrange(t, b, id)
	}
	before = b.Look(id)
	require.False(t, w.done(b, before, before), "the case has to have something to do")
	return before
}

func (w targetWrite) twice(t *testing.T, b *TargetBench) {
	before, effects := w.prepared(t, b, b.ID), b.Effects()
	fixed := b.frozen(before)
	require.NoError(t, w.do(t.Context(), t, fixed, target.Write{ID: b.ID}))
	require.True(t, w.done(b, before, b.Look(b.ID)))
	require.Equal(t, effects+1, b.Effects())
	require.NoError(t, w.do(t.Context(), t, fixed, target.Write{ID: b.ID}))
	fixed.Target = b.Restart()
	require.NoError(t, w.do(t.Context(), t, fixed, target.Write{ID: b.ID}))
	require.Equal(t, effects+1, b.Effects(), "a repetition changes nothing")
	require.True(t, w.done(b, before, b.Look(b.ID)))
}

// frozen is a bench whose account looks as it did, so that a write is repeated as it was.
func (b *TargetBench) frozen(before Seen) *TargetBench {
	still := *b
	still.Look = func(id string) Seen {
		if id == b.ID {
			return before
		}
		return b.Look(id)
	}
	return &still
}

func (w targetWrite) lostReply(t *testing.T, b *TargetBench) {
	before, effects := w.prepared(t, b, b.ID), b.Effects()
	fixed := b.frozen(before)
	b.LoseReply()
	failed(t, w.do(t.Context(), t, fixed, target.Write{ID: b.ID}), connectors.KindUnavailable)
	require.True(t, w.done(b, before, b.Look(b.ID)), "the case has to have carried it out")
	fixed.Target = b.Restart()
	require.NoError(t, w.do(t.Context(), t, fixed, target.Write{ID: b.ID}))
	require.Equal(t, effects+1, b.Effects(), "it is done once")
}

func (w targetWrite) missing(t *testing.T, b *TargetBench) {
	effects := b.Effects()
	failed(t, w.do(t.Context(), t, b, target.Write{ID: b.Missing}), connectors.KindNotFound)
	require.Equal(t, effects, b.Effects())
}

func (w targetWrite) wrong(t *testing.T, b *TargetBench) {
	effects := b.Effects()
	for _, id := range []string{b.Wrong, ""} {
		failed(t, w.do(t.Context(), t, b, target.Write{ID: id}), connectors.KindInvalid)
	}
	require.Equal(t, effects, b.Effects())
}

func (w targetWrite) protected(t *testing.T, b *TargetBench) {
	before, effects := w.prepared(t, b, b.Protected), b.Effects()
	failed(t, w.do(t.Context(), t, b, target.Write{ID: b.Protected}), connectors.KindRefused)
	require.Equal(t, effects, b.Effects(), "nothing is written to it")
	require.Equal(t, before, b.Look(b.Protected))
	require.NoError(t, w.do(t.Context(), t, b, target.Write{ID: b.Protected, Lifted: true}))
	require.True(t, w.done(b, before, b.Look(b.Protected)))
}

func suspendEnds(t *testing.T, b *TargetBench) {
	before := b.Look(b.ID)
	require.True(t, before.CanSignIn)
	answered, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	now := b.Look(b.ID)
	require.False(t, now.CanSignIn)
	require.Equal(t, before.Memberships, now.Memberships)
	require.Equal(t, before.Sessions, now.Sessions, "a suspension that ended sessions would hide that nobody has to")
	for _, a := range []target.Account{answered, b.read(t)} {
		require.Equal(t, b.ID, a.Ref.ID)
		require.Equal(t, identity.AccountSuspended, a.Document.Status)
		require.False(t, a.CanSignIn())
	}
}

func (b *TargetBench) read(t *testing.T) target.Account {
	t.Helper()
	a, err := b.Target.Read(t.Context(), target.ReadRequest{ID: b.ID, Urgent: true})
	require.NoError(t, err)
	return a
}

func resumeGives(t *testing.T, b *TargetBench) {
	before := b.Look(b.ID)
	_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	answered, err := able[target.Resumer](t, b.Target).Resume(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.Equal(t, before, b.Look(b.ID))
	require.True(t, answered.CanSignIn())
	require.True(t, b.read(t).CanSignIn())
}

func sessionsEnd(t *testing.T, b *TargetBench) {
	before := b.Look(b.ID)
	require.NotZero(t, before.Sessions)
	require.NoError(t, able[target.SessionEnder](t, b.Target).EndSessions(t.Context(), target.Write{ID: b.ID}))
	before.Sessions = 0
	require.Equal(t, before, b.Look(b.ID), "who may sign in still may")
}

func sessionsNone(t *testing.T, b *TargetBench) {
	ends := able[target.SessionEnder](t, b.Target)
	require.NoError(t, ends.EndSessions(t.Context(), target.Write{ID: b.ID}))
	_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.NoError(t, ends.EndSessions(t.Context(), target.Write{ID: b.ID}), "the order of a departure is suspend, then end sessions")
}

func removeTakes(t *testing.T, b *TargetBench) {
	before := b.Look(b.ID)
	require.Greater(t, len(before.Memberships), 2)
	removes := able[target.Remover](t, b.Target)
	require.NoError(t, removes.Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: b.ID}, From: before.Memberships[:2]}))
	now := b.Look(b.ID)
	require.Equal(t, before.Memberships[2:], now.Memberships)
	require.Equal(t, before.CanSignIn, now.CanSignIn)
	require.ElementsMatch(t, now.Memberships, b.read(t).Memberships)
}

func removeNothing(t *testing.T, b *TargetBench) {
	effects, requests := b.Effects(), b.Requests()
	require.NoError(t, able[target.Remover](t, b.Target).Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: b.ID}}))
	require.Equal(t, effects, b.Effects())
	require.Equal(t, requests, b.Requests(), "an empty list sends nothing")
}

func readShows(t *testing.T, b *TargetBench) {
	for _, urgent := range []bool{false, true} {
		a, err := b.Target.Read(t.Context(), target.ReadRequest{ID: b.ID, Urgent: urgent})
		require.NoError(t, err)
		there := b.Look(b.ID)
		require.Equal(t, b.ID, a.Ref.ID)
		require.True(t, a.Whole)
		require.Equal(t, there.CanSignIn, a.CanSignIn())
		require.ElementsMatch(t, there.Memberships, a.Memberships)
		require.Equal(t, [3]string{there.ExternalID, there.Email, there.Username}, [3]string{a.Document.ExternalID, a.Document.Email, a.Document.Username})
	}
}

func readMissing(t *testing.T, b *TargetBench) {
	_, err := b.Target.Read(t.Context(), target.ReadRequest{ID: b.Missing})
	failed(t, err, connectors.KindNotFound)
	for _, id := range []string{b.Wrong, ""} {
		_, err := b.Target.Read(t.Context(), target.ReadRequest{ID: id})
		failed(t, err, connectors.KindInvalid)
	}
	b.Delete(b.ID)
	_, err = b.Target.Read(t.Context(), target.ReadRequest{ID: b.ID})
	failed(t, err, connectors.KindNotFound)
}

func readDenied(t *testing.T, b *TargetBench) {
	b.Deny()
	_, err := b.Target.Read(t.Context(), target.ReadRequest{ID: b.ID})
	failed(t, err, connectors.KindUnavailable)
	require.True(t, b.read(t).CanSignIn(), "it is there")
}
