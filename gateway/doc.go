// Package gateway is the HTTP front door. It turns webhooks into hints and signals and nothing else: it holds the
// secrets that webhooks are signed with and no vendor credential. Whoever breaks in can make Gatehouse look at people,
// and can claim that somebody pressed a button, which the run then checks; no more.
//
//	POST /webhooks/bamboohr   BambooHR webhooks of either family
//	POST /webhooks/workday    callbacks of a Workday business process
//	POST /webhooks/onelogin   OneLogin's event webhook: have the events read
//	POST /webhooks/pagerduty  PagerDuty's webhooks (v3): tell an incident's run what people did; what is said of an
//	                          incident that nobody knows yet is kept for a worker, who can ask
//	POST /slack/interactions  buttons that were pressed in Slack: tell the run that asked
//	GET  /healthz             the process runs
//	GET  /readyz              Temporal and the ledger answer
//
// A webhook is answered with 2xx only when every hint in it is durable. Until then the answer is 5xx, because BambooHR
// repeats after those and after nothing else.
package gateway
