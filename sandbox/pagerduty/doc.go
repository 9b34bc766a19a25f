// Package pagerduty simulates a PagerDuty account: the Events API v2, which opens and closes alerts by dedup key, the
// part of the REST API that deals with incidents, alerts, notes, services, users and webhook subscriptions, and the
// webhooks (v3) that tell what people did.
//
// As with the real one, an event is accepted with 202 before anything is done about it, a trigger joins the alert of
// its dedup key while that is open and opens another after it was resolved, and to acknowledge or resolve what is not
// open is accepted and ignored. Unknown fields of events are refused, which is stricter than PagerDuty; those of REST
// bodies are ignored, as there.
//
// The service Identity makes alerts: its incidents have no key, and their alerts have one. Helpdesk is of the old kind,
// whose incidents have the key and no alerts. To merge an incident resolves it with a reason and moves its alerts into
// the other one, where further events of their keys go from then on.
//
// A webhook that is answered with 5xx, 429 or not at all is repeated; any other answer but 2xx drops it at once. What
// happens to one incident is told to a target in its order, so that a repetition holds up what comes after it. Three
// dropped in a row disable the target for a day, in which nothing is kept for it. The 48 hours for which PagerDuty
// repeats are about nine seconds here.
//
// What is not there and answered with 404: log entries, teams, schedules, escalation policies, on-calls, priorities,
// business services, maintenance windows, event orchestrations and rulesets, extensions, add-ons, audit records,
// analytics, custom fields, responder requests, snoozing, status updates, workflows, incident types, tags, and creating
// or changing services and users. Alerts are neither suppressed nor grouped. Only account tokens are known: /users/me
// is refused as PagerDuty refuses it to them.
package pagerduty
