package bamboohr

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/internal/httpx"
)

// The headers that sign a webhook.
const (
	headerTimestamp = "X-BambooHR-Timestamp"
	headerSignature = "X-BambooHR-Signature"
)

// Errors of webhooks. Answer them with a 4xx, which BambooHR never repeats.
var (
	// ErrSignature: the delivery is not signed with any of our keys.
	ErrSignature = errors.New("bamboohr webhook: the signature fits none of the configured keys; check the webhook's private key")
	// ErrStale: the signature is right, but the delivery is too old or from the future.
	ErrStale = errors.New("bamboohr webhook: the timestamp is too far from now, or cannot be read; check the clock")
	// ErrPayload: the body is no JSON.
	ErrPayload = errors.New("bamboohr webhook: the body is not JSON; set the webhook's format to json")
)

// Delivery is what one POST of a webhook is about. It may be about nobody: company events carry no employee.
type Delivery struct {
	Employees []WebhookChange
	// Odd counts the employees whom the payload names by no id that can be read. The others are not lost because of them:
	// what is refused is never repeated.
	Odd int
}

// WebhookChange is a hint that an employee changed. Values are left out: what counts is read from the API.
type WebhookChange struct {
	EmployeeID string
	// Action is "created", "updated" or "deleted", or empty if the payload does not say.
	Action string
	// At is when it happened, zero if the payload does not say.
	At time.Time
	// Fields are BambooHR's names of the fields that changed, where given.
	Fields []string
}

// VerifyWebhook checks that a delivery was signed with one of the keys; several are valid while they are being rotated.
// The signature is the lower-case hex HMAC-SHA256 of the raw body followed by the text of the timestamp header, so body
// must be the bytes as received. If maxAge is not 0, the timestamp must be within maxAge of now, before or after: its
// format is not documented, and seconds since 1970 as well as ISO 8601 have been seen. The comparison takes the same
// time wherever the signatures differ.
// Source: documentation.bamboohr.com, webhooks; the concatenation as in five independent receivers.
func VerifyWebhook(body []byte, header http.Header, keys []httpx.Secret, now time.Time, maxAge time.Duration) error {
	stamp, signature := header.Get(headerTimestamp), header.Get(headerSignature)
	signed := false
	for _, key := range keys {
		// Anybody can sign with an empty key.
		if key == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(key.Reveal()))
		mac.Write(body)
		mac.Write([]byte(stamp))
		if hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(signature)) {
			signed = true
		}
	}
	if !signed {
		return ErrSignature
	}
	if maxAge == 0 {
		return nil
	}
	at, ok := httpx.ParseTime(stamp)
	if !ok || now.Sub(at).Abs() > maxAge {
		return ErrStale
	}
	return nil
}

// wireDelivery is both families of payload: one event about one employee, or a list of employees with their fields. What
// says which employee it is about is read by itself: whatever else is odd about an entry costs only itself.
type wireDelivery struct {
	Type      httpx.Text      `json:"type"`
	Timestamp json.RawMessage `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
	Employees json.RawMessage `json:"employees"`
}

// wireEmployee is one employee in either family.
type wireEmployee map[string]json.RawMessage

// employeeKeys are the fields by which an object says which employee it is about, the surest first.
var employeeKeys = []string{"employeeId", "id", "employee", "value"}

// ParseWebhook reads the payload of a delivery, of either family, and what senders in between make of them: a list without the
// object around it, one employee in place of a list, a map by id. Events about companies give an empty delivery. Only a body
// that is no JSON is an error.
// Source: documentation.bamboohr.com, webhooks (events); receivers of Prismatic and others (fields).
func ParseWebhook(body []byte) (Delivery, error) {
	body = bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff"))
	if !json.Valid(body) {
		return Delivery{}, ErrPayload
	}
	var wire wireDelivery
	if json.Unmarshal(body, &wire) != nil {
		wire = wireDelivery{Employees: body} // No object, or one whose type is none.
	}
	kind := strings.ToLower(string(wire.Type))
	_, action, _ := strings.Cut(kind, ".")
	switch {
	case isSet(wire.Employees):
		return deliver(entries(wire.Employees), action, wire.Timestamp), nil
	case isSet(wire.Data) && (kind == "" || strings.HasPrefix(kind, "employee")):
		return deliver(entries(wire.Data), action, wire.Timestamp), nil
	case kind != "" && !strings.HasPrefix(kind, "employee"):
		return Delivery{}, nil
	}
	return deliver([]json.RawMessage{body}, action, wire.Timestamp), nil
}

// entries takes a value apart into what is about one employee each.
func entries(raw json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var byID map[string]json.RawMessage
	if json.Unmarshal(raw, &byID) != nil || len(httpx.IDs(raw, employeeKeys...)) > 0 {
		return []json.RawMessage{raw}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		if id != "" && strings.Trim(id, "0123456789") == "" {
			list = append(list, json.RawMessage(`{"id":"`+id+`"}`))
		}
	}
	if len(list) == 0 {
		return []json.RawMessage{raw}
	}
	return list
}

// deliver reads the entries of a delivery. What they do not say of themselves is that of the delivery.
func deliver(list []json.RawMessage, action string, timestamp json.RawMessage) Delivery {
	var d Delivery
	for _, raw := range list {
		ids := httpx.IDs(raw, employeeKeys...)
		if len(ids) == 0 {
			d.Odd++
			continue
		}
		var e wireEmployee
		if json.Unmarshal(raw, &e) != nil {
			e = nil // An id without anything around it.
		}
		fields, at := e.texts("changedFields"), instant(e["timestamp"])
		if fields == nil {
			fields = e.names("fields")
		}
		if at.IsZero() {
			at = instant(timestamp)
		}
		for _, id := range ids {
			d.Employees = append(d.Employees, WebhookChange{
				EmployeeID: id, Action: cmp.Or(strings.ToLower(e.field("action")), action), At: at, Fields: fields,
			})
		}
	}
	return d
}

func isSet(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// instant reads a time, zero if there is none that can be read.
func instant(raw json.RawMessage) time.Time {
	var t httpx.Time
	if json.Unmarshal(raw, &t) != nil {
		return time.Time{}
	}
	return t.Time
}

// field reads a text or a number, "" if there is none.
func (e wireEmployee) field(name string) string {
	var t httpx.Text
	if json.Unmarshal(e[name], &t) != nil {
		return ""
	}
	return strings.TrimSpace(string(t))
}

// texts reads a list of texts, nil if there is none.
func (e wireEmployee) texts(name string) []string {
	var list []string
	if json.Unmarshal(e[name], &list) != nil {
		return nil
	}
	return list
}

// names lists the keys of an object, in order. The values are texts at some tenants and objects at others, and the object
// is a list where it is empty; only the names are read.
func (e wireEmployee) names(name string) []string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(e[name], &fields) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(fields))
}
