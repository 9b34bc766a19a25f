package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"gatehouse/internal/httpx"
)

// oneLogin takes the event webhook. Its events carry no ids that the API knows and no signature, so they are no facts:
// all that follows is that the events are read from the API now instead of a little later.
// Source: developers.onelogin.com, event webhooks.
func (g *gateway) oneLogin(w http.ResponseWriter, r *http.Request) {
	if !known(r.Header.Get(g.OneLoginHeader), g.OneLoginSecrets) {
		g.refuse(w, r, http.StatusUnauthorized, fmt.Errorf("onelogin webhook: the header %s holds none of gateway.onelogin_secrets", g.OneLoginHeader))
		return
	}
	body, ok := g.body(w, r)
	if !ok {
		return
	}
	n, err := countEvents(body)
	if err != nil {
		g.refuse(w, r, http.StatusBadRequest, err)
		return
	}
	if n > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), sendTimeout)
		defer cancel()
		if err := g.Poke(ctx); err != nil {
			g.retryLater(w, "onelogin", err)
			return
		}
	}
	g.Log.Info("webhook accepted", "source", "onelogin", "events", n)
	g.answer(w, http.StatusAccepted, "accepted")
}

// known compares a secret with those that are valid, in a time that says nothing about them.
func known(given string, valid []httpx.Secret) bool {
	sum := sha256.Sum256([]byte(given))
	found := false
	for _, secret := range valid {
		want := sha256.Sum256([]byte(secret.Reveal()))
		if secret != "" && subtle.ConstantTimeCompare(sum[:], want[:]) == 1 {
			found = true
		}
	}
	return found
}

var errEvents = errors.New("onelogin webhook: the body is neither a JSON array of events nor one event a line")

// countEvents counts the events of a body in either format: a JSON array, or one JSON object a line.
func countEvents(body []byte) (int, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	n := 0
	for {
		var value json.RawMessage
		err := dec.Decode(&value)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, errEvents
		}
		switch value[0] {
		case '{':
			n++
		case '[':
			var events []struct{}
			if json.Unmarshal(value, &events) != nil {
				return 0, errEvents
			}
			n += len(events)
		default:
			return 0, errEvents
		}
	}
}

// retryLater answers a sender who has to repeat, because what was sent is not durable.
func (g *gateway) retryLater(w http.ResponseWriter, source string, err error) {
	g.Log.Error("webhook not accepted; the sender will repeat it", "source", source, "error", err)
	g.answer(w, http.StatusServiceUnavailable, "not durable yet, repeat later")
}
