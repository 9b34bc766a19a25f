package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/PagerDuty/go-pagerduty/webhookv3"

	"gatehouse/activities/api"
	"gatehouse/internal/httpx"
)

var (
	errPagerSignature = errors.New("pagerduty webhook: X-PagerDuty-Signature fits none of gateway.pagerduty_secrets")
	errPagerBody      = errors.New("pagerduty webhook: the body is no v3 event; subscribe with webhooks of version 3")
)

// pagerReopened is what somebody does who finds that it is not over. The run may have ended when it was.
const pagerReopened = "incident.reopened"

// pagerEvents are the events of an incident that mean something to its run. All others are taken and ignored.
var pagerEvents = map[string]string{
	"incident.triggered":      api.PagerTriggered,
	"incident.unacknowledged": api.PagerTriggered,
	pagerReopened:             api.PagerTriggered,
	"incident.acknowledged":   api.PagerAcknowledged,
	"incident.resolved":       api.PagerResolved,
}

// pagerDelivery is a webhook of version 3. Source: developer.pagerduty.com, webhooks v3 overview.
type pagerDelivery struct {
	Event struct {
		ID         string `json:"id"`
		Type       string `json:"event_type"`
		OccurredAt string `json:"occurred_at"`
		Agent      *struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"agent"`
		Data struct {
			ID          string `json:"id"`
			IncidentKey string `json:"incident_key"`
		} `json:"data"`
	} `json:"event"`
}

// pagerDuty tells the run of an incident what people did about it in the pager. Incidents that are not ours are taken
// and ignored: a subscription covers a whole service or account.
func (g *gateway) pagerDuty(w http.ResponseWriter, r *http.Request) {
	body, ok := g.body(w, r)
	if !ok {
		return
	}
	if !g.pagerSigned(r, body) {
		g.refuse(w, r, http.StatusUnauthorized, errPagerSignature)
		return
	}
	var d pagerDelivery
	if json.Unmarshal(body, &d) != nil || d.Event.Type == "" {
		g.refuse(w, r, http.StatusBadRequest, errPagerBody)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), sendTimeout)
	defer cancel()
	told, err := g.tellIncident(ctx, d)
	if err != nil {
		g.retryLater(w, "pagerduty", err)
		return
	}
	g.Log.Info("webhook accepted", "source", "pagerduty", "event", pagerEvents[d.Event.Type], "told", told)
	g.answer(w, http.StatusAccepted, "accepted")
}

func (g *gateway) pagerSigned(r *http.Request, body []byte) bool {
	for _, secret := range g.PagerDutySecrets {
		r.Body = io.NopCloser(bytes.NewReader(body))
		if secret != "" && webhookv3.VerifySignature(r, secret.Reveal()) == nil {
			return true
		}
	}
	return false
}

// tellIncident signals the run that paged, and reports whether there is one that still goes on, or goes on again.
func (g *gateway) tellIncident(ctx context.Context, d pagerDelivery) (told bool, err error) {
	status, means := pagerEvents[d.Event.Type]
	if !means || d.Event.Data.IncidentKey == "" {
		return false, nil
	}
	id, found, err := g.Incident(ctx, d.Event.Data.IncidentKey)
	if err != nil || !found {
		return false, err
	}
	update := api.PagerUpdate{Status: status, IncidentID: d.Event.Data.ID, EventID: d.Event.ID, At: g.Clock().UTC()}
	if at, ok := httpx.ParseTime(d.Event.OccurredAt); ok {
		update.At = at
	}
	if a := d.Event.Agent; a != nil && a.Type == "user_reference" {
		update.By = a.ID
	}
	told, err = g.Signal(ctx, id, api.SignalPager, update)
	if err == nil && !told && d.Event.Type == pagerReopened {
		return true, g.Reopened(ctx, d.Event.Data.IncidentKey, update)
	}
	return told, err
}
