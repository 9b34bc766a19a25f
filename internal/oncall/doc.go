// Package oncall keeps in step with the people on call, where a webhook alone does not do.
//
//	gateway ──► words about unknown incidents ──► Keeper ──► run of the case
//	                     (ledger)                   │
//	                                             PagerDuty: the alerts of an incident, the webhook subscription
//
// A webhook of PagerDuty names an incident by its id only. Which cases that is about is known from the incident's alerts, and
// to read them takes a token, which the gateway does not have: it keeps in the ledger what it heard, and the Keeper in a worker
// asks PagerDuty and tells the runs. Beside that the Keeper looks from time to time whether PagerDuty still delivers webhooks.
//
// Every worker does this, side by side: whatever it does may be done twice.
package oncall
