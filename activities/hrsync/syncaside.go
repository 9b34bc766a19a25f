package hrsync

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/connectors/hr"
	"gatehouse/ledger/roster"
)

// asideDigest is what the roster remembers of a record that could not be read: no record looks like that, so that the next
// reading tries it again and finds what has changed since it could be read.
const asideDigest = "aside"

// setAside shows what could not be read, and sees to it that it is tried again although the source has moved on.
func (s *Sync) setAside(ctx context.Context, source string, known map[string]roster.Row, snapshot hr.Snapshot, report *api.SyncReport) error {
	var rows []roster.Row
	var findings []roster.Finding
	reasons := map[string]int{}
	for i, a := range snapshot.SetAside {
		if row, seen := known[a.ID]; seen && a.ID != "" && strings.Contains(row.Digest, ".") {
			row.Digest, row.SeenAt = asideDigest, s.Clock()
			rows = append(rows, row)
		}
		subject := a.ID
		if subject == "" {
			subject = "record " + strconv.Itoa(i+1)
		}
		findings = append(findings, roster.Finding{
			Source: source, Kind: roster.FindingSetAside, Subject: subject, Why: a.Why, Left: a.Left,
		})
		reasons[a.Why]++
		report.SetAside++
		if a.Left {
			report.SetAsideLeft++
		}
	}
	if err := s.Ledger.Roster().Put(ctx, rows); err != nil {
		return err
	}
	report.SetAsideWhy = countedWords(reasons)
	return s.Ledger.Roster().KeepFindings(ctx, source, roster.FindingSetAside, findings)
}

// countedWords lists reasons with how often each was met.
func countedWords(reasons map[string]int) string {
	var out []string
	for why, n := range reasons {
		out = append(out, fmt.Sprintf("%s: %d", why, n))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
