package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/agents/request"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy"
	"gatehouse/policy/agent"
)

const (
	deniedOther = "other_arguments" // a request id that stands for something else
	maxReason   = 500
	longest     = 366 * 24 * time.Hour
)

// changeIn is what every tool takes that asks for a change.
type changeIn struct {
	RequestID string `json:"request_id" jsonschema:"your own id of this request, up to 64 letters, digits and . _ : -; the same id again is the same request"`
	Reason    string `json:"reason" jsonschema:"why, in a sentence: whoever approves reads it"`
	Ticket    string `json:"ticket,omitempty" jsonschema:"the ticket that asks for it"`
	Execute   bool   `json:"execute,omitempty" jsonschema:"file the request; without it nothing happens but the plan"`
	PlanHash  string `json:"plan_hash,omitempty" jsonschema:"of a dry run before: if the plan is another one by now, nothing is filed"`
}

// changeOut is the answer.
type changeOut struct {
	Request  string   `json:"request" jsonschema:"pass your request_id to request_status"`
	State    string   `json:"state" jsonschema:"dry_run, filed, waiting, held, working, done, denied, rejected, expired or not_done"`
	Plan     []string `json:"plan" jsonschema:"what is done if nothing changes before"`
	PlanHash string   `json:"plan_hash"`
	Asks     string   `json:"asks,omitempty" jsonschema:"who has to approve"`
	Rule     string   `json:"rule,omitempty" jsonschema:"the rule of the policy that answered"`
	Note     string   `json:"note,omitempty"`
}

