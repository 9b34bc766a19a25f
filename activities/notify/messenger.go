package notify

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/connectors"
	"gatehouse/policy"
)

// Messenger says things in Slack, by e-mail, or both, as the policy has it for each kind of message.
type Messenger struct {
	// Slack and Mail are nil where a company has none. One of them is there.
	Slack *Slack
	Mail  *Mail
	// Channel is what the policy says of a kind of message, "" where it says nothing: then Slack carries it, if there is one.
	Channel func(kind string) string
}

// ways says by what a kind of message goes. What the policy wants and the company has not is replaced by what it has: nothing is
// dropped in silence.
func (m *Messenger) ways(kind api.MessageKind) (slack, mail bool) {
	switch m.Channel(string(kind)) {
	case policy.ChannelBoth:
		slack, mail = true, true
	case policy.ChannelMail:
		mail = true
	default:
		slack = true
	}
	slack, mail = slack && m.Slack != nil, mail && m.Mail != nil
	if !slack && !mail {
		slack, mail = m.Slack != nil, m.Slack == nil
	}
	return slack, mail
}

// Post says one thing to one audience, once per OnceKey and way. What is refused by one way goes by the other all the same.
func (m *Messenger) Post(ctx context.Context, in api.Message) (api.Posted, error) {
	slack, mail := m.ways(in.Kind)
	if !mail {
		return m.bySlack(ctx, in)
	}
	mailed, byMail := m.Mail.Post(ctx, in)
	if !slack {
		return mailed, byMail
	}
	posted, bySlack := m.Slack.Post(ctx, in)
	posted.Fallback, posted.Unreachable = posted.Fallback && mailed.Fallback, posted.Unreachable && mailed.Unreachable
	return posted, passing(bySlack, byMail)
}

// bySlack says it in Slack. What is for one person whom Slack does not have goes to them by e-mail before it goes to anybody else.
func (m *Messenger) bySlack(ctx context.Context, in api.Message) (api.Posted, error) {
	personal := in.Audience == api.AudiencePerson || in.Audience == api.AudienceManager
	if m.Mail == nil || !personal || in.Strict {
		return m.Slack.Post(ctx, in)
	}
	own := in
	own.Strict = true
	posted, err := m.Slack.Post(ctx, own)
	if err != nil || !posted.Unreachable {
		return posted, err
	}
	mailed, err := m.Mail.Post(ctx, own)
	switch {
	case err != nil && !permanent(err):
		return mailed, err
	case err == nil && !mailed.Unreachable:
		return mailed, nil
	}
	return m.Slack.Post(ctx, in)
}

// passing is the one of two errors that goes away by itself, if there is one: the other is met again.
func passing(a, b error) error {
	if a == nil || b != nil && permanent(a) && !permanent(b) {
		return b
	}
	return a
}

func permanent(err error) bool {
	for _, kind := range []connectors.Kind{connectors.KindInvalid, connectors.KindConflict, connectors.KindNotFound, connectors.KindRefused} {
		if connectors.IsKind(err, kind) {
			return true
		}
	}
	return false
}

// Update changes a message in Slack. An e-mail stays as it was sent.
func (m *Messenger) Update(ctx context.Context, in api.MessageUpdate) (api.Updated, error) {
	if m.Slack == nil || in.Timestamp == "" {
		return api.Updated{Closed: true}, nil
	}
	return m.Slack.Update(ctx, in)
}

// WhoIs says who stands behind a Slack user. Nobody does where there is no Slack.
func (m *Messenger) WhoIs(ctx context.Context, in api.WhoIsInput) (api.SlackPerson, error) {
	if m.Slack == nil {
		return api.SlackPerson{UserID: in.UserID, Unfit: api.UnfitUnknown}, nil
	}
	return m.Slack.WhoIs(ctx, in)
}
