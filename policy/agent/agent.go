// Package agent is the section agents of a policy: which agents there are, whose they are, and what each may ask about whom.
// What no rule allows is denied, and a rule that denies wins over every other.
package agent

import (
	"slices"
	"time"

	"gatehouse/policy/condition"
)

// Verdict is what a rule answers to a call.
type Verdict string

// The verdicts, in the order in which they win.
const (
	Deny  Verdict = "deny"
	Ask   Verdict = "ask"
	Allow Verdict = "allow"
)

// State is how far an agent has got in its life, as the policy says. A quarantine is the ledger's.
type State string

// The states of an agent.
const (
	StateStaged  State = "staged"  // it is known and gets no answer yet
	StateActive  State = "active"  // it gets answers
	StateRetired State = "retired" // it gets none any more; its record stays
)

// Mode is how far what an agent asks for is carried out.
type Mode string

// The modes of an agent.
const (
	ModeLogOnly Mode = "log_only" // every call is refused and recorded with what it would have come to
	ModeDryRun  Mode = "dry_run"  // it reads, and whatever it asks for ends with the plan
	ModeEnforce Mode = "enforce"  // what it asks for is carried out
)

// Agent is a program that may ask and act through Gatehouse, and belongs to a person.
type Agent struct {
	// Name is what it is called by in records, requests and ids. Owner is the work address of the person it belongs to.
	Name, Owner, Purpose string
	// Subject is what the identity provider calls it in its tokens, empty for an agent with tokens of Gatehouse.
	Subject string
	State   State
	Mode    Mode
	// Until is the instant from which it gets no answers.
	Until time.Time
	// See are the attributes of people and accounts that it may be shown, words of [Fields].
	See    []string
	Limits Limits
	Hours  Hours
	Rules  []Rule
}

// Limits bound what an agent may do in a time.
type Limits struct {
	// CallsPerMinute counts every call, WritesPerDay what changes something, PeoplePerDay about how many people it asks. The day
	// is the last 24 hours.
	CallsPerMinute, WritesPerDay, PeoplePerDay int
}

// Rule answers calls that it matches.
type Rule struct {
	Name    string
	Tools   []string
	Verdict Verdict
	when    condition.Condition
}

// Answer is what the policy says to a call, and by which rule. Rule is empty if none matched.
type Answer struct {
	Verdict Verdict
	Rule    string
}

// Has reports that a rule may allow a tool, so that the agent is shown it.
func (a Agent) Has(tool string) bool {
	return slices.ContainsFunc(a.Rules, func(r Rule) bool { return r.Verdict != Deny && r.about(tool) })
}

// Sees reports that the agent may be shown an attribute.
func (a Agent) Sees(field string) bool { return slices.Contains(a.See, field) }

func (r Rule) about(tool string) bool {
	return slices.Contains(r.Tools, AnyTool) || slices.Contains(r.Tools, tool)
}

// RefusedHours says that an agent asks outside its hours.
const RefusedHours = "hours"

// Refuses says why the agent gets no answer at an instant whatever it asks, "" if it does.
func (a Agent) Refuses(at time.Time) string {
	switch {
	case a.State == StateStaged:
		return "staged"
	case a.State == StateRetired:
		return "retired"
	case !at.Before(a.Until):
		return "expired"
	case !a.Hours.Open(at):
		return RefusedHours
	}
	return ""
}

// Judge answers a call about a target. A condition that cannot be evaluated is an error: it must neither allow nor fail to deny.
func (a Agent) Judge(c Call, t Target) (Answer, error) {
	best := Answer{Verdict: Deny}
	for _, r := range a.Rules {
		if !r.about(c.Tool) {
			continue
		}
		yes, err := r.when.Holds(view{call: &c, target: &t})
		if err != nil {
			return Answer{Verdict: Deny, Rule: r.Name}, err
		}
		switch {
		case !yes:
		case r.Verdict == Deny:
			return Answer{Deny, r.Name}, nil
		case best.Rule == "" || best.Verdict == Allow && r.Verdict == Ask:
			best = Answer{r.Verdict, r.Name}
		}
	}
	return best, nil
}
