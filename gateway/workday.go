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

// parseWorkday reads {"workers": ["21001", ...]} or {"worker": "21001"}. Other fields are ignored: the record in
// Workday says what happened.
func parseWorkday(body []byte) ([]string, error) {
	var payload struct {
		Worker  string   `json:"worker"`
		Workers []string `json:"workers"`
	}
	if err := json.Unmarshal(body, &payload); err != nil {
		return nil, errors.New(`workday webhook: the body is not JSON; send {"workers": ["<employee id>"]}`)
	}
	ids := payload.Workers
	if payload.Worker != "" {
		ids = append(ids, payload.Worker)
	}
	if len(ids) == 0 {
		return nil, errors.New(`workday webhook: no employee id; send {"workers": ["<employee id>"]}`)
	}
	for i, id := range ids {
		ids[i] = strings.TrimSpace(id)
		if !workdayID.MatchString(ids[i]) {
			return nil, fmt.Errorf("workday webhook: worker %d is not an employee id (up to 64 letters, digits, _ . and -)", i+1)
		}
	}
	return ids, nil
}
