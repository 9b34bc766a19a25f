package notify

import (
	"context"

	slackapi "github.com/slack-go/slack"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/slack"
	"gatehouse/ledger/worklist"
)

// maxLabel and maxQuestion are Slack's limits for a button's label and the text of its confirmation.
const (
	maxLabel    = 75
	maxQuestion = 300
)

// buttons writes the row of buttons. Their value is the approval id and nothing else: what it means is in the ledger.
func buttons(in api.Message) *slackapi.ActionBlock {
	plain := func(text string, most int) *slackapi.TextBlockObject {
		return slackapi.NewTextBlockObject(slackapi.PlainTextType, step.Clip(text, most), false, false)
	}
	var elements []slackapi.BlockElement
	for _, b := range in.Buttons {
		e := slackapi.NewButtonBlockElement(b.Action, in.Approval, plain(b.Label, maxLabel))
		if b.Style != "" {
			e = e.WithStyle(slackapi.Style(b.Style))
		}
		if b.Confirm != "" {
			e.Confirm = slackapi.NewConfirmationBlockObject(
				plain(b.Label, 100), plain(step.Shorten(b.Confirm, maxQuestion), maxQuestion), plain("Yes", 30), plain("No", 30))
		}
		elements = append(elements, e)
	}
	block := api.BlockDecision
	if in.Asked != nil {
		block += ":" + in.Asked.Item
	}
	return slackapi.NewActionBlock(block, elements...)
}

// approval records what a message's buttons mean, before anybody can press them.
func (s *Slack) approval(ctx context.Context, in api.Message) error {
	if len(in.Buttons) == 0 {
		return nil
	}
	if in.Approval == "" || in.Step == "" || in.WorkflowID == "" {
		return step.NonRetryable(api.ErrInvalid, "slack: post a message: it has buttons and does not say which step of which run they are about")
	}
	return s.Ledger.Worklist().PutApproval(ctx, worklist.Approval{ID: in.Approval, WorkflowID: in.WorkflowID, Step: in.Step})
}

// Update changes a message that was posted, to show an outcome and to take its buttons away. The same update twice is
// one. A message that somebody deleted is left alone: there is nothing to correct.
func (s *Slack) Update(ctx context.Context, in api.MessageUpdate) (api.Updated, error) {
	if err := s.approval(ctx, in.Message); err != nil {
		return api.Updated{}, err
	}
	text, blocks, err := s.Render(in.Message)
	if err != nil {
		return api.Updated{}, err
	}
	if in.Outcome != "" {
		outcome, err := framed("outcome", frame{Text: in.Outcome, Unverified: in.Unverified})
		if err != nil {
			return api.Updated{}, err
		}
		blocks = append(blocks, slackapi.NewSectionBlock(
			slackapi.NewTextBlockObject(slackapi.PlainTextType, shorten(outcome), false, false), nil, nil))
	}
	closed, err := s.Client.Update(ctx, in.Channel, in.Timestamp, slack.Message{Text: text, Blocks: blocks})
	return api.Updated{Closed: closed}, s.at(in.Channel, err)
}

// WhoIs says who stands behind a Slack user: the person whose OneLogin account that is in use has the user's address.
// Everybody in a channel can press a button, guests and other companies' people included, so they are told apart here.
func (s *Slack) WhoIs(ctx context.Context, in api.WhoIsInput) (api.SlackPerson, error) {
	who := api.SlackPerson{UserID: in.UserID}
	me, err := s.Client.WhoAmI(ctx)
	if err != nil {
		return who, err
	}
	user, found, err := s.Client.User(ctx, in.UserID)
	switch {
	case err != nil:
		return who, err
	case !found:
		who.Unfit = api.UnfitUnknown
		return who, nil
	}
	who.Unfit = unfit(user, me.TeamID, in.TeamID)
	if who.Unfit != "" || user.Email == "" {
		return who, nil
	}
	who.Email = user.Email
	who.Key, who.AccountID, err = s.Person.KeyOf(ctx, who.Email)
	return who, err
}

// unfit says why a user decides nothing, "" if they may.
func unfit(u slack.User, ours, acted string) string {
	switch {
	case u.Deleted:
		return api.UnfitDeleted
	case u.Bot:
		return api.UnfitBot
	case u.Stranger || (u.Team != "" && u.Team != ours) || (acted != "" && acted != ours):
		return api.UnfitForeign
	case u.Guest:
		return api.UnfitGuest
	}
	return ""
}
