// Package agents sees to it that agents end with their owners, and that somebody hears of those that are about to end.
package agents

import (
	"context"
	"embed"
	"errors"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/internal/killswitch"
	"gatehouse/internal/wording"
	"gatehouse/ledger"
	"gatehouse/ledger/agents"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
	"gatehouse/policy/agent"
)

// Agents looks after the agents of the policy.
type Agents struct {
	Ledger *ledger.Ledger
	Policy func() *policy.Policy
	Clock  func() time.Time
}

// The fingerprints of items about agents; the object is the agent.
const (
	itemSystem = "gatehouse"
	classOwner = "agent_owner"
	classEnds  = "agent_ends"
	// classReview is an agent of which nobody has said in a review whether it is needed.
	classReview = "agent_review"
)

// EndsSoon is how long before an agent ends somebody is told.
const EndsSoon = 14 * 24 * time.Hour

// answerWithin is how long somebody has to say whether an agent is needed; reviewsSince how far back reviews count.
const (
	answerWithin = 14 * 24 * time.Hour
	reviewsSince = 180 * 24 * time.Hour
)

//go:embed words/*.tmpl
var files embed.FS

var words = wording.Must(files, "words", wording.Marked, view{})

// view is what the words may say.
type view struct{ Agent, Day string }

// SwitchOff suspends the agents of somebody who has left. It may be repeated: one that is off stays off for its first reason.
func (a *Agents) SwitchOff(ctx context.Context, in api.SwitchAgents) error {
	for _, name := range in.Agents {
		if err := a.off(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (a *Agents) off(ctx context.Context, name string) error {
	_, err := killswitch.Off(ctx, a.Ledger, agents.Switch{Scope: agents.OfAgent(name), By: api.ByGatehouse, Cause: killswitch.CauseOwner})
	return err
}

// Sweep looks at every agent: one whose owner has left is switched off, if the run of the departure has not done so, and one whose owner
// nobody knows, or that ends soon, is an item. What fails about one holds up no other.
func (a *Agents) Sweep(ctx context.Context) error {
	reviews, failed := a.Ledger.Agents().Reviews(ctx, a.Clock().Add(-reviewsSince))
	late := map[string]bool{}
	for _, r := range reviews {
		late[r.Agent] = late[r.Agent] || r.AnsweredAt.IsZero() && a.Clock().Sub(r.AskedAt) > answerWithin
	}
	for _, each := range a.Policy().Agents() {
		if err := a.look(ctx, each, late[each.Name]); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return errors.Join(failed, a.forget(ctx))
}

// forget takes off the list what is said about agents that are not there any more, or over for good. Their switches stay.
func (a *Agents) forget(ctx context.Context) error {
	switches, err := a.Ledger.Agents().Switches(ctx)
	if err != nil {
		return err
	}
	for _, sw := range switches {
		name, one := strings.CutPrefix(sw.Scope, agents.OfAgent(""))
		each, known := a.Policy().Agent(name)
		if !one || known && each.State != agent.StateRetired && a.Clock().Before(each.Until) {
			continue
		}
		if err := killswitch.Forget(ctx, a.Ledger, sw.Scope); err != nil {
			return err
		}
	}
	return nil
}

func (a *Agents) look(ctx context.Context, each agent.Agent, unanswered bool) error {
	now := a.Clock()
	over := each.State == agent.StateRetired || !now.Before(each.Until)
	owner, err := a.Ledger.Owner(ctx, each.Owner)
	if err != nil {
		return err
	}
	if owner.Gone && !over {
		if err := a.off(ctx, each.Name); err != nil {
			return err
		}
	}
	unknown := !over && len(owner.Keys) == 0
	soon := !over && each.Until.Sub(now) <= EndsSoon
	v := view{Agent: each.Name, Day: each.Until.Add(-time.Second).UTC().Format(time.DateOnly)}
	return errors.Join(
		a.item(ctx, unknown, classOwner, worklist.Item{Severity: worklist.SeverityWarning, Owner: "security", Evidence: each.Owner}, v),
		a.item(ctx, unanswered && !over, classReview, worklist.Item{Severity: worklist.SeverityWarning, Owner: "security"}, v),
		a.item(ctx, soon, classEnds, worklist.Item{Severity: worklist.SeverityInfo, Owner: "it", Deadline: each.Until, Evidence: v.Day}, v),
	)
}

// item raises or clears an item about an agent, whose words are called after its class.
func (a *Agents) item(ctx context.Context, is bool, class string, item worklist.Item, v view) error {
	if !is {
		return a.Ledger.Worklist().ClearItem(ctx, itemSystem, class, v.Agent)
	}
	var err error
	item.System, item.Class, item.Object = itemSystem, class, v.Agent
	if item.Text, item.Next, err = words.Pair(class, v); err != nil {
		return err
	}
	return a.Ledger.Worklist().RaiseItem(ctx, item)
}
