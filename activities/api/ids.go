package api

import (
	"strconv"
)

// EventWatchID is the workflow id of the one run that reads events.
const EventWatchID = "event-watch"

// IncidentID is the workflow id of the run about one case.
func IncidentID(rule, subject string, number int) string {
	return "incident/" + rule + "/" + subject + "/" + strconv.Itoa(number)
}

// PersonID is the workflow id of every run about a person.
func PersonID(key string) string { return "person/" + key }

// MFAComplianceID is the workflow id of a reading of everybody's second factors that is started by hand.
const MFAComplianceID = "mfa-compliance"

// MFAGraceID is the workflow id of a person's grace period.
func MFAGraceID(key string) string { return "mfa-grace/" + key }

// ReviewID is the workflow id of the one run of a campaign.
func ReviewID(campaign string) string { return "access-review/" + campaign }

// HoldID is the workflow id of the run that asks about a hold.
func HoldID(ref HoldRef) string { return "hold/" + ref.Source + "/" + ref.Kind }

// TellID is the workflow id of the run that tells what another one, which is named with its run, could not.
func TellID(workflowID, runID, step string) string {
	return "tell/" + workflowID + "/" + runID + "/" + step
}
