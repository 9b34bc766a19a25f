package slack

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	slackapi "github.com/slack-go/slack"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// System is the name of this connector in errors.
const System = "slack"

// Options are the settings of a client.
type Options struct {
	// Token is the bot token of the app.
	Token httpx.Secret
	// BaseURL is where the methods of the Web API are, such as https://slack.com/api.
	BaseURL string
	// Timeout bounds each request (default 20s).
	Timeout time.Duration
	// HTTP sends the requests (default: a client of its own). Redirects to another host are refused.
	HTTP *http.Client
	// MaxBody is how many bytes a reply may have (default 16 MiB).
	MaxBody int64
	Clock   func() time.Time
}

// Client speaks to one workspace as one app.
type Client struct {
	api     *slackapi.Client
	library *connectors.Library

	self sync.Mutex
	me   *Self
}

// New returns a client. It sends nothing yet.
func New(o Options) *Client {
	library := connectors.NewLibrary(connectors.Library{
		System: System, HTTP: httpx.Guarded(o.HTTP), Timeout: o.Timeout, MaxBody: o.MaxBody, Clock: o.Clock,
	})
	return &Client{library: library, api: slackapi.New(o.Token.Reveal(),
		slackapi.OptionHTTPClient(library),
		// The library appends a method's name as it is.
		slackapi.OptionAPIURL(strings.TrimSuffix(o.BaseURL, "/")+"/"))}
}

// call carries out one call of the library. Op says what is being done, for errors.
func (c *Client) call(ctx context.Context, op string, do func(context.Context) error) *connectors.Error {
	var said error
	_, e := c.library.Call(ctx, op, func(ctx context.Context) error {
		said = do(ctx)
		return said
	})
	if e == nil {
		return nil
	}
	var answer slackapi.SlackErrorResponse
	switch {
	case errors.As(said, &answer) && answer.Err != "":
		e.Kind, e.Code = kindOf(answer.Err), connectors.StableCode(answer.Err)
		e.Status = 0 // Slack reports its own errors with HTTP 200.
		e.Err = advice(answer.Err)
	case e.Kind == connectors.KindNotFound || e.Kind == connectors.KindConflict || e.Kind == connectors.KindInvalid:
		// Any other status but a rate limit or a refused token comes from something in between.
		e.Kind = connectors.KindUnavailable
	}
	return e
}

// kindOf sorts Slack's names of errors. What it does not name here is about what was asked for.
// Source: docs.slack.dev, the errors of each method.
func kindOf(code string) connectors.Kind {
	switch code {
	case "ratelimited", "rate_limited":
		return connectors.KindRateLimited
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return connectors.KindUnavailable
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope",
		"not_in_channel", "no_permission", "org_login_required":
		return connectors.KindUnauthorized
	case "channel_not_found", "is_archived":
		return connectors.KindNotFound
	}
	return connectors.KindInvalid
}

// advice says what Slack's name of an error means and what to do about it, where that is about a channel or what the app may do; nil
// for any other. Source: docs.slack.dev, the errors of chat.postMessage and conversations.history.
func advice(code string) error {
	switch code {
	case "channel_not_found":
		// Slack hides private channels from whoever is not in them.
		return errors.New("the channel is private and the app is not in it, or its id is wrong; write /invite and the app's name there, or correct the id")
	case "not_in_channel":
		return errors.New("the app is not in the channel; write /invite and the app's name there")
	case "is_archived":
		return errors.New("the channel is archived; unarchive it, or name another one")
	case "missing_scope", "no_permission":
		return errors.New("the app lacks a scope; give it those of docs/security.md and install it again")
	}
	if strings.HasPrefix(code, "restricted_action") {
		return errors.New("the workspace or the channel says who may post; let the app post there, or name another channel")
	}
	return nil
}

// fails returns an error of a call as an error, nil as nil, unless Slack's name of it is one of those that are an answer.
func fails(e *connectors.Error, answers ...string) (answered bool, err error) {
	if e == nil {
		return false, nil
	}
	for _, code := range answers {
		if e.Code == code {
			return true, nil
		}
	}
	return false, e
}
