package salesforce

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/internal/httpx"
)

// System is the name of this connector in refs and errors.
const System = "salesforce"

// Defaults of Options.
const (
	defaultVersion    = "v60.0"
	defaultExternalID = "Gatehouse_Id__c"
	defaultTimeout    = 20 * time.Second
	defaultMaxBody    = 16 << 20
)

// Options are the settings of a client.
type Options struct {
	// BaseURL is the org's My Domain, such as https://acme.my.salesforce.com.
	BaseURL string
	// ClientID is the app's consumer key. It signs in by ClientSecret as the app's run-as user, or by Key as Username.
	ClientID     string
	ClientSecret httpx.Secret
	// Key is an RSA key in PEM whose certificate the app has, Username whom it signs in as.
	Key      httpx.Secret
	Username string
	// Version is the API's version (default v60.0).
	Version string
	// ExternalIDField is the field of users that holds our id of a person. It has to be an external id and unique
	// (default Gatehouse_Id__c).
	ExternalIDField string
	// New is what a user that is created has besides what is said of the person.
	New Defaults
	// Timeout bounds each request (default 20s).
	Timeout time.Duration
	// MaxBody is how many bytes a reply may have (default 16 MiB).
	MaxBody int64
	Clock   func() time.Time
	// HTTP sends the requests. Redirects to other hosts are refused on it.
	HTTP *http.Client
	// Protected says why an account must not be written to, or "" if it may be. The reason ends up in errors, so it must name a
	// rule, not a person. Nil protects nobody. It may be called concurrently.
	Protected func(target.Account) (reason string)
}

// Defaults are what Salesforce wants to know of a new user that HR does not say.
type Defaults struct {
	// ProfileID is the profile of new users. Without it none is created.
	ProfileID string
	// TimeZone, Locale, Language and Encoding are Salesforce's names for these (default Europe/London, en_GB, en_US, UTF-8).
	TimeZone, Locale, Language, Encoding string
	// UsernameSuffix makes usernames that no other org has: it is put behind the username of a new user (default none).
	UsernameSuffix string
}

// Client speaks to one org.
type Client struct {
	base      *url.URL
	version   string
	external  string
	id        string
	secret    httpx.Secret
	key       *rsa.PrivateKey
	username  string
	fresh     Defaults
	timeout   time.Duration
	maxBody   int64
	clock     func() time.Time
	http      *http.Client
	tokens    *httpx.Tokens
	limits    limits
	protected func(target.Account) string
	// instance is where the API is, as the last token said.
	instance atomic.Pointer[url.URL]
}

var (
	versionForm = regexp.MustCompile(`^v[1-9][0-9]\.0$`)
	fieldForm   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)
)

