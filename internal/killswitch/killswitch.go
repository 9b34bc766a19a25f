// Package killswitch switches agents and tools off and on. The switch and the item that says so are one write, so that nothing is off
// without being on the list of what needs a person.
package killswitch

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"gatehouse/internal/wording"
	"gatehouse/ledger"
	"gatehouse/ledger/agents"
	"gatehouse/ledger/worklist"
)

// The fingerprint of the item about a switch; its object is the scope.
const (
	itemSystem = "gatehouse"
	itemClass  = "agent_off"
)

// Why Gatehouse switches an agent off by itself.
const (
	CauseRefusals  = "refusals"
	CauseCanary    = "canary"
	CauseProtected = "protected"
	CauseOwner     = "owner"
	CauseReview    = "review"
)

// files are the words of that item, and why something was switched off without anybody's word, by the cause's name.
//
//go:embed words/*.tmpl
var files embed.FS

var (
	words   = wording.Must(files, "words", wording.Marked, view{})
	reasons = words.Table("why", view{})
)

// view is what the words may say.
type view struct{ What, Why, Flags string }

// Off switches a scope off. Fresh is false if it was off already: the first reason stays. It may be called within a transaction.
func Off(ctx context.Context, l *ledger.Ledger, sw agents.Switch) (fresh bool, err error) {
	if why := reasons[sw.Cause]; why != "" {
		sw.Reason = strings.TrimSuffix(why+": "+sw.Reason, ": ")
	}
	v := view{What: what(sw.Scope), Why: reasons[sw.Cause], Flags: flags(sw.Scope)}
	text, next, err := words.Pair("off", v)
	if err != nil {
		return false, fmt.Errorf("say that %s is off: %w", sw.Scope, err)
	}
	item := worklist.Item{
		System: itemSystem, Class: itemClass, Object: sw.Scope, Severity: worklist.SeverityWarning, Owner: "security", Text: text, Next: next, Evidence: sw.Cause,
	}
	if sw.Cause != "" && sw.Cause != CauseReview {
		item.Severity = worklist.SeverityCritical
	}
	err = l.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if fresh, err = l.Agents().SwitchOff(ctx, sw); err != nil || !fresh {
			return err
		}
		return l.Worklist().RaiseItem(ctx, item)
	})
	return fresh, err
}

// On switches a scope on again, and returns the keys of those whom orders are about that waited because of it.
func On(ctx context.Context, l *ledger.Ledger, scope string) (waited []string, err error) {
	before, err := l.Orders().Open(ctx)
	if err != nil {
		return nil, err
	}
	err = l.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if err := l.Agents().SwitchOn(ctx, scope); err != nil {
			return err
		}
		return l.Worklist().ClearItem(ctx, itemSystem, itemClass, scope)
	})
	if err != nil {
		return nil, err
	}
	after, err := l.Orders().Open(ctx)
	if err != nil {
		return nil, err
	}
	off := map[string]bool{}
	for _, o := range before {
		off[o.ID] = o.Off != ""
	}
	for _, o := range after {
		if off[o.ID] && o.Off == "" && !slices.Contains(waited, o.Key) {
			waited = append(waited, o.Key)
		}
	}
	return waited, nil
}

// Forget takes the item about a scope off the list. The switch stays.
func Forget(ctx context.Context, l *ledger.Ledger, scope string) error {
	return l.Worklist().ClearItem(ctx, itemSystem, itemClass, scope)
}

// what is what a scope is called at the beginning of a sentence.
func what(scope string) string {
	if name, is := strings.CutPrefix(scope, agents.OfAgent("")); is {
		return "Agent " + name
	}
	if name, is := strings.CutPrefix(scope, agents.OfTool("")); is {
		return "The tool " + name
	}
	return "Every agent"
}

// flags are those of the command that switches a scope on.
func flags(scope string) string {
	if name, is := strings.CutPrefix(scope, agents.OfAgent("")); is {
		return "--agent " + name
	}
	if name, is := strings.CutPrefix(scope, agents.OfTool("")); is {
		return "--tool " + name
	}
	return "--all"
}
