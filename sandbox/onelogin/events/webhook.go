package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"gatehouse/sandbox/webhooks"
)

// Target is where the event webhook goes. It has no signature, only a header that somebody chose.
// Source: developers.onelogin.com, event webhooks.
type Target struct {
	URL    string `json:"url"`
	Header string `json:"header"`
	Secret string `json:"secret"`
	// Lines sends one event a line instead of a JSON array.
	Lines bool `json:"lines,omitempty"`
	// WaitMS is how long events are collected before they are sent, ten seconds if 0.
	WaitMS int `json:"wait_ms,omitempty"`
}

// Delivery is a line of the delivery log. What was not taken is not sent again: no repetition is documented.
type Delivery struct {
	At     time.Time `json:"at"`
	URL    string    `json:"url"`
	Events int       `json:"events"`
	Status int       `json:"status"`
	Error  string    `json:"error,omitempty"`
}

// Limits of the sender. Ten events or ten seconds are OneLogin's.
const (
	batchSize     = 10
	batchWait     = 10 * time.Second
	sendTimeout   = 5 * time.Second
	maxDeliveries = 500
	maxQueue      = 50_000
)

type sender struct {
	*webhooks.Outbox[*outlet, Delivery]
	now func() time.Time
}

// outlet is a target with what is on its way there.
type outlet struct {
	Target
	queue chan Event
	// stop ends the sending to it.
	stop context.CancelFunc
}

func newSender(l *Log) *sender {
	return &sender{now: l.now, Outbox: webhooks.New[*outlet, Delivery](func(t *outlet) string { return t.URL }, sendTimeout, maxDeliveries)}
}

// Close ends webhooks that are under way.
func (l *Log) Close() { l.out.Close() }

// AddTarget registers a destination. Registering a URL again replaces what was said about it.
func (l *Log) AddTarget(t Target) error {
	if t.Header == "" {
		return errors.New("onelogin: an event target needs the name of a header")
	}
	gone, stop := context.WithCancel(context.Background())
	out := &outlet{Target: t, queue: make(chan Event, maxQueue), stop: stop}
	replaced, err := l.out.Add(out)
	if err != nil {
		stop()
		return fmt.Errorf("onelogin: %w", err)
	}
	for _, old := range replaced {
		old.stop()
	}
	l.out.Go(func(ctx context.Context) {
		defer context.AfterFunc(ctx, stop)()
		l.out.run(gone, out)
	})
	return nil
}

// ClearTargets forgets all destinations.
func (l *Log) ClearTargets() {
	for _, t := range l.out.Clear() {
		t.stop()
	}
}

// Targets returns the destinations.
func (l *Log) Targets() []Target {
	out := []Target{}
	for _, t := range l.out.Targets() {
		out = append(out, t.Target)
	}
	return out
}

// Deliveries returns the newest deliveries, oldest first.
func (l *Log) Deliveries() []Delivery { return l.out.Log() }

// tell queues events for every target. What a full queue cannot take is lost, as it may be with OneLogin.
func (b *sender) tell(events ...Event) {
	for _, t := range b.Targets() {
		for _, e := range events {
			select {
			case t.queue <- e:
			default:
			}
		}
	}
}

// run sends ten events at a time, or what there is once the first of them has waited long enough.
func (b *sender) run(ctx context.Context, t *outlet) {
	wait := batchWait
	if t.WaitMS > 0 {
		wait = time.Duration(t.WaitMS) * time.Millisecond
	}
	for {
		var batch []Event
		select {
		case e := <-t.queue:
			batch = append(batch, e)
		case <-ctx.Done():
			return
		}
		timer := time.NewTimer(wait)
		for waiting := true; waiting && len(batch) < batchSize; {
			select {
			case e := <-t.queue:
				batch = append(batch, e)
			case <-timer.C:
				waiting = false
			case <-ctx.Done():
				timer.Stop()
				return
			}
		}
		timer.Stop()
		b.send(ctx, t, batch)
	}
}

func (b *sender) send(ctx context.Context, t *outlet, batch []Event) {
	d := Delivery{At: b.now(), URL: t.URL, Events: len(batch)}
	status, err := b.post(ctx, t, batch)
	d.Status = status
	if err != nil {
		d.Error = err.Error()
	}
	b.Note(d)
}

func (b *sender) post(ctx context.Context, t *outlet, batch []Event) (int, error) {
	var body bytes.Buffer
	views := make([]map[string]any, len(batch))
	for i := range batch {
		views[i] = batch[i].told()
	}
	enc := json.NewEncoder(&body)
	var err error
	if t.Lines {
		for _, v := range views {
			err = errors.Join(err, enc.Encode(v))
		}
	} else {
		err = enc.Encode(views)
	}
	if err != nil {
		return 0, fmt.Errorf("encode events: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, &body)
	if err != nil {
		return 0, fmt.Errorf("build a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(t.Header, t.Secret)
	return b.Post(req)
}

// told is an event as the webhook has it: without the id and the time that the API gives it.
// Source: developers.onelogin.com, event webhooks; docs.hunters.ai.
func (e *Event) told() map[string]any {
	v := e.view()
	uuid := fmt.Sprintf("%08x-5a7d-4b0e-9c11-%012x", e.id, e.id*7919)
	return map[string]any{
		"uuid": uuid, "create": map[string]string{"_id": uuid}, "event_timestamp": e.at.Format("2006-01-02 15:04:05 UTC"),
		"event_type_id": e.Type, "account_id": v.AccountID, "user_id": v.UserID, "user_name": v.UserName,
		"actor_user_id": v.ActorUserID, "actor_user_name": v.ActorUserName, "actor_system": v.ActorSystem,
		"assuming_acting_user_id": v.AssumingID, "ipaddr": v.IPAddr, "app_name": v.AppName, "role_name": v.RoleName,
		"risk_score": v.RiskScore, "risk_reasons": v.RiskReasons, "notes": v.Notes, "client_id": v.ClientID,
	}
}
