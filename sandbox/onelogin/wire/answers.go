package wire

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

// Subdomain is the tenant's name in messages and links.
const Subdomain = "acme"

// IsV2 reports that version 2 of the API was called.
func IsV2(c *tenant.Call) bool { return strings.HasPrefix(c.Path, "/api/2/") }

// Fail is an error in the shape of the API version that was called.
func Fail(c *tenant.Call, status int, message string) tenant.Reply {
	if IsV2(c) {
		return V2Error(status, message)
	}
	return V1Error(status, message)
}

// V2Error is the usual v2 shape.
func V2Error(status int, message string) tenant.Reply {
	name := strings.ReplaceAll(http.StatusText(status), " ", "") + "Error"
	if status == http.StatusUnprocessableEntity {
		name = "UnprocessableEntityError"
	}
	return tenant.JSON(status, map[string]any{"message": message, "name": name, "statusCode": status})
}

// gatewayError is the other v2 shape, seen for cursors. Source: terraform-provider-onelogin issues 196 and 203.
func gatewayError(description string) tenant.Reply {
	return tenant.JSON(http.StatusBadRequest, map[string]any{
		"status": http.StatusBadRequest, "error": "BadRequestError", "description": description,
	})
}

// v1Status is the wrapper around every v1 reply; its message is a string or an object.
type v1Status struct {
	Error   bool   `json:"error"`
	Code    int    `json:"code"`
	Type    string `json:"type"`
	Message any    `json:"message"`
}

// V1Error is an error in the shape of v1.
func V1Error(status int, message any) tenant.Reply {
	return tenant.JSON(status, map[string]any{"status": v1Status{
		Error: true, Code: status, Type: strings.ToLower(http.StatusText(status)), Message: message,
	}})
}

// V1OK is a v1 success; a nil data is left out.
func V1OK(data any) tenant.Reply {
	body := map[string]any{"status": v1Status{Code: http.StatusOK, Type: "success", Message: "Success"}}
	if data != nil {
		body["data"] = data
	}
	return tenant.JSON(http.StatusOK, body)
}

// PathID reads a numeric path segment.
func PathID(c *tenant.Call, name string) (int64, bool) {
	id, err := strconv.ParseInt(c.Param(name), 10, 64)
	return id, err == nil
}

// BadRequest is what v1 answers a request that it cannot use.
func BadRequest(message any) *tenant.Reply {
	r := V1Error(http.StatusBadRequest, message)
	return &r
}

// Text is a text that is null where it is empty.
func Text(v string) *string {
	if v == "" {
		return nil
	}
	return &v
}

// ID is an id that is null where there is none.
func ID(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// TextOf returns what p points to, or "".
func TextOf(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// Number returns what p points to, or 0.
func Number(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}

// Problem is an error with the status it deserves.
type Problem struct {
	Status  int
	Message string
}

// Invalid refuses a value.
func Invalid(format string, args ...any) *Problem {
	return &Problem{http.StatusUnprocessableEntity, fmt.Sprintf(format, args...)}
}

// Malformed refuses what cannot be read.
func Malformed(format string, args ...any) *Problem {
	return &Problem{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}
