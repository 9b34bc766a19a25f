package review

import (
	"fmt"

	"gatehouse/activities/gsuite"
	"gatehouse/ledger/reviews"
)

// The kinds of tab.
const (
	tabSummary  = "summary"
	tabFindings = "findings"
	tabAccess   = "access"
	tabBeside   = "systems"
)

// headRows stand above the rows of a tab.
const headRows = 1

// seriesKey and seriesTitle name the spreadsheets of a year: its reviews share them, and when one is full the next is
// made.
func seriesKey(campaign string) string { return "access-review/" + campaign[:4] }

func seriesTitle(campaign string) string { return "Access review " + campaign[:4] }

// layoutReview says which rows stand in which tab. A table that is larger than a spreadsheet can be is cut into several
// tabs. The answer depends on numbers only, so that it is the same however often it is asked. rowsPerTab is how many
// rows of a number of columns fit into an empty spreadsheet.
func layoutReview(campaign string, c reviews.Counts, rowsPerTab func(columns int64) int64) []reviews.Tab {
	type table struct {
		kind, title string
		rows        int64
	}
	tables := []table{{tabFindings, "Findings", c.Findings}, {tabAccess, "Access", c.Access}}
	if len(c.Systems) > 0 {
		tables = append(tables, table{tabBeside, "Other systems", c.SystemRows()})
	}
	tabs := []reviews.Tab{reviewTab(campaign, tabSummary, "Summary", 0, summaryLength(c))}
	for _, t := range tables {
		most := max(1, rowsPerTab(int64(len(columnsOf(t.kind))))-headRows)
		for part, first := 1, int64(0); first < t.rows || part == 1; part, first = part+1, first+most {
			title := t.title
			if part > 1 {
				title = fmt.Sprintf("%s (%d)", title, part)
			}
			tabs = append(tabs, reviewTab(campaign, t.kind, title, first, min(most, t.rows-first)))
		}
	}
	return tabs
}

func reviewTab(campaign, kind, title string, first, rows int64) reviews.Tab {
	return reviews.Tab{
		Title: campaign + " " + title, Kind: kind, SheetID: gsuite.TabID("access-review", campaign, title), FirstRow: first, Rows: rows,
	}
}
