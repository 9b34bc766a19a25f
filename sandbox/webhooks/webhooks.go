// Package webhooks is the sending half of a simulated vendor: where its webhooks go, what became of each, and the
// deliveries under way.
package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// maxAnswer is how much of a receiver's answer is read.
const maxAnswer = 1 << 16

// Outbox sends to targets of type T and keeps a log of deliveries of type D. It is safe for concurrent use.
type Outbox[T, D any] struct {
	address func(T) string
	keep    int
	client  *http.Client
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	targets []T
	log     []D
}

// New returns an outbox without targets. address is the URL of a target, timeout bounds a delivery, and keep is how many
// deliveries the log holds.
func New[T, D any](address func(T) string, timeout time.Duration, keep int) *Outbox[T, D] {
	ctx, cancel := context.WithCancel(context.Background())
	return &Outbox[T, D]{
		address: address, keep: keep, ctx: ctx, cancel: cancel,
		client: &http.Client{Timeout: timeout, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
}

// Close ends what is under way and waits for it.
func (o *Outbox[T, D]) Close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.cancel()
	o.wg.Wait()
	o.client.CloseIdleConnections()
}

// Add registers a target. What had the same URL before is replaced and returned.
func (o *Outbox[T, D]) Add(t T) (replaced []T, err error) {
	if u, err := url.Parse(o.address(t)); err != nil || u.Host == "" {
		return nil, errors.New("a webhook target needs an absolute url")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.targets = slices.DeleteFunc(o.targets, func(old T) bool {
		same := o.address(old) == o.address(t)
		if same {
			replaced = append(replaced, old)
		}
		return same
	})
	o.targets = append(o.targets, t)
	return replaced, nil
}

// Remove forgets the target with a URL, and reports whether there was one.
func (o *Outbox[T, D]) Remove(address string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := len(o.targets)
	o.targets = slices.DeleteFunc(o.targets, func(t T) bool { return o.address(t) == address })
	return len(o.targets) < before
}

// Clear forgets all targets and returns them.
func (o *Outbox[T, D]) Clear() []T {
	o.mu.Lock()
	defer o.mu.Unlock()
	old := o.targets
	o.targets = nil
	return old
}

// Targets returns the targets.
func (o *Outbox[T, D]) Targets() []T {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]T{}, o.targets...)
}

// Note adds a delivery to the log.
func (o *Outbox[T, D]) Note(d D) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log = append(o.log, d)
	o.log = o.log[max(0, len(o.log)-o.keep):]
}

// Log returns the newest deliveries, oldest first.
func (o *Outbox[T, D]) Log() []D {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]D{}, o.log...)
}

// Go works in the background until Close. Once closed it does nothing.
func (o *Outbox[T, D]) Go(work func(ctx context.Context)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.wg.Go(func() { work(o.ctx) })
	}
}

// Post sends a request and returns the status of the answer.
func (o *Outbox[T, D]) Post(req *http.Request) (int, error) {
	resp, err := o.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("send a webhook: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // what matters of the answer has been read
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return 0, fmt.Errorf("read the answer to a webhook: %w", err)
	}
	return resp.StatusCode, nil
}

// Pause waits; false means that the context ended first.
func Pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
