package pagerduty

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
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
	p      *PagerDuty
	ctx    context.Context
	cancel context.CancelFunc
	client *http.Client
	wg     sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	targets []Target
	log     []Delivery
}

func newSender(p *PagerDuty) *sender {
	ctx, cancel := context.WithCancel(context.Background())
	return &sender{p: p, ctx: ctx, cancel: cancel, client: &http.Client{Timeout: sendTimeout, Transport: &http.Transport{}}}
}

func (s *sender) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.wg.Wait()
	s.client.CloseIdleConnections()
}

// AddTarget registers a destination. Registering a URL again replaces what was said about it.
func (p *PagerDuty) AddTarget(t Target) error {
	if u, err := url.Parse(t.URL); err != nil || u.Host == "" {
		return errors.New("pagerduty: webhook target needs an absolute url")
	}
	if len(t.Secrets) == 0 {
		t.Secrets = []string{WebhookSecret}
	}
	p.sender.mu.Lock()
	defer p.sender.mu.Unlock()
	p.sender.targets = append(slices.DeleteFunc(p.sender.targets, func(old Target) bool { return old.URL == t.URL }), t)
	return nil
}

// ClearTargets forgets all destinations.
func (p *PagerDuty) ClearTargets() {
	p.sender.mu.Lock()
	defer p.sender.mu.Unlock()
	p.sender.targets = nil
}

// Targets returns the destinations.
func (p *PagerDuty) Targets() []Target {
	p.sender.mu.Lock()
	defer p.sender.mu.Unlock()
	return append([]Target{}, p.sender.targets...)
}

// Log returns the newest deliveries, oldest first.
func (p *PagerDuty) Log() []Delivery {
	p.sender.mu.Lock()
	defer p.sender.mu.Unlock()
	return append([]Delivery{}, p.sender.log...)
}

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
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	for _, t := range s.targets {
		for range max(1, t.Copies) {
			s.wg.Go(func() { s.deliver(t, kind, id, body) })
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
func (s *sender) deliver(t Target, kind, id string, body []byte) {
	pause := firstPause
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		status, err := s.post(t, id, body)
		d := Delivery{At: s.p.t.Now(), URL: t.URL, Type: kind, EventID: id, Attempt: attempt, Status: status}
		if err != nil {
			d.Error = err.Error()
		}
		s.mu.Lock()
		s.log = append(s.log, d)
		s.log = s.log[max(0, len(s.log)-maxLog):]
		s.mu.Unlock()
		if err == nil && status < 500 {
			return
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-s.ctx.Done():
			timer.Stop()
			return
		}
		pause *= 4
	}
}

func (s *sender) post(t Target, id string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("build webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "PagerDuty-Webhook/V3.0")
	req.Header.Set("X-Webhook-Id", id)
	req.Header.Set("X-PagerDuty-Signature", Sign(body, t.Secrets...))
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("send webhook: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // what matters of the answer has been read
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)); err != nil {
		return 0, fmt.Errorf("read the answer to a webhook: %w", err)
	}
	return resp.StatusCode, nil
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
