package agentrequest

import (
	"errors"
	"strconv"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// handlePresses takes presses of buttons in Slack. Workers have judged each before, where the policy names who may decide.
func (r *run) handlePresses(ctx workflow.Context) error {
	validate := func(ctx workflow.Context, in api.Click) error {
		switch {
		case r.Took(ctx):
			return nil
		case in.UserID == "" || in.Item == "":
			return errors.New("a press needs a user and the question that it answers")
		case in.Verb != api.VerbAllow && in.Verb != api.VerbReject:
			return errors.New("this button is neither allow nor reject: nothing was decided")
		}
		// Who it is, is asked next: here it only has to be a question that is open.
		return r.Refuses(in.Verb, decisionOf(in))
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, api.UpdatePress, r.pressed, workflow.UpdateHandlerOptions{
		Description: "Somebody has pressed a button in Slack. The gateway sends this.", Validator: validate,
	})
}

func decisionOf(in api.Click) api.Decision {
	return api.Decision{Verb: in.Verb, Step: in.Step, Item: in.Item, Reason: "a button in Slack"}
}

// pressed takes a press if whoever made it may decide. Whoever pressed is told why it was not taken.
func (r *run) pressed(ctx workflow.Context, in api.Click) (api.Pressed, error) {
	if r.Took(ctx) {
		return api.Pressed{}, nil
	}
	r.presses++
	nonce := ":press:" + strconv.Itoa(r.presses)
	d := decisionOf(in)
	var err error
	if d.By, err = r.presser(ctx, in, nonce, &d); err == nil {
		err = r.Refuses(in.Verb, d)
	}
	if err != nil {
		r.Log(ctx, "A press was not taken: "+err.Error())
		return api.Pressed{}, err
	}
	r.Take(ctx, d)
	return api.Pressed{Outcome: saidBy(in.Verb, d.By)}, nil
}

// presser is the name under which whoever pressed decides.
func (r *run) presser(ctx workflow.Context, in api.Click, nonce string, d *api.Decision) (string, error) {
	var who api.SlackPerson
	whois := step.Step{
		ID: "slack.whois" + nonce, Activity: api.Call.SlackWhoIs(api.WhoIsInput{UserID: in.UserID, TeamID: in.TeamID}, &who), Summary: "who pressed the button",
	}
	if err := whois.Execute(step.PressOptions(ctx, whois)); err != nil {
		return "", errors.New("Slack did not say in time who you are, so that nothing was decided: press again, or use `starter decide --workflow " + r.in.ID + "`")
	}
	if who.Unfit != "" {
		return "", errors.New("whoever is " + who.Unfit + " in Slack decides nothing here")
	}
	var decider api.AgentDecider
	name := step.Step{
		ID: "request.who" + nonce, Activity: api.Call.AgentRequestWho(api.AgentPresser{User: in.UserID, Email: who.Email}, &decider), Summary: "may they decide?",
	}
	if err := name.Execute(step.PressOptions(ctx, name)); err != nil {
		return "", errors.New("it could not be found out in time whether you may decide: press again")
	}
	if decider.Why != "" {
		return "", errors.New(decider.Why + ": nothing was decided")
	}
	if decider.Named {
		d.Proof = &api.Proof{At: in.At, Press: &in}
	}
	return decider.By, nil
}
