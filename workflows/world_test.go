package workflows_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
)

// start is when every test begins: a Monday morning.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// key and accountID are of the one person that every test is about.
const (
	key       = "workday-21001"
	accountID = int64(501)
)

// world is everything outside of a run: what an assessment finds, what OneLogin holds, what was posted and recorded.
// It outlives the runs of a chain. A step is known by its activity id, a local activity by its activity name.
type world struct {
	t   *testing.T
	now func() time.Time

	mu   sync.Mutex
	look api.Assessment
	// departure is what the ledger knows while nobody can be assessed.
	departure api.Departure
	account   api.AccountState
	report    api.SyncReport
	held      api.BatchHeld
	admitted  api.BatchAdmitted
	shown     api.HoldShown
	lists     []api.HoldDecision
	hooks     map[string]hook
	attempts  map[string]int
	calls     []string
	messages  []api.Message
	records   []api.RecordInput
	decided   []api.DecideInput
	batches   []api.BatchInput
	collects  []api.SyncInput
	invites   []api.InviteInput
	closed    []api.CloseOrder
	suspends  []api.AccountInput

	responses []api.ResponseInput
	changes   []api.RolesInput
	// atOnce is what OneLogin lets be done in one go with something else; the rest are steps of their own.
	atOnce struct {
		logOut bool
		access api.AccessEnded
	}

	accounts []api.EnsureAccountInput

	// parked is what was put on the list of what needs a person, dropped what was taken off; shared is what the list says.
	parked, dropped []api.Parked
	shared          bool
	// listing is what putting something on the list fails with.
	listing func(context.Context) error
	// authorised is how a list stands, carried how often that was asked.
	authorised api.AuthorisedState
	carried    int

	stages []string
	timers []string
	// strict has calls that are cut short end late, and no id of theirs used twice.
	strict bool
}

// hook comes before a step's effect; attempt counts from 1. An error is what the activity returns.
type hook func(ctx context.Context, attempt int) error

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{
		t: t, hooks: map[string]hook{}, attempts: map[string]int{},
		account: api.AccountState{AccountID: accountID, Username: "ada.byron@acme.example", Email: "ada.byron@acme.example", Status: "active"},
	}
}

// before has a step go through a hook.
func (w *world) before(step string, h hook) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hooks[step] = h
}

// failing has a step fail the first n times, in a way that is retried.
func (w *world) failing(step string, n int) {
	w.before(step, func(_ context.Context, attempt int) error {
		if attempt <= n {
			return temporal.NewApplicationError("the vendor is down", api.ErrUnavailable)
		}
		return nil
	})
}

// refusing has a step fail the first n times, in a way that only a person can help with.
func (w *world) refusing(step string, n int) {
	w.before(step, func(_ context.Context, attempt int) error {
		if attempt <= n {
			return temporal.NewNonRetryableApplicationError("the vendor refuses this", api.ErrInvalid, nil)
		}
		return nil
	})
}

// finds sets what the next assessments find.
func (w *world) finds(a api.Assessment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.look = a
}

// change edits the world while a run is open.
func (w *world) change(edit func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	edit()
}

// did lists the steps that took effect, in order, of those named; all of them if none is named.
func (w *world) did(of ...string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(of) == 0 {
		return slices.Clone(w.calls)
	}
	return slices.DeleteFunc(slices.Clone(w.calls), func(c string) bool { return !slices.Contains(of, c) })
}

// tried is how often a step was attempted.
func (w *world) tried(step string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.attempts[step]
}

// posted lists the kinds of the messages that got through, in order.
func (w *world) posted() []api.MessageKind {
	w.mu.Lock()
	defer w.mu.Unlock()
	var kinds []api.MessageKind
	for _, m := range w.messages {
		kinds = append(kinds, m.Kind)
	}
	return kinds
}

// fact returns the evidence of a step, the latest if it was recorded more than once, and fails if there is none.
func (w *world) fact(step string) api.Fact {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range slices.Backward(w.records) {
		for _, f := range slices.Backward(r.Facts) {
			if f.Step == step {
				return f
			}
		}
	}
	require.Fail(w.t, "no evidence", "nothing was recorded about %s", step)
	return api.Fact{}
}

