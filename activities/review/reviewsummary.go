package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/reviews"
)

// summaryColumns is the width of the summary: what, how much, and room for the chart.
const summaryColumns = 3

// summary is what the first tab of a review says.
type summary struct {
	campaign reviews.Campaign
	// dormantAfter and read, when each HR source was last read, are what the assessment went by.
	dormantAfter time.Duration
	read         map[string]time.Time
}

// hrText says how old what HR said was.
func (s summary) hrText() string {
	var parts []string
	for _, source := range slices.Sorted(maps.Keys(s.read)) {
		parts = append(parts, source+" "+instantText(s.read[source]))
	}
	return strings.Join(parts, ", ")
}

// instantText is how instants stand in a sheet: they sort as text, and no locale changes what they mean.
func instantText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// findingTable is between which rows of the summary the numbers of findings stand, from 0, the last not included. They
// always stand there, none of a kind being a 0, so that the chart shows the same rows every month.
func findingTable() (first, last int64) {
	first = int64(len(headlines(summary{}))) + 2
	return first, first + int64(len(findingKinds()))
}

// headlines are the lines above the table of findings.
func headlines(s summary) [][]any {
	c := s.campaign.Counts
	suspended := c.Excluded[int(identity.AccountSuspended)]
	unactivated := c.Excluded[int(identity.AccountUnactivated)]
	return [][]any{
		{"Access review " + s.campaign.Key, "", ""},
		{"As of", instantText(s.campaign.FrozenAt), ""},
		{"Read from OneLogin since", instantText(s.campaign.StartedAt), ""},
		{"HR last read", s.hrText(), ""},
		{"Policy", s.campaign.PolicyHash, ""},
		{"", "", ""},
		{"Accounts under review", c.Users, ""},
		{"Left out: suspended", suspended, ""},
		{"Left out: not activated", unactivated, ""},
		{"Roles that they have", c.Memberships, ""},
		{"Roles / apps of the tenant", fmt.Sprintf("%d / %d", c.Roles, c.Apps), ""},
		{"Second factor: enrolled", c.ByMFA[mfaYes], ""},
		{"Second factor: none", c.ByMFA[mfaNo], ""},
		{"Second factor: not known", c.ByMFA[mfaUnknown], ""},
		{"", "", ""},
	}
}

// summaryRows are all rows of the summary. Their number is always the same.
func summaryRows(s summary) [][]any {
	rows := headlines(s)
	rows = append(rows, []any{"Findings", s.campaign.Counts.Findings, ""}, []any{"", "", ""})
	for _, k := range findingKinds() {
		rows = append(rows, []any{k.title, s.campaign.Counts.ByKind[k.kind], ""})
	}
	dormant := fmt.Sprint(int(s.dormantAfter / (24 * time.Hour)))
	for _, line := range [][2]string{
		{"", ""},
		{"How to read this", ""},
		{"As of", "The state was read over the time above and then frozen. Nothing that changed later is shown."},
		{"Access", "One row per account and role: keep or remove the role. An account without a role has one row."},
		{"Findings", "Most urgent first. Severity 1 should be acted on today."},
		{"Decision", "keep, remove or unsure, with your name and the date. Gatehouse never writes into these columns."},
		{"Apps", "OneLogin gives apps through roles. Apps added to a single login by hand are not read."},
		{"Role is", "managed: one that the policy gives and takes, whoever gave it here. outside the policy: only people give it."},
		{"Has it since", "As OneLogin tells it; \"not told\" where it does not."},
		{"Second factor", "OneLogin has no list of them: this is what the MFA scan has found out. \"unknown\" is not \"none\"."},
		{"Dormant", "Not signed in for " + dormant + " days before this review began."},
	} {
		rows = append(rows, []any{line[0], line[1], ""})
	}
	return rows
}
