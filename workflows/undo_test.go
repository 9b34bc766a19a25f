package workflows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// undoing is what a play of a withdrawn departure has written.
type undoing struct {
	gave    []api.GiveBackInput
	told    []api.ConcludeInput
	settled []api.UndoneInput
}

// undo registers what a withdrawn departure needs besides the world's activities.
func (p *play) undo(u *undoing) {
	for name, fn := range map[string]any{
		api.OneLoginGiveBack: func(ctx context.Context, in api.GiveBackInput) (api.GivenBack, error) {
			return api.GivenBack{Given: in.Roles[:1], Gone: in.Roles[1:]}, p.w.step(ctx, func() { u.gave = append(u.gave, in) })
		},
		api.JiraConclude: func(ctx context.Context, in api.ConcludeInput) (api.Concluded, error) {
			return api.Concluded{}, p.w.step(ctx, func() { u.told = append(u.told, in) })
		},
		api.PersonUndone: func(ctx context.Context, in api.UndoneInput) error {
			return p.w.step(ctx, func() { u.settled = append(u.settled, in); p.w.look.Undo = nil })
		},
	} {
		p.env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}

// back is somebody whose termination was withdrawn, in their third episode.
func back(roles ...string) api.Assessment {
	a := person()
	a.Episode = 3
	a.Undo = &api.Undo{
		Hash: "h" + strings.Join(roles, ""), At: start.Add(-time.Hour), BackAt: start, Tickets: []string{"IT-7"}, Roles: roles,
		Further: []identity.Ref{identity.OneLoginRef(502)},
	}
	return a
}

// TestWithdrawnDepartureIsOneQuestion: the ticket hears of it before anybody has answered, and is closed with the answer.
func TestWithdrawnDepartureIsOneQuestion(t *testing.T) {
	t.Parallel()
	for verb, gave := range map[string]int{api.VerbAllow: 1, api.VerbReject: 0} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			w, u := newWorld(t), undoing{}
			w.finds(back("Book club", "Chess"))
			p := w.open(start)
			p.undo(&u)
			p.after(time.Hour, func() {
				require.Len(t, u.told, 1)
				require.False(t, u.told[0].Close)
				require.Empty(t, u.gave)
				item := p.state().Attention[0]
				require.Equal(t, api.NoticeRolesBack, item.Code)
				require.Len(t, item.Plan, 1)
				require.Contains(t, item.Plan[0], "Chess")
				p.hint() // The same question goes on.
			})
			p.after(2*time.Hour, func() {
				require.Len(t, p.state().Attention, 1)
				p.by(verb)
			})
			e := p.person()
			require.Equal(t, "nothing to do", e.out.Result)
			require.Len(t, u.gave, gave)
			require.Len(t, u.told, 2)
			require.True(t, u.told[1].Close)
			require.NotEqual(t, u.told[0].OnceKey, u.told[1].OnceKey)
			require.Equal(t, []api.UndoneInput{{Key: key, Episode: 3, Outcome: map[string]string{api.VerbAllow: "given back", api.VerbReject: "refused"}[verb]}}, u.settled)
			if gave > 0 {
				require.Equal(t, accountID, u.gave[0].AccountID)
				require.Contains(t, strings.Join(u.told[1].Lines, "\n"), "Roles that OneLogin has no more: Chess")
			}
		})
	}
}

// TestWithdrawnDepartureWithoutAQuestion: with nothing to give back the ticket is closed at once; where the evidence does not say what was
// taken it stays open.
func TestWithdrawnDepartureWithoutAQuestion(t *testing.T) {
	t.Parallel()
	for _, unknown := range []bool{false, true} {
		w, u := newWorld(t), undoing{}
		a := back()
		a.Undo.Unknown = unknown
		w.finds(a)
		p := w.open(start)
		p.undo(&u)
		require.Equal(t, "nothing to do", p.person().out.Result)
		require.Len(t, u.told, 1)
		require.Equal(t, !unknown, u.told[0].Close)
		require.Equal(t, unknown, strings.Contains(strings.Join(u.told[0].Lines, "\n"), "The evidence does not say"))
		require.Len(t, u.settled, 1)
	}
}

// TestTerminatedAgainWhileAsked: a departure comes first, whatever is asked; nothing is given, and nothing is settled.
func TestTerminatedAgainWhileAsked(t *testing.T) {
	t.Parallel()
	w, u := newWorld(t), undoing{}
	w.atOnce.logOut = true
	w.finds(back("Book club"))
	p := w.open(start)
	p.undo(&u)
	p.after(time.Hour, func() {
		a := leaver()
		a.Episode, a.ContainBy = 4, w.now().Add(time.Hour)
		w.finds(a)
		p.hint()
	})
	e := p.person()
	require.Equal(t, api.TypeOffboarding, e.next)
	require.Equal(t, []string{"onelogin.suspend"}, w.did("onelogin.suspend"))
	require.Empty(t, u.gave)
	require.Empty(t, u.settled)
}

// TestOtherRolesAreAnotherQuestion: somebody gives one of the roles by hand while it is asked about both. The ticket is told once.
func TestOtherRolesAreAnotherQuestion(t *testing.T) {
	t.Parallel()
	w, u := newWorld(t), undoing{}
	w.finds(back("Book club", "Chess"))
	p := w.open(start)
	p.undo(&u)
	first := ""
	p.after(time.Hour, func() {
		first = p.state().Attention[0].Item
		w.finds(back("Chess"))
		p.hint()
	})
	p.after(2*time.Hour, func() {
		require.Len(t, p.state().Attention, 1)
		require.NotEqual(t, first, p.state().Attention[0].Item)
		p.by(api.VerbAllow)
	})
	require.Equal(t, "nothing to do", p.person().out.Result)
	require.Len(t, u.gave, 1)
	require.Equal(t, []string{"Chess"}, u.gave[0].Roles)
	require.Len(t, u.told, 2)
}

// TestJiraDownHoldsNothingUp: the roles come back while the ticket cannot be told, and the next run of the chain goes on telling it.
func TestJiraDownHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w, u := newWorld(t), undoing{}
	w.refusing("jira.withdrawn@IT-7", 1)
	w.refusing("jira.undone@IT-7", 1)
	w.finds(back("Book club"))
	p := w.open(start)
	p.undo(&u)
	p.after(time.Hour, func() { p.decide(api.VerbAllow, api.Decision{By: "grace", Code: api.NoticeRolesBack}) })
	p.after(2*time.Hour, func() {
		require.Len(t, u.gave, 1)
		require.Len(t, u.settled, 1)
		require.Len(t, p.state().Attention, 2)
		for _, item := range p.state().Attention {
			p.decide(api.VerbRetry, api.Decision{By: "grace", Item: item.Item})
		}
	})
	require.Equal(t, "nothing to do", p.person().out.Result)
	require.Len(t, u.told, 2)
}
