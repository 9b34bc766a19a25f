package launch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gatehouse/activities/api"
)

// lanes bundles what says nothing but "look again". To one run one such message is sent at a time, and all that come up
// meanwhile are answered by the next: it is sent after they came up, so that the run looks at what they are about. Nobody
// is answered before a message is durable.
type lanes struct {
	mu   sync.Mutex
	open map[string]*lane
}

// lane is what goes to one run.
type lane struct {
	// next is what will be sent when the message under way has been.
	next *message
}

// message is sent once for all who wait for it.
type message struct {
	ctx  context.Context
	send func(context.Context) (api.Sent, error)
	done chan struct{}
	// waiting counts those who wait for it.
	waiting int
	sent    api.Sent
	err     error
}

const (
	// sendTimeout bounds one message. It does not depend on whoever came first, because others wait for it as well.
	sendTimeout = 10 * time.Second
	// maxGap is the longest time that a lane is quiet after a message that more than one waited for: the server throws away
	// what a run has begun if a hundred signals arrive during one of its tasks. Who sends one after the other never waits.
	maxGap = 100 * time.Millisecond
)

// bundle sends a message, or waits for one that is about to be sent for the same.
func (l *lanes) bundle(ctx context.Context, name string, send func(context.Context) (api.Sent, error)) (api.Sent, error) {
	if err := ctx.Err(); err != nil {
		return api.Sent{}, fmt.Errorf("tell %s: %w", name, err)
	}
	l.mu.Lock()
	way, busy := l.open[name]
	if !busy {
		way = &lane{}
		l.open[name] = way
	}
	m := way.next
	if m == nil {
		m = &message{ctx: context.WithoutCancel(ctx), send: send, done: make(chan struct{})}
		way.next = m
	}
	m.waiting++
	l.mu.Unlock()
	if !busy {
		go l.serve(name, way)
	}
	select {
	case <-m.done:
		return m.sent, m.err
	case <-ctx.Done():
		return api.Sent{}, fmt.Errorf("tell %s: %w", name, ctx.Err())
	}
}

// serve sends what comes up in a lane until nothing does. What comes up while it is quiet is sent after that.
func (l *lanes) serve(name string, way *lane) {
	for crowded := 0; ; {
		l.mu.Lock()
		m := way.next
		way.next = nil
		if m == nil {
			delete(l.open, name)
		}
		l.mu.Unlock()
		if m == nil {
			return
		}
		ctx, cancel := context.WithTimeout(m.ctx, sendTimeout)
		m.sent, m.err = m.send(ctx)
		cancel()
		close(m.done)
		if m.waiting == 1 {
			crowded = 0
			continue
		}
		crowded++
		<-time.After(min(time.Duration(crowded)*10*time.Millisecond, maxGap))
	}
}
