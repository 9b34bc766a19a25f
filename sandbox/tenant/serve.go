package tenant

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// usualBody is the largest request body in bytes where a vendor documents no limit. Of what is larger, so much is read to its end
// that the client comes to read the answer.
const (
	usualBody  = 4 << 20
	mostUnread = 256 << 20
)

// callbackTimeout is how long a callback fault waits for its reply.
const callbackTimeout = time.Minute

// front serves one vendor below its prefix.
type front struct {
	t      *Tenant
	v      Vendor
	router *router
}

// Handler serves a vendor. Requests must arrive with the vendor's prefix, "/<name>", still on their path.
func (t *Tenant) Handler(v Vendor) http.Handler {
	return &front{t: t, v: v, router: newRouter(v.Routes)}
}

// ServeHTTP takes one call through the steps that the package documentation draws.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &Call{Request: r, Path: strings.TrimPrefix(r.URL.Path, "/"+f.v.Name)}
	if c.Path == "" {
		c.Path = "/"
	}
	c.entry = Entry{System: f.v.Name, Method: r.Method, Path: c.Path}
	route, params, allow := f.router.find(r.Method, strings.TrimPrefix(r.URL.EscapedPath(), "/"+f.v.Name))
	c.Route, c.params = route, params
	if err := c.read(); err != nil {
		// The client went away; there is nobody to answer in the vendor's words.
		http.Error(w, "sandbox: read request body: "+err.Error(), http.StatusBadRequest)
		return
	}
	if d := f.t.latency.Load(); d > 0 {
		pause(r.Context(), time.Duration(d))
	}

	reply, terminal := f.answer(c, allow)
	var after []Fault
	if terminal == "" {
		after = f.t.Faults.take(f.v.Name, "after", c)
		terminal = f.choose(c, &reply, after)
	}
	if f.v.Finish != nil {
		f.v.Finish(c, &reply)
	}
	c.entry.Status = reply.Status
	if terminal == StyleDrop {
		c.entry.Status = 0
	}
	c.entry.At = f.t.Now()
	// A copy, so that the journal does not keep the request and its body alive.
	entry := c.entry
	f.t.Journal.append(&entry)

	f.wait(r.Context(), c, after)
	send(w, reply, terminal)
}

// read takes in the body, up to what the route allows.
func (c *Call) read() error {
	limit := int64(usualBody)
	if c.Route != nil && c.Route.MaxBody > 0 {
		limit = c.Route.MaxBody
	}
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, limit+1))
	if err != nil {
		return err
	}
	if c.tooLarge = int64(len(body)) > limit; c.tooLarge {
		_, err = io.CopyN(io.Discard, c.Request.Body, mostUnread)
		body = nil
		if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	c.Body = body
	return err
}

// refuseLarge is what a vendor answers to a body that it does not take.
func (f *front) refuseLarge(c *Call) Reply {
	if f.v.TooLarge != nil {
		return f.v.TooLarge(c)
	}
	return f.v.Failure(c, http.StatusRequestEntityTooLarge)
}

// answer runs the call, unless a fault "before" takes its place; terminal is the style of such a fault. allow are the methods
// of a path that has others.
func (f *front) answer(c *Call, allow string) (reply Reply, terminal string) {
	route := c.Route
	c.entry.Op = f.v.Name + ".unknown"
	if route != nil {
		c.entry.Op = route.Op
	}
	before := f.t.Faults.take(f.v.Name, "before", c)
	if len(before) > 0 {
		f.wait(c.Request.Context(), c, before)
		if terminal = f.choose(c, &reply, before); terminal != "" {
			return reply, terminal
		}
	}
	if route == nil {
		c.entry.Unknown = true
		if allow != "" {
			return f.v.WrongMethod(c, allow).With("Allow", allow), ""
		}
		return f.v.Unknown(c), ""
	}
	if c.tooLarge {
		return f.refuseLarge(c), ""
	}
	if refused := f.v.Guard(c); refused != nil {
		return *refused, ""
	}
	if name := route.unknownQuery(c.Query()); name != "" {
		return f.v.BadQuery(c, name), ""
	}
	return route.Handle(c), ""
}

// choose notes the faults in the journal entry and lets the first one that decides the reply do so.
func (f *front) choose(c *Call, reply *Reply, hit []Fault) (terminal string) {
	for i := range hit {
		fault := &hit[i]
		if c.entry.Fault != "" {
			c.entry.Fault += ","
		}
		c.entry.Fault += fault.When + ":" + fault.Style
		if terminal != "" {
			continue
		}
		switch fault.Style {
		case StyleStatus:
			*reply = f.v.Failure(c, fault.Status)
			if fault.Body != "" {
				kind := fault.ContentType
				if kind == "" {
					kind = "text/html"
				}
				*reply = Raw(fault.Status, kind, []byte(fault.Body))
			}
			if fault.RetryAfter > 0 {
				*reply = reply.With("Retry-After", strconv.Itoa(fault.RetryAfter))
			}
			terminal = fault.Style
		case StyleRateLimit:
			*reply = f.v.RateLimited(c, fault.Status, fault.RetryAfter)
			terminal = fault.Style
		case StyleDrop:
			terminal = fault.Style
		case StyleTruncate, StyleMalformed:
			if fault.When == "before" {
				*reply = Raw(http.StatusOK, "application/json", []byte(`{"data":[{"id":1},{"id":2}]}`))
			}
			terminal = fault.Style
		}
	}
	return terminal
}

// wait carries out the faults that take time: delays and callbacks.
func (f *front) wait(ctx context.Context, c *Call, hit []Fault) {
	for i := range hit {
		switch fault := &hit[i]; fault.Style {
		case StyleDelay:
			pause(ctx, time.Duration(fault.DelayMS)*time.Millisecond)
		case StyleCallback:
			// The vendor answers as if nothing had happened; whoever set the fault reads the error in its list.
			if err := f.call(c, fault); err != nil {
				f.t.Faults.note(fault.ID, err)
			}
		}
	}
}

// pause waits for d, or until the client hangs up.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// call POSTs what is happening to a callback fault's URL and waits for the reply. It does not stop when the client
// hangs up: a crash test kills the client from inside the callback.
func (f *front) call(c *Call, fault *Fault) error {
	body, err := json.Marshal(map[string]string{
		"system": f.v.Name, "method": c.Request.Method, "path": c.Path, "op": c.entry.Op,
		"subject": c.entry.Subject, "effect": c.entry.Effect, "when": fault.When,
	})
	if err != nil {
		return fmt.Errorf("encode the callback: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), callbackTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, fault.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("build the callback: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("send the callback: %w", err)
	}
	return resp.Body.Close()
}

// send writes the reply, or what a terminal fault makes of it.
func send(w http.ResponseWriter, reply Reply, terminal string) {
	if terminal == StyleDrop {
		panic(http.ErrAbortHandler)
	}
	body := reply.Body
	if terminal == StyleMalformed {
		body = append([]byte("<html>"), body[:len(body)/2]...)
	}
	h := w.Header()
	for name, values := range reply.Header {
		h[name] = values
	}
	if reply.Status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(reply.Status)
	if terminal == StyleTruncate {
		body = body[:len(body)/2]
	}
	// An error here means that the client has gone; the effect stands and the journal has it.
	_, err := w.Write(body)
	if terminal == StyleTruncate && err == nil {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}
