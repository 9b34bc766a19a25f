package bamboohr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

const system = "bamboohr"

// Defaults of Options.
const (
	defaultTimeout = 20 * time.Second
	defaultMaxBody = 64 << 20
)

// Options are the settings of a client.
type Options struct {
	// BaseURL is the company's host, https://{company}.bamboohr.com. It may carry a path prefix.
	BaseURL string
	// APIKey is an API key. What it can see is what the user who made it can see.
	APIKey httpx.Secret
	// Fields maps our field names to BambooHR's (default DefaultFields). Entries replace defaults; an empty name turns a
	// field off.
	Fields FieldMap
	// Required names fields of ours that must have a value, or are named in the record's Missing (default hire_date,
	// department, status).
	Required []string
	// MustBeVisible names fields of ours that may be empty but must be in the reply, or are named in Missing: BambooHR
	// leaves out what the key may not see (default termination_date).
	MustBeVisible []string
	// InvoluntaryTypes are the tenant's words for types of termination that are involuntary, beyond those that contain
	// the word itself.
	InvoluntaryTypes []string
	// Timeout bounds each HTTP request (default 20s).
	Timeout time.Duration
	// MaxBody bounds a reply in bytes (default 64 MiB: a status table of everybody comes in one piece).
	MaxBody int64
	// Clock is the time (default time.Now).
	Clock func() time.Time
	// HTTP is the client to send with. Redirects to other hosts are refused on it, too (default: one with many
	// kept-alive connections).
	HTTP *http.Client
}

// Client reads from one company's BambooHR. It may be used by any number of goroutines.
type Client struct {
	o    Options
	base *url.URL
	http *http.Client
}

// New returns a client. It sends nothing yet. The error lists everything that is wrong with the options.
func New(o Options) (*Client, error) {
	o = withDefaults(o)
	var problems []error
	base, err := httpx.ParseBase(o.BaseURL)
	if err != nil {
		problems = append(problems, fmt.Errorf("base_url: %w", err))
	}
	if strings.TrimSpace(o.APIKey.Reveal()) == "" {
		problems = append(problems, errors.New("api_key: is empty; make one in BambooHR under your account's API keys"))
	}
	if o.Timeout < 0 {
		problems = append(problems, errors.New("timeout: is negative"))
	}
	problems = append(problems, o.Fields.check()...)
	for _, field := range append(append([]string{}, o.Required...), o.MustBeVisible...) {
		if o.Fields[field] == "" {
			problems = append(problems, fmt.Errorf("required field %q: is not mapped to a BambooHR field", field))
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("bamboohr: invalid options:\n%w", errors.Join(problems...))
	}
	return &Client{o: o, base: base, http: httpx.Guarded(o.HTTP)}, nil
}

func withDefaults(o Options) Options {
	fields := DefaultFields()
	for ours, theirs := range o.Fields {
		fields[ours] = theirs
	}
	o.Fields = fields
	if o.Required == nil {
		o.Required = []string{fieldHireDate, fieldDepartment, fieldStatus}
	}
	if o.MustBeVisible == nil {
		o.MustBeVisible = []string{fieldTerminationDate}
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// get reads a JSON document. BambooHR answers some calls in XML unless asked otherwise.
func (c *Client) get(ctx context.Context, op string, path []string, query url.Values, into any) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	u := c.base.JoinPath(append([]string{"api", "v1"}, path...)...)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return connectors.FromTransport(system, op, errors.New("the request's URL cannot be built; check the base URL"))
	}
	req.SetBasicAuth(c.o.APIKey.Reveal(), "x")
	req.Header.Set("Accept", "application/json")
	reply, err := httpx.Send(c.http, req, c.o.MaxBody)
	if err != nil {
		return connectors.FromTransport(system, op, err)
	}
	if reply.Status < 200 || reply.Status > 299 {
		return c.failure(op, reply)
	}
	if err := json.Unmarshal(reply.Body, into); err != nil {
		return connectors.Malformed(system, op, reply.Status, err)
	}
	return nil
}

// failure turns a status into an error. Source: documentation.bamboohr.com, planned-changes-to-the-api (429 and 503).
func (c *Client) failure(op string, reply httpx.Reply) error {
	e := &connectors.Error{System: system, Op: op, Kind: connectors.KindOfStatus(reply.Status), Status: reply.Status}
	switch {
	case reply.Status < 400:
		e.Kind = connectors.KindMalformed
	case e.Kind == connectors.KindRateLimited, e.Kind == connectors.KindUnavailable:
		e.RetryAfter = httpx.RetryAfter(reply.Header, c.o.Clock())
	}
	return e
}
