// Package pagerduty wakes people up, and tells what became of an incident.
//
//	Client.Send ──► Events API v2 (routing key in the body)        Client.Incidents ──► REST API (token)
//	       └───────────────── go-pagerduty ──► connectors.Library ────────┘
//
// What a reader would not guess about PagerDuty, and what this package does about it:
//
//   - Further events with the same dedup key join the alert while it is open. Once somebody has resolved it, the same key
//     opens another one, and pages again. An event without a key always does.
//   - An accepted event says nothing about an incident: it is dealt with later.
//   - An incident of a service that makes alerts, which is the default, has no key, in the API and in webhooks: its alerts
//     have one. A query for a key finds it all the same.
//   - An incident that was merged into another one is resolved, and its alerts move: the work goes on there.
//   - A webhook subscription is disabled for a day after three deliveries in a row were refused. Only the subscription read
//     by itself says so, not the list.
//   - A list of incidents without a key lists everybody's, and without statuses only the open ones.
//   - The library keeps neither headers nor the reasons of the Events API for a refusal. A refusal names the fields it is
//     about; the rest of its text may quote what was sent, and is dropped.
//
// Source: developer.pagerduty.com, Events API v2 and REST API v2.
package pagerduty
