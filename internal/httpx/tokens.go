package httpx

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Timing of token renewal.
const (
	// earlyRefresh is how long before its end a token is renewed in the background.
	earlyRefresh = 5 * time.Minute
	// refreshPause keeps renewals apart when the vendor hands out the same, nearly expired token again, as OneLogin
	// does until the token's last second.
	refreshPause = 30 * time.Second
	// assumedLifetime is for replies that name none.
	assumedLifetime = 30 * time.Minute
)

// Token is an access token and when it ends. A zero Expires means that the vendor did not say.
type Token struct {
	Value   Secret
	Expires time.Time
}

// Tokens holds one access token for any number of callers. It is fetched once however many ask, renewed in the
// background before it ends, and fetched anew after a caller found it rejected.
type Tokens struct {
	fetch func(context.Context) (Token, error)
	clock func() time.Time

	mu         sync.Mutex
	token      Token
	generation int
	refreshAt  time.Time
	running    *fetching
}

// fetching is one fetch that any number of callers wait for.
type fetching struct {
	done  chan struct{}
	lease lease
	err   error
}

// lease is a token and which fetch it came from: the vendor may return the same text twice.
type lease struct {
	value      Secret
	generation int
}

// NewTokens returns an empty store. fetch gets a context that no caller's cancellation reaches, so that one impatient
// caller does not fail the others; it must bound itself in time.
func NewTokens(fetch func(context.Context) (Token, error), clock func() time.Time) *Tokens {
	return &Tokens{fetch: fetch, clock: clock}
}

// Do calls send with a token, and once more with a new one if the first was answered with HTTP 401. send returns the
// reply's status. The second 401 is the caller's to interpret: some vendors answer it for a missing right too.
func (t *Tokens) Do(ctx context.Context, send func(Secret) (status int, err error)) error {
	for attempt := 1; ; attempt++ {
		l, err := t.get(ctx)
		if err != nil {
			return err
		}
		status, err := send(l.value)
		if err != nil || status != http.StatusUnauthorized || attempt == 2 {
			return err
		}
		t.reject(l)
	}
}

func (t *Tokens) get(ctx context.Context) (lease, error) {
	t.mu.Lock()
	now := t.clock()
	held := lease{value: t.token.Value, generation: t.generation}
	if held.value != "" && now.Before(t.refreshAt) {
		t.mu.Unlock()
		return held, nil
	}
	f := t.running
	if f == nil {
		f = &fetching{done: make(chan struct{})}
		t.running = f
		go t.run(withoutPermit(context.WithoutCancel(ctx)), f)
	}
	usable := held.value != "" && now.Before(t.token.Expires)
	t.mu.Unlock()
	if usable {
		return held, nil
	}
	select {
	case <-f.done:
		return f.lease, f.err
	case <-ctx.Done():
		return lease{}, ctx.Err()
	}
}

func (t *Tokens) run(ctx context.Context, f *fetching) {
	token, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	t.running = nil
	if err != nil {
		// A token that is still good is kept; callers only see the failure when they have nothing to go on with.
		t.refreshAt = now.Add(refreshPause)
		f.err = err
	} else {
		if token.Expires.IsZero() {
			token.Expires = now.Add(assumedLifetime)
		}
		t.token = token
		t.generation++
		t.refreshAt = refreshTime(now, token.Expires)
		f.lease = lease{value: token.Value, generation: t.generation}
	}
	close(f.done)
}

// refreshTime says when to ask for the next token: early, but not at once again if this one is already near its end.
func refreshTime(now, expires time.Time) time.Time {
	if early := expires.Add(-earlyRefresh); early.After(now) {
		return early
	}
	pause := now.Add(refreshPause)
	if expires.After(now) && expires.Before(pause) {
		return expires
	}
	return pause
}

func (t *Tokens) reject(l lease) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.generation == t.generation {
		t.token = Token{}
	}
}
