package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"gatehouse/activities/api"
)

// clickTimeout leaves Slack's three seconds some room. Source: docs.slack.dev, handling user interaction.
const clickTimeout = 2500 * time.Millisecond

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
	ctx, cancel := context.WithTimeout(r.Context(), clickTimeout)
	defer cancel()
	told, err := g.clicked(ctx, callback)
	if err != nil {
		g.later(w, "slack", err)
		return
	}
	g.Log.Info("interaction accepted", "source", "slack", "told", told)
	// Slack may show what a body says, so there is none.
	w.WriteHeader(http.StatusOK)
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

// clicked signals the runs whose buttons were pressed and counts them. Buttons that are not ours, and those of runs that
// are over, are ignored.
func (g *gateway) clicked(ctx context.Context, callback slack.InteractionCallback) (told int, err error) {
	if callback.Type != slack.InteractionTypeBlockActions || callback.User.ID == "" {
		return 0, nil
	}
	team := callback.User.TeamID
	if team == "" {
		team = callback.Team.ID
	}
	for _, action := range callback.ActionCallback.BlockActions {
		if action == nil || action.Value == "" || len(action.Value) > maxApproval {
			continue
		}
		run, step, found, err := g.Approval(ctx, action.Value)
		if err != nil {
			return told, err
		}
		if !found {
			continue
		}
		item, named := strings.CutPrefix(action.BlockID, api.BlockDecision+":")
		if !named {
			item = ""
		}
		click := api.Click{
			Approval: action.Value, Step: step, Item: item, Verb: action.ActionID, UserID: callback.User.ID, TeamID: team,
			At: g.slackTime(action.ActionTs), Channel: callback.Channel.ID, Timestamp: callback.Container.MessageTs,
		}
		heard, err := g.Signal(ctx, run, api.SignalClick, click)
		if err != nil {
			return told, err
		}
		if heard {
			told++
		}
	}
	return told, nil
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
