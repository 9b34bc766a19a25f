package connectors

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"gatehouse/internal/httpx"
)

// Library carries the requests of a vendor's own library. Such libraries drop what a caller has to know: the header of a
// reply, why a request failed, and that a reply was cut off. A Library keeps it, bounds each request and each reply, and
// says in our words what became of a call.
type Library struct {
	// System is the connector's name in errors.
	System string
	// HTTP sends the requests. It has to refuse redirects to other hosts, as httpx.Guarded does.
	HTTP *http.Client
	// Timeout bounds each request (default 20s).
	Timeout time.Duration
	// MaxBody is how many bytes a reply may have (default 16 MiB).
	MaxBody int64
	Clock   func() time.Time
}

// Defaults of a Library.
const (
	libraryTimeout = 20 * time.Second
	libraryMaxBody = 16 << 20
)

// NewLibrary completes what the options of a client leave out.
func NewLibrary(l Library) *Library {
	if l.Timeout <= 0 {
		l.Timeout = libraryTimeout
	}
	if l.MaxBody <= 0 {
		l.MaxBody = libraryMaxBody
	}
	if l.Clock == nil {
		l.Clock = time.Now
	}
	return &l
}

// Malformed is an answer that lacks what it must hold.
func (l *Library) Malformed(op string) error {
	return &Error{System: l.System, Op: op, Kind: KindMalformed}
}

// heard is what became of the last request of a call.
type heard struct {
	reply httpx.Reply
	err   error
}

type heardKey struct{}

// Do implements the interface by which the libraries send. It reads the whole reply, so that a body which a library leaves
// open holds no connection.
func (l *Library) Do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), l.Timeout)
	defer cancel()
	reply, err := httpx.Send(l.HTTP, req.WithContext(ctx), l.MaxBody)
	if h, ok := req.Context().Value(heardKey{}).(*heard); ok {
		h.reply, h.err = reply, err
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: strconv.Itoa(reply.Status) + " " + http.StatusText(reply.Status), StatusCode: reply.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: reply.Header, Body: io.NopCloser(bytes.NewReader(reply.Body)), ContentLength: int64(len(reply.Body)), Request: req,
	}, nil
}

// Call carries out a call of the library and returns the last reply beside the error. Nothing of what the library says about
// a failure is kept, because it may quote anything.
func (l *Library) Call(ctx context.Context, op string, do func(context.Context) error) (httpx.Reply, *Error) {
	h := &heard{}
	if err := do(context.WithValue(ctx, heardKey{}, h)); err == nil {
		return h.reply, nil
	}
	return h.reply, l.fault(ctx, op, h)
}

func (l *Library) fault(ctx context.Context, op string, h *heard) *Error {
	e := &Error{System: l.System, Op: op, Kind: KindUnavailable, Status: h.reply.Status}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return FromTransport(l.System, op, context.Canceled)
	case h.err != nil:
		return FromTransport(l.System, op, harmless(h.err))
	case e.Status == 0: // The library sent nothing.
	case e.Status < 400:
		e.Kind = KindMalformed
	default:
		e.Kind, e.RetryAfter = KindOfStatus(e.Status), httpx.RetryAfter(h.reply.Header, l.Clock())
	}
	return e
}

// harmless keeps of a transport's error what names no host.
func harmless(err error) error {
	for _, known := range []error{context.DeadlineExceeded, httpx.ErrRedirect, httpx.ErrTooLarge} {
		if errors.Is(err, known) {
			return known
		}
	}
	return nil
}
