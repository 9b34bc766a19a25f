package agents

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy/agent"
)

const (
	// sameRead is for how long the same reading is one, mostReadings how many a server has under way.
	sameRead     = 10 * time.Second
	mostReadings = 4
)

// freshness is what came of a wish to have something read anew.
type freshness struct {
	Done bool   `json:"done" jsonschema:"false: the answer is what was known before"`
	Why  string `json:"why,omitempty" jsonschema:"what kept it from being read, or from being read in full"`
}

// anew has something read anew. Whoever is judged before it has to be judged again: the answer is about what is known now. A call that is
// refused anyway has nothing read.
func (a *asked) anew(ctx context.Context, in api.AgentReadRequest) (*freshness, error) {
	by, err := a.Ledger.Agents().Refuses(ctx, ledgeragents.Call{
		Agent: a.agent.Name, Tool: a.tool.name, Subjects: a.subjects, Verdict: string(agent.Allow),
	}, boundsOf(a.agent.Limits))
	if err != nil {
		return nil, err
	}
	if by == "" && a.agent.Mode == agent.ModeLogOnly {
		by = deniedMode
	}
	if by != "" {
		return nil, a.refuse(by, a.answer.Rule)
	}
	a.subjects, a.hidden, a.answer = nil, 0, agent.Answer{}
	if a.Fresh == nil {
		return &freshness{Why: "nothing can be read anew here"}, nil
	}
	in.Agent = a.agent.Name
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	digest := a.Ledger.Digest(strconv.FormatInt(a.at.Unix()/int64(sameRead/time.Second), 10) + string(text))[:20]
	waiting, cancel := context.WithTimeout(ctx, api.AgentReadWithin)
	defer cancel()
	select {
	case a.readings <- struct{}{}:
		defer func() { <-a.readings }()
	case <-waiting.Done():
		return &freshness{Why: "too much else is being read anew"}, ctx.Err()
	}
	out, err := a.Fresh(waiting, api.AgentReadID(a.agent.Name, digest), in)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		a.Log.Warn("what an agent wants to have read anew was not read in time", "agent", a.agent.Name, "tool", a.tool.name, "error", err)
		return &freshness{Why: whyNot(err)}, nil
	}
	return &freshness{Done: out.Complete, Why: data(out.Why)}, nil
}

// whyNot says why a reading has no end, without what an error holds.
func whyNot(err error) string {
	if errors.Is(err, api.ErrReadNotStarted) {
		return "Temporal does not answer, so that nothing can be read anew now"
	}
	return "the reading has not ended in time: it may go on, and the next call may have it"
}

// freshly returns one person, read anew if that is wanted: what of their accounts, want says.
func (a *asked) freshly(ctx context.Context, user string, fresh bool, want func(accounts []int64) api.AgentReadRequest) (known, *freshness, error) {
	a.call.Fresh = fresh
	k, err := a.oneOf(ctx, user)
	if err != nil || !fresh {
		return k, nil, err
	}
	accounts := k.OneLogin()
	if len(accounts) == 0 {
		return k, &freshness{Why: "there is no OneLogin account to read"}, nil
	}
	done, err := a.anew(ctx, want(accounts))
	if err != nil {
		return k, nil, err
	}
	k, err = a.oneOf(ctx, k.Key)
	return k, done, err
}

// profiles are accounts to be read again.
func profiles(accounts []int64) api.AgentReadRequest { return api.AgentReadRequest{Accounts: accounts} }

// number is an id of OneLogin as a number, 0 for none.
func number(id string) int64 {
	n, _ := identity.Ref{System: identity.SystemOneLogin, ID: id}.OneLogin()
	return n
}
