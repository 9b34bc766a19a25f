package incident

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// handlePresses takes presses of buttons in Slack. Workers have judged each before, where the policy names who may decide.
func (i *incident) handlePresses(ctx workflow.Context) error {
	validate := func(ctx workflow.Context, in api.Click) error {
		switch {
		case i.Took(ctx):
			return nil
		case in.UserID == "" || in.Step == "" && in.Item == "":
			return errors.New("a press needs a user and the question that it answers")
		case in.Verb != api.VerbApprove && in.Verb != api.VerbDeny:
			return errors.New("this button is neither approve nor deny: nothing was decided")
		case i.responses.meant(pressOf(in)) == nil:
			return errors.New("what this button asked is not open any more: nothing was decided. " + step.WaitingNow(i.Open()))
		}
		return nil
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, api.UpdatePress, i.pressed, workflow.UpdateHandlerOptions{
		Description: "Somebody has pressed a button in Slack. The gateway sends this.", Validator: validate,
	})
}

func pressOf(in api.Click) api.Decision {
	return api.Decision{Verb: in.Verb, Step: in.Step, Item: in.Item}
}

// pressed takes a press if whoever made it may decide, and nobody has before. Whoever pressed is told why it was not taken.
func (i *incident) pressed(ctx workflow.Context, in api.Click) (api.Pressed, error) {
	if i.Took(ctx) {
		return api.Pressed{}, nil
	}
	i.strands.busy++
	defer func() { i.strands.busy-- }()
	i.responses.presses++
	nonce := ":press:" + strconv.Itoa(i.responses.presses)
	q := i.responses.meant(pressOf(in))
	err := i.takePress(ctx, in, nonce)
	if err == nil {
		i.Keep(workflow.GetCurrentUpdateInfo(ctx).ID, q.item)
		return api.Pressed{Outcome: q.outcome()}, nil
	}
	i.Log(ctx, "A press was not taken: "+err.Error())
	if !q.open() {
		i.spawn(ctx, "show "+q.step, func(ctx workflow.Context) error { i.show(ctx, q, nonce); return nil })
	}
	return api.Pressed{}, err
}

func (i *incident) takePress(ctx workflow.Context, in api.Click, nonce string) error {
	var who api.SlackPerson
	ask := api.Call.SlackWhoIs(api.WhoIsInput{UserID: in.UserID, TeamID: in.TeamID}, &who)
	s := step.Step{ID: "slack.whois" + nonce, Activity: ask, Summary: "who pressed the button"}
	if err := s.Execute(step.PressOptions(ctx, s)); err != nil {
		return errors.New("Slack did not say in time who you are, so that nothing was decided: press again, or use `starter decide --workflow " + i.id + "`")
	}
	d := pressOf(in)
	d.By = who.Email
	return i.answerAs(ctx, d, who.Unfit, nonce, in.UserID)
}

// mayAnswer asks whether whoever decides may. It returns the name under which they do, which is another one than they gave
// where the policy knows whose Slack user pressed.
func (i *incident) mayAnswer(ctx workflow.Context, in api.Decision, nonce, user string) (by string, err error) {
	var verdict api.ApproverVerdict
	ask := api.Call.EventsApprover(api.ApproverInput{CaseRef: i.in.Case, Email: in.By, Slack: user, Proven: in.Proof != nil}, &verdict)
	s := step.Step{ID: "events.approver" + nonce, Activity: ask, Summary: "may they decide?"}
	options := step.Options(ctx, s)
	if user != "" {
		options = step.PressOptions(ctx, s)
	}
	err = s.Execute(options)
	switch {
	case err != nil:
		return "", errors.New("it could not be found out whether you may decide: try again")
	case !verdict.Allowed:
		return "", fmt.Errorf("%s", verdict.Why)
	}
	return cmp.Or(verdict.By, in.By), nil
}