// step is the common part of all activities.
func (w *world) step(ctx context.Context, effect func()) error {
	info := activity.GetInfo(ctx)
	id := info.ActivityID
	if info.IsLocalActivity {
		id = info.ActivityType.Name
	}
	w.mu.Lock()
	w.attempts[id]++
	h, attempt := w.hooks[id], w.attempts[id]
	w.mu.Unlock()
	if h != nil {
		if err := h(ctx, attempt); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, id)
	if effect != nil {
		effect()
	}
	return nil
}

// onAccount is an activity that changes the account and returns it.
func (w *world) onAccount(effect func()) func(context.Context, api.AccountInput) (api.AccountState, error) {
	return func(ctx context.Context, in api.AccountInput) (out api.AccountState, err error) {
		err = w.step(ctx, func() {
			require.Equal(w.t, key, in.Key)
			if effect != nil {
				effect()
			}
			out = w.account
		})
		return out, err
	}
}

// register registers the world's activities under the names of the real ones.
func (w *world) register(env *testsuite.TestWorkflowEnvironment) {
	for name, fn := range map[string]any{
		api.PersonAssess: func(ctx context.Context, _ api.AssessInput) (out api.Assessment, err error) {
			err = w.step(ctx, func() { out = w.look })
			return out, err
		},
		api.PersonDeparture: func(ctx context.Context, in api.DepartureInput) (out api.Departure, err error) {
			err = w.step(ctx, func() {
				require.Equal(w.t, key, in.Key)
				out = w.departure
			})
			return out, err
		},
		api.PersonForward: func(ctx context.Context, _ api.ForwardInput) error { return w.step(ctx, nil) },
		api.PersonDecide: func(ctx context.Context, in api.DecideInput) error {
			return w.step(ctx, func() { w.decided = append(w.decided, in) })
		},
		api.LedgerRecord: func(ctx context.Context, in api.RecordInput) error {
			return w.step(ctx, func() { w.records = append(w.records, in) })
		},
		api.SlackPost: func(ctx context.Context, in api.Message) (api.Posted, error) {
			return api.Posted{Channel: "C1", Timestamp: "1"}, w.step(ctx, func() { w.messages = append(w.messages, in) })
		},
		api.AttentionHold: func(ctx context.Context, in api.Parked) (api.Listed, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.listing != nil {
				return api.Listed{}, w.listing(ctx)
			}
			w.parked = append(w.parked, in)
			return api.Listed{Shared: w.shared}, nil
		},
		api.AttentionDrop: func(_ context.Context, in api.Parked) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.dropped = append(w.dropped, in)
			return nil
		},
		api.JiraTicket: func(ctx context.Context, _ api.TicketInput) (api.Ticket, error) {
			return api.Ticket{Key: "IT-7"}, w.step(ctx, nil)
		},
	} {
		env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
	w.registerOneLogin(env)
	w.registerSync(env)
}

