package gateway_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/gateway"
	"gatehouse/internal/httpx"
)

// signal is what a run was told.
type signal struct {
	Run, Name string
	Arg       any
}

// teller is a gateway that remembers what it told whom.
type teller struct {
	door
	pokes   int
	signals []signal
	// pressed are the presses of buttons that runs were told, answer what they say of them, and slow how long they take.
	pressed []api.Click
	answer  string
	slow    time.Duration
	// learned are the keys that incidents of the pager are known by, merged and unheard what was to be remembered of them.
	learned map[string][]string
	merged  []string
	unheard []api.PagerUpdate
	reopens bool
	// asked counts how often the ledger was asked.
	asked int
	// down makes Temporal unreachable, lost the ledger, over every run a thing of the past.
	down, lost, over bool
}

const (
	eventSecret   = "event-secret"
	pagerSecret   = "pager-secret"
	signingSecret = "signing-secret"
)

func newTeller(t *testing.T, change ...func(*gateway.Options)) *teller {
	t.Helper()
	d := &teller{door: door{t: t, log: &bytes.Buffer{}}}
	reach := func() error {
		if d.down {
			return errors.New("connection refused")
		}
		return nil
	}
	read := func() error {
		d.asked++
		if d.lost {
			return errors.New("the disk is full")
		}
		return nil
	}
	o := gateway.Options{
		Poke: func(context.Context) error { d.pokes++; return reach() },
		Signal: func(_ context.Context, run, name string, arg any) (bool, error) {
			if err := reach(); err != nil || d.over {
				return false, err
			}
			d.signals = append(d.signals, signal{run, name, arg})
			return true, nil
		},
		Press: func(_ context.Context, run string, c api.Click) (string, error) {
			if err := reach(); err != nil {
				return "", err
			}
			require.Equal(t, "incident/brute/7/1", run)
			<-time.After(d.slow) // The worker takes its time.
			d.pressed = append(d.pressed, c)
			return d.answer, nil
		},
		Paged: func(_ context.Context, id, key string) (gateway.Paged, error) {
			paged := gateway.Paged{Runs: map[string]string{}, Whole: key != "" || d.learned[id] != nil}
			for _, key := range append(d.learned[id], key) {
				if run := map[string]string{"gatehouse/7f3c": "incident/brute/7/1", "gatehouse/8a1d": "incident/brute/8/1"}[key]; run != "" {
					paged.Runs[key] = run
				}
			}
			return paged, read()
		},
		Merged: func(_ context.Context, id string, keys []string) error {
			d.merged = append(d.merged, id+" "+strings.Join(keys, " "))
			return read()
		},
		Unheard: func(_ context.Context, word api.PagerUpdate, reopens bool) error {
			d.unheard = append(d.unheard, word)
			d.reopens = reopens
			return read()
		},
		Approval: func(_ context.Context, id string) (string, string, bool, error) {
			return "incident/brute/7/1", "incident.answer", id == "a-7f3c", read()
		},
		Reopened: func(_ context.Context, key string, word api.PagerUpdate) error {
			if d.down {
				return reach()
			}
			d.signals = append(d.signals, signal{"reopened " + key, api.SignalPager, word})
			return nil
		},
		OneLoginHeader: "X-OneLogin-Token", OneLoginSecrets: []httpx.Secret{"old-event-secret", eventSecret},
		PagerDutySecrets: []httpx.Secret{"old-pager-secret", pagerSecret}, SlackSigningSecret: signingSecret,
		SlackTeam: "T0ACME", SlackApp: "A0GATEHOUSE",
		Clock: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(d.log, nil)),
	}
	for _, f := range change {
		f(&o)
	}
	d.handler = gateway.New(o)
	return d
}

func token(secret string) http.Header {
	h := http.Header{}
	h.Set("X-OneLogin-Token", secret)
	return h
}

func mac(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

func pagerSigned(body string, secrets ...string) http.Header {
	var all []string
	for _, s := range secrets {
		all = append(all, "v1="+mac(s, body))
	}
	h := http.Header{}
	h.Set("X-PagerDuty-Signature", strings.Join(all, ","))
	return h
}

// slackSigned signs as Slack does. The library looks at the machine's clock.
func slackSigned(secret, body string, at time.Time) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/x-www-form-urlencoded")
	h.Set("X-Slack-Request-Timestamp", unix(at))
	h.Set("X-Slack-Signature", "v0="+mac(secret, "v0:"+unix(at)+":"+body))
	return h
}

// pagerBody is a webhook about an incident.
func pagerBody(kind, key string) string {
	return fmt.Sprintf(`{"event":{"id":"01E1","event_type":%q,"resource_type":"incident","occurred_at":"2026-11-23T11:58:00.500Z",`+
		`"agent":{"id":"PONCALL1","type":"user_reference"},"client":null,"data":{"id":"Q1","type":"incident","incident_key":%q}}}`, kind, key)
}

// press is the form that Slack sends when somebody presses a button; changes edit the payload.
func press(t *testing.T, changes ...func(map[string]any)) string {
	t.Helper()
	payload := map[string]any{
		"type": "block_actions", "team": map[string]string{"id": "T0ACME"}, "api_app_id": "A0GATEHOUSE",
		"user":      map[string]string{"id": "U1", "team_id": "T0ACME"},
		"channel":   map[string]string{"id": "C0SECURITY"},
		"container": map[string]string{"type": "message", "message_ts": "1795435200.000100", "channel_id": "C0SECURITY"},
		"actions": []map[string]any{{
			"type": "button", "action_id": "allow", "block_id": "decision", "value": "a-7f3c", "action_ts": "1795435260.123456",
		}},
	}
	for _, f := range changes {
		f(payload)
	}
	data, err := json.Marshal(payload)
	require.NoError(t, err)
	return url.Values{"payload": {string(data)}}.Encode()
}
