package jira

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	jiraapi "github.com/andygrunwald/go-jira"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// System is the name of this connector in errors.
const System = "jira"

// Options are the settings of a client.
type Options struct {
	// BaseURL is the site, such as https://example.atlassian.net.
	BaseURL string
	// Cloud says that the site is Jira Cloud; Data Center searches by another call and takes another kind of token.
	Cloud bool
	// User is the address that a token of Jira Cloud belongs to; Data Center needs none.
	User  string
	Token httpx.Secret
	// Timeout bounds each request (default 20s).
	Timeout time.Duration
	// HTTP sends the requests (default: a client of its own). Redirects to another host are refused.
	HTTP *http.Client
	// MaxBody is how many bytes a reply may have (default 16 MiB).
	MaxBody int64
	Clock   func() time.Time
}

// Client speaks to one site as one user.
type Client struct {
	api     *jiraapi.Client
	library *connectors.Library
	cloud   bool

	mu sync.Mutex
	// screens are the fields of a new issue by project and type.
	screens map[string]readScreen
}

// New returns a client. It sends nothing yet.
func New(o Options) (*Client, error) {
	base := httpx.Guarded(o.HTTP)
	var signed http.RoundTripper = &jiraapi.PATAuthTransport{Token: o.Token.Reveal(), Transport: base.Transport}
	if o.Cloud {
		signed = &jiraapi.BasicAuthTransport{Username: o.User, Password: o.Token.Reveal(), Transport: base.Transport}
	}
	base.Transport = signed
	library := connectors.NewLibrary(connectors.Library{System: System, HTTP: base, Timeout: o.Timeout, MaxBody: o.MaxBody, Clock: o.Clock})
	api, err := jiraapi.NewClient(library, o.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("jira: %w", err)
	}
	return &Client{api: api, library: library, cloud: o.Cloud, screens: map[string]readScreen{}}, nil
}

// call carries out one call of the library. Op says what is being done, for errors.
func (c *Client) call(ctx context.Context, op string, do func(context.Context) error) error {
	reply, e := c.library.Call(ctx, op, do)
	if e == nil {
		return nil
	}
	switch {
	case e.Status == http.StatusBadRequest:
		e.Code = strings.Join(refusedFields(reply.Body), ", ")
	case e.Status == http.StatusServiceUnavailable && e.RetryAfter > 0:
		e.Kind = connectors.KindRateLimited
	case e.Status == http.StatusConflict || e.Status == http.StatusRequestTimeout:
		// Neither of the two says that trying again could help.
		e.Kind = connectors.KindInvalid
	}
	return e
}

// get reads a path of the API, for what the library has no call for.
func (c *Client) get(ctx context.Context, op, path string, into any) error {
	return c.send(ctx, op, http.MethodGet, path, nil, into)
}

// send makes a request of the API without the library's own types.
func (c *Client) send(ctx context.Context, op, method, path string, body, into any) error {
	return c.call(ctx, op, func(ctx context.Context) error {
		req, err := c.api.NewRequestWithContext(ctx, method, path, body)
		if err != nil {
			return err
		}
		_, err = c.api.Do(req, into)
		return err
	})
}
