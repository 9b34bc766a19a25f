package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"gatehouse/gateway"
	"gatehouse/sandbox/control"
)

// front sends webhooks. Its connections are kept open, as those of a sender that sends a lot are.
var front = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256, MaxIdleConns: 256}}

// hint is a webhook ready to be sent.
type hint struct {
	url    string
	body   []byte
	header map[string]string
}

// webhook signs a webhook about one person as the HR system would.
func (s *stack) webhook(e employee) (hint, error) {
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	if e.source == sourceWorkday {
		body, err := json.Marshal(map[string][]string{"workers": {e.id}})
		return hint{s.gateway + "/webhooks/workday", body, map[string]string{
			gateway.HeaderTimestamp: stamp, gateway.HeaderSignature: gateway.SignWorkday(body, stamp, workdayKey),
		}}, err
	}
	body, err := json.Marshal(map[string]any{"employees": []map[string]string{{"id": e.id, "action": "Updated"}}})
	return hint{s.gateway + "/webhooks/bamboohr", body, control.BambooHRHeaders(bambooKey, body, time.Now())}, err
}

// errLater is the answer of a gateway that could not make a hint durable in time. Senders repeat such a webhook.
var errLater = errors.New("the gateway answered a webhook with HTTP 503")

// resend is the pause before a repetition: far less than HR systems take, so that it costs the figures little.
const resend = 250 * time.Millisecond

// deliver sends a webhook until the gateway has accepted it, and returns how often it had to be repeated.
func (h hint) deliver(ctx context.Context) (repeated int, err error) {
	err = poll(ctx, resend, func() (bool, error) {
		err := h.send(ctx)
		if errors.Is(err, errLater) {
			repeated++
			return false, nil
		}
		return err == nil, err
	})
	return repeated, err
}

// send delivers a webhook and fails unless the gateway accepted it.
func (h hint) send(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(h.body))
	if err != nil {
		return fmt.Errorf("build a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range h.header {
		req.Header.Set(name, value)
	}
	resp, err := front.Do(req)
	if err != nil {
		return fmt.Errorf("send a webhook: %w", err)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("read the answer to a webhook: %w", err)
	}
	switch resp.StatusCode {
	case http.StatusAccepted:
		return nil
	case http.StatusServiceUnavailable:
		return errLater
	default:
		return fmt.Errorf("the gateway answered a webhook with HTTP %d: %s", resp.StatusCode, bytes.TrimSpace(answer))
	}
}

// terminate enters a departure that is effective at once, without a webhook.
func (s *stack) terminate(ctx context.Context, e employee) error {
	_, err := s.sandbox.HR(ctx, e.source, "terminate", e.id, control.Fields{"last_day": "today", "involuntary": true}, true)
	return err
}

// announce enters a departure in a month, without a webhook.
func (s *stack) announce(ctx context.Context, e employee) error {
	_, err := s.sandbox.HR(ctx, e.source, "terminate", e.id, control.Fields{"last_day": "today+30"}, true)
	return err
}
