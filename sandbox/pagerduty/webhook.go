package pagerduty

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"gatehouse/sandbox/webhooks"
)

// Target is a webhook subscription.
type Target struct {
	ID  string `json:"id,omitempty"`
	URL string `json:"url"`
	// Secrets sign the deliveries, WebhookSecret if there are none. While a secret is rotated there are two.
	Secrets []string `json:"secrets,omitempty"`
	// Copies is how often each webhook is delivered, 1 if 0.
	Copies      int    `json:"copies,omitempty"`
	Description string `json:"description,omitempty"`
	// Events are those that are sent, all of them if there are none.
	Events []string `json:"events,omitempty"`
	// Service is the only one whose incidents are sent, "" for those of the account.
	Service string `json:"service,omitempty"`
	// Inactive says that somebody has switched it off.
	Inactive bool `json:"inactive,omitempty"`
}

// wants reports whether an event of a service goes to the target.
func (t Target) wants(kind, serviceID string) bool {
	return !t.Inactive && (len(t.Events) == 0 || slices.Contains(t.Events, kind)) && (t.Service == "" || t.Service == serviceID)
}

// Delivery is a line of the delivery log: one attempt.
type Delivery struct {
	At      time.Time `json:"at"`
	URL     string    `json:"url"`
	Type    string    `json:"type"`
	EventID string    `json:"event_id"`
	// Incident is what it is about, WebhookID what the delivery is known by: repetitions of it have the same.
	Incident  string `json:"incident"`
	WebhookID string `json:"webhook_id"`
	Attempt   int    `json:"attempt"`
	// Status is the HTTP status of the answer, 0 if there was none; Error then says why.
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
	// Dropped says that no further attempt follows, though it was not taken.
	Dropped bool `json:"dropped,omitempty"`
}

// Limits of the sender. Five attempts stand for 48 hours of them.
// Source: developer.pagerduty.com, webhooks v3 behavior.
const (
	maxAttempts  = 5
	firstPause   = 100 * time.Millisecond
	sendTimeout  = 5 * time.Second
	maxLog       = 200
	maxDropped   = 3
	disabledTime = 24 * time.Hour
)

type sender struct {
	*webhooks.Outbox[Target, Delivery]
	p *PagerDuty

	mu sync.Mutex
	// lines are what waits for a target and an incident, in its order. One that is there is being worked off.
	lines map[[2]string][]job
	// health is how deliveries to a target went.
	health     map[string]health
	deliveries int
	targets    int
}

// health is how many deliveries to a target were dropped in a row, and until when it is disabled because of that.
type health struct {
	dropped int
	until   time.Time
}

// job is one webhook to be delivered.
type job struct {
	target                   Target
	kind, eventID, webhookID string
	incident                 string
	body                     []byte
}

func newSender(p *PagerDuty) *sender {
	return &sender{
		p: p, lines: map[[2]string][]job{}, health: map[string]health{},
		Outbox: webhooks.New[Target, Delivery](func(t Target) string { return t.URL }, sendTimeout, maxLog),
	}
}

// AddTarget registers a destination. Registering a URL again replaces what was said about it, and enables it.
func (p *PagerDuty) AddTarget(t Target) error {
	if len(t.Secrets) == 0 {
		t.Secrets = []string{WebhookSecret}
	}
	if t.ID == "" {
		t.ID = p.sender.newID()
	}
	if _, err := p.sender.Add(t); err != nil {
		return fmt.Errorf("pagerduty: %w", err)
	}
	p.sender.enable(t.URL)
	return nil
}

// newID is the id of a new subscription.
func (s *sender) newID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.targets++
	return fmt.Sprintf("PWEBHK%02d", s.targets)
}

// ClearTargets forgets all destinations.
func (p *PagerDuty) ClearTargets() { p.sender.Clear() }

// Targets returns the destinations.
func (p *PagerDuty) Targets() []Target { return p.sender.Targets() }

// Log returns the newest deliveries, oldest first.
func (p *PagerDuty) Log() []Delivery { return p.sender.Log() }

func (s *sender) enable(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.health, url)
}

// disabled reports whether too many deliveries to a target were dropped. What waits for it then is dropped as well.
func (s *sender) disabled(url string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.p.t.Now().Before(s.health[url].until)
}

// went notes how a delivery ended.
func (s *sender) went(url string, dropped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.health[url]
	if h.dropped++; !dropped {
		h.dropped = 0
	}
	if h.dropped >= maxDropped {
		h = health{until: s.p.t.Now().Add(disabledTime)}
	}
	s.health[url] = h
}

// tell sends what happened to an incident to every target, in the background. The account's lock must be held.
func (s *sender) tell(i *Incident, by string) {
	kind := "incident." + i.Status
	s.send(kind, i.ID, i.serviceID, incidentData(i), by)
}

