package onelogin

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
	*webhooks.Outbox[*outlet, EventDelivery]
	o *OneLogin
}

// outlet is a target with what is on its way there.
type outlet struct {
	EventTarget
	queue chan event
	// stop ends the sending to it.
	stop context.CancelFunc
}

func newBroadcaster(o *OneLogin) *broadcaster {
	return &broadcaster{o: o, Outbox: webhooks.New[*outlet, EventDelivery](func(t *outlet) string { return t.URL }, broadcastTimeout, maxBroadcastLog)}
}

// Close ends webhooks that are under way.
func (o *OneLogin) Close() { o.broadcast.Close() }

// AddEventTarget registers a destination. Registering a URL again replaces what was said about it.
func (o *OneLogin) AddEventTarget(t EventTarget) error {
	if t.Header == "" {
		return errors.New("onelogin: an event target needs the name of a header")
	}
	gone, stop := context.WithCancel(context.Background())
	out := &outlet{EventTarget: t, queue: make(chan event, maxQueue), stop: stop}
	replaced, err := o.broadcast.Add(out)
	if err != nil {
		stop()
		return fmt.Errorf("onelogin: %w", err)
	}
	for _, old := range replaced {
		old.stop()
	}
	o.broadcast.Go(func(ctx context.Context) {
		defer context.AfterFunc(ctx, stop)()
		o.broadcast.run(gone, out)
	})
	return nil
}

// ClearEventTargets forgets all destinations.
func (o *OneLogin) ClearEventTargets() {
	for _, t := range o.broadcast.Clear() {
		t.stop()
	}
}

// EventTargets returns the destinations.
func (o *OneLogin) EventTargets() []EventTarget {
	out := []EventTarget{}
	for _, t := range o.broadcast.Targets() {
		out = append(out, t.EventTarget)
	}
	return out
}

// EventLog returns the newest deliveries, oldest first.
func (o *OneLogin) EventLog() []EventDelivery { return o.broadcast.Log() }

// tell queues events for every target. What a full queue cannot take is lost, as it may be with OneLogin.
func (b *broadcaster) tell(events ...event) {
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
	b.Note(d)
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
		return 0, fmt.Errorf("build a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(t.Header, t.Secret)
	return b.Post(req)
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