func (w *world) registerOneLogin(env *testsuite.TestWorkflowEnvironment) {
	roles := func(ctx context.Context, in api.RolesInput) (out api.AccountState, err error) {
		err = w.step(ctx, func() { w.changes = append(w.changes, in); w.account.Roles = in.Add; out = w.account })
		return out, err
	}
	for name, fn := range map[string]any{
		api.OneLoginEnsureSuspended: func(ctx context.Context, in api.AccountInput) (out api.AccountState, err error) {
			err = w.step(ctx, func() {
				w.suspends = append(w.suspends, in)
				w.account.Status = "suspended"
				out = w.account
				out.LoggedOut = in.LogOut && w.atOnce.logOut
			})
			return out, err
		},
		api.OneLoginEndAccess: func(ctx context.Context, in api.RolesInput) (out api.AccessEnded, err error) {
			err = w.step(ctx, func() {
				require.Equal(w.t, key, in.Key)
				if out = w.atOnce.access; out.Roles {
					w.account.Roles = in.Keep
				}
				if out.Factors {
					w.account.Factors = 0
				}
			})
			return out, err
		},
		api.OneLoginEnsureLoggedOut: w.onAccount(nil),
		api.OneLoginEnsureActive:    w.onAccount(func() { w.account.Status = "active" }),
		api.OneLoginScramble:        w.onAccount(nil),
		api.OneLoginNoFactors:       w.onAccount(func() { w.account.Factors = 0 }),
		api.OneLoginEnsureDeleted:   w.onAccount(func() { w.account.Gone = true }),
		api.OneLoginDeleteLeaver:    w.onAccount(func() { w.account.Gone = true }),
		api.OneLoginEnsureRoles:     roles,
		api.OneLoginEnsureNoRoles:   roles,
		api.OneLoginEnsureAccount: func(ctx context.Context, in api.EnsureAccountInput) (out api.AccountState, err error) {
			err = w.step(ctx, func() {
				w.accounts = append(w.accounts, in)
				w.account.Status = "unactivated"
				out = w.account
			})
			return out, err
		},
		api.OneLoginEnsureProfile: func(ctx context.Context, _ api.EnsureProfileInput) (out api.AccountState, err error) {
			err = w.step(ctx, func() { out = w.account })
			return out, err
		},
		api.OneLoginInvite: func(ctx context.Context, in api.InviteInput) (out api.AccountState, err error) {
			err = w.step(ctx, func() { w.invites = append(w.invites, in); out = w.account })
			return out, err
		},
		api.OneLoginEndSessions:   w.respond,
		api.OneLoginEnsureLocked:  w.respond,
		api.OneLoginEnsureEnabled: w.respond,
		api.OneLoginResetPassword: w.respond,
		api.AgentsSwitchOff:       func(ctx context.Context, _ api.SwitchAgents) error { return w.step(ctx, func() {}) },
		api.OrdersClose: func(ctx context.Context, in api.CloseOrder) (api.OrderReleased, error) {
			return api.OrderReleased{Released: true}, w.step(ctx, func() { w.closed = append(w.closed, in) })
		},
		api.OneLoginReadBack: func(ctx context.Context, _ api.ReadBackInput) (out api.AccountState, err error) {
			err = w.step(ctx, func() { out = w.account })
			return out, err
		},
	} {
		env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}

// respond is an activity that carries out a response.
func (w *world) respond(ctx context.Context, in api.ResponseInput) (out api.AccountState, err error) {
	err = w.step(ctx, func() {
		require.Equal(w.t, key, in.Key)
		w.responses = append(w.responses, in)
		out = w.account
	})
	return out, err
}

func (w *world) registerSync(env *testsuite.TestWorkflowEnvironment) {
	batch := func(ctx context.Context, in api.BatchInput) error {
		return w.step(ctx, func() { w.batches = append(w.batches, in) })
	}
	for name, fn := range map[string]any{
		api.SyncCollect: func(ctx context.Context, in api.SyncInput) (out api.SyncReport, err error) {
			err = w.step(ctx, func() { w.collects = append(w.collects, in); out = w.report })
			return out, err
		},
		api.SyncReserve: func(ctx context.Context, in api.BatchInput) (out api.BatchHeld, err error) {
			err = w.step(ctx, func() {
				w.batches = append(w.batches, in)
				out = w.held
				out.Granted = out.Granted || in.Override
			})
			return out, err
		},
		api.SyncHint: func(ctx context.Context, in api.BatchInput) (api.BatchSent, error) {
			return api.BatchSent{Sent: 3}, batch(ctx, in)
		},
		api.SyncDrop: batch,
		api.SyncAdmit: func(ctx context.Context, in api.BatchInput) (out api.BatchAdmitted, err error) {
			err = w.step(ctx, func() { w.batches = append(w.batches, in); out = w.admitted })
			return out, err
		},
		api.HoldsShow: func(ctx context.Context, _ api.HoldRef) (out api.HoldShown, err error) {
			err = w.step(ctx, func() { out = w.shown })
			return out, err
		},
		api.AuthorisedCarry: func(ctx context.Context, _ api.AuthorisedInput) (out api.AuthorisedState, err error) {
			err = w.step(ctx, func() { w.carried++; out = w.authorised })
			return out, err
		},
		api.HoldsDecide: func(ctx context.Context, in api.HoldDecision) (out api.HoldDecided, err error) {
			err = w.step(ctx, func() {
				w.lists = append(w.lists, in)
				out = api.HoldDecided{Current: in.Hash == w.shown.Hash, People: w.shown.People}
				switch {
				case !out.Current:
				case in.Verb == api.VerbAllow:
					w.shown = api.HoldShown{}
				default:
					w.shown.Rejected, w.shown.RejectedBy, w.shown.RejectedAt = true, in.By, in.At
				}
			})
			return out, err
		},
	} {
		env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}
