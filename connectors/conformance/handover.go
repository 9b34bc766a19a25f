package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// HandoverSubject is an implementer of the capabilities by which somebody else goes on with what an account leaves behind, and which
// give licences.
type HandoverSubject struct {
	System        string
	New           func(t *testing.T) HandoverBench
	NotApplicable map[string]string
}

// HandoverBench is a system for one case.
type HandoverBench struct {
	TargetBench
	// Other is an account that can take over, and Closed one that is suspended.
	Other, Closed string
	// Mail shows what an account's mailbox answers, "" for nothing, and the ids of those who may use it, as the system has it.
	Mail func(id string) (answer string, delegates []string)
	// Forward has an account's mailbox forward all that it gets, and Forwards says whether it does, as the system has it.
	Forward  func(id string)
	Forwards func(id string) bool
	// Transfers counts the hand-overs from an account to another, and Finish lets those that were begun end.
	Transfers func(from, to string) int
	Finish    func()
	// Has and Lacks are licences that ID has and has not, of which it can have one. Licensed shows those of an account.
	Has, Lacks string
	Licensed   func(id string) []string
}

// RunHandover holds an implementer to the contracts of target.AutoReplier, MailDelegator, ForwardingEnder, DataTransferrer and
// LicenceAssigner.
func RunHandover(t *testing.T, s HandoverSubject) {
	t.Helper()
	known := map[string]bool{}
	for name, run := range map[string]func(*testing.T, *HandoverBench){
		"reply/is set and replaced":       replySet,
		"reply/of a closed account":       replyClosed,
		"reply/ended":                     replyEnded,
		"delegate/twice and back":         delegateTwice,
		"delegate/to nobody":              delegateNobody,
		"forwarding/ends":                 forwardingEnds,
		"forwarding/after a lost reply":   forwardingLost,
		"transfer/begins once":            transferOnce,
		"transfer/of the next departure":  transferNext,
		"transfer/after a lost reply":     transferLost,
		"transfer/to nobody":              transferNobody,
		"licence/given and taken":         licenceGiven,
		"licence/of everybody":            licenceHolders,
		"licence/that excludes another":   licenceExcluded,
		"licence/of a kind that is none":  licenceUnknown,
		"all/a protected account":         handoverProtected,
		"all/missing, and impossible ids": handoverMissing,
	} {
		known[name] = true
		t.Run(name, func(t *testing.T) {
			if reason, ok := s.NotApplicable[name]; ok {
				require.NotEmpty(t, reason, "a case that does not apply needs a reason")
				t.Skipf("does not apply to %s: %s", s.System, reason)
			}
			t.Parallel()
			b := s.New(t)
			run(t, &b)
		})
	}
	for name := range s.NotApplicable {
		require.True(t, known[name], "unknown case %q", name)
	}
}

func replySet(t *testing.T, b *HandoverBench) {
	replies := able[target.AutoReplier](t, b.Target)
	for _, text := range []string{"I have left.", "I have left, too.", "I have left, too."} {
		require.NoError(t, replies.SetAutoReply(t.Context(), target.AutoReplyRequest{Write: target.Write{ID: b.ID}, Subject: "Gone", Text: text}))
		answer, _ := b.Mail(b.ID)
		require.Equal(t, text, answer)
	}
	effects := b.Effects()
	require.NoError(t, replies.SetAutoReply(t.Context(), target.AutoReplyRequest{Write: target.Write{ID: b.ID}, Subject: "Gone", Text: "I have left, too."}))
	require.Equal(t, effects, b.Effects())
	failed(t, replies.SetAutoReply(t.Context(), target.AutoReplyRequest{Write: target.Write{ID: b.ID}}), connectors.KindInvalid)
}

func replyClosed(t *testing.T, b *HandoverBench) {
	_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	in := target.AutoReplyRequest{Write: target.Write{ID: b.ID}, Text: "I have left."}
	failed(t, able[target.AutoReplier](t, b.Target).SetAutoReply(t.Context(), in), connectors.KindInvalid)
	_, err = able[target.AutoReplier](t, b.Target).EndAutoReply(t.Context(), target.EndReplyRequest{Write: in.Write})
	failed(t, err, connectors.KindInvalid)
	failed(t, able[target.MailDelegator](t, b.Target).Delegate(t.Context(), b.to(b.Other)), connectors.KindInvalid)
	_, err = able[target.ForwardingEnder](t, b.Target).EndForwarding(t.Context(), in.Write)
	failed(t, err, connectors.KindInvalid)
	require.ErrorContains(t, err, target.CodeNoMailbox)
}

