package pagerduty

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"gatehouse/sandbox/tenant"
)

// failREST is an error of the REST API.
func failREST(status, code int, message string, errors ...string) tenant.Reply {
	body := map[string]any{"code": code, "message": message}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	return tenant.JSON(status, map[string]any{"error": body})
}

func invalid(errors ...string) tenant.Reply {
	return failREST(http.StatusBadRequest, 2001, "Invalid Input Provided", errors...)
}

// notFound is how PagerDuty answers for what is not there; what is a word such as "Incident", or empty.
func notFound(what string) tenant.Reply {
	if what != "" {
		what += " "
	}
	return failREST(http.StatusNotFound, 2100, what+"Not Found")
}

// body decodes a REST body. Members that the sandbox does not know are ignored, as PagerDuty ignores them.
func body(c *tenant.Call, into any) *tenant.Reply {
	err := json.Unmarshal(c.Body, into)
	if err == nil {
		return nil
	}
	// The words for either are not documented.
	r := invalid("Request body is not valid JSON.")
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		r = invalid(kind.Field + " is invalid.")
	}
	return &r
}

// Limits of a list. Source: developer.pagerduty.com, REST API, pagination.
const (
	usualPage = 25
	maxPage   = 100
	maxOffset = 10_000
)

// page answers a list with one page of it.
func page(q url.Values, name string, all []map[string]any) tenant.Reply {
	limit, offset := usualPage, 0
	for param, into := range map[string]*int{"limit": &limit, "offset": &offset} {
		if !q.Has(param) {
			continue
		}
		n, err := strconv.Atoi(q.Get(param))
		if err != nil || n < 0 {
			return invalid(param + " must be a number")
		}
		*into = n
	}
	limit = min(limit, maxPage)
	if offset > maxOffset || limit+offset > maxOffset {
		return invalid("Offset plus limit may not be greater than 10000.")
	}
	var total any
	if q.Get("total") == "true" {
		total = len(all)
	}
	shown := append([]map[string]any{}, all[min(offset, len(all)):min(offset+limit, len(all))]...)
	return tenant.JSON(http.StatusOK, map[string]any{
		name: shown, "limit": limit, "offset": offset, "more": offset+limit < len(all), "total": total,
	})
}

// paging are the parameters of a list.
func paging(more ...string) []string { return append([]string{"limit", "offset", "total"}, more...) }

func stamp(t time.Time) string { return t.Format(time.RFC3339) }
