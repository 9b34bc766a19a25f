package connectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"gatehouse/internal/httpx"
)

// Kind says what went wrong in terms of what the caller can do about it.
type Kind string

// The kinds of error.
const (
	// KindNotFound: the object does not exist (HTTP 404 and 410).
	KindNotFound Kind = "not found"
	// KindConflict: the request contradicts what is there, such as a username that is taken (HTTP 409).
	KindConflict Kind = "conflict"
	// KindRateLimited: the vendor, or our own limiter before it, refused for now.
	KindRateLimited Kind = "rate limited"
	// KindUnauthorized: the credential is wrong, expired or lacks a right (HTTP 401 and 403).
	KindUnauthorized Kind = "unauthorized"
	// KindInvalid: the request can never succeed as it is (any other HTTP 4xx).
	KindInvalid Kind = "invalid request"
	// KindUnavailable: the vendor could not be reached or failed (HTTP 5xx, network, timeout).
	KindUnavailable Kind = "unavailable"
	// KindRefused: refused by Gatehouse itself, such as a protected account or a redirect to another host.
	KindRefused Kind = "refused"
	// KindMalformed: the vendor answered, but the reply cannot be used. Worth repeating.
	KindMalformed Kind = "malformed reply"
)

// advice says what to do about an error of each kind.
var advice = map[Kind]string{
	KindNotFound:     "check that the object still exists and that the credential may see it",
	KindConflict:     "read the current state and decide again",
	KindRateLimited:  "wait for the quota to recover",
	KindUnauthorized: "check the credential and its scope at the vendor",
	KindInvalid:      "correct the request or the configuration; repeating it will not help",
	KindUnavailable:  "repeat later",
	KindRefused:      "Gatehouse does not do this by design; if it must be done, do it at the vendor by hand",
	KindMalformed:    "repeat later; if it stays, check the base URL and whether the vendor changed its API",
}

// Error is the one error that connectors return. It is safe to log and to store: no field holds a secret, personal
// data, a reply's body or a URL.
type Error struct {
	// System is the connector's name, such as "onelogin".
	System string
	// Op says what was being done and to what, by opaque id: "suspend user 42".
	Op   string
	Kind Kind
	// Status is the HTTP status, 0 if there was no reply.
	Status int
	// RetryAfter is how long to wait before the call can succeed, 0 if nobody said.
	RetryAfter time.Duration
	// Code is the vendor's stable name of the error ("NotFoundError"), or ours where the vendor has only free text
	// ("username_taken"). Callers may branch on it.
	Code string
	// Err is the cause, if there is one besides the status. Its text is part of the message, so it must be safe too.
	Err error
}

// Error renders the operation, what happened, the cause and what to do about it, in that order.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s", e.System, e.Op, e.Kind)
	switch {
	case e.Status != 0 && e.Code != "":
		fmt.Fprintf(&b, " (HTTP %d, %s)", e.Status, e.Code)
	case e.Status != 0:
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	case e.Code != "":
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, ", retry after %s", e.RetryAfter.Round(time.Second))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if todo := advice[e.Kind]; todo != "" {
		fmt.Fprintf(&b, ": %s", todo)
	}
	return b.String()
}

// Unwrap returns the cause, so that errors.Is finds context.Canceled.
func (e *Error) Unwrap() error { return e.Err }

// IsKind reports whether err is, or wraps, a connector error of kind k.
func IsKind(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// KindOfStatus classifies an HTTP status of 400 or above. A vendor's exceptions are the business of its connector.
func KindOfStatus(status int) Kind {
	switch {
	case status >= 500:
		return KindUnavailable
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return KindUnauthorized
	case status == http.StatusNotFound, status == http.StatusGone:
		return KindNotFound
	case status == http.StatusConflict:
		return KindConflict
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status == http.StatusRequestTimeout:
		return KindUnavailable
	}
	return KindInvalid
}

// FromTransport wraps an error of httpx: no usable reply came back.
func FromTransport(system, op string, err error) *Error {
	e := &Error{System: system, Op: op, Kind: KindUnavailable, Err: err}
	switch {
	case errors.Is(err, httpx.ErrRedirect):
		e.Kind = KindRefused
	case errors.Is(err, httpx.ErrTooLarge):
		e.Kind = KindMalformed
	}
	return e
}

// stableCode is what a machine's name for an error looks like: one word, or several in lower case.
var stableCode = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]*|[a-z]+( [a-z]+)*)$`)

// StableCode returns s if it looks like a machine's name for an error, with "_" for blanks, and nothing if it may be
// free text: free text can hold names and addresses.
func StableCode(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 48 || !stableCode.MatchString(s) {
		return ""
	}
	return strings.ReplaceAll(s, " ", "_")
}

// Malformed reports a reply that cannot be used. What json says about values is left out: they may be somebody's.
func Malformed(system, op string, status int, err error) *Error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		err = fmt.Errorf("the reply is not valid JSON at byte %d", syntax.Offset)
	case errors.As(err, &mismatch):
		err = fmt.Errorf("the reply's field %q is not of type %s", mismatch.Field, mismatch.Type)
	}
	return &Error{System: system, Op: op, Kind: KindMalformed, Status: status, Err: err}
}