var requestID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$`)

// requestRef is what the ledger and Temporal know a request by. An agent's id stands for nothing of another agent's.
func (a *asked) requestRef(own string) (string, error) {
	if !requestID.MatchString(own) {
		return "", wrong("request_id: use up to 64 letters, digits and . _ : - of your own choice")
	}
	return api.AgentRequestID(a.agent.Name, a.Ledger.Agents().Digest(a.agent.Name+"/"+own)), nil
}

// read checks what every request has.
func (in changeIn) read(a *asked) (request.Asked, error) {
	id, err := a.requestRef(in.RequestID)
	if err != nil {
		return request.Asked{}, err
	}
	reason := data(in.Reason)
	switch {
	case reason == "":
		return request.Asked{}, wrong("reason: say why, in a sentence")
	case len(in.Reason) > maxReason || len(in.Ticket) > maxText:
		return request.Asked{}, wrong(fmt.Sprintf("reason has at most %d bytes, and ticket %d", maxReason, maxText))
	}
	return request.Asked{ID: id, Agent: a.agent.Name, Tool: a.tool.name, Reason: reason, Ticket: data(in.Ticket)}, nil
}

// until reads the end of something, as a day or an instant.
func (a *asked) until(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if day, notDay := time.Parse(time.DateOnly, text); err != nil && notDay == nil {
		at, err = day.AddDate(0, 0, 1), nil
	}
	switch {
	case err != nil:
		return time.Time{}, wrong("until: write a day like 2027-05-31, or an instant like 2027-05-31T18:00:00Z")
	case !at.After(a.at):
		return time.Time{}, wrong("until has passed")
	case at.Sub(a.at) > longest:
		return time.Time{}, wrong("until is more than a year away")
	}
	return at.UTC(), nil
}

// change plans what is asked for, and files it if it is to be executed and the call is let through.
func (a *asked) change(ctx context.Context, in changeIn, user string, want request.Asked) (changeOut, error) {
	a.request = want.ID
	planner := request.Planner{Ledger: a.Ledger, Policy: func() *policy.Policy { return a.policy }, Clock: a.Clock}
	a.call = planner.Call(want)
	k, err := a.oneOf(ctx, user)
	if err != nil {
		return changeOut{}, err
	}
	if want.Person == nil {
		want.Subject = k.Key
	} else {
		want.Person.Sponsor = k.Key
	}
	arguments, err := want.Arguments()
	if err != nil {
		return changeOut{}, err
	}
	row := ledgeragents.Request{ID: want.ID, Agent: want.Agent, Tool: want.Tool, Subject: want.Subject, State: api.RequestFiled, Arguments: a.Ledger.Agents().Digest(string(arguments))}
	if row.Detail, err = json.Marshal(want); err != nil {
		return changeOut{}, fmt.Errorf("write down request %s: %w", want.ID, err)
	}
	before, found, err := a.Ledger.Agents().Request(ctx, want.ID)
	switch {
	case err != nil:
		return changeOut{}, err
	case found && (before.Arguments != row.Arguments || before.Tool != row.Tool):
		return changeOut{}, a.refuseFor(deniedOther, "", otherArguments)
	case found:
		a.then = a.repeated(before)
		return changeOut{Request: in.RequestID, Plan: []string{}}, nil
	}
	plan, err := planner.Plan(ctx, want)
	if err != nil {
		return changeOut{}, err
	}
	if plan.Denied() && plan.DeniedBy != request.DeniedNoAccount {
		return changeOut{}, a.refuseFor(plan.DeniedBy, plan.Rule, plan.Why)
	}
	out := planned(in, plan)
	switch {
	case !in.Execute:
		return out, nil
	case a.agent.Mode == agent.ModeDryRun:
		out.Note = "nothing was filed: this agent's requests end with their plan (mode dry_run)"
		return out, nil
	case in.PlanHash != "" && in.PlanHash != plan.Hash:
		return out, wrong("plan_hash: the plan is another one by now, " + plan.Hash + ": read it, and ask again")
	}
	a.files, a.then = true, a.file(row)
	return out, nil
}

const otherArguments = "this request_id was used before for something else: choose another one for another request"

func planned(in changeIn, plan request.Plan) changeOut {
	out := changeOut{Request: in.RequestID, State: "dry_run", Plan: append([]string{}, plan.Steps...), PlanHash: plan.Hash, Rule: plan.Rule}
	switch {
	case plan.Denied():
		out.Note = "no account of this person is known yet; with execute it is looked for"
	case plan.Already:
		out.Note = "as it was read last, it is so already; with execute it is read anew"
	case plan.Two:
		out.Asks = "two people other than the owner of this agent and whom it is about"
	case plan.Verdict == agent.Ask:
		out.Asks = "a person other than the owner of this agent and whom it is about"
	}
	return out
}

// file keeps the request and starts its run. A request that is kept is carried on whether or not its run could be started now.
func (a *asked) file(row ledgeragents.Request) func(context.Context, any) error {
	return func(ctx context.Context, out any) error {
		stored, _, err := a.Ledger.Agents().File(ctx, row)
		if errors.Is(err, ledgeragents.ErrOtherArguments) {
			return wrong(otherArguments)
		}
		if err != nil {
			return err
		}
		return a.start(ctx, stored, out.(*changeOut))
	}
}

// repeated answers a request that was filed before.
func (a *asked) repeated(stored ledgeragents.Request) func(context.Context, any) error {
	return func(ctx context.Context, out any) error {
		said := out.(*changeOut)
		s, err := statusOf(stored)
		if err != nil {
			return err
		}
		said.Plan, said.PlanHash, said.Note = s.Plan, s.PlanHash, strings.TrimSpace("this request was filed before. "+s.Result)
		return a.start(ctx, stored, said)
	}
}

func (a *asked) start(ctx context.Context, stored ledgeragents.Request, out *changeOut) error {
	out.State = stored.State
	if !stored.Over {
		if err := a.Launch(ctx, stored.ID); err != nil {
			a.Log.Error("the run of an agent's request could not be started; it will be", "request", stored.ID, "error", err)
			out.Note = "the request is filed, and will be taken up as soon as that is possible"
		}
	}
	return a.Ledger.Agents().Came(ctx, a.id, stored.ID, stored.State)
}

// The tools.

type roleIn struct {
	User  string `json:"user" jsonschema:"a key, a work address or a username"`
	Role  string `json:"role" jsonschema:"the exact name of the OneLogin role"`
	Until string `json:"until,omitempty" jsonschema:"when it ends: a day like 2027-05-31, or an instant"`
	changeIn
}

// changeRole asks for a role to be given, or taken.
func changeRole(ctx context.Context, a *asked, in roleIn) (changeOut, error) {
	want, err := in.read(a)
	if err != nil {
		return changeOut{}, err
	}
	if want.Role = strings.TrimSpace(in.Role); want.Role == "" || len(want.Role) > maxText || data(want.Role) != want.Role {
		return changeOut{}, wrong("role: name a OneLogin role, without control or invisible characters")
	}
	if want.Until, err = a.until(in.Until); err != nil {
		return changeOut{}, err
	}
	return a.change(ctx, in.changeIn, in.User, want)
}

type updateProfileIn struct {
	User       string            `json:"user" jsonschema:"a key, a work address or a username"`
	Attributes map[string]string `json:"attributes" jsonschema:"new values of title, department, company, phone: those that are to change"`
	Until      string            `json:"until" jsonschema:"when HR's values come back: a day like 2027-05-31, or an instant, a year away at most"`
	changeIn
}

func updateProfile(ctx context.Context, a *asked, in updateProfileIn) (changeOut, error) {
	want, err := in.read(a)
	if err != nil {
		return changeOut{}, err
	}
	want.Attributes = in.Attributes
	if want.Until, err = a.until(in.Until); err != nil {
		return changeOut{}, err
	}
	return a.change(ctx, in.changeIn, in.User, want)
}

type disableUserIn struct {
	User  string `json:"user" jsonschema:"a key, a work address or a username"`
	Until string `json:"until,omitempty" jsonschema:"when the account opens again: a day like 2027-05-31, or an instant; without it a person has to release it"`
	changeIn
}

func disableUser(ctx context.Context, a *asked, in disableUserIn) (changeOut, error) {
	want, err := in.read(a)
	if err != nil {
		return changeOut{}, err
	}
	if want.Until, err = a.until(in.Until); err != nil {
		return changeOut{}, err
	}
	return a.change(ctx, in.changeIn, in.User, want)
}

type onceIn struct {
	User string `json:"user" jsonschema:"a key, a work address or a username"`
	changeIn
}

// once asks for what is done to somebody and needs no more said.
func once(ctx context.Context, a *asked, in onceIn) (changeOut, error) {
	want, err := in.read(a)
	if err != nil {
		return changeOut{}, err
	}
	return a.change(ctx, in.changeIn, in.User, want)
}
