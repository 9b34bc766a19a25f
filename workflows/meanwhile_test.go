package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// lookAcross has a hint arrive while a step is under way, and the look that it asks for end only after that step has: when the next
// one begins.
func lookAcross(w *world, p *play, during, until string) {
	looking, begun, looked := make(chan struct{}), make(chan struct{}), make(chan struct{})
	awaits := func(ctx context.Context, what <-chan struct{}) error {
		select {
		case <-what:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	w.before(during, func(ctx context.Context, _ int) error {
		p.hint()
		return awaits(ctx, looking)
	})
	w.before("Person.Assess", func(ctx context.Context, attempt int) error {
		if attempt > 1 {
			return nil
		}
		close(looking)
		defer close(looked)
		return awaits(ctx, begun)
	})
	w.before(until, func(ctx context.Context, _ int) error {
		close(begun)
		return awaits(ctx, looked)
	})
}

// TestAccountMadeDuringALook: HR sends a second webhook while the account is being made. The account that was made gets the rest.
func TestAccountMadeDuringALook(t *testing.T) {
	t.Parallel()
	w := joinersWorld(t)
	p := w.open(start)
	lookAcross(w, p, "onelogin.create", "onelogin.roles")
	e := p.template(api.TypeOnboarding, joiner())
	require.NoError(t, e.err)
	require.Equal(t, 1, w.tried("Person.Assess"))
	require.Equal(t, accountID, w.invites[0].AccountID)
	require.Equal(t, "ada.byron@acme.example", w.invites[0].Email)
}

// TestNoticedDuringALook: OneLogin keeps another title than the one it is given, and somebody hints the person at that moment. IT is
// told all the same.
func TestNoticedDuringALook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.account.Notices = []identity.Notice{{Code: "value_not_kept", Text: "OneLogin keeps something else"}}
	a := person()
	a.Plan = mover()
	w.finds(person())
	p := w.open(start)
	lookAcross(w, p, "onelogin.update", "onelogin.roles")
	e := p.template(api.TypeRoleChange, a)
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, 1, w.tried("Person.Assess"))
	require.NoError(t, w.then(e).err)
	require.Contains(t, w.posted(), api.MessageMoverIT)
	for _, m := range w.messages {
		if m.Kind == api.MessageMoverIT {
			require.Equal(t, w.account.Notices, m.Notices)
		}
	}
}
