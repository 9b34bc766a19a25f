package notify

import (
	"context"
	"errors"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/slack"
	"gatehouse/ledger"
)

// Slack posts messages. Slack takes no idempotency key, so every message carries an opaque marker in its metadata and
// an attempt that may be the second one reads the channel's history for it first.
type Slack struct {
	Client   *slack.Client
	Ledger   *ledger.Ledger
	Person   *people.Person
	IT       string
	Security string
	// UI is the base URL of the Temporal UI and Namespace where the runs are, for links.
	UI        string
	Namespace string
	// Tickets is the base URL of the ticket system, for links.
	Tickets string
	Clock   func() time.Time
}

// Post posts one message to one audience, once per OnceKey.
func (s *Slack) Post(ctx context.Context, in api.Message) (api.Posted, error) {
	if err := s.approval(ctx, in); err != nil {
		return api.Posted{}, err
	}
	channel, fallback, err := s.channel(ctx, in)
	if err != nil {
		return api.Posted{}, err
	}
	if channel == "" {
		return api.Posted{Unreachable: true}, nil
	}
	// Of nobody in particular the words themselves say why their reader has them.
	in.Instead = fallback && (in.Audience == api.AudiencePerson || in.Audience == api.AudienceManager && in.ManagerKey != "")
	marker := step.Mark(in.OnceKey)
	posted, err := step.Once(ctx, s.Ledger, s.Clock, step.Creation[api.Posted]{
		Key: in.OnceKey,
		Find: func(ctx context.Context, since time.Time) (api.Posted, bool, error) {
			return s.find(ctx, channel, marker, since)
		},
		Make: func(ctx context.Context) (api.Posted, error) { return s.send(ctx, channel, marker, in) },
	})
	posted.Fallback = fallback
	return posted, s.at(channel, err)
}

// at says of an error which channel it is about, by what the channel is called in the configuration.
func (s *Slack) at(channel string, err error) error {
	var refused *connectors.Error
	if !errors.As(err, &refused) {
		return err
	}
	where := ""
	switch channel {
	case s.IT:
		where = "slack.channels.it"
	case s.Security:
		where = "slack.channels.security"
	default:
		return err // It is a direct message.
	}
	said := *refused
	said.Op += " in " + where
	return &said
}

// channel resolves an audience. A person who cannot be found is replaced by whoever answers for the process, and the
// message says so: nothing is dropped in silence. For a strict message the channel is empty then, and the caller is told.
func (s *Slack) channel(ctx context.Context, in api.Message) (id string, fallback bool, err error) {
	switch in.Audience {
	case api.AudienceIT:
		return s.IT, false, nil
	case api.AudienceSecurity:
		return s.Security, false, nil
	case api.AudienceManager, api.AudiencePerson:
		whom := in.ManagerKey
		if in.Audience == api.AudiencePerson {
			whom = in.Key
		}
		email, err := s.Person.EmailOf(ctx, whom)
		if err != nil {
			return "", false, err
		}
		for _, address := range []string{email, in.Former} {
			if id, err := s.direct(ctx, address); err != nil || id != "" {
				return id, false, err
			}
		}
		fallback = true
	case api.AudienceOwner:
	}
	if in.Strict && fallback {
		return "", false, nil
	}
	id, err = s.direct(ctx, in.Owner)
	if err != nil || (in.Strict && id == "") {
		return id, false, err
	}
	if id == "" {
		return s.IT, true, nil
	}
	return id, fallback, nil
}

// direct opens, or finds open, the conversation with the person behind an e-mail address; "" if Slack has none. A bot is no person, and
// somebody of another company who shares a channel is sent nothing about people of this one.
func (s *Slack) direct(ctx context.Context, email string) (string, error) {
	if email == "" {
		return "", nil
	}
	user, found, err := s.Client.UserByEmail(ctx, email)
	if err != nil || !found || user.Deleted || user.Bot {
		return "", err
	}
	me, err := s.Client.WhoAmI(ctx)
	if err != nil || user.Outside(me) {
		return "", err
	}
	channel, open, err := s.Client.Direct(ctx, user.ID)
	if err != nil || !open {
		return "", err
	}
	return channel, nil
}

func (s *Slack) send(ctx context.Context, channel, marker string, in api.Message) (api.Posted, error) {
	text, blocks, err := s.Render(in)
	if err != nil {
		return api.Posted{}, err
	}
	at, timestamp, err := s.Client.Post(ctx, channel, slack.Message{Text: text, Blocks: blocks, Marker: marker})
	if err != nil {
		return api.Posted{}, err
	}
	return api.Posted{Channel: at, Timestamp: timestamp}, nil
}

// find looks through the channel for a message of ours with the marker, from a little before the earlier attempt on.
func (s *Slack) find(ctx context.Context, channel, marker string, since time.Time) (api.Posted, bool, error) {
	timestamp, found, err := s.Client.Find(ctx, channel, marker, since.Add(-time.Minute))
	if err != nil || !found {
		return api.Posted{}, false, err
	}
	return api.Posted{Channel: channel, Timestamp: timestamp}, true, nil
}
