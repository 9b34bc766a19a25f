package onelogin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// request is one call of the API.
type request struct {
	// op names the call in errors, with opaque ids only.
	op     string
	method string
	path   string
	query  url.Values
	// body is sent as JSON unless it is nil.
	body any
	// free calls are sent whatever the limiter says: they find out how the quota stands.
	free bool
}

// wrapped reports whether replies carry version 1's status object.
func (r request) wrapped() bool {
	return !strings.HasPrefix(r.path, "/api/2/") || strings.HasSuffix(r.path, "/unlock")
}

// call sends a request and decodes the reply's body into into, unless that is nil.
func (c *Client) call(ctx context.Context, r request, into any) (http.Header, error) {
	reply, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	if into == nil {
		return reply.Header, nil
	}
	if err := json.Unmarshal(reply.Body, into); err != nil {
		return nil, connectors.Malformed(system, r.op, reply.Status, err)
	}
	return reply.Header, nil
}

// longestHeld is the longest that a call waits before it is tried again, however long OneLogin asks for, 0 for as long as that. The
// quota may be there again long before, and a call that is held back here costs nothing.
func (c Class) longestHeld() time.Duration {
	switch c {
	case Containment:
		return 10 * time.Second
	case Watch:
		return 30 * time.Second
	case People, Sweep:
	}
	return 0
}

// send sends a request. What ends somebody's access, and what sees an attack, is never told to wait for long.
func (c *Client) send(ctx context.Context, r request) (httpx.Reply, error) {
	reply, err := c.exchange(ctx, r)
	var typed *connectors.Error
	if held := c.class.longestHeld(); held > 0 && errors.As(err, &typed) && typed.RetryAfter > held {
		soon := *typed // The failure of a token is shared with calls of other classes.
		soon.RetryAfter = held
		return reply, &soon
	}
	return reply, err
}

// exchange sends a request, once more if the token was refused, and turns a failure into a connectors.Error.
func (c *Client) exchange(ctx context.Context, r request) (httpx.Reply, error) {
	var payload []byte
	if r.body != nil {
		var err error
		if payload, err = json.Marshal(r.body); err != nil {
			return httpx.Reply{}, &connectors.Error{
				System: system, Op: r.op, Kind: connectors.KindInvalid, Err: errors.New("the request cannot be encoded"),
			}
		}
	}
	var reply httpx.Reply
	var failure *connectors.Error
	err := c.tokens.Do(ctx, func(token httpx.Secret) (int, error) {
		ticket, err := c.admit(ctx, r)
		if err != nil {
			return 0, err
		}
		reply, err = c.sendOnce(ctx, r, payload, token)
		c.limits.settle(ticket, reply.Header)
		if err != nil {
			return 0, err
		}
		failure = nil
		f, failed := readFault(reply, r.wrapped())
		if !failed {
			return reply.Status, nil
		}
		failure = f.asError(r.op)
		switch failure.Kind {
		case connectors.KindRateLimited:
			failure.RetryAfter = c.limits.limited(reply.Header)
			c.log.WarnContext(ctx, "onelogin: rate limited", "op", r.op, "status", f.status, "retry_after", failure.RetryAfter)
		case connectors.KindUnavailable:
			failure.RetryAfter = httpx.RetryAfter(reply.Header, c.clock())
		case connectors.KindUnauthorized:
			c.log.WarnContext(ctx, "onelogin: not authorized", "op", r.op, "status", f.status)
		case connectors.KindNotFound, connectors.KindConflict, connectors.KindInvalid, connectors.KindRefused, connectors.KindMalformed:
		}
		return f.status, nil
	})
	var typed *connectors.Error
	switch {
	case err != nil && errors.As(err, &typed):
		return httpx.Reply{}, err
	case err != nil:
		return httpx.Reply{}, connectors.FromTransport(system, r.op, err)
	case failure != nil:
		return httpx.Reply{}, failure
	}
	return reply, nil
}

// admit asks the limiter and fails at once where it says no.
func (c *Client) admit(ctx context.Context, r request) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	class := c.class
	if r.free {
		class = Containment
	}
	ticket, wait := c.limits.acquire(class)
	if ticket == 0 {
		return 0, &connectors.Error{
			System: system, Op: r.op, Kind: connectors.KindRateLimited, RetryAfter: max(wait, time.Second),
			Err: errors.New("not sent: the rest of the quota is kept for more urgent calls"),
		}
	}
	return ticket, nil
}

func (c *Client) sendOnce(ctx context.Context, r request, payload []byte, token httpx.Secret) (httpx.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	u := c.base.JoinPath(r.path)
	u.RawQuery = r.query.Encode()
	var body io.Reader
	if payload != nil {
		body = bytes.NewReader(payload)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return httpx.Reply{}, errBadURL
	}
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	return httpx.Send(c.http, req, c.maxBody)
}

// onePage reads one page of a list of version 2 and returns the cursor of the next, "" after the last.
func onePage[T any](ctx context.Context, c *Client, r request) (items []T, next string, err error) {
	header, err := c.call(ctx, r, &items)
	if err != nil {
		return nil, "", err
	}
	if next = header.Get("After-Cursor"); len(items) == 0 {
		next = ""
	}
	return items, next, nil
}

// pages walks a list of version 2: the body is an array and the next page's cursor is in a header. A cursor is never
// sent together with limit, because it already holds it and OneLogin refuses both; filters and fields it does not
// hold. Sources: terraform-provider-onelogin ol_schema/role/role.go and issue 196.
func pages[T any](ctx context.Context, c *Client, r request) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		seen := map[string]bool{}
		for {
			items, cursor, err := onePage[T](ctx, c, r)
			if err != nil {
				yield(zero, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if cursor == "" {
				return
			}
			if seen[cursor] {
				yield(zero, connectors.Malformed(system, r.op, http.StatusOK, errRepeatedCursor))
				return
			}
			seen[cursor] = true
			r.query = nextQuery(r.query, cursor)
		}
	}
}

var errRepeatedCursor = errors.New("the list repeats a page cursor, so it would never end")

func nextQuery(query url.Values, cursor string) url.Values {
	next := url.Values{}
	for name, values := range query {
		if name != "limit" && name != "page" {
			next[name] = values
		}
	}
	next.Set("cursor", cursor)
	return next
}

// pagesV1 walks a list of version 1. after_cursor can be set on a page that is empty and the last one, so an empty page
// or a missing next_link ends the walk as well. Source: airbnb/streamalert pull request 355.
func pagesV1[T any](ctx context.Context, c *Client, r request) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	for {
		var page struct {
			Data       []T `json:"data"`
			Pagination struct {
				AfterCursor httpx.Text `json:"after_cursor"`
				NextLink    string     `json:"next_link"`
			} `json:"pagination"`
		}
		if _, err := c.call(ctx, r, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		cursor := string(page.Pagination.AfterCursor)
		if len(page.Data) == 0 || cursor == "" || page.Pagination.NextLink == "" {
			return all, nil
		}
		if seen[cursor] {
			return nil, connectors.Malformed(system, r.op, http.StatusOK, errRepeatedCursor)
		}
		seen[cursor] = true
		r.query = url.Values{"after_cursor": {cursor}}
	}
}

// collect gathers a list that is small enough to hold.
func collect[W, T any](items iter.Seq2[W, error], convert func(W) T) ([]T, error) {
	var all []T
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		all = append(all, convert(item))
	}
	return all, nil
}
