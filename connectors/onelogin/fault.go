package onelogin

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

var errBadURL = errors.New("the request's URL cannot be built; check the base URL")

// The codes that this package gives to errors which OneLogin tells apart by free text only.
const (
	// CodeUsernameTaken is a create or update whose username another user has.
	CodeUsernameTaken = "username_taken"
	// CodeNotUnique is a create or update with another field that must be unique.
	CodeNotUnique = "not_unique"
	// CodeRateLimit is OneLogin's own word for a rate limit that it answers with HTTP 400.
	CodeRateLimit = "rate_limit_exceeded"

	codeSameState    = "already_in_this_state"
	codeCannotUnlock = "cannot_be_unlocked"
	// codeForeignNotFound is a 404 in none of OneLogin's shapes.
	codeForeignNotFound = "not_found_by_something_else"
)

// Absent reports that OneLogin itself says that something does not exist: a 404 of a proxy, of a wrong address or of a page
// that is being replaced does not count.
func Absent(err error) bool {
	var e *connectors.Error
	return errors.As(err, &e) && e.System == system && e.Kind == connectors.KindNotFound &&
		(e.Code == "NotFoundError" || e.Code == "not_found")
}

// fault is what a reply says about its failure. text is the vendor's free text: it is read here and shown nowhere,
// because it can hold names and addresses.
type fault struct {
	status int
	code   string
	text   string
}

// readFault finds out whether a reply reports a failure, in any of OneLogin's four shapes:
//
//	{"status":{"error":true,"code":400,"type":"bad request","message":"..."|{"description":"..."}}}    version 1
//	{"message":"...","name":"BadRequestError","statusCode":400}                                        version 2
//	{"status":400,"error":"BadRequestError","description":"..."}                                       its gateway
//	{"message":"User cannot be unlocked"}                                                              unlock
//
// Version 1 can report a failure with HTTP 200, so its successful replies are read too (wrapped). Sources:
// developers.onelogin.com, 1/users/set-state, 2/users/unlock-user; terraform-provider-onelogin issues 196 and 203.
func readFault(reply httpx.Reply, wrapped bool) (fault, bool) {
	failed := reply.Status < 200 || reply.Status > 299
	if !failed && !wrapped {
		return fault{}, false
	}
	var body struct {
		Status      json.RawMessage `json:"status"`
		Message     json.RawMessage `json:"message"`
		Description string          `json:"description"`
		Name        string          `json:"name"`
		Error       httpx.Text      `json:"error"`
	}
	// A failed reply of another form, such as a proxy's HTML page, is judged by its status alone.
	decoded := json.Unmarshal(reply.Body, &body) == nil
	f := fault{status: reply.Status}
	if !decoded {
		return f, failed
	}
	f.code = connectors.StableCode(body.Name)
	if f.code == "" {
		f.code = connectors.StableCode(string(body.Error))
	}
	f.text = strings.ToLower(freeText(body.Message) + " " + body.Description)
	if bytes.HasPrefix(bytes.TrimSpace(body.Status), []byte("{")) {
		if f.readStatus(body.Status, reply.Status) {
			failed = true
		}
	}
	if strings.Contains(f.text, "cannot be unlocked") {
		failed, f.code = true, codeCannotUnlock
	}
	if failed && f.status < 300 {
		f.status = http.StatusBadRequest
	}
	return f, failed
}

// readStatus reads version 1's status object and reports whether it speaks of an error.
func (f *fault) readStatus(raw json.RawMessage, httpStatus int) bool {
	var status struct {
		Error   bool            `json:"error"`
		Code    httpx.Int       `json:"code"`
		Type    string          `json:"type"`
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(raw, &status) != nil {
		return false
	}
	f.text = strings.ToLower(freeText(status.Message))
	if code := connectors.StableCode(status.Type); code != "" && status.Error {
		f.code = code
	}
	if status.Error && httpStatus < 300 && status.Code.Value >= 400 && status.Code.Value < 600 {
		f.status = int(status.Code.Value)
	}
	return status.Error
}

// freeText returns the text of a message that is a string, an object with a description, or a list of either.
func freeText(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	case '{':
		var object struct {
			Description string `json:"description"`
			Message     string `json:"message"`
		}
		if json.Unmarshal(raw, &object) == nil {
			return object.Description + " " + object.Message
		}
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil && len(list) > 0 {
			return freeText(list[0])
		}
	}
	return ""
}

// rateLimited: both forms have been observed. Source: streamalert's OneLogin app (400), demisto/content's OneLogin
// event collector (429).
func (f fault) rateLimited() bool {
	return f.status == http.StatusTooManyRequests ||
		f.status == http.StatusBadRequest && (strings.Contains(f.text, CodeRateLimit) || f.code == CodeRateLimit)
}

func (f fault) asError(op string) *connectors.Error {
	e := &connectors.Error{System: system, Op: op, Status: f.status, Code: f.code, Kind: connectors.KindOfStatus(f.status)}
	switch {
	case f.status < 400:
		e.Kind = connectors.KindMalformed
	case f.rateLimited():
		e.Kind, e.Code = connectors.KindRateLimited, CodeRateLimit
	case f.status == http.StatusNotFound && f.code == "":
		// A proxy's page, or no body at all. Only OneLogin itself can say that an account does not exist.
		e.Kind, e.Code = connectors.KindUnavailable, codeForeignNotFound
	case f.status >= 500 || f.status == http.StatusUnauthorized || f.status == http.StatusForbidden:
	case strings.Contains(f.text, "must be unique") || strings.Contains(f.text, "has already been taken"):
		e.Kind, e.Code = connectors.KindConflict, CodeNotUnique
		if strings.Contains(f.text, "username") {
			e.Code = CodeUsernameTaken
		}
	case strings.Contains(f.text, "already in this state"):
		e.Code = codeSameState
	}
	return e
}

// retryAfter is how long a rate limited reply wants us to wait: Retry-After if there is one, else the time to the
// quota's reset if nothing of it is left.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if d := httpx.RetryAfter(h, now); d > 0 {
		return d
	}
	left, ok := headerInt(h, "X-RateLimit-Remaining")
	if reset, known := headerInt(h, "X-RateLimit-Reset"); known && reset > 0 && (!ok || left <= 0) {
		return min(time.Duration(reset)*time.Second, 24*time.Hour)
	}
	return 0
}