// New returns a client. It sends nothing yet. The error lists everything that is wrong with the options.
func New(o Options) (*Client, error) {
	c := &Client{
		version: or(o.Version, defaultVersion), external: or(o.ExternalIDField, defaultExternalID), id: strings.TrimSpace(o.ClientID),
		secret: o.ClientSecret, username: o.Username, timeout: o.Timeout, maxBody: o.MaxBody, clock: o.Clock, http: httpx.Guarded(o.HTTP),
		protected: o.Protected,
		fresh: Defaults{
			ProfileID: o.New.ProfileID, TimeZone: or(o.New.TimeZone, "Europe/London"), Locale: or(o.New.Locale, "en_GB"),
			Language: or(o.New.Language, "en_US"), Encoding: or(o.New.Encoding, "UTF-8"), UsernameSuffix: o.New.UsernameSuffix,
		},
	}
	var problems []error
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	var err error
	if c.base, err = httpx.ParseBase(o.BaseURL); err != nil {
		problem("base_url: %w", err)
	}
	if c.id == "" {
		problem("client_id: is empty; it is the consumer key of the app in Salesforce")
	}
	switch {
	case o.Key == "" && o.ClientSecret == "":
		problem("client_secret: is empty, and so is key; the app needs one of them")
	case o.Key != "" && o.ClientSecret != "":
		problem("key: is set beside client_secret; use one of them")
	case o.Key != "":
		if c.key, err = readKey(o.Key); err != nil {
			problem("key: %w", err)
		}
		if strings.TrimSpace(o.Username) == "" {
			problem("username: is empty; it is whom the key signs in as")
		}
	}
	if !versionForm.MatchString(c.version) {
		problem("version: %q is no version of the API; write one such as v60.0", c.version)
	}
	if !fieldForm.MatchString(c.external) {
		problem("external_id_field: %q is no field's API name", c.external)
	}
	if o.New.ProfileID != "" && !isID(o.New.ProfileID, prefixProfile) {
		problem("new.profile_id: %q is no id of a profile; it begins with 00e", o.New.ProfileID)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("salesforce: invalid options:\n%w", errors.Join(problems...))
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.maxBody <= 0 {
		c.maxBody = defaultMaxBody
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	c.tokens = httpx.NewTokens(c.fetchToken, c.clock)
	return c, nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// request is one call of the API.
type request struct {
	// op names the call in errors, with opaque ids only.
	op     string
	method string
	// path are the segments behind the version, as they are: they are escaped when they are sent.
	path  []string
	query url.Values
	// body is sent as JSON unless it is nil.
	body any
	// batch asks for pages of so many records, if it is not 0.
	batch int
	// failure takes what Salesforce says about a failure, unless it is nil. Its texts can name people.
	failure *[]wireFault
}

// call sends a request and decodes the reply's body into into, unless that is nil. It returns the reply's status.
func (c *Client) call(ctx context.Context, r request, into any) (status int, err error) {
	var payload []byte
	if r.body != nil {
		if payload, err = json.Marshal(r.body); err != nil {
			return 0, invalid(r.op, "the request cannot be encoded")
		}
	}
	var reply httpx.Reply
	err = c.tokens.Do(ctx, func(token httpx.Secret) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		var err error
		reply, err = c.send(ctx, r, payload, token)
		c.limits.heard(reply.Header, c.clock())
		return reply.Status, err
	})
	var typed *connectors.Error
	switch {
	case errors.As(err, &typed):
		return 0, err
	case err != nil:
		return 0, connectors.FromTransport(System, r.op, err)
	case reply.Status < 200 || reply.Status > 299:
		if r.failure != nil {
			// A reply of another form says nothing.
			_ = json.Unmarshal(reply.Body, r.failure)
		}
		return reply.Status, c.fault(r.op, reply)
	case into == nil:
		return reply.Status, nil
	}
	if err := json.Unmarshal(reply.Body, into); err != nil {
		return reply.Status, connectors.Malformed(System, r.op, reply.Status, err)
	}
	return reply.Status, nil
}

func (c *Client) send(ctx context.Context, r request, payload []byte, token httpx.Secret) (httpx.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	at := *c.base
	if instance := c.instance.Load(); instance != nil {
		at = *instance
	}
	escaped := make([]string, 0, len(r.path)+3)
	for _, segment := range append([]string{"services", "data", c.version}, r.path...) {
		escaped = append(escaped, url.PathEscape(segment))
	}
	to := strings.TrimSuffix(at.String(), "/") + "/" + strings.Join(escaped, "/")
	if len(r.query) > 0 {
		to += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, to, bytes.NewReader(payload))
	if err != nil {
		return httpx.Reply{}, errBadURL
	}
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.batch > 0 {
		req.Header.Set("Sforce-Query-Options", fmt.Sprintf("batchSize=%d", r.batch))
	}
	return httpx.Send(c.http, req, c.maxBody)
}

var errBadURL = errors.New("the request's URL cannot be built; check the base URL")

func invalid(op, problem string) *connectors.Error {
	return &connectors.Error{System: System, Op: op, Kind: connectors.KindInvalid, Err: errors.New(problem)}
}

func malformed(op, problem string) *connectors.Error {
	return connectors.Malformed(System, op, http.StatusOK, errors.New(problem))
}