// forwardingEnds once, and the mailbox is otherwise what it was.
func forwardingEnds(t *testing.T, b *HandoverBench) {
	ends, effects := able[target.ForwardingEnder](t, b.Target), b.Effects()
	written, err := ends.EndForwarding(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.False(t, written, "it forwards nothing")
	require.Equal(t, effects, b.Effects())
	require.NoError(t, able[target.MailDelegator](t, b.Target).Delegate(t.Context(), b.to(b.Other)))
	before := b.Look(b.ID)
	b.Forward(b.ID)
	require.True(t, b.Forwards(b.ID))
	effects = b.Effects()
	for i := range 2 {
		written, err = ends.EndForwarding(t.Context(), target.Write{ID: b.ID})
		require.NoError(t, err)
		require.Equal(t, i == 0, written)
		require.False(t, b.Forwards(b.ID))
		require.Equal(t, effects+1, b.Effects())
	}
	require.Equal(t, before, b.Look(b.ID))
	_, delegates := b.Mail(b.ID)
	require.Equal(t, []string{b.Other}, delegates)
}

func forwardingLost(t *testing.T, b *HandoverBench) {
	b.Forward(b.ID)
	b.LoseReply()
	_, err := able[target.ForwardingEnder](t, b.Target).EndForwarding(t.Context(), target.Write{ID: b.ID})
	failed(t, err, connectors.KindUnavailable)
	require.False(t, b.Forwards(b.ID), "the case has to have carried it out")
	written, err := able[target.ForwardingEnder](t, b.Restart()).EndForwarding(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.False(t, written)
}

// replyEnded ends what the caller has set, and nothing of anybody else's.
func replyEnded(t *testing.T, b *HandoverBench) {
	replies, mailbox := able[target.AutoReplier](t, b.Target), target.Write{ID: b.ID}
	end := func(ours func(string) bool) bool {
		written, err := replies.EndAutoReply(t.Context(), target.EndReplyRequest{Write: mailbox, Ours: ours})
		require.NoError(t, err)
		return written
	}
	effects := b.Effects()
	require.False(t, end(nil), "it answers nothing")
	require.Equal(t, effects, b.Effects())
	require.NoError(t, replies.SetAutoReply(t.Context(), target.AutoReplyRequest{Write: mailbox, Subject: "Gone", Text: "I have left."}))
	effects = b.Effects()
	require.False(t, end(func(subject string) bool { return subject != "Gone" }), "it is somebody else's")
	answer, _ := b.Mail(b.ID)
	require.Equal(t, "I have left.", answer)
	require.Equal(t, effects, b.Effects())
	require.True(t, end(func(subject string) bool { return subject == "Gone" }))
	answer, _ = b.Mail(b.ID)
	require.Empty(t, answer)
	effects = b.Effects()
	require.False(t, end(nil))
	require.Equal(t, effects, b.Effects())
}

// to is a request to hand something of ID over.
func (b *HandoverBench) to(id string) target.HandoverRequest {
	return target.HandoverRequest{Write: target.Write{ID: b.ID}, To: id}
}

func delegateTwice(t *testing.T, b *HandoverBench) {
	delegates, before := able[target.MailDelegator](t, b.Target), b.Look(b.ID)
	for range 2 {
		require.NoError(t, delegates.Delegate(t.Context(), b.to(b.Other)))
		_, who := b.Mail(b.ID)
		require.Equal(t, []string{b.Other}, who)
	}
	end := func(ours bool) []string {
		in := target.UndelegateRequest{Write: target.Write{ID: b.ID}, Ours: func(string) bool { return ours }}
		require.NoError(t, delegates.Undelegate(t.Context(), in))
		_, who := b.Mail(b.ID)
		return who
	}
	require.Equal(t, []string{b.Other}, end(false), "it is somebody else's")
	for range 2 {
		require.Empty(t, end(true))
	}
	require.Equal(t, before, b.Look(b.ID))
}

func delegateNobody(t *testing.T, b *HandoverBench) {
	effects := b.Effects()
	for _, id := range []string{b.Missing, b.Wrong, "", b.ID, b.Closed} {
		failed(t, able[target.MailDelegator](t, b.Target).Delegate(t.Context(), b.to(id)), connectors.KindInvalid)
	}
	require.Equal(t, effects, b.Effects())
}

func transferOnce(t *testing.T, b *HandoverBench) {
	transfers := able[target.DataTransferrer](t, b.Target)
	first, err := transfers.Transfer(t.Context(), b.to(b.Other))
	require.NoError(t, err)
	require.False(t, first.Done)
	again, err := able[target.DataTransferrer](t, b.Restart()).Transfer(t.Context(), b.to(b.Other))
	require.NoError(t, err)
	require.Equal(t, first, again)
	b.Finish()
	done, err := transfers.Transfer(t.Context(), b.to(b.Other))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), first.Requested, target.ClocksDiffer)
	require.Equal(t, target.TransferResponse{ID: first.ID, Done: true, Requested: first.Requested}, done)
	require.Equal(t, 1, b.Transfers(b.ID, b.Other))
}

