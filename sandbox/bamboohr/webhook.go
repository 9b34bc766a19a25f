package bamboohr

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
	"strconv"
	"sync"
	"time"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/webhooks"
)

// The two families of webhook events.
const (
	familyEvent  = "event"
	familyFields = "fields"
)

// Target is where webhooks go.
type Target struct {
	URL string `json:"url"`
	// Family is "event" (employee.created ...) or "fields" (employee_with_fields.created ...), "event" if empty.
	Family string `json:"family"`
}

// Delivery is a line of the delivery log: one attempt.
type Delivery struct {
	At         time.Time `json:"at"`
	URL        string    `json:"url"`
	Type       string    `json:"type"`
	EmployeeID string    `json:"employee_id"`
	Attempt    int       `json:"attempt"`
	// Status is the HTTP status of the answer, 0 if there was none; Error then says why.
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
	// Final says that no further attempt follows.
	Final bool `json:"final"`
}

// notice is one webhook to send.
type notice struct {
	kind     string
	record   *hr.Record
	fields   []string
	occurred time.Time
}

// Limits of the sender. Five retries and the pauses are BambooHR's; the log is 200 entries there too.
const (
	maxRetries  = 5
	firstPause  = 5 * time.Minute
	usualScale  = 1.0 / 300
	maxLog      = 200
	maxInFlight = 64
	sendTimeout = 30 * time.Second
)

type sender struct {
	*webhooks.Outbox[Target, Delivery]
	b     *BambooHR
	slots chan struct{}

	mu sync.Mutex
	// pending are terminations that are not in effect yet, by employee.
	pending map[string]*hr.Record
}

func newSender(b *BambooHR) *sender {
	return &sender{
		b: b, slots: make(chan struct{}, maxInFlight), pending: map[string]*hr.Record{},
		Outbox: webhooks.New[Target, Delivery](func(t Target) string { return t.URL }, sendTimeout, maxLog),
	}
}

// AddTarget registers a destination. Registering a URL again replaces its family.
func (b *BambooHR) AddTarget(t Target) error {
	if t.Family == "" {
		t.Family = familyEvent
	}
	if t.Family != familyEvent && t.Family != familyFields {
		return fmt.Errorf("bamboohr: webhook family is %q; it can be event or fields", t.Family)
	}
	if _, err := b.sender.Add(t); err != nil {
		return fmt.Errorf("bamboohr: %w", err)
	}
	return nil
}

// ClearTargets forgets all destinations.
func (b *BambooHR) ClearTargets() { b.sender.Clear() }

// Targets returns the destinations.
func (b *BambooHR) Targets() []Target { return b.sender.Targets() }

// Log returns the newest deliveries, oldest first.
func (b *BambooHR) Log() []Delivery { return b.sender.Log() }

// Heard is told of every HR change and sends what BambooHR would send.
func (b *BambooHR) Heard(ch hr.Change) {
	if ch.Record.Source != hr.BambooHR {
		return
	}
	now := b.t.Now()
	fields := bambooNames(ch.Fields)
	id := ch.Record.EmployeeID
	b.sender.mu.Lock()
	_, waiting := b.sender.pending[id]
	future := ch.Action != "delete" && ch.Record.LeaveDate() > b.t.Today()
	switch {
	case !future:
		delete(b.sender.pending, id)
	case waiting || !ch.Silent:
		b.sender.pending[id] = ch.Record
	}
	if future {
		// Entered now, sent when it takes effect.
		fields = slices.DeleteFunc(fields, func(f string) bool { return f == "terminationDate" || f == "terminationType" })
	}
	b.sender.mu.Unlock()
	if ch.Silent {
		return
	}
	switch {
	case ch.Action == "hire":
		b.sender.send(notice{"created", ch.Record, nil, now}, notice{"updated", ch.Record, fields, now})
	case ch.Action == "delete":
		b.sender.send(notice{"deleted", ch.Record, nil, now})
	case len(fields) > 0:
		b.sender.send(notice{"updated", ch.Record, fields, now})
	}
}

