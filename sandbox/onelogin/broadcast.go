package onelogin

import (
	"bytes"
	"context"
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

// EventTarget is where the event webhook goes. It has no signature, only a header that somebody chose.
// Source: developers.onelogin.com, event webhooks.
type EventTarget struct {
	URL    string `json:"url"`
	Header string `json:"header"`
	Secret string `json:"secret"`
	// Lines sends one event a line instead of a JSON array.
	Lines bool `json:"lines,omitempty"`
	// WaitMS is how long events are collected before they are sent, ten seconds if 0.
	WaitMS int `json:"wait_ms,omitempty"`
}

// EventDelivery is a line of the delivery log. What was not taken is not sent again: no repetition is documented.
type EventDelivery struct {
	At     time.Time `json:"at"`
	URL    string    `json:"url"`
	Events int       `json:"events"`
	Status int       `json:"status"`
	Error  string    `json:"error,omitempty"`
}

// Limits of the sender. Ten events or ten seconds are OneLogin's.
const (
	broadcastSize    = 10
	broadcastWait    = 10 * time.Second
	broadcastTimeout = 5 * time.Second
	maxBroadcastLog  = 500
	maxQueue         = 50_000
)

type broadcaster struct {
	o      *OneLogin
	ctx    context.Context
	cancel context.CancelFunc
	client *http.Client
	wg     sync.WaitGroup

	mu      sync.Mutex
	targets []*outlet
	log     []EventDelivery
	closed  bool
}

// outlet is a target with what is on its way there.
type outlet struct {
	EventTarget
	queue chan event
	done  context.CancelFunc
}

func newBroadcaster(o *OneLogin) *broadcaster {
	ctx, cancel := context.WithCancel(context.Background())
	return &broadcaster{o: o, ctx: ctx, cancel: cancel, client: &http.Client{Timeout: broadcastTimeout, Transport: &http.Transport{}}}
}

// Close ends webhooks that are under way.
func (o *OneLogin) Close() {
	b := o.broadcast
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	b.wg.Wait()
	b.client.CloseIdleConnections()
}

// AddEventTarget registers a destination. Registering a URL again replaces what was said about it.
func (o *OneLogin) AddEventTarget(t EventTarget) error {
	if u, err := url.Parse(t.URL); err != nil || u.Host == "" || t.Header == "" {
		return errors.New("onelogin: an event target needs an absolute url and the name of a header")
	}
	b := o.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errors.New("onelogin: the tenant is closing")
	}
	b.targets = slices.DeleteFunc(b.targets, func(old *outlet) bool {
		if old.URL == t.URL {
			old.done()
		}
		return old.URL == t.URL
	})
	ctx, done := context.WithCancel(b.ctx)
	out := &outlet{EventTarget: t, queue: make(chan event, maxQueue), done: done}
	b.targets = append(b.targets, out)
	b.wg.Go(func() { b.run(ctx, out) })
	return nil
}

// ClearEventTargets forgets all destinations.
func (o *OneLogin) ClearEventTargets() {
	b := o.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.targets {
		t.done()
	}
	b.targets = nil
}

// EventTargets returns the destinations.
func (o *OneLogin) EventTargets() []EventTarget {
	b := o.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []EventTarget{}
	for _, t := range b.targets {
		out = append(out, t.EventTarget)
	}
	return out
}

// EventLog returns the newest deliveries, oldest first.
func (o *OneLogin) EventLog() []EventDelivery {
	b := o.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]EventDelivery{}, b.log...)
}

// tell queues events for every target. What a full queue cannot take is lost, as it may be with OneLogin.
func (b *broadcaster) tell(events ...event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.targets {
		for _, e := range events {
			select {
			case t.queue <- e:
			default:
			}
		}
	}
}

// run sends ten events at a time, or what there is once the first of them has waited long enough.
func (b *broadcaster) run(ctx context.Context, t *outlet) {
	wait := broadcastWait
	if t.WaitMS > 0 {
		wait = time.Duration(t.WaitMS) * time.Millisecond
	}
	for {
		var batch []event
		select {
		case e := <-t.queue:
			batch = append(batch, e)
		case <-ctx.Done():
			return
		}
		timer := time.NewTimer(wait)
		for waiting := true; waiting && len(batch) < broadcastSize; {
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

func (b *broadcaster) send(ctx context.Context, t *outlet, batch []event) {
	d := EventDelivery{At: b.o.t.Now(), URL: t.URL, Events: len(batch)}
	status, err := b.post(ctx, t, batch)
	d.Status = status
	if err != nil {
		d.Error = err.Error()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, d)
	b.log = b.log[max(0, len(b.log)-maxBroadcastLog):]
}

func (b *broadcaster) post(ctx context.Context, t *outlet, batch []event) (int, error) {
	var body bytes.Buffer
	views := make([]map[string]any, len(batch))
	for i := range batch {
		views[i] = b.o.broadcastView(&batch[i])
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
		return 0, fmt.Errorf("build the webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(t.Header, t.Secret)
	resp, err := b.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("send the webhook: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // what matters of the answer has been read
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)); err != nil {
		return 0, fmt.Errorf("read the answer: %w", err)
	}
	return resp.StatusCode, nil
}

// broadcastView is an event as the webhook has it: without the id and the time that the API gives it.
// Source: developers.onelogin.com, event webhooks; docs.hunters.ai.
func (o *OneLogin) broadcastView(e *event) map[string]any {
	v := o.view(e)
	uuid := fmt.Sprintf("%08x-5a7d-4b0e-9c11-%012x", e.id, e.id*7919)
	return map[string]any{
		"uuid": uuid, "create": map[string]string{"_id": uuid}, "event_timestamp": e.at.Format("2006-01-02 15:04:05 UTC"),
		"event_type_id": e.Type, "account_id": v.AccountID, "user_id": v.UserID, "user_name": v.UserName,
		"actor_user_id": v.ActorUserID, "actor_user_name": v.ActorUserName, "actor_system": v.ActorSystem,
		"assuming_acting_user_id": v.AssumingID, "ipaddr": v.IPAddr, "app_name": v.AppName, "role_name": v.RoleName,
		"risk_score": v.RiskScore, "risk_reasons": v.RiskReasons, "notes": v.Notes, "client_id": v.ClientID,
	}
}
