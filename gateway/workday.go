package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
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

// parseWorkday reads {"workers": ["21001", ...]} or {"worker": "21001"}, each id a text or a number. Other fields are
// ignored: the record in Workday says what happened. Odd counts the entries that are no employee id.
func parseWorkday(body []byte) (ids []string, odd int, err error) {
	var payload struct {
		Worker  json.RawMessage `json:"worker"`
		Workers json.RawMessage `json:"workers"`
	}
	if err := json.Unmarshal(body, &payload); err != nil {
		return nil, 0, errors.New(`workday webhook: the body is not JSON; send {"workers": ["<employee id>"]}`)
	}
	var entries []json.RawMessage
	if json.Unmarshal(payload.Workers, &entries) != nil && len(payload.Workers) > 0 {
		// A converter from XML writes a list of one as the one.
		entries = []json.RawMessage{payload.Workers}
	}
	if worker := payload.Worker; len(worker) > 0 && string(worker) != `""` && string(worker) != "null" {
		entries = append(entries, worker)
	}
	if len(entries) == 0 {
		return nil, 0, errors.New(`workday webhook: no employee id; send {"workers": ["<employee id>"]}`)
	}
	for _, entry := range entries {
		if id := workerID(entry); id != "" {
			ids = append(ids, id)
		} else {
			odd++
		}
	}
	return ids, odd, nil
}

// workerID is the employee id in an entry, "" if it is none. A number counts as it is written.
func workerID(entry json.RawMessage) string {
	var text httpx.Text
	if json.Unmarshal(entry, &text) != nil {
		return ""
	}
	id := strings.TrimSpace(string(text))
	number := len(entry) > 0 && entry[0] != '"'
	if !identity.UsableID(identity.SourceWorkday, id) || number && strings.Trim(id, "0123456789") != "" {
		return ""
	}
	return id
}
