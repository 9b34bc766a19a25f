// Package pagerduty simulates a PagerDuty account: the Events API v2, which opens and closes alerts by dedup key, the
// part of the REST API that reads incidents and changes their status, and the webhooks (v3) that tell what people did.
//
// As with the real one, an event is accepted with 202 before anything is done about it, a trigger joins the alert of
// its dedup key while that is open and opens another after it was resolved, and to acknowledge or resolve what is not
// open is accepted and ignored. Unknown fields are refused, which is stricter than PagerDuty.
package pagerduty
