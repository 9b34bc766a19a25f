package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"

	"gatehouse/activities/api"
)

// clickTimeout leaves Slack's three seconds some room. Source: docs.slack.dev, handling user interaction.
const clickTimeout = 2500 * time.Millisecond

const (
	// pressWithin is how long a run may take to say what comes of a press. It is less than a stopping gateway waits.
	pressWithin = 12 * time.Second
	// whisperWithin bounds the answer to whoever pressed.
	whisperWithin = 3 * time.Second
)

// maxApproval is far above the length of the ids that messages are posted with.
const maxApproval = 200

var (
	errSlackSignature = errors.New("slack interaction: X-Slack-Signature does not fit gateway.slack_signing_secret, or is older than five minutes")
	errSlackBody      = errors.New("slack interaction: the body holds no payload")
	errSlackOther     = errors.New("slack interaction: it comes from a workspace or an app other than gateway.slack_team and gateway.slack_app")
)

// interactions takes what Slack sends when somebody presses a button. Anybody who sees a message can press its buttons
// and Slack may send a press twice: the run finds out who it was and lets the first decision that counts win.
func (g *gateway) interactions(w http.ResponseWriter, r *http.Request) {
	body, ok := g.body(w, r)
	if !ok {
		return
	}
	if !g.slackSigned(r, body) {
		g.refuse(w, r, http.StatusUnauthorized, errSlackSignature)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	callback, err := slack.InteractionCallbackParse(r)
	if err != nil || callback.Type == "" {
		// The library's error may quote the payload.
		g.refuse(w, r, http.StatusBadRequest, errSlackBody)
		return
	}
	if (g.SlackTeam != "" && callback.Team.ID != g.SlackTeam) || (g.SlackApp != "" && callback.APIAppID != g.SlackApp) {
		g.refuse(w, r, http.StatusForbidden, errSlackOther)
		return
	}
	clicks, err := g.clicks(r.Context(), callback)
	if err != nil {
		g.retryLater(w, "slack", err)
		return
	}
	g.press(w, r, clicks, callback.ResponseURL)
}

func (g *gateway) slackSigned(r *http.Request, body []byte) bool {
	if g.SlackSigningSecret == "" {
		return false
	}
	verifier, err := slack.NewSecretsVerifier(r.Header, g.SlackSigningSecret.Reveal())
	if err != nil {
		return false
	}
	if _, err := verifier.Write(body); err != nil {
		return false
	}
	return verifier.Ensure() == nil
}

// press is a button that somebody pressed, and the run that it is about; none is known of a button that is not ours.
type press struct {
	run   string
	click api.Click
}

// clicks are the buttons that were pressed.
func (g *gateway) clicks(ctx context.Context, callback slack.InteractionCallback) ([]press, error) {
	if callback.Type != slack.InteractionTypeBlockActions || callback.User.ID == "" {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, clickTimeout)
	defer cancel()
	team := callback.User.TeamID
	if team == "" {
		team = callback.Team.ID
	}
	var all []press
	for _, action := range callback.ActionCallback.BlockActions {
		if action == nil || action.Value == "" || len(action.Value) > maxApproval {
			continue
		}
		run, step, found, err := g.Approval(ctx, action.Value)
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		item, named := strings.CutPrefix(action.BlockID, api.BlockDecision+":")
		if !named {
			item = ""
		}
		all = append(all, press{run: run, click: api.Click{
			Approval: action.Value, Step: step, Item: item, Verb: action.ActionID, UserID: callback.User.ID, TeamID: team,
			At: g.slackTime(action.ActionTs), Channel: callback.Channel.ID, Timestamp: callback.Container.MessageTs,
		}})
	}
	return all, nil
}

// press tells the runs and answers whoever pressed. Slack is answered first where a run takes its time: after three seconds it
// would say that the press did not go through.
func (g *gateway) press(w http.ResponseWriter, r *http.Request, all []press, responseURL string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), pressWithin)
	defer cancel()
	type outcome struct {
		answers []string
		err     error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		for _, p := range all {
			answer, err := g.Press(ctx, p.run, p.click)
			if o.err = errors.Join(o.err, err); answer != "" {
				o.answers = append(o.answers, answer)
			}
		}
		done <- o
	}()
	wait := time.NewTimer(clickTimeout)
	defer wait.Stop()
	var o outcome
	late := false
	select {
	case o = <-done:
		if o.err != nil {
			g.retryLater(w, "slack", o.err)
			return
		}
	case <-wait.C:
		late = true
	}
	// Slack may show what a body says, so there is none.
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
	if err := http.NewResponseController(w).Flush(); err != nil {
		g.Log.Debug("Slack did not wait for the answer", "error", err)
	}
	if late {
		if o = <-done; o.err != nil {
			g.Log.Error("a press of a button did not reach its run", "error", o.err)
			o.answers = append(o.answers, "it could not be delivered. Press again in a moment, or use `starter decide`.")
		}
	}
	g.Log.Info("interaction accepted", "source", "slack", "presses", len(all), "answered", len(o.answers))
	for _, text := range o.answers {
		g.whisper(ctx, responseURL, text)
	}
}

// whisper answers whoever pressed a button, in the channel and for their eyes only. Source: docs.slack.dev, response_url.
func (g *gateway) whisper(ctx context.Context, to, text string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), whisperWithin)
	defer cancel()
	if err := g.whispered(ctx, to, "Your press of the button did not count: "+text); err != nil {
		g.Log.Warn("whoever pressed a button was not told why it did not count", "error", err)
	}
}

func (g *gateway) whispered(ctx context.Context, to, text string) error {
	u, err := url.Parse(to)
	if err != nil || !answerable(u) {
		return errors.New("the interaction has no response_url of Slack's")
	}
	body, err := json.Marshal(map[string]any{
		"response_type": "ephemeral", "replace_original": false, "text": slackutilsx.EscapeMessage(text),
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return errors.New("the interaction's response_url is no address")
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := g.client.Do(req)
	if err != nil {
		return errors.New("no answer of Slack") // The address is a secret, and the library's error has it.
	}
	defer func() { _ = resp.Body.Close() }() // Only the status says something.
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d from Slack", resp.StatusCode)
	}
	return nil
}

// answerable reports that an address is Slack's, or this machine's.
func answerable(u *url.URL) bool {
	if u.Scheme == "https" {
		return u.Hostname() == "hooks.slack.com" || u.Hostname() == "hooks.slack-gov.com"
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// slackTime reads "1700000000.123456"; what cannot be read happened now.
func (g *gateway) slackTime(ts string) time.Time {
	whole, fraction, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	micros, err2 := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	if err != nil || err2 != nil {
		return g.Clock().UTC()
	}
	return time.Unix(seconds, micros*1000).UTC()
}
