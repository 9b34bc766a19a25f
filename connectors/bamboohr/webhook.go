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
type Delivery struct{ Employees []WebhookChange }

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

// wireDelivery is both families of payload: one event about one employee, or a list of employees with their fields.
// The values in "fields" are texts at some tenants and objects at others; only their names are read.
type wireDelivery struct {
	Type      string     `json:"type"`
	Timestamp httpx.Time `json:"timestamp"`
	Data      *struct {
		EmployeeID    httpx.Text `json:"employeeId"`
		ChangedFields []string   `json:"changedFields"`
	} `json:"data"`
	Employees *[]struct {
		ID            httpx.Text                 `json:"id"`
		Action        string                     `json:"action"`
		ChangedFields []string                   `json:"changedFields"`
		Fields        map[string]json.RawMessage `json:"fields"`
		Timestamp     httpx.Time                 `json:"timestamp"`
	} `json:"employees"`
}

// ParseWebhook reads the payload of a delivery, of either family. Events about companies give an empty delivery.
// Source: documentation.bamboohr.com, webhooks (events); receivers of Prismatic and others (fields).
func ParseWebhook(body []byte) (Delivery, error) {
	var wire wireDelivery
	if err := json.Unmarshal(body, &wire); err != nil {
		return Delivery{}, ErrPayload
	}
	switch {
	case wire.Employees != nil:
		return wire.fieldFamily()
	case strings.HasPrefix(wire.Type, "employee"):
		return wire.eventFamily()
	case wire.Type != "":
		return Delivery{}, nil
	}
	return Delivery{}, ErrPayload
}

func (w wireDelivery) eventFamily() (Delivery, error) {
	if w.Data == nil || w.Data.EmployeeID == "" {
		return Delivery{}, ErrPayload
	}
	_, action, _ := strings.Cut(w.Type, ".")
	return Delivery{Employees: []WebhookChange{{
		EmployeeID: string(w.Data.EmployeeID), Action: action, At: w.Timestamp.Time, Fields: w.Data.ChangedFields,
	}}}, nil
}

func (w wireDelivery) fieldFamily() (Delivery, error) {
	var d Delivery
	_, fallback, _ := strings.Cut(w.Type, ".")
	for _, e := range *w.Employees {
		if e.ID == "" {
			return Delivery{}, ErrPayload
		}
		fields, at := e.ChangedFields, e.Timestamp.Time
		if fields == nil {
			fields = slices.Sorted(maps.Keys(e.Fields))
		}
		if at.IsZero() {
			at = w.Timestamp.Time
		}
		d.Employees = append(d.Employees, WebhookChange{
			EmployeeID: string(e.ID), Action: cmp.Or(strings.ToLower(e.Action), fallback), At: at, Fields: fields,
		})
	}
	return d, nil
}
