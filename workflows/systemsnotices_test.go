package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// An account of a leaver that stays open is asked about beside the rest until it is closed, or somebody leaves it as it is. Security
// is told once.
func TestLeaversAccountThatStaysOpenKeepsTheRunOpen(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"closed", api.VerbSkip, api.VerbRetry} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w, b, _ := departing(t)
			open := identity.SystemPlan{System: "google", Account: "77", Leaving: true, Notices: []identity.Notice{{
				Code: api.NoticeSystemDisputed, Text: "google: it is disputed",
			}}}
			w.finds(with(left(), open, leaving("ldap", "e1", identity.SystemSuspend)))
			p := w.open(start).beyond(b)
			p.after(time.Hour, func() {
				require.Equal(t, []string{"suspend@ldap/e1"}, w.did("suspend@ldap/e1"))
				require.Len(t, p.state().Attention, 1)
				item := p.state().Attention[0]
				require.Equal(t, "notice:system_disputed@google/77", item.Step)
				require.True(t, strings.HasPrefix(item.Text, "google/77: it is disputed"))
				if how != api.VerbSkip {
					w.finds(with(left()))
				}
				if how == "closed" {
					p.hint()
					return
				}
				p.by(how)
			})
			e := p.person()
			require.NoError(t, e.err)
			require.Equal(t, "nothing to do", e.out.Result)
			require.Equal(t, start.Add(time.Hour), e.at)
			require.Equal(t, 1, strings.Count(strings.Join(kinds(w), " "), string(api.MessageLeaverDoubt)))
		})
	}
}

// IT is told once of an account of somebody who stays that needs a person's hand, and nothing waits for it.
func TestNoticeAboutSomebodyWhoStaysIsTold(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBeyond()
	w.finds(with(person(), identity.SystemPlan{System: "google", Account: "77", Notices: []identity.Notice{{
		Code: "system_suspended_elsewhere", Text: "google: somebody else has suspended it",
	}}}))
	e := w.open(start).beyond(b).person()
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, 1, strings.Count(strings.Join(kinds(w), " "), string(api.MessageSystemsLeft)))
}

// IT is told of an address of HR's that is not written, but by a run that met one before that was so.
func TestAnAddressThatIsNotWrittenIsTold(t *testing.T) {
	t.Parallel()
	for version, told := range map[workflow.Version]int{1: 1, workflow.DefaultVersion: 0} {
		w, b := newWorld(t), newBeyond()
		w.finds(with(person(), identity.SystemPlan{System: "google", Account: "77", Notices: []identity.Notice{{
			Code: api.NoticeAddressDoubtful, Text: "somebody else has it",
		}}}))
		p := w.open(start).beyond(b)
		p.env.OnGetVersion(step.ChangeAddressTold, workflow.DefaultVersion, workflow.Version(1)).Return(version)
		require.NoError(t, p.person().err)
		require.Equal(t, told, strings.Count(strings.Join(kinds(w), " "), string(api.MessageSystemsLeft)))
	}
}
