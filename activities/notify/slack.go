package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors"
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
	Clock     func() time.Time

	self sync.Mutex
	me   *slack.AuthTestResponse
}

// metadataType marks messages of ours.
const metadataType = "gatehouse_notice"

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
	marker := step.Mark(in.OnceKey)
	posted, err := step.Once(ctx, s.Ledger, s.Clock, step.Creation[api.Posted]{
		Key: in.OnceKey,
		Find: func(ctx context.Context, since time.Time) (api.Posted, bool, error) {
			return s.find(ctx, channel, marker, since)
		},
		Make: func(ctx context.Context) (api.Posted, error) { return s.send(ctx, channel, marker, in) },
	})
	posted.Fallback = fallback
	return posted, err
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
		if id, err := s.direct(ctx, email); err != nil || id != "" {
			return id, false, err
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

// direct opens, or finds open, the conversation with the person behind an e-mail address; "" if Slack has none.
func (s *Slack) direct(ctx context.Context, email string) (string, error) {
	if email == "" {
		return "", nil
	}
	user, err := s.Client.GetUserByEmailContext(ctx, email)
	if err != nil {
		if slackCode(err) == "users_not_found" {
			return "", nil
		}
		return "", SlackError("find a person", err)
	}
	if user.Deleted {
		return "", nil
	}
	conversation, _, _, err := s.Client.OpenConversationContext(ctx, &slack.OpenConversationParameters{
		Users: []string{user.ID}, ReturnIM: true,
	})
	if err != nil {
		switch slackCode(err) {
		case "user_disabled", "user_not_found", "user_not_visible":
			return "", nil
		}
		return "", SlackError("open a conversation", err)
	}
	return conversation.ID, nil
}

func (s *Slack) send(ctx context.Context, channel, marker string, in api.Message) (api.Posted, error) {
	text, blocks := s.Render(in)
	at, timestamp, err := s.Client.PostMessageContext(ctx, channel,
		slack.MsgOptionText(text, true),
		slack.MsgOptionBlocks(blocks...),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{"k": marker}}),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	)
	if err != nil {
		return api.Posted{}, SlackError("post a message", err)
	}
	if timestamp == "" {
		// The library takes an answer without "ok" and without an error for success.
		return api.Posted{}, &connectors.Error{System: "slack", Op: "post a message", Kind: connectors.KindMalformed}
	}
	return api.Posted{Channel: at, Timestamp: timestamp}, nil
}

// find looks through the channel for a message of ours with the marker, from a little before the earlier attempt on.
func (s *Slack) find(ctx context.Context, channel, marker string, since time.Time) (api.Posted, bool, error) {
	me, err := s.whoAmI(ctx)
	if err != nil {
		return api.Posted{}, false, err
	}
	params := &slack.GetConversationHistoryParameters{
		ChannelID: channel, Inclusive: true, IncludeAllMetadata: true, Limit: 200,
		Oldest: strconv.FormatInt(since.Add(-time.Minute).Unix(), 10),
	}
	for {
		page, err := s.Client.GetConversationHistoryContext(ctx, params)
		if err != nil {
			return api.Posted{}, false, SlackError("read a channel's history", err)
		}
		for _, m := range page.Messages {
			ours := (me.BotID != "" && m.BotID == me.BotID) || (me.UserID != "" && m.User == me.UserID)
			if ours && m.Metadata.EventType == metadataType && m.Metadata.EventPayload["k"] == marker {
				return api.Posted{Channel: channel, Timestamp: m.Timestamp}, true, nil
			}
		}
		if !page.HasMore || page.ResponseMetaData.NextCursor == "" {
			return api.Posted{}, false, nil
		}
		params.Cursor = page.ResponseMetaData.NextCursor
	}
}

// whoAmI asks once per process who the token belongs to.
func (s *Slack) whoAmI(ctx context.Context) (*slack.AuthTestResponse, error) {
	s.self.Lock()
	defer s.self.Unlock()
	if s.me == nil {
		me, err := s.Client.AuthTestContext(ctx)
		if err != nil {
			return nil, SlackError("ask who the token belongs to", err)
		}
		if me.UserID == "" && me.BotID == "" {
			return nil, &connectors.Error{System: "slack", Op: "ask who the token belongs to", Kind: connectors.KindMalformed}
		}
		s.me = me
	}
	return s.me, nil
}

// slackCode is Slack's own name of an error, "" if it has none.
func slackCode(err error) string {
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) {
		return answer.Err
	}
	return ""
}

// SlackError sorts the library's many errors into ours. Slack reports a rate limit in three ways.
func SlackError(op string, err error) error {
	e := &connectors.Error{System: "slack", Op: op, Kind: connectors.KindUnavailable, Code: slackCode(err)}
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("slack: %s: %w", op, context.Canceled)
	case errors.As(err, &limited):
		e.Kind, e.RetryAfter, e.Status = connectors.KindRateLimited, limited.RetryAfter, http.StatusTooManyRequests
	case errors.As(err, &status):
		e.Status = status.Code
		if status.Code == http.StatusTooManyRequests {
			e.Kind = connectors.KindRateLimited
		}
	}
	switch e.Code {
	case "":
	case "ratelimited", "rate_limited":
		e.Kind = connectors.KindRateLimited
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope",
		"not_in_channel", "no_permission", "org_login_required":
		e.Kind = connectors.KindUnauthorized
	case "channel_not_found", "is_archived":
		e.Kind = connectors.KindNotFound
	default:
		e.Kind = connectors.KindInvalid
	}
	return e
}