// Due sends the webhooks of terminations that have taken effect since.
func (b *BambooHR) Due() {
	today := b.t.Today()
	var due []*hr.Record
	b.sender.mu.Lock()
	for id, r := range b.sender.pending {
		if inEffect(r, today) {
			due = append(due, r)
			delete(b.sender.pending, id)
		}
	}
	b.sender.mu.Unlock()
	for _, r := range due {
		b.sender.send(notice{"updated", r, []string{"employmentHistoryStatus", "status", "terminationDate"}, b.t.Now()})
	}
}

// send delivers notices to every target, in the background. The first attempts of one call are in order.
func (s *sender) send(notices ...notice) {
	for _, t := range s.Targets() {
		s.Go(func(ctx context.Context) {
			for _, n := range notices {
				s.deliver(ctx, t, n)
			}
		})
	}
}

// deliver makes the first attempt of every copy and leaves retries to the background.
func (s *sender) deliver(ctx context.Context, t Target, n notice) {
	for range max(1, s.b.Settings().Copies) {
		if s.attempt(ctx, t, n, 1) {
			continue
		}
		s.Go(func(ctx context.Context) {
			for retry := 1; retry <= maxRetries; retry++ {
				if !webhooks.Pause(ctx, s.pause(retry)) || s.attempt(ctx, t, n, retry+1) {
					return
				}
			}
		})
	}
}

// pause is the time before a retry.
func (s *sender) pause(retry int) time.Duration {
	scale := s.b.Settings().BackoffScale
	if scale == 0 {
		scale = usualScale
	}
	return time.Duration(scale * float64(firstPause<<(retry-1)))
}

// attempt posts once; done means that it was delivered or will not be retried.
func (s *sender) attempt(ctx context.Context, t Target, n notice, number int) (done bool) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return true
	}
	d := Delivery{At: s.b.t.Now(), URL: t.URL, Type: n.kind, EmployeeID: n.record.EmployeeID, Attempt: number}
	status, err := s.post(ctx, t, n)
	d.Status = status
	if err != nil {
		d.Error = err.Error()
	}
	// An unreachable target counts as a 5xx; a 4xx is final. Source: documentation.bamboohr.com, webhooks.
	failed := err != nil || status >= 500
	d.Final = !failed || number > maxRetries
	s.Note(d)
	return !failed
}

func (s *sender) post(ctx context.Context, t Target, n notice) (status int, err error) {
	body, err := json.Marshal(s.payload(t.Family, n))
	if err != nil {
		return 0, fmt.Errorf("encode a webhook: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("build a webhook: %w", err)
	}
	// The receiver checks how fresh this is by its own clock, which Advance does not move.
	stamp := strconv.FormatInt(s.b.t.WallClock().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "BambooHR-WebHooks/1.0 (+https://www.bamboohr.com)")
	req.Header.Set("X-BambooHR-Timestamp", stamp)
	req.Header.Set("X-BambooHR-Signature", Sign(body, stamp))
	return s.Post(req)
}

// Sign is the signature of a webhook: lower-case hexadecimal HMAC-SHA256 over the body followed by the timestamp.
func Sign(body []byte, timestamp string) string {
	mac := hmac.New(sha256.New, []byte(WebhookKey))
	mac.Write(body)
	mac.Write([]byte(timestamp))
	return hex.EncodeToString(mac.Sum(nil))
}

// payload is the body of a webhook in one of the two families. Source: documentation.bamboohr.com, webhooks; the shape
// of the second is the one that sample receivers read.
func (s *sender) payload(family string, n notice) any {
	if family == familyEvent {
		data := map[string]any{"companyId": CompanyID, "employeeId": n.record.EmployeeID}
		if n.kind == "updated" {
			data["changedFields"] = n.fields
		}
		return map[string]any{
			"type": "employee." + n.kind, "timestamp": n.occurred.Format("2006-01-02T15:04:05-0700"), "data": data,
		}
	}
	actions := map[string]string{"created": "Created", "updated": "Updated", "deleted": "Deleted"}
	fields := map[string]any{}
	for _, name := range n.fields {
		value, _ := s.b.value(n.record, name, true)
		fields[name] = map[string]*string{"value": value}
	}
	return map[string]any{"employees": []map[string]any{{
		"id": n.record.EmployeeID, "action": actions[n.kind], "changedFields": n.fields, "fields": fields,
		"timestamp": n.occurred.Format(time.RFC3339),
	}}}
}
