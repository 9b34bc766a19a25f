// Package gateway is the HTTP front door. It turns webhooks into hints and nothing else: it holds the secrets that
// webhooks are signed with and no vendor credential, so whoever breaks in can make Gatehouse look at people, which is
// harmless, and no more.
//
//	POST /webhooks/bamboohr   BambooHR webhooks of either family
//	POST /webhooks/workday    callbacks of a Workday business process
//	GET  /healthz             the process runs
//	GET  /readyz              Temporal and the ledger answer
//
// A webhook is answered with 2xx only when every hint in it is durable. Until then the answer is 5xx, because BambooHR
// repeats after those and after nothing else.
package gateway
