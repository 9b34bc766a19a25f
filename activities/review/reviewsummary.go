package review

import (
	"cmp"
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
func (s summary) findingTable() (first, last int64) {
	first = int64(len(headlines(s))) + 2
	return first, first + int64(len(kindsOf(s.campaign.Counts)))
}

// headlines are the lines above the table of findings.
func headlines(s summary) [][]any {
	c, says := s.campaign.Counts, summaryWords
	suspended := c.Excluded[int(identity.AccountSuspended)]
	unactivated := c.Excluded[int(identity.AccountUnactivated)]
	lines := [][]any{
		{says["review"] + " " + s.campaign.Key, "", ""},
		{says["as_of"], instantText(s.campaign.FrozenAt), ""},
		{says["read"], instantText(s.campaign.StartedAt), ""},
		{says["hr"], s.hrText(), ""},
		{says["policy"], s.campaign.PolicyHash, ""},
		{"", "", ""},
		{says["accounts"], c.Users, ""},
		{says["suspended"], suspended, ""},
		{says["unactivated"], unactivated, ""},
		{says["roles"], c.Memberships, ""},
		{says["catalog"], fmt.Sprintf("%d / %d", c.Roles, c.Apps), ""},
		{says["factor_yes"], c.ByMFA[mfaYes], ""},
		{says["factor_no"], c.ByMFA[mfaNo], ""},
		{says["factor_unknown"], c.ByMFA[mfaUnknown], ""},
		{"", "", ""},
	}
	for _, y := range c.Systems {
		age := ""
		if y.Stale {
			age = says["system_stale"] + " " + spanText(y.MaxAge)
		}
		lines = append(lines, []any{y.System.System + ": " + says["system_accounts"], y.Accounts, ""},
			[]any{y.System.System + ": " + says["system_excluded"], y.Excluded, ""},
			[]any{y.System.System + ": " + says["system_read"], cmp.Or(instantText(y.ReadAt), "never"), age}, []any{"", "", ""})
	}
	return lines
}

// summaryLength is how many rows the summary of a campaign has, whatever they say.
func summaryLength(c reviews.Counts) int64 {
	return lengthOf(summaryRows(summary{campaign: reviews.Campaign{Counts: c}}))
}

func lengthOf(rows [][]any, err error) int64 {
	if err != nil {
		panic(err)
	}
	return int64(len(rows))
}

// summaryRows are all rows of the summary. Their number depends on the systems only.
func summaryRows(s summary) ([][]any, error) {
	rows := append(headlines(s), []any{summaryWords["findings"], s.campaign.Counts.Findings, ""}, []any{"", "", ""})
	for _, k := range kindsOf(s.campaign.Counts) {
		rows = append(rows, []any{k.title, s.campaign.Counts.ByKind[k.kind], ""})
	}
	explained, err := words.Lines("how_to_read", view{DormantDays: int(s.dormantAfter / (24 * time.Hour)), Systems: systemLines(s.campaign.Counts)})
	if err != nil {
		return nil, err
	}
	rows = append(rows, []any{"", "", ""}, []any{explained[0].String(), "", ""})
	for _, l := range explained[1:] {
		label, value := l.Cut()
		rows = append(rows, []any{label, value, ""})
	}
	return rows, nil
}
