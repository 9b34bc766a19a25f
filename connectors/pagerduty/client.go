package pagerduty

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	pagerapi "github.com/PagerDuty/go-pagerduty"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// System is the name of this connector in errors.
const System = "pagerduty"

// defaultMaxBody is less than that of other libraries: what PagerDuty answers is small.
const defaultMaxBody = 4 << 20

// Options are the settings of a client.
type Options struct {
	// RoutingKey is the integration that events go to.
	RoutingKey httpx.Secret
	// Token reads incidents. It may be empty for a client that sends events only.
	Token httpx.Secret
	// BaseURL is the REST API and EventsURL the Events API; they differ, and by region.
	BaseURL, EventsURL string
	// Timeout bounds each request (default 20s).
	Timeout time.Duration
	// HTTP sends the requests (default: a client of its own). Redirects to another host are refused.
	HTTP *http.Client
	// MaxBody is how many bytes a reply may have (default 4 MiB, far above what an event or a page of incidents is answered with).
	MaxBody int64
	Clock   func() time.Time
}

// Client sends events to one integration, and reads incidents where it has a token.
type Client struct {
	api        *pagerapi.Client
	library    *connectors.Library
	base       string
	routingKey httpx.Secret
	reads      bool
}

// New returns a client. It sends nothing yet.
func New(o Options) *Client {
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	api := pagerapi.NewClient(o.Token.Reveal(),
		// The library puts a path with a leading slash behind these.
		pagerapi.WithAPIEndpoint(strings.TrimSuffix(o.BaseURL, "/")),
		pagerapi.WithV2EventsAPIEndpoint(strings.TrimSuffix(o.EventsURL, "/")))
	library := connectors.NewLibrary(connectors.Library{
		System: System, HTTP: httpx.Guarded(o.HTTP), Timeout: o.Timeout, MaxBody: o.MaxBody, Clock: o.Clock,
	})
	api.HTTPClient = library
	return &Client{
		api: api, library: library, base: strings.TrimSuffix(o.BaseURL, "/"), routingKey: o.RoutingKey, reads: o.Token != "",
	}
}

// Reads reports that the client has a token to read incidents with.
func (c *Client) Reads() bool { return c.reads }

// call carries out one call of the library and returns the status that it was answered with.
func (c *Client) call(ctx context.Context, op string, do func(context.Context) error) (status int, _ *connectors.Error) {
	reply, e := c.library.Call(ctx, op, do)
	if e == nil {
		return reply.Status, nil
	}
	if e.Status == http.StatusBadRequest {
		e.Code = complaint(reply.Body)
	}
	if e.Kind == connectors.KindRateLimited && e.RetryAfter == 0 {
		if n, err := strconv.Atoi(reply.Header.Get("Ratelimit-Reset")); err == nil && n > 0 {
			e.RetryAfter = time.Duration(n) * time.Second
		}
	}
	return reply.Status, e
}

// eventFields are the fields that an event of ours has.
var eventFields = []string{
	"routing_key", "event_action", "dedup_key", "payload", "payload.summary", "payload.source", "payload.severity",
	"payload.timestamp", "payload.custom_details", "links", "client", "client_url",
}

var quotedWord = regexp.MustCompile(`'([a-z_.]+)'`)

// complaint reads which fields a refusal names. The rest of its text may quote what was sent, so it is dropped.
// Source: developer.pagerduty.com, Events API v2: {"status","message","errors":["Length of 'routing_key' is ..."]}.
func complaint(body []byte) string {
	var refusal struct {
		Errors []string `json:"errors"`
	}
	if json.Unmarshal(body, &refusal) != nil {
		return ""
	}
	var named []string
	for _, text := range refusal.Errors {
		for _, match := range quotedWord.FindAllStringSubmatch(text, -1) {
			if slices.Contains(eventFields, match[1]) && !slices.Contains(named, match[1]) {
				named = append(named, match[1])
			}
		}
	}
	return strings.Join(named, ", ")
}
