package bamboohr

import (
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
	// ErrPayload: the body is not a webhook payload as we know it.
	ErrPayload = errors.New("bamboohr webhook: the body is not a known payload; set the webhook's format to json")
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
	Type      string          `json:"type"`
	Timestamp json.RawMessage `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
	Employees json.RawMessage `json:"employees"`
}

// wireEmployee is one employee in either family.
type wireEmployee map[string]json.RawMessage

// ParseWebhook reads the payload of a delivery, of either family. Events about companies give an empty delivery.
// Source: documentation.bamboohr.com, webhooks (events); receivers of Prismatic and others (fields).
func ParseWebhook(body []byte) (Delivery, error) {
	var wire wireDelivery
	if err := json.Unmarshal(body, &wire); err != nil {
		return Delivery{}, ErrPayload
	}
	switch {
	case present(wire.Employees):
		return wire.fieldFamily()
	case strings.HasPrefix(wire.Type, "employee"):
		return wire.eventFamily()
	case wire.Type != "":
		return Delivery{}, nil
	}
	return Delivery{}, ErrPayload
}

func (w wireDelivery) eventFamily() (Delivery, error) {
	var data wireEmployee
	if json.Unmarshal(w.Data, &data) != nil || data == nil {
		return Delivery{}, ErrPayload
	}
	id := data.text("employeeId")
	if id == "" {
		return Delivery{Odd: 1}, nil
	}
	_, action, _ := strings.Cut(w.Type, ".")
	return Delivery{Employees: []WebhookChange{{
		EmployeeID: id, Action: action, At: instant(w.Timestamp), Fields: data.texts("changedFields"),
	}}}, nil
}

func (w wireDelivery) fieldFamily() (Delivery, error) {
	var list []json.RawMessage
	if json.Unmarshal(w.Employees, &list) != nil {
		return Delivery{}, ErrPayload
	}
	var d Delivery
	_, fallback, _ := strings.Cut(w.Type, ".")
	for _, raw := range list {
		var e wireEmployee
		if json.Unmarshal(raw, &e) != nil || e.text("id") == "" {
			d.Odd++
			continue
		}
		fields, at := e.texts("changedFields"), instant(e["timestamp"])
		if fields == nil {
			fields = e.names("fields")
		}
		if at.IsZero() {
			at = instant(w.Timestamp)
		}
		d.Employees = append(d.Employees, WebhookChange{
			EmployeeID: e.text("id"), Action: cmp.Or(strings.ToLower(e.text("action")), fallback), At: at, Fields: fields,
		})
	}
	return d, nil
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// instant reads a time, zero if there is none that can be read.
func instant(raw json.RawMessage) time.Time {
	var t httpx.Time
	if json.Unmarshal(raw, &t) != nil {
		return time.Time{}
	}
	return t.Time
}

// text reads a text or a number, "" if there is none.
func (e wireEmployee) text(name string) string {
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
