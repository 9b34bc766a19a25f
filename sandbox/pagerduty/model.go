package pagerduty

import (
	"slices"
	"time"
)

// Name is the vendor's prefix on the sandbox's port. Both APIs are below it.
const Name = "pagerduty"

// The account's credentials and its user on call.
const (
	// RoutingKey is the integration key of the service Identity, SecondKey of the service Helpdesk.
	RoutingKey = "5a6d70c0ffee4b0d8e6f1a2b3c4d5e6f"
	SecondKey  = "11112222333344445555666677778888"
	Token      = "sandbox-pagerduty-token"
	// ReadOnlyToken may read and change nothing.
	ReadOnlyToken = "sandbox-pagerduty-read-only"
	WebhookSecret = "sandbox-pagerduty-webhook"
	UserID        = "PONCALL1"
	UserEmail     = "oncall@acme.example"
)

// services are the account's services by routing key.
var services = map[string]service{
	RoutingKey: {ID: "PIDENT01", Name: "Identity", Integration: "PIDEVT01", Alerts: true},
	SecondKey:  {ID: "PHELPD01", Name: "Helpdesk", Integration: "PHDEVT01"},
}

type service struct {
	ID, Name, Integration string
	// Alerts says that an incident of the service has alerts, which then have the keys.
	Alerts bool
}

// serviceOf returns a service by id, and its routing key.
func serviceOf(id string) (routingKey string, s service, found bool) {
	for key, s := range services {
		if s.ID == id {
			return key, s, true
		}
	}
	return "", service{}, false
}

func (s service) reference() map[string]string {
	return reference("service", s.ID, s.Name)
}

// reference is how the REST API and webhooks point at something.
func reference(kind, id, summary string) map[string]string {
	return map[string]string{
		"id": id, "type": kind + "_reference", "summary": summary, "self": apiURL + "/" + kind + "s/" + id,
		"html_url": siteURL + "/" + kind + "s/" + id,
	}
}

const (
	apiURL  = "https://api.pagerduty.com"
	siteURL = "https://acme.pagerduty.com"
)

// The statuses of an incident. An alert is triggered or resolved.
const (
	triggered    = "triggered"
	acknowledged = "acknowledged"
	resolved     = "resolved"
)

// Alert is what an event opened on a service that makes alerts.
type Alert struct {
	ID       string         `json:"id"`
	Key      string         `json:"alert_key"`
	Status   string         `json:"status"`
	Summary  string         `json:"summary"`
	Severity string         `json:"severity"`
	Source   string         `json:"source"`
	Details  map[string]any `json:"details,omitempty"`
	Created  time.Time      `json:"created"`
	// of is the service that it was made by, which another incident may belong to after a merge.
	of string
}

// Incident is never changed once stored; a change stores another.
type Incident struct {
	ID      string `json:"id"`
	Number  int    `json:"incident_number"`
	Service string `json:"service"`
	// DedupKey is the key of the event that opened it. Only incidents without alerts show it.
	DedupKey string `json:"dedup_key"`
	Status   string `json:"status"`
	Summary  string `json:"summary"`
	Severity string `json:"severity"`
	Source   string `json:"source"`
	Urgency  string `json:"urgency"`
	// Events is how many trigger events it holds.
	Events  int            `json:"events"`
	Details map[string]any `json:"details,omitempty"`
	Link    string         `json:"link,omitempty"`
	Created time.Time      `json:"created"`
	Changed time.Time      `json:"changed"`
	// By is the user who changed the status last, "" for an event.
	By string `json:"by,omitempty"`
	// MergedInto is the incident that it was merged into, "" if it stands by itself.
	MergedInto string  `json:"merged_into,omitempty"`
	Alerts     []Alert `json:"alerts,omitempty"`
	Notes      []note  `json:"notes,omitempty"`

	serviceID string
	// keyed says that the incident itself has the key.
	keyed bool
}

// note is what somebody wrote on an incident.
type note struct {
	ID      string    `json:"id"`
	Content string    `json:"content"`
	Created time.Time `json:"created"`
}

func (i *Incident) open() bool { return i.Status != resolved }

// key is the incident's own key as it is shown: none where its alerts have one.
func (i *Incident) key() any {
	if !i.keyed {
		return nil
	}
	return i.DedupKey
}

// has reports whether a query for a key finds the incident: by its own key, or by that of one of its alerts.
func (i *Incident) has(key string) bool {
	return i.keyed && i.DedupKey == key || slices.ContainsFunc(i.Alerts, func(a Alert) bool { return a.Key == key })
}

// copied is the incident to be changed and stored.
func (i *Incident) copied() *Incident {
	c := *i
	c.Alerts, c.Notes = slices.Clone(i.Alerts), slices.Clone(i.Notes)
	return &c
}
