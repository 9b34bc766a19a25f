// Package wire is the form of Google's requests and answers, which its services have in common: errors, pages of lists,
// field masks and uploads.
package wire

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"gatehouse/sandbox/tenant"
)

// Common are the query parameters that every endpoint has.
func Common(names ...string) []string {
	return append([]string{"alt", "prettyPrint", "fields", "quotaUser", "key", "$.xgafv", "access_token", "callback", "oauth_token", "userIp"}, names...)
}

// statuses are Google's names of HTTP statuses.
var statuses = map[int]string{
	400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS", 412: "FAILED_PRECONDITION",
	429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}

// Failure is an error in Google's form.
func Failure(status int, reason, message string) tenant.Reply {
	return tenant.JSON(status, map[string]any{"error": map[string]any{
		"code": status, "message": message, "status": statuses[status],
		"errors": []map[string]string{{"message": message, "domain": "global", "reason": reason}},
	}})
}

// Invalid is what a request is answered with that Google does not understand.
func Invalid(format string, args ...any) tenant.Reply {
	return Failure(http.StatusBadRequest, "badRequest", fmt.Sprintf(format, args...))
}

// Limits of a body in bytes. The media of Gmail is limited by its discovery document; in JSON it takes a third more. Drive takes more
// in one upload than the sandbox keeps. Others take 10 MiB, as the error says that Google answers beyond it.
const (
	MaxMail    = 36_700_160
	MaxLetter  = MaxMail + 64<<10
	MaxEncoded = MaxMail/3*4 + 64<<10
	MaxUpload  = 64 << 20
	MaxObject  = 10 << 20
)

// TooLarge is what a body beyond the limit of its route is answered with. Sources: Google, "Standard error responses",
// uploadTooLarge; the error of Google's front end in JSON.
func TooLarge(c *tenant.Call) tenant.Reply {
	if strings.HasPrefix(c.Path, "/upload/") {
		return Failure(http.StatusRequestEntityTooLarge, "uploadTooLarge", "The request failed because the data sent in the request is too large.")
	}
	return Invalid("Request payload size exceeds the limit: %d bytes.", c.Route.MaxBody)
}

// Sized gives routes their limits: most for the objects of this service, upload for its uploads.
func Sized(routes []tenant.Route, most, upload int64) []tenant.Route {
	for i := range routes {
		routes[i].MaxBody = most
		if strings.HasPrefix(routes[i].Path, "/upload/") {
			routes[i].MaxBody = upload
		}
	}
	return routes
}

// NotFound is what is answered about anything that there is not.
func NotFound() tenant.Reply {
	return Failure(http.StatusNotFound, "notFound", "Requested entity was not found.")
}

// Limited is 429 of Sheets; Drive and Gmail answer 403 with a reason, which is what status 403 asks for.
func Limited(c *tenant.Call, status int) tenant.Reply {
	if status == http.StatusForbidden || status == 0 && !strings.HasPrefix(c.Path, "/v4/") {
		return Failure(http.StatusForbidden, "userRateLimitExceeded", "User Rate Limit Exceeded")
	}
	kind := "Write"
	if c.Request.Method == http.MethodGet {
		kind = "Read"
	}
	message := fmt.Sprintf("Quota exceeded for quota metric '%s requests' and limit '%s requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:1'.", kind, kind)
	return tenant.JSON(http.StatusTooManyRequests, map[string]any{"error": map[string]any{
		"code": http.StatusTooManyRequests, "message": message, "status": statuses[http.StatusTooManyRequests],
		"details": []map[string]string{{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com",
		}},
	}})
}

// Whole reads a number of a query that is at least 1.
func Whole(q url.Values, name string, usual, most int) (int, *tenant.Reply) {
	text := q.Get(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		r := Failure(http.StatusBadRequest, "invalidParameter", "Invalid value '"+text+"'. Values must be within the range: [1, "+strconv.Itoa(most)+"]")
		return 0, &r
	}
	return n, nil
}

// Paged returns a page of a list, and the token of the next one.
func Paged[T any](q url.Values, size string, usual, most int, all []T) (page []T, next string, bad *tenant.Reply) {
	n, bad := Whole(q, size, usual, most)
	if bad != nil {
		return nil, "", bad
	}
	from := 0
	if token := q.Get("pageToken"); token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		rest, ours := strings.CutPrefix(string(raw), "from:")
		if err == nil {
			from, err = strconv.Atoi(rest)
		}
		if err != nil || !ours || from < 0 || from > len(all) {
			r := Failure(http.StatusBadRequest, "invalid", "Invalid Value")
			return nil, "", &r
		}
	}
	end := min(from+n, len(all))
	if end < len(all) {
		next = base64.RawURLEncoding.EncodeToString([]byte("from:" + strconv.Itoa(end)))
	}
	return all[min(from, end):end], next, nil
}

// Series numbers what comes to exist in a domain.
type Series struct{ last atomic.Int64 }

// Next is the next number.
func (s *Series) Next() int64 { return s.last.Add(1) }

// Last is the latest number.
func (s *Series) Last() int64 { return s.last.Load() }
