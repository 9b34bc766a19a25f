package pager

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/PagerDuty/go-pagerduty"

	"gatehouse/internal/httpx"
)

// NewPagerDutyClient returns a client that notes what the library drops: the headers of a reply and the reasons that
// the Events API gives for a refusal. Token may be empty for a client that sends events only.
func NewPagerDutyClient(token httpx.Secret, baseURL, eventsURL string) *pagerduty.Client {
	c := pagerduty.NewClient(token.Reveal(),
		// The library puts a path with a leading slash behind these.
		pagerduty.WithAPIEndpoint(strings.TrimSuffix(baseURL, "/")),
		pagerduty.WithV2EventsAPIEndpoint(strings.TrimSuffix(eventsURL, "/")))
	c.HTTPClient = watchedClient{httpx.NewClient(httpx.ClientOptions{})}
	return c
}

// pagerReply is what is kept of a reply.
type pagerReply struct {
	status int
	header http.Header
	// reason are the fields that the Events API complains about, and nothing else of its text.
	reason string
}

type pagerReplyKey struct{}

// watched returns a context whose calls leave their reply behind.
func watched(ctx context.Context) (context.Context, *pagerReply) {
	seen := &pagerReply{}
	return context.WithValue(ctx, pagerReplyKey{}, seen), seen
}

// watchedClient notes replies for the caller that watches.
type watchedClient struct{ next *http.Client }

// maxPagerReply is far above what PagerDuty answers to one event or to a page of incidents.
const maxPagerReply = 4 << 20

// Do implements pagerduty.HTTPClient. The library closes the body of what it is given.
func (w watchedClient) Do(req *http.Request) (*http.Response, error) {
	resp, err := w.next.Do(req)
	if err != nil {
		return nil, err
	}
	seen, ok := req.Context().Value(pagerReplyKey{}).(*pagerReply)
	if !ok {
		return resp, nil
	}
	seen.status, seen.header = resp.StatusCode, resp.Header
	body := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, maxPagerReply), body}
	if resp.StatusCode != http.StatusBadRequest {
		return resp, nil
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	seen.reason = complaint(data)
	resp.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(data), body}
	return resp, nil
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

// pause is how long to wait after a rate limit: what PagerDuty says, or half the window in which it counts.
func (s *pagerReply) pause(now time.Time) time.Duration {
	if d := httpx.RetryAfter(s.header, now); d > 0 {
		return d
	}
	if n, err := strconv.Atoi(s.header.Get("Ratelimit-Reset")); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return 30 * time.Second
}