// transferNext: what was handed over before a departure began was an earlier one's. Source: Data Transfer API, transfers: requestTime is
// "the time at which the data transfer was requested".
func transferNext(t *testing.T, b *HandoverBench) {
	transfers, in := able[target.DataTransferrer](t, b.Target), b.to(b.Other)
	in.Since = time.Now()
	first, err := transfers.Transfer(t.Context(), in)
	require.NoError(t, err)
	in.Since = in.Since.Add(target.ClocksDiffer - time.Minute)
	same, err := transfers.Transfer(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, first, same, "clocks differ")
	b.Finish()
	in.Since = in.Since.Add(time.Hour)
	next, err := transfers.Transfer(t.Context(), in)
	require.NoError(t, err)
	require.NotEqual(t, first.ID, next.ID)
	require.Equal(t, 2, b.Transfers(b.ID, b.Other))
}

func transferLost(t *testing.T, b *HandoverBench) {
	b.LoseReply()
	_, err := able[target.DataTransferrer](t, b.Target).Transfer(t.Context(), b.to(b.Other))
	failed(t, err, connectors.KindUnavailable)
	require.Equal(t, 1, b.Transfers(b.ID, b.Other), "the case has to have carried it out")
	_, err = able[target.DataTransferrer](t, b.Restart()).Transfer(t.Context(), b.to(b.Other))
	require.NoError(t, err)
	require.Equal(t, 1, b.Transfers(b.ID, b.Other))
}

func transferNobody(t *testing.T, b *HandoverBench) {
	effects := b.Effects()
	for _, id := range []string{b.Missing, b.Wrong, "", b.ID, b.Closed} {
		_, err := able[target.DataTransferrer](t, b.Target).Transfer(t.Context(), b.to(id))
		failed(t, err, connectors.KindInvalid)
	}
	require.Equal(t, effects, b.Effects())
}

// licence is a request about a licence of ID.
func (b *HandoverBench) licence(id string) target.LicenceRequest {
	return target.LicenceRequest{Write: target.Write{ID: b.ID}, Licence: id}
}

func licenceGiven(t *testing.T, b *HandoverBench) {
	assigns := able[target.LicenceAssigner](t, b.Target)
	counted := func() int {
		all, err := assigns.Licences(t.Context(), target.LicencesRequest{})
		require.NoError(t, err)
		for _, one := range all.Licences {
			if one.ID == b.Has {
				return one.Used
			}
		}
		t.Fatal("the licence is not among those that there are")
		return 0
	}
	before := counted()
	for range 2 {
		require.NoError(t, assigns.ReleaseLicence(t.Context(), b.licence(b.Has)))
		require.Empty(t, b.Licensed(b.ID))
	}
	require.Equal(t, before-1, counted())
	for range 2 {
		require.NoError(t, assigns.AssignLicence(t.Context(), b.licence(b.Has)))
		require.Equal(t, []string{b.Has}, b.Licensed(b.ID))
	}
	has, err := assigns.LicencesOf(t.Context(), target.ReadRequest{ID: b.ID})
	require.NoError(t, err)
	require.Equal(t, []string{b.Has}, has)
	require.Equal(t, before, counted())
}

