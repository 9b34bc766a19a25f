package agents

import (
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/agents/subject"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy/agent"
)

// known is somebody as the ledger has them.
type known = subject.Subject

// stamp is an instant as agents read it, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// find returns everybody whom a query leads to, by key.
func (a *asked) find(ctx context.Context, query string) ([]known, error) {
	query = strings.TrimSpace(query)
	if query == "" || len(query) > 320 {
		return nil, wrong("say whom: a work address, a username, a full name, an employee id or a key, of at most 320 characters")
	}
	keys, err := a.keysOf(ctx, query)
	if err != nil {
		return nil, err
	}
	found := make([]known, 0, len(keys))
	for _, key := range keys {
		k, there, err := a.known(ctx, key)
		if err != nil {
			return nil, err
		}
		if there {
			found = append(found, k)
		}
	}
	return found, nil
}

func (a *asked) keysOf(ctx context.Context, query string) ([]string, error) {
	if source, _, err := identity.SplitKey(query); err == nil && source != "" {
		return []string{query}, nil
	}
	looks := []func(context.Context, string) ([]ledger.Known, error){a.Ledger.FindByAddress, a.Ledger.FindByNumber, a.Ledger.FindByName}
	var keys []string
	for _, look := range looks {
		found, err := look(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, k := range found {
			if !slices.Contains(keys, k.Key) {
				keys = append(keys, k.Key)
			}
		}
	}
	slices.Sort(keys)
	return keys, nil
}

func (a *asked) known(ctx context.Context, key string) (known, bool, error) {
	return subject.Read(ctx, a.Ledger, key)
}

func (a *asked) target(k known) agent.Target { return k.Target(a.policy) }

// shown lets an attribute through that the agent may see, cleaned; "" otherwise.
func (a *asked) shown(field, text string) string {
	if !a.agent.Sees(field) {
		return ""
	}
	return data(text)
}
