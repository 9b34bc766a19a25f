package httpx

import (
	"context"
	"net/http"
)

// Permit says whether a request that changes something may still be sent. It is asked right before each of them.
type Permit func(context.Context) error

type permitKey struct{}

// WithPermit has each request of a context that changes something ask first.
func WithPermit(ctx context.Context, p Permit) context.Context {
	return context.WithValue(ctx, permitKey{}, p)
}

// withoutPermit is for what others need as well, such as a token.
func withoutPermit(ctx context.Context) context.Context {
	return context.WithValue(ctx, permitKey{}, Permit(nil))
}

// Withheld is why a request was not sent.
type Withheld struct{ Err error }

// Error is the reason.
func (w *Withheld) Error() string { return w.Err.Error() }

// Unwrap returns the reason.
func (w *Withheld) Unwrap() error { return w.Err }

// permitted asks the permit of a request, if it has one and changes anything.
func permitted(req *http.Request) error {
	p, _ := req.Context().Value(permitKey{}).(Permit)
	if p == nil || req.Method == http.MethodGet || req.Method == http.MethodHead {
		return nil
	}
	if err := p(req.Context()); err != nil {
		return &Withheld{Err: err}
	}
	return nil
}
