package workflows_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// beyond is what the systems beside OneLogin are asked in a test, and how their accounts stand.
type beyond struct {
	carried []api.SystemInput
	owed    []api.OweInput
	// status is by the account's reference; pending counts how often a transfer is not done yet.
	status   map[string]string
	pending  int
	left     map[identity.SystemStepKind][]string
	comments []api.ConcludeInput
	tickets  []api.TicketInput
	// keeps says that no assessment finds a step done.
	keeps bool
	// carry is called with each step that has its effect.
	carry func(api.SystemInput)
}

func newBeyond() *beyond {
	return &beyond{status: map[string]string{}, left: map[identity.SystemStepKind][]string{}}
}

// beyond has the open run reach systems beside OneLogin.
func (p *play) beyond(b *beyond) *play {
	w := p.w
	for name, fn := range map[string]any{
		api.SystemsCarry: func(ctx context.Context, in api.SystemInput) (out api.SystemState, err error) {
			err = w.step(ctx, func() { out = b.take(w, in) })
			return out, err
		},
		api.SystemsOwe: func(ctx context.Context, in api.OweInput) error {
			return w.step(ctx, func() { b.owed = append(b.owed, in) })
		},
		api.SystemsReadBack: func(ctx context.Context, in api.SystemReadBack) (out api.SystemState, err error) {
			err = w.step(ctx, func() {
				ref := identity.Ref{System: in.System, ID: in.Account}
				out = api.SystemState{Ref: ref, Status: b.status[ref.String()]}
			})
			return out, err
		},
		api.JiraConclude: func(ctx context.Context, in api.ConcludeInput) (api.Concluded, error) {
			return api.Concluded{}, w.step(ctx, func() { b.comments = append(b.comments, in) })
		},
		api.JiraTicket: func(ctx context.Context, in api.TicketInput) (api.Ticket, error) {
			return api.Ticket{Key: "IT-7"}, w.step(ctx, func() { b.tickets = append(b.tickets, in) })
		},
	} {
		p.env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name, DisableAlreadyRegisteredCheck: true})
	}
	return p
}

// take is a system that does what it is asked.
func (b *beyond) take(w *world, in api.SystemInput) api.SystemState {
	require.Equal(w.t, key, in.Key)
	b.carried = append(b.carried, in)
	out := api.SystemState{Ref: identity.Ref{System: in.System, ID: in.Account}, Changed: true, Left: b.left[in.Step.Kind]}
	switch in.Step.Kind {
	case identity.SystemCreate:
		out.Ref.ID = "new"
	case identity.SystemSuspend:
		b.status[out.Ref.String()] = "suspended"
	case identity.SystemTransfer:
		b.pending--
		if out.Pending = b.pending >= 0; !out.Pending {
			out.Left = nil
		}
	default:
	}
	if !b.keeps && !out.Pending {
		// The next assessment finds the step done.
		w.look.Systems = slices.Clone(w.look.Systems)
		for i, plan := range w.look.Systems {
			if plan.System == in.System {
				w.look.Systems[i].Steps = slices.DeleteFunc(slices.Clone(plan.Steps), func(s identity.SystemStep) bool { return s.Kind == in.Step.Kind })
			}
		}
	}
	if b.carry != nil {
		b.carry(in)
	}
	return out
}

// staying is what is to be done about an account.
func staying(system, account string, kinds ...identity.SystemStepKind) identity.SystemPlan {
	plan := identity.SystemPlan{System: system, Account: account}
	for _, kind := range kinds {
		step := identity.SystemStep{Kind: kind}
		if strings.HasSuffix(string(kind), "groups") {
			step.Names = []string{"sales@acme.example"}
		}
		plan.Steps = append(plan.Steps, step)
	}
	return plan
}

// leaving is staying for somebody who has left.
func leaving(system, account string, kinds ...identity.SystemStepKind) identity.SystemPlan {
	plan := staying(system, account, kinds...)
	plan.Leaving = true
	return plan
}

// with is an assessment with plans for other systems.
func with(a api.Assessment, plans ...identity.SystemPlan) api.Assessment {
	a.Systems = plans
	return a
}

// unless has a step fail while cond says so, in a way that is retried.
func unless(cond func() bool) hook {
	return func(context.Context, int) error {
		if cond() {
			return nil
		}
		return unreachableSoon()
	}
}

// downUntil has all attempts at a step fail until cond says otherwise.
func (w *world) downUntil(step, place string, cond func() bool) {
	w.before(step+place, unless(cond))
	for n := 2; n < 99; n++ {
		w.before(step+":"+strconv.Itoa(n)+place, unless(cond))
	}
}

// unreachableSoon is a vendor that is down, and tried again by the step's own patience.
func unreachableSoon() error {
	return temporal.NewApplicationErrorWithOptions("the vendor is down", api.ErrUnavailable,
		temporal.ApplicationErrorOptions{NextRetryDelay: time.Minute})
}
