package gateway

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

// Headers of a signed Workday callback. Workday has no webhooks of its own: the callback is a step of a business
// process, built in the tenant, and this is the signature that step makes.
const (
	HeaderTimestamp = "X-Gatehouse-Timestamp"
	HeaderSignature = "X-Gatehouse-Signature"
)

var errWorkdaySignature = errors.New("workday webhook: " + HeaderSignature + " must be hex HMAC-SHA256 of " + HeaderTimestamp +
	" (unix seconds), a dot and the raw body, with one of gateway.workday_keys")

// SignWorkday makes the signature of a callback.
func SignWorkday(body []byte, timestamp string, key httpx.Secret) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func verifyWorkday(body []byte, header http.Header, keys []httpx.Secret, now time.Time) error {
	timestamp, signature := header.Get(HeaderTimestamp), header.Get(HeaderSignature)
	valid := false
	for _, key := range keys {
		if key != "" && hmac.Equal([]byte(signature), []byte(SignWorkday(body, timestamp, key))) {
			valid = true
		}
	}
	if !valid {
		return errWorkdaySignature
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return errWorkdaySignature
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > maxAge || age < -maxAge {
		return fmt.Errorf("workday webhook: the timestamp is %s from now; check the clock", age.Round(time.Minute))
	}
	return nil
}

// workerKeys are the fields by which an object says which worker it is about, the surest first.
var workerKeys = []string{"employee_id", "worker_id", "contingent_worker_id", "worker", "workers", "employee", "employees", "id", "value", "$", "#text"}

// parseWorkday reads {"workers": ["21001", ...]}, {"worker": "21001"} or what a step in Workday writes in their place: a list
// without the object, one worker without the list, ids as numbers or inside of objects. Other fields are ignored: the record in
// Workday says what happened. Odd counts the entries that are no employee id. Only a body that is no JSON is refused.
func parseWorkday(body []byte) (ids []string, odd int, err error) {
	body = bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff"))
	if !json.Valid(body) {
		return nil, 0, errors.New(`workday webhook: the body is not JSON; send {"workers": ["<employee id>"]}`)
	}
	for _, entry := range workerEntries(body) {
		named := slices.DeleteFunc(httpx.IDs(entry, workerKeys...), func(id string) bool {
			return !identity.UsableID(identity.SourceWorkday, id)
		})
		if len(named) == 0 {
			odd++
		}
		ids = append(ids, named...)
	}
	return ids, odd, nil
}

// workerEntries takes a body apart into what is about one worker each.
func workerEntries(body json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil {
		return list
	}
	var payload struct {
		Worker  json.RawMessage `json:"worker"`
		Workers json.RawMessage `json:"workers"`
	}
	if json.Unmarshal(body, &payload) != nil || payload.Worker == nil && payload.Workers == nil {
		return []json.RawMessage{body}
	}
	if json.Unmarshal(payload.Workers, &list) != nil && said(payload.Workers) {
		// A converter from XML writes a list of one as the one.
		list = []json.RawMessage{payload.Workers}
	}
	if said(payload.Worker) {
		list = append(list, payload.Worker)
	}
	return list
}

// said reports that a field has a value.
func said(raw json.RawMessage) bool {
	return len(raw) > 0 && string(raw) != `""` && string(raw) != "null"
}
