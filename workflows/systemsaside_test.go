package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// setAside are ways in which a step of somebody who is employed fails, and the kinds that keep nothing else from them then.
var setAside = map[string]struct {
	err   error
	aside []identity.SystemStepKind
}{
	"refused for good": {
		temporal.NewNonRetryableApplicationError("there is no such unit", api.ErrInvalid, nil),
		[]identity.SystemStepKind{identity.SystemWriteProfile, identity.SystemMove, identity.SystemEndReply, identity.SystemUndelegate},
	},
	"refused until somebody gives the right": {
		temporal.NewApplicationErrorWithOptions("title: forbidden", api.ErrUnauthorized, temporal.ApplicationErrorOptions{
			NextRetryDelay: time.Minute, Details: []any{api.Refused{Objects: "title"}},
		}),
		[]identity.SystemStepKind{identity.SystemWriteProfile, identity.SystemMove, identity.SystemEndReply, identity.SystemUndelegate},
	},
	"down": {
		temporal.NewApplicationError("the vendor is down", api.ErrUnavailable),
		[]identity.SystemStepKind{identity.SystemEndReply, identity.SystemUndelegate}, // Mail is another service.
	},
}

// asideKinds are kinds of which some keep everything else waiting.
var asideKinds = []identity.SystemStepKind{
	identity.SystemResume, identity.SystemWriteProfile, identity.SystemMove, identity.SystemEndReply, identity.SystemUndelegate,
}

// failing opens a run in which a step fails in a way, and old groups are to be taken after it.
func failing(t *testing.T, kind identity.SystemStepKind, err error) (*world, *play) {
	w, b := newWorld(t), newBeyond()
	w.finds(with(person(), staying("google", "77", kind, identity.SystemRemoveGroups)))
	w.before(string(kind)+"@google/77", func(context.Context, int) error { return err })
	return w, w.open(start).beyond(b)
}

// TestRefusedProfileKeepsNoOldGroup, nor does a place, and nobody else reads the mail of whoever is back because of either: a refusal that is
// about one of them says nothing about the rest. The account itself, and that it is open, come first.
func TestRefusedProfileKeepsNoOldGroup(t *testing.T) {
	t.Parallel()
	for name, way := range setAside {
		for _, kind := range asideKinds {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				w, p := failing(t, kind, way.err)
				var want []string
				if slices.Contains(way.aside, kind) {
					want = []string{"remove_groups@google/77"}
				}
				p.after(time.Hour, func() {
					require.Equal(t, want, nilIfEmpty(w.did("remove_groups@google/77")))
					require.Contains(t, p.state().Systems[0].Owed, string(kind), "it is tried again")
					p.env.CancelWorkflow()
				})
				p.person()
			})
		}
	}
}

// TestRunOfBeforeWaitsForARefusedProfile: it goes on as it began.
func TestRunOfBeforeWaitsForARefusedProfile(t *testing.T) {
	t.Parallel()
	for name, way := range setAside {
		for _, kind := range way.aside {
			t.Run(name+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				w, p := failing(t, kind, way.err)
				p.env.OnGetVersion(step.ChangeProfileAside, workflow.DefaultVersion, workflow.Version(1)).Return(workflow.DefaultVersion)
				p.after(time.Hour, func() {
					require.Empty(t, w.did("remove_groups@google/77"))
					p.env.CancelWorkflow()
				})
				p.person()
			})
		}
	}
}

// TestNextMoveDoesNotWaitForARefusedPlace: while somebody is asked about the unit of the move before, HR moves them again, and the groups
// of that are taken at once.
func TestNextMoveDoesNotWaitForARefusedPlace(t *testing.T) {
	t.Parallel()
	for _, kind := range []identity.SystemStepKind{identity.SystemMove, identity.SystemResume} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w, b := newWorld(t), newBeyond()
			w.finds(with(person(), staying("google", "77", kind)))
			w.refusing(string(kind)+"@google/77", 99)
			p := w.open(start).beyond(b)
			p.after(time.Hour, func() {
				w.finds(with(person(), staying("google", "77", kind, identity.SystemRemoveGroups)))
				p.hint()
			})
			p.after(2*time.Hour, func() {
				require.Equal(t, kind == identity.SystemMove, len(w.did("remove_groups@google/77")) == 1)
				require.Len(t, p.state().Attention, 1)
				p.env.CancelWorkflow()
			})
			p.person()
		})
	}
}
