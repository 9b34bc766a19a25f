package app

import (
	"context"
	"net/http"

	"gatehouse/agents"
	"gatehouse/internal/policyfile"
)

// Agents is the MCP server of this App. It watches the policy for as long as the context lives.
func (a *App) Agents(ctx context.Context) (http.Handler, error) {
	cfg := a.Config
	file, err := policyfile.Open(a.policyOptions())
	if err != nil {
		return nil, err
	}
	o := agents.Options{
		Policy: file.Current, Ledger: a.Ledger, URL: cfg.Agents.URL, Issuer: cfg.Agents.Issuer, Launch: a.Launch.AgentRequest, Clock: a.clock, Log: a.Log,
	}
	if cfg.Agents.Issuer != "" {
		if o.Verify, err = agents.Verifier(ctx, cfg.Agents.Issuer, cfg.Agents.URL); err != nil {
			return nil, err
		}
	}
	go file.Watch(ctx)
	return agents.New(o), nil
}