// licenceHolders compares what everybody has, before and after somebody's licence is released.
func licenceHolders(t *testing.T, b *HandoverBench) {
	lists, told := able[target.LicenceLister](t, b.Target), 0
	compare := func() {
		all, err := lists.LicenceHolders(t.Context(), target.LicenceHoldersRequest{Told: func() { told++ }})
		require.NoError(t, err)
		for _, id := range b.All() {
			require.ElementsMatch(t, b.Licensed(id), all.Licences[id])
			delete(all.Licences, id)
		}
		require.Empty(t, all.Licences, "nobody else has one")
	}
	compare()
	require.NoError(t, able[target.LicenceAssigner](t, b.Target).ReleaseLicence(t.Context(), b.licence(b.Has)))
	compare()
	require.Greater(t, told, 2)
}

func licenceExcluded(t *testing.T, b *HandoverBench) {
	effects := b.Effects()
	failed(t, able[target.LicenceAssigner](t, b.Target).AssignLicence(t.Context(), b.licence(b.Lacks)), connectors.KindConflict)
	require.NoError(t, able[target.LicenceAssigner](t, b.Target).ReleaseLicence(t.Context(), b.licence(b.Lacks)))
	require.Equal(t, effects, b.Effects())
	require.Equal(t, []string{b.Has}, b.Licensed(b.ID))
}

func licenceUnknown(t *testing.T, b *HandoverBench) {
	assigns := able[target.LicenceAssigner](t, b.Target)
	for _, id := range []string{"", "anything"} {
		failed(t, assigns.AssignLicence(t.Context(), b.licence(id)), connectors.KindInvalid)
		failed(t, assigns.ReleaseLicence(t.Context(), b.licence(id)), connectors.KindInvalid)
	}
}

// handovers are all these writes.
func (b *HandoverBench) handovers(t *testing.T) map[string]func(context.Context, target.Write) error {
	return map[string]func(context.Context, target.Write) error{
		"reply": func(ctx context.Context, in target.Write) error {
			return able[target.AutoReplier](t, b.Target).SetAutoReply(ctx, target.AutoReplyRequest{Write: in, Text: "Gone"})
		},
		"end the reply": func(ctx context.Context, in target.Write) error {
			_, err := able[target.AutoReplier](t, b.Target).EndAutoReply(ctx, target.EndReplyRequest{Write: in})
			return err
		},
		"end the forwarding": func(ctx context.Context, in target.Write) error {
			_, err := able[target.ForwardingEnder](t, b.Target).EndForwarding(ctx, in)
			return err
		},
		"delegate": func(ctx context.Context, in target.Write) error {
			return able[target.MailDelegator](t, b.Target).Delegate(ctx, target.HandoverRequest{Write: in, To: b.Other})
		},
		"undelegate": func(ctx context.Context, in target.Write) error {
			return able[target.MailDelegator](t, b.Target).Undelegate(ctx, target.UndelegateRequest{Write: in, Ours: func(string) bool { return true }})
		},
		"transfer": func(ctx context.Context, in target.Write) error {
			_, err := able[target.DataTransferrer](t, b.Target).Transfer(ctx, target.HandoverRequest{Write: in, To: b.Other})
			return err
		},
		"release": func(ctx context.Context, in target.Write) error {
			return able[target.LicenceAssigner](t, b.Target).ReleaseLicence(ctx, target.LicenceRequest{Write: in, Licence: b.Has})
		},
		"assign": func(ctx context.Context, in target.Write) error {
			return able[target.LicenceAssigner](t, b.Target).AssignLicence(ctx, target.LicenceRequest{Write: in, Licence: b.Has})
		},
	}
}

func handoverProtected(t *testing.T, b *HandoverBench) {
	effects := b.Effects()
	for _, do := range b.handovers(t) {
		failed(t, do(t.Context(), target.Write{ID: b.Protected}), connectors.KindRefused)
	}
	require.Equal(t, effects, b.Effects())
	for name, do := range b.handovers(t) {
		require.NoError(t, do(t.Context(), target.Write{ID: b.Protected, Lifted: true}), name)
	}
}

func handoverMissing(t *testing.T, b *HandoverBench) {
	effects := b.Effects()
	for name, do := range b.handovers(t) {
		failed(t, do(t.Context(), target.Write{ID: b.Missing, Lifted: name == "reply"}), connectors.KindNotFound)
		for _, id := range []string{b.Wrong, ""} {
			failed(t, do(t.Context(), target.Write{ID: id, Lifted: true}), connectors.KindInvalid)
		}
	}
	require.Equal(t, effects, b.Effects())
}
