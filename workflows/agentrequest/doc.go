// Package agentrequest is the workflow that sees a request of an agent through: it is judged, people are asked where the policy says
// so, orders are given, and what came of them is written down.
package agentrequest
