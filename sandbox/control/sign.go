package control

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// BambooHRHeaders are the headers with which BambooHR signs a webhook: an HMAC over the body followed by the time.
// Source: documentation.bamboohr.com, webhooks.
func BambooHRHeaders(key string, body []byte, at time.Time) map[string]string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	mac.Write([]byte(stamp))
	return map[string]string{"X-BambooHR-Timestamp": stamp, "X-BambooHR-Signature": hex.EncodeToString(mac.Sum(nil))}
}
