package agents

import (
	"context"
	"time"

	"gatehouse/activities/api"
	"gatehouse/agents/request"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy/agent"
)

const (
	// mostWait bounds how long an answer waits for a request, lookEvery is how often it is looked at meanwhile.
	mostWait  = 20 * time.Second
	lookEvery = 200 * time.Millisecond
)

type statusIn struct {
	RequestID string `json:"request_id" jsonschema:"your own id of the request"`
	Wait      int    `json:"wait_seconds,omitempty" jsonschema:"how long to wait for it to be over, 20 at most"`
}

type statusOut struct {
	Request  string   `json:"request"`
	Tool     string   `json:"tool"`
	State    string   `json:"state" jsonschema:"filed, waiting, held, working, done, denied, rejected, expired or not_done"`
	Over     bool     `json:"over" jsonschema:"it goes no further"`
	Plan     []string `json:"plan"`
	PlanHash string   `json:"plan_hash,omitempty"`
	Result   string   `json:"result,omitempty" jsonschema:"what was done, or why nothing was"`
	Undo     string   `json:"undo,omitempty" jsonschema:"how a person takes it back"`
	FiledAt  string   `json:"filed_at"`
}

// requestStatus says how one of the agent's own requests stands. Those of others are not known to it.
func requestStatus(ctx context.Context, a *asked, in statusIn) (statusOut, error) {
	if answer, err := a.agent.Judge(a.call, agent.Target{}); err != nil || answer.Verdict == agent.Deny && answer.Rule != "" {
		if err == nil {
			err = a.refuse(deniedPolicy, answer.Rule)
		}
		return statusOut{}, err
	}
	a.answer = agent.Answer{Verdict: agent.Allow}
	id, err := a.requestRef(in.RequestID)
	if err != nil {
		return statusOut{}, err
	}
	a.request = id
	stored, err := a.await(ctx, id, min(time.Duration(in.Wait)*time.Second, mostWait))
	if err != nil {
		return statusOut{}, err
	}
	if stored.Subject != "" {
		a.subjects = append(a.subjects, stored.Subject)
	}
	out, err := statusOf(stored)
	out.Request = in.RequestID
	return out, err
}

// await reads a request until it is over, or for a while.
func (a *asked) await(ctx context.Context, id string, within time.Duration) (ledgeragents.Request, error) {
	end := time.NewTimer(max(within, 0))
	defer end.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		stored, found, err := a.Ledger.Agents().Request(ctx, id)
		switch {
		case err != nil:
			return stored, err
		case !found:
			return stored, wrong("this agent has no request of this id")
		case stored.Over || within <= 0:
			return stored, nil
		}
		select {
		case <-ctx.Done():
			return stored, ctx.Err()
		case <-end.C:
			return stored, nil
		case <-look.C:
		}
	}
}

// statusOf is a request as its agent may know it. Who has decided is not for it.
func statusOf(r ledgeragents.Request) (statusOut, error) {
	out := statusOut{Tool: r.Tool, State: r.State, Over: r.Over, Plan: []string{}, FiledAt: stamp(r.FiledAt)}
	_, came, err := request.Read(r)
	if err != nil {
		return out, err
	}
	out.Plan, out.PlanHash, out.Result = append(out.Plan, came.Plan.Steps...), came.Plan.Hash, came.Result
	if r.State == api.RequestDone || r.State == api.RequestWorking {
		out.Undo = came.Plan.Undo()
	}
	return out, nil
}
