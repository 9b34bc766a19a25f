package slack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SigningSecret signs what is sent when somebody presses a button, and AppID is the app that posted it.
const (
	SigningSecret = "sandbox-slack-signing"
	AppID         = "A0GATEHOUSE"
)

// clickTimeout is how long Slack waits for an answer. Source: docs.slack.dev, handling user interaction.
const clickTimeout = 3 * time.Second

// Click is somebody pressing a button.
type Click struct {
	// Email is whose press it is. User, a Slack id, is somebody whom the workspace need not know.
	Email string `json:"email,omitempty"`
	User  string `json:"user,omitempty"`
	// Team is the team of a stranger, the workspace's own if empty.
	Team string `json:"team,omitempty"`
	// Channel and TS say which message; an empty TS is the newest one in which the button is.
	Channel  string `json:"channel,omitempty"`
	TS       string `json:"ts,omitempty"`
	ActionID string `json:"action_id"`
	// Value is pressed instead of what the button carries, as a forger would.
	Value string `json:"value,omitempty"`
	// Times is how often the press is delivered, 1 if 0.
	Times int `json:"times,omitempty"`
	// Forged signs with another secret.
	Forged bool `json:"forged,omitempty"`

	// base is where the sandbox answers.
	base string
}

// Clicked is what the receiver answered, once for each delivery.
type Clicked struct {
	Statuses []int `json:"statuses"`
}

// SetInteractivity says where presses are sent.
func (s *Slack) SetInteractivity(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interactivity = target
}

// Interactivity returns where presses are sent.
func (s *Slack) Interactivity() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.interactivity
}

// Close lets go of connections.
func (s *Slack) Close() { s.client.CloseIdleConnections() }

// Press presses a button and waits for the answers.
func (s *Slack) Press(ctx context.Context, c Click) (Clicked, error) {
	body, target, err := s.interaction(c)
	if err != nil {
		return Clicked{}, err
	}
	secret := SigningSecret
	if c.Forged {
		secret = "not-" + SigningSecret
	}
	out := Clicked{Statuses: []int{}}
	for range max(1, c.Times) {
		status, err := s.deliver(ctx, target, body, secret)
		if err != nil {
			return out, err
		}
		out.Statuses = append(out.Statuses, status)
	}
	return out, nil
}

// interaction is the form of a press. Source: docs.slack.dev, block_actions payload.
func (s *Slack) interaction(c Click) (body, target string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.interactivity == "" {
		return "", "", errors.New("slack: no interactivity URL is set")
	}
	user, team := c.User, c.Team
	if user == "" {
		user = s.byEmail[strings.ToLower(c.Email)]
	}
	if user == "" {
		return "", "", errors.New("slack: nobody has this e-mail address")
	}
	if team == "" {
		team = TeamID
	}
	ch, m, button := s.button(c)
	if button == nil {
		return "", "", errors.New("slack: no message has this button; it may have been taken away")
	}
	value := button["value"]
	if c.Value != "" {
		value = c.Value
	}
	payload, err := json.Marshal(map[string]any{
		"type": "block_actions", "api_app_id": AppID, "token": "legacy", "trigger_id": "1.2.3", "response_url": s.responseURL(c.base, user, ch.id),
		"user": map[string]string{"id": user, "team_id": team}, "team": map[string]string{"id": TeamID, "domain": "acme"},
		"channel":   map[string]string{"id": ch.id, "name": ch.name},
		"container": map[string]any{"type": "message", "message_ts": m.TS, "channel_id": ch.id, "is_ephemeral": false},
		"message":   messageView(m, true),
		"actions": []map[string]any{{
			"type": "button", "action_id": c.ActionID, "block_id": button["block_id"], "text": button["text"], "value": value,
			"action_ts": fmt.Sprintf("%d.%06d", s.t.Now().Unix(), s.t.Now().Nanosecond()/1000),
		}},
	})
	if err != nil {
		return "", "", fmt.Errorf("slack: encode a press: %w", err)
	}
	return url.Values{"payload": {string(payload)}}.Encode(), s.interactivity, nil
}

// button finds the button that is pressed, with its message. The lock must be held.
func (s *Slack) button(c Click) (*channel, *Message, map[string]any) {
	var foundIn *channel
	var found *Message
	var button map[string]any
	for _, id := range s.order {
		ch := s.channels[id]
		if c.Channel != "" && c.Channel != id {
			continue
		}
		for _, m := range slices.Backward(ch.messages) {
			if c.TS != "" && c.TS != m.TS || found != nil && compareTS(m.TS, found.TS) <= 0 {
				continue
			}
			if b := m.button(c.ActionID); b != nil {
				foundIn, found, button = ch, m, b
				break
			}
		}
	}
	return foundIn, found, button
}

// button returns a button of a message with the id of its block, nil if the message has none with that action.
func (m *Message) button(actionID string) map[string]any {
	var blocks []struct {
		Type     string           `json:"type"`
		BlockID  string           `json:"block_id"`
		Elements []map[string]any `json:"elements"`
	}
	if json.Unmarshal(m.Blocks, &blocks) != nil {
		return nil
	}
	for _, b := range blocks {
		if b.Type != "actions" {
			continue
		}
		for _, e := range b.Elements {
			if e["type"] == "button" && e["action_id"] == actionID {
				e["block_id"] = b.BlockID
				return e
			}
		}
	}
	return nil
}

func (s *Slack) deliver(ctx context.Context, target, body, secret string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, clickTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("slack: build a press: %w", err)
	}
	// The receiver checks how fresh this is by its own clock, which Advance does not move.
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":" + body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("slack: deliver a press: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // what matters of the answer has been read
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)); err != nil {
		return 0, fmt.Errorf("slack: read the answer to a press: %w", err)
	}
	return resp.StatusCode, nil
}
