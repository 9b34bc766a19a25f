package slack

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// A response_url may be used five times within thirty minutes. Source: docs.slack.dev, handling user interaction.
const (
	responses      = 5
	responsesUntil = 30 * time.Minute
)

// response is an address by which whoever pressed a button is answered.
type response struct {
	user, channel string
	left          int
	until         time.Time
}

// Whisper is a message in a channel that one person sees.
type Whisper struct {
	Channel string `json:"channel"`
	Email   string `json:"email"`
	User    string `json:"user"`
	Text    string `json:"text"`
	// At is when it was said, by the clock of the tenant.
	At time.Time `json:"at"`
}

// PressAt is Press for a sandbox that answers at a base URL.
func (c Click) PressAt(base string) Click {
	c.base = base
	return c
}

// responseURL makes an address to answer at. The lock must be held.
func (s *Slack) responseURL(base, user, channel string) string {
	if base == "" {
		return ""
	}
	id := rand.Text()
	s.responses[id] = &response{user: user, channel: channel, left: responses, until: time.Now().Add(responsesUntil)}
	return base + "/sandbox/slack/response/" + id
}

// Respond takes an answer to whoever pressed a button.
func (s *Slack) Respond(w http.ResponseWriter, r *http.Request, id string) {
	var body struct {
		Type string `json:"response_type"`
		Text string `json:"text"`
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || json.Unmarshal(text, &body) != nil || body.Text == "" {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.responses[id]
	if !known || at.left == 0 || !at.until.After(time.Now()) {
		http.Error(w, "used_url", http.StatusNotFound)
		return
	}
	at.left--
	if body.Type != "ephemeral" {
		http.Error(w, "the sandbox takes no answer but an ephemeral one", http.StatusBadRequest)
		return
	}
	email := ""
	if u := s.users[at.user]; u != nil {
		email = u.Email
	}
	s.whispers = append(s.whispers, Whisper{Channel: at.channel, Email: email, User: at.user, Text: body.Text, At: s.t.Now()})
	w.WriteHeader(http.StatusOK)
}

// Whispers are the messages that one person sees, oldest first.
func (s *Slack) Whispers() []Whisper {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]Whisper{}, s.whispers...)
}
