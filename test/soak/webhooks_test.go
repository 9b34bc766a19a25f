package soak

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"gatehouse/gateway"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// impatient is how a vendor waits for an answer to a webhook.
var impatient = &http.Client{Timeout: 5 * time.Second}

// post posts to the front door and returns the status of the answer, 0 if there is none.
func (h *house) post(path string, body []byte, header map[string]string) int {
	method := http.MethodPost
	if body == nil {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(h.t.Context(), method, "http://"+h.place.Listen+path, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := impatient.Do(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close() // the status is all that is asked for
	return resp.StatusCode
}

// webhook delivers one word about somebody, as their HR system signs it, and reports whether it was taken.
func (h *house) webhook(key string) bool {
	source, id := split(key)
	now := h.clock.Now()
	if source == "workday" {
		body, err := json.Marshal(map[string][]string{"workers": {id}})
		if err != nil {
			return false
		}
		stamp := strconv.FormatInt(now.Unix(), 10)
		return h.post("/webhooks/workday", body, map[string]string{
			gateway.HeaderTimestamp: stamp, gateway.HeaderSignature: gateway.SignWorkday(body, stamp, kit.WorkdayKey),
		}) == http.StatusAccepted
	}
	body, err := json.Marshal(map[string]any{"employees": []map[string]string{{"id": id, "action": "Updated"}}})
	if err != nil {
		return false
	}
	return h.post("/webhooks/bamboohr", body, control.BambooHRHeaders(kit.BambooHRKey, body, now)) == http.StatusAccepted
}
