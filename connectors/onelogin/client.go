package onelogin

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/internal/httpx"
)

const system = "onelogin"

// Defaults of Options.
const (
	defaultTimeout = 10 * time.Second
	defaultMaxBody = 8 << 20
)

// Class says how much a call matters when the quota runs low.
type Class int

const (
	// People is a run about a person, the default: it stops when 10 % of the hourly quota is left.
	People Class = iota
	// Containment is ending somebody's access: it is always sent, and its errors ask for no long wait.
	Containment
	// Sweep is a review, scan or synchronisation: it stops when 30 % of the quota is left.
	Sweep
	// Watch is the reading of security events: it goes on until nothing of the quota is left.
	Watch
)

// Options are the settings of a client.
type Options struct {
	// BaseURL is the tenant, such as https://example.onelogin.com. It may carry a path prefix.
	BaseURL string
	// ClientID and ClientSecret are an API credential. Manage All is needed for states, locks, passwords and factors.
	ClientID     string
	ClientSecret httpx.Secret
	// Timeout bounds each HTTP request (default 10s).
	Timeout time.Duration
	// Clock is the time (default time.Now).
	Clock func() time.Time
	// HTTP is the client to send with. Redirects to other hosts are refused on it, too (default: one with many
	// kept-alive connections).
	HTTP *http.Client
	// Protected says why an account must not be written to, or "" if it may be. The reason ends up in errors, so it
	// must name a rule, not a person. Nil protects nobody. It may be called concurrently.
	Protected func(User) (reason string)
	// MaxBody bounds the size of a reply in bytes (default 8 MiB).
	MaxBody int64
	// Log gets the exceptional only: renewed tokens and rate limits (default: nothing is logged).
	Log *slog.Logger
}

// Client is a view of one OneLogin account for one class of calls. Make one with New and others with For.
type Client struct {
	*shared
	class Class
	// lifted is a user whose protection two people have lifted, 0 for nobody.
	lifted int64
}

// shared is what all views of a client have in common.
type shared struct {
	base      *url.URL
	id        string
	secret    httpx.Secret
	timeout   time.Duration
	clock     func() time.Time
	http      *http.Client
	maxBody   int64
	log       *slog.Logger
	tokens    *httpx.Tokens
	limits    *limiter
	protected func(User) string
	verdicts  *verdicts
	types     typeCache
}

// New returns a client of class People. It sends nothing yet. The error lists everything that is wrong with the options.
func New(o Options) (*Client, error) {
	var problems []error
	base, err := httpx.ParseBase(o.BaseURL)
	if err != nil {
		problems = append(problems, fmt.Errorf("base_url: %w", err))
	}
	if strings.TrimSpace(o.ClientID) == "" {
		problems = append(problems, errors.New("client_id: is empty; create an API credential in OneLogin"))
	}
	if o.ClientSecret == "" {
		problems = append(problems, errors.New("client_secret: is empty; create an API credential in OneLogin"))
	}
	if o.Timeout < 0 {
		problems = append(problems, errors.New("timeout: is negative"))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("onelogin: invalid options:\n%w", errors.Join(problems...))
	}
	s := &shared{
		base: base, id: o.ClientID, secret: o.ClientSecret, timeout: o.Timeout, clock: o.Clock,
		http: httpx.Guarded(o.HTTP), maxBody: o.MaxBody, log: o.Log, protected: o.Protected,
	}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.maxBody <= 0 {
		s.maxBody = defaultMaxBody
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.limits = newLimiter(s.clock)
	s.verdicts = newVerdicts(s.clock)
	s.tokens = httpx.NewTokens(s.fetchToken, s.clock)
	return &Client{shared: s, class: People}, nil
}

// For returns a view of the same client for another class of calls. It costs nothing: token, limiter and caches are
// shared.
func (c *Client) For(class Class) *Client { return &Client{shared: c.shared, class: class} }

// Lifting returns a view of the same client that may write to one protected user. It is for what two people have allowed.
func (c *Client) Lifting(id int64) *Client {
	return &Client{shared: c.shared, class: c.class, lifted: id}
}

// RateLimit returns what OneLogin last said about the hourly quota.
func (c *Client) RateLimit() RateState { return c.limits.state() }
