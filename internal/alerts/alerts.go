// Package alerts is a channel that can only post. It is there for the hour in which nothing else works: it needs neither
// Temporal nor a vendor's credential, and whoever steals its address can read nothing with it. An alert carries keys and
// counts, never a name.
//
// An alert is one signed POST. Formats differ in the body only: "json" is for a receiver of your own or an alerting
// service, "slack" for an incoming webhook of Slack and whatever understands {"text": ...}.
package alerts

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gatehouse/internal/httpx"
)

// The formats of a body.
const (
	FormatJSON  = "json"
	FormatSlack = "slack"
)

// The headers by which a receiver knows that Gatehouse has sent an alert, and when.
const (
	HeaderTimestamp = "X-Gatehouse-Timestamp"
	HeaderSignature = "X-Gatehouse-Signature"
)

// Options are the settings of a channel.
type Options struct {
	// URL is where alerts go. Its path may be a secret, as an incoming webhook's is.
	URL httpx.Secret
	// Secret keys the signature; none is sent without.
	Secret httpx.Secret
	Format string
	// Pause is the wait before the second attempt, which doubles with each further one (default 1 s).
	Pause time.Duration
	Clock func() time.Time
}

// Channel posts alerts.
type Channel struct {
	o      Options
	client *http.Client
}

const (
	attempts = 4
	// within bounds one attempt.
	within = 10 * time.Second
	// longestWait bounds what a receiver can ask for between two attempts.
	longestWait = 30 * time.Second
	// keptOfReply is how much of a refusal is shown: a word such as Slack's no_service.
	keptOfReply = 4 << 10
)

// New makes a channel. It sends nothing yet.
func New(o Options) *Channel {
	if o.Pause <= 0 {
		o.Pause = time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Channel{o: o, client: httpx.NewClient(httpx.ClientOptions{MaxIdlePerHost: 2})}
}

// Alert is something that somebody has to know now.
type Alert struct {
	// Kind is one word for machines: "departures_overdue".
	Kind string `json:"kind"`
	// Text says what is so, and Do what to do about it, with the command.
	Text string `json:"text"`
	Do   string `json:"do"`
	// From is the program that noticed.
	From string    `json:"from"`
	At   time.Time `json:"at"`
	// Count is how many it is about, and Departures the first of them.
	Count      int         `json:"count,omitempty"`
	Departures []Departure `json:"departures,omitempty"`
}

// Departure is somebody who must be out and is not known to be.
type Departure struct {
	Key   string    `json:"key"`
	Since time.Time `json:"since"`
	// Ordered says that somebody ordered it; else HR says so.
	Ordered bool `json:"ordered,omitempty"`
}

// Post sends an alert and tries a few times. Its errors say what went wrong without the address.
func (c *Channel) Post(ctx context.Context, a Alert) error {
	body, err := c.body(a)
	if err != nil {
		return fmt.Errorf("write the alert down: %w", err)
	}
	pause := c.o.Pause
	for attempt := 1; ; attempt++ {
		wait, err := c.try(ctx, body)
		if err == nil {
			return nil
		}
		if wait < 0 || attempt == attempts || ctx.Err() != nil {
			return fmt.Errorf("post an alert to alerts.url, attempt %d: %w", attempt, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("post an alert to alerts.url: %w", errors.Join(ctx.Err(), err))
		case <-time.After(min(max(pause, wait), longestWait)):
		}
		pause *= 2
	}
}

// try sends a body once. A negative wait says that another attempt is pointless.
func (c *Channel) try(ctx context.Context, body []byte) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL.Reveal(), bytes.NewReader(body))
	if err != nil {
		return -1, errors.New("the address is not a URL")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "gatehouse")
	stamp := strconv.FormatInt(c.o.Clock().Unix(), 10)
	req.Header.Set(HeaderTimestamp, stamp)
	if c.o.Secret != "" {
		req.Header.Set(HeaderSignature, Sign(body, stamp, c.o.Secret))
	}
	reply, err := httpx.Send(c.client, req, keptOfReply)
	if err != nil {
		return 0, err
	}
	switch {
	case reply.Status >= 200 && reply.Status < 300:
		return 0, nil
	case reply.Status == http.StatusTooManyRequests, reply.Status == http.StatusRequestTimeout, reply.Status >= 500:
		return httpx.RetryAfter(reply.Header, c.o.Clock()), fmt.Errorf("HTTP %d%s", reply.Status, said(reply.Body))
	}
	return -1, fmt.Errorf("HTTP %d%s: check alerts.url, alerts.secret and alerts.format", reply.Status, said(reply.Body))
}

// said is a receiver's one word about what is wrong, such as Slack's no_service. Anything longer is not shown.
func said(body []byte) string {
	word := strings.TrimSpace(string(body))
	plain := func(r rune) bool { return r == '_' || r >= 'a' && r <= 'z' }
	if word == "" || len(word) > 40 || strings.TrimFunc(word, plain) != "" {
		return ""
	}
	return " " + word
}

// Sign makes the signature of a body: hex HMAC-SHA256 of the timestamp, a dot and the body.
func Sign(body []byte, timestamp string, secret httpx.Secret) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func (c *Channel) body(a Alert) ([]byte, error) {
	if c.o.Format == FormatSlack {
		return json.Marshal(map[string]string{"text": slackText(a)})
	}
	return json.Marshal(a)
}

// listed is how many people a text names; the rest is a number.
const listed = 20

// slackText is an alert as one text.
func slackText(a Alert) string {
	var b strings.Builder
	b.WriteString(a.Text)
	for i, d := range a.Departures {
		if i == listed {
			fmt.Fprintf(&b, "\n• and %d more", a.Count-listed)
			break
		}
		fmt.Fprintf(&b, "\n• %s, since %s UTC", d.Key, d.Since.UTC().Format("2006-01-02 15:04"))
		if d.Ordered {
			b.WriteString(", by order")
		}
	}
	if a.Do != "" {
		b.WriteString("\nAction needed: " + a.Do)
	}
	// Slack's three control characters. Source: docs.slack.dev/messaging/formatting-message-text.
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(b.String())
}

// FormatOf is the format that fits an address where none is set.
func FormatOf(address string) string {
	if u, err := url.Parse(address); err == nil && (u.Hostname() == "hooks.slack.com" || u.Hostname() == "hooks.slack-gov.com") {
		return FormatSlack
	}
	return FormatJSON
}

// Ping tells an outside service that Gatehouse lives, so that it notices when this stops.
func Ping(ctx context.Context, address httpx.Secret) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.Reveal(), nil)
	if err != nil {
		return errors.New("ping alerts.ping_url: the address is not a URL")
	}
	req.Header.Set("User-Agent", "gatehouse")
	reply, err := httpx.Send(http.DefaultClient, req, keptOfReply)
	if err != nil {
		return fmt.Errorf("ping alerts.ping_url: %w", err)
	}
	if reply.Status < 200 || reply.Status > 299 {
		return fmt.Errorf("ping alerts.ping_url: HTTP %d", reply.Status)
	}
	return nil
}