// send has a webhook delivered to every target that wants it. The account's lock must be held.
func (s *sender) send(kind, incident, serviceID string, data map[string]any, by string) {
	id, body := s.event(kind, by, data)
	for _, t := range s.Targets() {
		if body == nil || !t.wants(kind, serviceID) || s.disabled(t.URL) {
			continue
		}
		for range max(1, t.Copies) {
			s.queue(job{target: t, kind: kind, eventID: id, incident: incident, body: body})
		}
	}
}

// ping sends a target what tells nothing. The account's lock must be held.
func (s *sender) ping(t Target) {
	const kind = "pagey.ping"
	id, body := s.event(kind, "", map[string]any{"message": "Hello from your friend Pagey!", "type": "ping"})
	if body != nil && !s.disabled(t.URL) {
		s.queue(job{target: t, kind: kind, eventID: id, body: body})
	}
}

// event is the body of a new event and its id. The account's lock must be held.
func (s *sender) event(kind, by string, data map[string]any) (id string, body []byte) {
	s.p.events++
	id = fmt.Sprintf("01EVENT%019d", s.p.events)
	body, err := json.Marshal(payload(id, kind, by, data, s.p.t.Now()))
	if err != nil {
		// Every value in it can be encoded.
		return id, nil
	}
	return id, body
}

// queue puts a webhook behind the others for the same target and incident.
func (s *sender) queue(j job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliveries++
	j.webhookID = fmt.Sprintf("b3c1f0de-0000-4000-8000-%012d", s.deliveries)
	line := [2]string{j.target.URL, j.incident}
	waiting, worked := s.lines[line]
	s.lines[line] = append(waiting, j)
	if !worked {
		s.Go(func(ctx context.Context) { s.work(ctx, line) })
	}
}

// work delivers what waits in a line, one after the other.
func (s *sender) work(ctx context.Context, line [2]string) {
	for {
		s.mu.Lock()
		if len(s.lines[line]) == 0 {
			delete(s.lines, line)
			s.mu.Unlock()
			return
		}
		j := s.lines[line][0]
		s.lines[line] = s.lines[line][1:]
		s.mu.Unlock()
		s.deliver(ctx, j)
	}
}

// payload is the body of a webhook. Source: developer.pagerduty.com, webhooks v3 overview.
func payload(id, kind, by string, data map[string]any, now time.Time) any {
	var who any
	if by != "" {
		who = reference("user", by, "On Call")
	}
	return map[string]any{"event": map[string]any{
		"id": id, "event_type": kind, "resource_type": "incident", "occurred_at": now.Format("2006-01-02T15:04:05.000Z"),
		"agent": who, "client": nil, "data": data,
	}}
}

func incidentData(i *Incident) map[string]any {
	return map[string]any{
		"id": i.ID, "type": "incident", "number": i.Number, "status": i.Status, "incident_key": i.key(),
		"created_at": stamp(i.Created), "title": i.Summary, "urgency": i.Urgency,
		"self": apiURL + "/incidents/" + i.ID, "html_url": siteURL + "/incidents/" + i.ID,
		"service": serviceReference(i.serviceID), "assignees": []any{reference("user", UserID, "On Call")}, "teams": []any{},
		"escalation_policy": reference("escalation_policy", "PESCAL01", "Default"), "priority": nil, "conference_bridge": nil,
		"resolve_reason": reason(i),
	}
}

// deliver repeats what was not answered, or with 5xx or 429. Any other answer but 2xx drops it.
// Source: developer.pagerduty.com, webhooks v3 behavior.
func (s *sender) deliver(ctx context.Context, j job) {
	pause := firstPause
	for attempt := 1; !s.disabled(j.target.URL); attempt++ {
		status, err := s.post(ctx, j)
		taken := err == nil && status >= 200 && status < 300
		again := err != nil || status >= 500 || status == http.StatusTooManyRequests
		d := Delivery{
			At: s.p.t.Now(), URL: j.target.URL, Type: j.kind, EventID: j.eventID, Incident: j.incident, WebhookID: j.webhookID,
			Attempt: attempt, Status: status, Dropped: !taken && (!again || attempt == maxAttempts),
		}
		if err != nil {
			d.Error = err.Error()
		}
		s.Note(d)
		if taken || d.Dropped {
			s.went(j.target.URL, d.Dropped)
			return
		}
		if !webhooks.Pause(ctx, pause) {
			return
		}
		pause *= 4
	}
}

func (s *sender) post(ctx context.Context, j job) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.target.URL, bytes.NewReader(j.body))
	if err != nil {
		return 0, fmt.Errorf("build a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "PagerDuty-Webhook/V3.0")
	req.Header.Set("X-Webhook-Id", j.webhookID)
	req.Header.Set("X-Webhook-Subscription", j.target.ID)
	req.Header.Set("X-PagerDuty-Signature", Sign(j.body, j.target.Secrets...))
	return s.Post(req)
}

// Sign is the signature header of a webhook: one HMAC-SHA256 of the body for each secret.
// Source: developer.pagerduty.com, webhooks v3 signatures.
func Sign(body []byte, secrets ...string) string {
	var out string
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if out != "" {
			out += ","
		}
		out += "v1=" + hex.EncodeToString(mac.Sum(nil))
	}
	return out
}
