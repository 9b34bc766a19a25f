package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// AccountSweep keeps the inventory of OneLogin's accounts: what was changed since the last sweep or, when that is due,
// everything; a part of who holds which role; and the mappings. What it reads stays in the ledger, so that its history is as
// short for a hundred thousand accounts as for ten. It writes to no account.
func AccountSweep(ctx workflow.Context, in api.AccountSweepRequest) (api.AccountSweepOutcome, error) {
	d, err := step.Open(ctx, api.TypeAccountSweep, "Reading OneLogin's accounts")
	if err != nil {
		return api.AccountSweepOutcome{}, err
	}
	s := &accountSweep{Console: d, id: workflow.GetInfo(ctx).FirstRunID}
	err = s.run(ctx, in)
	if errors.Is(err, step.ErrAborted) {
		s.out.Result, err = step.ErrAborted.Error(), nil
	}
	if err != nil {
		return api.AccountSweepOutcome{}, err
	}
	if err := s.told(ctx); err != nil {
		return s.out, err
	}
	if err := d.SetStage(ctx, api.StageDone); err != nil {
		return api.AccountSweepOutcome{}, err
	}
	return s.out, d.Settle(ctx)
}

// accountSweep is one run of AccountSweep.
type accountSweep struct {
	*step.Console
	id      string
	out     api.AccountSweepOutcome
	telling []workflow.Future
}

func (s *accountSweep) run(ctx workflow.Context, in api.AccountSweepRequest) error {
	sweep := api.Call.AccountsSweep(api.SweepAccountsInput{Sweep: s.id, Every: in.Every, Full: in.Full}, &s.out.Accounts)
	if err := s.runSweep(ctx, step.Step{ID: "accounts.sweep", Activity: sweep, Summary: "read OneLogin's accounts"}); err != nil {
		return err
	}
	read := s.out.Accounts
	s.out.Result = fmt.Sprintf("%s: %d accounts were seen, %d written", read.Kind, read.Seen, read.Written)
	if read.Missing > 0 {
		s.out.Result += fmt.Sprintf("; %d were not shown, %d of them are gone", read.Missing, read.Dropped)
	}
	if read.Why != "" {
		s.out.Result += "; quarantined as incomplete: " + read.Why
		s.say(ctx, "sweep_incomplete", "A sweep of OneLogin's accounts was not complete: "+read.Why+". Nothing was concluded from "+
			"what it did not show. It is read again by the next sweep; if this goes on, read the users of OneLogin by hand and "+
			"compare their number.")
	}
	s.Log(ctx, s.out.Result)
	if read.Complete && read.Kind == "full" {
		if err := s.match(ctx); err != nil {
			return err
		}
	}
	s.SetStatus(ctx, "Reading the mappings")
	mappings := api.Call.AccountsMappings(&s.out.Mappings)
	if err := s.runSweep(ctx, step.Step{ID: "accounts.mappings", Activity: mappings, Summary: "read the mappings"}); err != nil {
		return err
	}
	if s.out.Mappings.Refused {
		s.Log(ctx, "OneLogin does not show its mappings to this credential: Manage All is needed")
	}
	s.SetStatus(ctx, "Reading who holds which role")
	roles := api.Call.AccountsRoles(api.SweepRolesInput{Sweep: s.id + "/roles", Each: in.Each, Full: in.Full}, &s.out.Roles)
	if err := s.runSweep(ctx, step.Step{ID: "accounts.roles", Activity: roles, Summary: "read a part of who holds which role"}); err != nil {
		return err
	}
	if !s.out.Roles.Idle {
		s.Log(ctx, fmt.Sprintf("%d pages of role members were read, %d memberships written", s.out.Roles.Pages, s.out.Roles.Written))
	}
	return nil
}

// match compares all accounts with everybody.
func (s *accountSweep) match(ctx workflow.Context) error {
	s.SetStatus(ctx, "Comparing the accounts with everybody")
	var matched api.MatchedAccounts
	match := api.Call.AccountsMatch(&matched)
	if err := s.runSweep(ctx, step.Step{ID: "accounts.match", Activity: match, Summary: "compare the accounts with everybody"}); err != nil {
		return err
	}
	s.out.Matched = &matched
	s.Log(ctx, fmt.Sprintf("%d accounts were put on record for somebody; %d may be somebody's, %d are disputed, %d are nobody's that is known",
		matched.Linked, matched.Candidates, matched.Disputed, matched.Unowned))
	if matched.Disputed > 0 {
		s.say(ctx, "accounts_disputed", fmt.Sprintf("%d accounts are on record for one person and carry the traces of another who is "+
			"employed. See `starter account list --state disputed`, and say whose they are with `starter account link`.", matched.Disputed))
	}
	return nil
}

const (
	// sweepWithin is how long a part of a sweep is tried before somebody is told.
	sweepWithin = 2 * time.Hour
	// sweepAgain is how long a part that cannot go on waits before it is tried again by itself.
	sweepAgain = 30 * time.Minute
	// toldWithin is how long the end of a sweep waits for what it has to say.
	toldWithin = 10 * time.Minute
)

// runSweep runs a part of the sweep. Where it cannot go on, it parks and looks again by itself.
func (s *accountSweep) runSweep(ctx workflow.Context, st step.Step) error {
	return runPart(ctx, s.Console, st)
}

// runPart runs a part of a sweep. Where it cannot go on, it parks and looks again by itself.
func runPart(ctx workflow.Context, c *step.Console, st step.Step) error {
	for {
		err := st.Execute(workflow.WithScheduleToCloseTimeout(step.SweepOptions(ctx, st), sweepWithin))
		if err == nil || ctx.Err() != nil || temporal.IsCanceledError(err) {
			return err
		}
		decision, err := c.Ask(ctx, step.Failed(st, err, api.VerbRetry, api.VerbSkip, api.VerbAbort), sweepAgain)
		switch {
		case err != nil:
			return err
		case decision.Verb == api.VerbSkip:
			c.Log(ctx, st.Summary+": skipped by "+decision.By)
			return nil
		case decision.Verb == api.VerbAbort || workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			return step.ErrAborted // The next sweep begins where this one began.
		}
	}
}

// say tells IT once a day, beside the work.
func (s *accountSweep) say(ctx workflow.Context, code, text string) {
	post := api.Call.SlackPost(api.Message{
		OnceKey: api.AccountSweepID + "/" + code + "/" + workflow.Now(ctx).UTC().Format(time.DateOnly),
		Kind:    api.MessageAttention, Audience: api.AudienceIT, Text: text, WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID,
	}, nil)
	st := step.Step{ID: "slack." + code, Activity: post, Summary: "tell IT: " + strings.ReplaceAll(code, "_", " ")}
	s.telling = append(s.telling, st.Start(step.SweepOptions(ctx, st)))
}

// told waits a while for what is being said: a run that has ended says nothing any more.
func (s *accountSweep) told(ctx workflow.Context) error {
	if len(s.telling) == 0 {
		return nil
	}
	s.SetStatus(ctx, "Telling IT")
	_, err := workflow.AwaitWithTimeout(ctx, toldWithin, func() bool {
		return !slices.ContainsFunc(s.telling, func(f workflow.Future) bool { return !f.IsReady() })
	})
	for _, f := range s.telling {
		if !f.IsReady() {
			s.Log(ctx, "IT could not be told")
		} else if err := f.Get(ctx, nil); err != nil {
			s.Log(ctx, "IT could not be told: "+err.Error())
		}
	}
	return err
}
