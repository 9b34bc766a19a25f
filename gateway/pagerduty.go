package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

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
			ID string `json:"id"`
			// IncidentKey is null where the service makes alerts, which then have the keys.
			IncidentKey   string `json:"incident_key"`
			ResolveReason *struct {
				Type     string `json:"type"`
				Incident struct {
					ID string `json:"id"`
				} `json:"incident"`
			} `json:"resolve_reason"`
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

// mergeReason is why an incident is resolved that was merged. Source: developer.pagerduty.com, REST API, incidents.
const mergeReason = "merge_resolve_reason"

// update is what a delivery says about its incident.
func (d *pagerDelivery) update(status string, now time.Time) api.PagerUpdate {
	e := d.Event
	update := api.PagerUpdate{Status: status, IncidentID: e.Data.ID, EventID: e.ID, At: now.UTC()}
	if at, ok := httpx.ParseTime(e.OccurredAt); ok {
		update.At = at
	}
	if e.Agent != nil && e.Agent.Type == "user_reference" {
		update.By = e.Agent.ID
	}
	if r := e.Data.ResolveReason; r != nil && r.Type == mergeReason {
		update.Status, update.MergedInto = api.PagerMerged, r.Incident.ID
	}
	return update
}

// tellIncident signals the runs that an incident is about, and reports whether there is one that still goes on, or goes on
// again. What is not known to be about nobody else is kept for a worker, who can ask.
func (g *gateway) tellIncident(ctx context.Context, d pagerDelivery) (told bool, err error) {
	status, means := pagerEvents[d.Event.Type]
	id, key := d.Event.Data.ID, d.Event.Data.IncidentKey
	if !means || id == "" {
		return false, nil
	}
	update, reopens := d.update(status, g.Clock()), d.Event.Type == pagerReopened
	paged, err := g.Paged(ctx, id, key)
	if err != nil {
		return false, err
	}
	keys := slices.Sorted(maps.Keys(paged.Runs))
	if update.MergedInto != "" && len(keys) > 0 {
		if err := g.Merged(ctx, update.MergedInto, keys); err != nil {
			return false, err
		}
	}
	for _, key := range keys {
		found, err := g.Signal(ctx, paged.Runs[key], api.SignalPager, update)
		if err == nil && !found && reopens {
			found, err = true, g.Reopened(ctx, key, update)
		}
		if err != nil {
			return told, err
		}
		told = told || found
	}
	if paged.Whole {
		return told, nil
	}
	return told, g.Unheard(ctx, update, reopens)
}
