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
	"time"

	"gatehouse/sandbox/webhooks"
)

// Target is where webhooks go.
type Target struct {
	URL string `json:"url"`
	// Secrets sign the deliveries, WebhookSecret if there are none. While a secret is rotated there are two.
	Secrets []string `json:"secrets,omitempty"`
	// Copies is how often each webhook is delivered, 1 if 0.
	Copies int `json:"copies,omitempty"`
}

// Delivery is a line of the delivery log: one attempt.
type Delivery struct {
	At      time.Time `json:"at"`
	URL     string    `json:"url"`
	Type    string    `json:"type"`
	EventID string    `json:"event_id"`
	Attempt int       `json:"attempt"`
	// Status is the HTTP status of the answer, 0 if there was none; Error then says why.
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
}

// Limits of the sender.
const (
	maxAttempts = 5
	firstPause  = 100 * time.Millisecond
	sendTimeout = 5 * time.Second
	maxLog      = 200
)

type sender struct {
	*webhooks.Outbox[Target, Delivery]
	p *PagerDuty
}

func newSender(p *PagerDuty) *sender {
	return &sender{p: p, Outbox: webhooks.New[Target, Delivery](func(t Target) string { return t.URL }, sendTimeout, maxLog)}
}

// AddTarget registers a destination. Registering a URL again replaces what was said about it.
func (p *PagerDuty) AddTarget(t Target) error {
	if len(t.Secrets) == 0 {
		t.Secrets = []string{WebhookSecret}
	}
	if _, err := p.sender.Add(t); err != nil {
		return fmt.Errorf("pagerduty: %w", err)
	}
	return nil
}

// ClearTargets forgets all destinations.
func (p *PagerDuty) ClearTargets() { p.sender.Clear() }

// Targets returns the destinations.
func (p *PagerDuty) Targets() []Target { return p.sender.Targets() }

// Log returns the newest deliveries, oldest first.
func (p *PagerDuty) Log() []Delivery { return p.sender.Log() }

// tell sends what happened to an incident to every target, in the background. The account's lock must be held.
func (s *sender) tell(i *Incident, by string) {
	s.p.events++
	id := fmt.Sprintf("01EVENT%019d", s.p.events)
	kind := "incident." + i.Status
	body, err := json.Marshal(payload(i, id, kind, by, s.p.t.Now()))
	if err != nil {
		// Every value in it can be encoded.
		return
	}
	for _, t := range s.Targets() {
		for range max(1, t.Copies) {
			s.Go(func(ctx context.Context) { s.deliver(ctx, t, kind, id, body) })
		}
	}
}

// payload is the body of a webhook. Source: developer.pagerduty.com, webhooks v3 overview.
func payload(i *Incident, id, kind, by string, now time.Time) any {
	var who any
	if by != "" {
		who = map[string]string{"id": by, "type": "user_reference", "summary": "On Call"}
	}
	return map[string]any{"event": map[string]any{
		"id": id, "event_type": kind, "resource_type": "incident", "occurred_at": now.Format("2006-01-02T15:04:05.000Z"),
		"agent": who, "client": nil,
		"data": map[string]any{
			"id": i.ID, "type": "incident", "number": i.Number, "status": i.Status, "incident_key": i.DedupKey,
			"created_at": i.Created.Format(time.RFC3339), "title": i.Summary, "urgency": "high",
			"html_url": "https://acme.pagerduty.com/incidents/" + i.ID,
			"service":  map[string]string{"id": i.serviceID, "type": "service_reference", "summary": i.Service},
		},
	}}
}

// deliver repeats what was not taken. A 4xx is final. Source: developer.pagerduty.com, webhooks v3 behavior.
func (s *sender) deliver(ctx context.Context, t Target, kind, id string, body []byte) {
	pause := firstPause
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		status, err := s.post(ctx, t, id, body)
		d := Delivery{At: s.p.t.Now(), URL: t.URL, Type: kind, EventID: id, Attempt: attempt, Status: status}
		if err != nil {
			d.Error = err.Error()
		}
		s.Note(d)
		if err == nil && status < 500 || !webhooks.Pause(ctx, pause) {
			return
		}
		pause *= 4
	}
}

func (s *sender) post(ctx context.Context, t Target, id string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("build a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "PagerDuty-Webhook/V3.0")
	req.Header.Set("X-Webhook-Id", id)
	req.Header.Set("X-PagerDuty-Signature", Sign(body, t.Secrets...))
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
