package salesforce

import (
	"fmt"
	"net/http"

	"gatehouse/sandbox/tenant"
)

// fault is an error as the REST API tells it.
type fault struct {
	status        int
	code, message string
	fields        []string
}

// body is what a fault looks like on the wire.
func (f *fault) body() map[string]any {
	out := map[string]any{"errorCode": f.code, "message": f.message}
	if f.fields != nil {
		out["fields"] = f.fields
	}
	return out
}

// reply is an answer that is the fault: a list of it.
func (f *fault) reply() tenant.Reply { return tenant.JSON(f.status, []any{f.body()}) }

// refused is a fault of status 400, about fields if any are named.
func refused(code, message string, fields ...string) *fault {
	if fields == nil {
		fields = []string{}
	}
	return &fault{status: http.StatusBadRequest, code: code, message: message, fields: fields}
}

func plain(status int, code, message string) *fault {
	return &fault{status: status, code: code, message: message}
}

func notFound() *fault {
	return plain(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}

func noSuchColumn(name, object string) *fault {
	return plain(http.StatusBadRequest, "INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", name, object))
}

func noAccess() *fault {
	return &fault{
		status: http.StatusForbidden, code: "INSUFFICIENT_ACCESS_OR_READONLY",
		message: "insufficient access rights on object id", fields: []string{},
	}
}

func sessionEnded() *fault {
	return plain(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
}

// failures are the usual codes of a status, for faults that name a status only.
var failures = map[int]*fault{
	http.StatusBadRequest:          plain(0, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
	http.StatusUnauthorized:        sessionEnded(),
	http.StatusForbidden:           plain(0, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
	http.StatusNotFound:            notFound(),
	http.StatusMethodNotAllowed:    plain(0, "METHOD_NOT_ALLOWED", "HTTP Method not allowed."),
	http.StatusInternalServerError: plain(0, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 1-1 (1)"),
	http.StatusServiceUnavailable:  plain(0, "SERVER_UNAVAILABLE", "Server unavailable"),
}

func failure(status int) tenant.Reply {
	f := fault{code: "UNKNOWN_EXCEPTION", message: http.StatusText(status)}
	if known := failures[status]; known != nil {
		f = *known
	}
	f.status = status
	return f.reply()
}
