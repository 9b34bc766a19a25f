// Package incidents reads the events of OneLogin and says which of them, by the policy, are an incident.
package incidents
