package review

import (
	"gatehouse/activities/gsuite"
	"gatehouse/ledger/reviews"
)

// column is a column of a tab: the key of its head, its width in pixels, and whether people fill it in.
type column struct {
	key   string
	width int64
	// theirs are filled in by reviewers. They are never written to and not protected.
	theirs bool
}

// decisionColumn is the one of the reviewers' columns that has a choice.
const decisionColumn = "decision"

// reviewerColumns are what people fill in.
func reviewerColumns() []column {
	return []column{{"reviewer", 160, true}, {decisionColumn, 100, true}, {"decided", 110, true}}
}

// accessColumns: one row per account and role, because that is what a reviewer keeps or removes; an account without a
// role has one row that says so.
func accessColumns() []column {
	return append([]column{
		{"account", 240, false},
		{"name", 160, false},
		{"title", 160, false},
		{"department", 120, false},
		{"person", 130, false},
		{"hr", 110, false},
		{"status", 120, false},
		{"group", 120, false},
		{"role", 160, false},
		{"apps", 260, false},
		{"policy", 130, false},
		{"since", 150, false},
		{"giver", 200, false},
		{"login", 150, false},
		{"factor", 110, false},
		{"manager", 200, false},
		{"flags", 220, false},
	}, reviewerColumns()...)
}

func findingColumns() []column {
	return append([]column{
		{"severity", 80, false},
		{"finding", 260, false},
		{"account", 240, false},
		{"name", 160, false},
		{"department", 120, false},
		{"person", 130, false},
		{"role", 180, false},
		{"found", 380, false},
		{"status", 120, false},
		{"manager", 200, false},
	}, reviewerColumns()...)
}

// besideColumns: one row per account and what it holds, as in accessColumns.
func besideColumns() []column {
	return append([]column{
		{"system", 100, false},
		{"account", 240, false},
		{"name", 160, false},
		{"department", 120, false},
		{"person", 130, false},
		{"hr", 110, false},
		{"status", 120, false},
		{"kind", 90, false},
		{"access", 240, false},
		{"giver", 130, false},
		{"policy", 200, false},
		{"login", 150, false},
		{"manager", 200, false},
		{"read", 150, false},
		{"flags", 260, false},
	}, reviewerColumns()...)
}

func columnsOf(kind string) []column {
	switch kind {
	case tabAccess:
		return accessColumns()
	case tabFindings:
		return findingColumns()
	case tabBeside:
		return besideColumns()
	}
	return []column{{"", 300, false}, {"", 520, false}, {"", 520, false}}
}

// managedColumns is how many columns Gatehouse writes; the reviewers' come after them.
func managedColumns(columns []column) int64 {
	n := int64(0)
	for _, c := range columns {
		if !c.theirs {
			n++
		}
	}
	return n
}

// tabLayout is everything about a tab but its rows.
func (s summary) tabLayout(t reviews.Tab) gsuite.Tab {
	columns := columnsOf(t.Kind)
	tab := gsuite.Tab{ID: t.SheetID, Title: t.Title, Rows: t.Rows, Columns: int64(len(columns))}
	var head []any
	for _, c := range columns {
		head, tab.Widths = append(head, heads[c.key]), append(tab.Widths, c.width)
	}
	if t.Kind == tabSummary {
		return s.look(tab)
	}
	tab.Rows = max(1, t.Rows) + headRows
	tab.FrozenRows, tab.Filter, tab.Content = headRows, true, [][]any{head}
	tab.Protected = []gsuite.Protection{{Area: gsuite.Area{Columns: managedColumns(columns)}, Note: protectedNote}}
	for i, c := range columns {
		if c.key == decisionColumn {
			tab.Choices = []gsuite.Choice{{
				Area:   gsuite.Area{FirstRow: headRows, FirstColumn: int64(i), Columns: 1},
				Values: []string{"keep", "remove", "unsure"},
			}}
		}
	}
	return tab
}

// look is the summary's title in bold, its protection, and the chart of the findings.
func (s summary) look(tab gsuite.Tab) gsuite.Tab {
	first, last := s.findingTable()
	tab.Bold = []gsuite.Area{{Rows: 1, Columns: 1}, {FirstRow: first - 2, Rows: 1, Columns: 2}, {FirstRow: last + 1, Rows: 1, Columns: 1}}
	tab.Protected = []gsuite.Protection{{Note: protectedNote}}
	tab.Charts = []gsuite.Chart{{
		Title: "Findings", Kind: "BAR", Row: 0, Column: summaryColumns - 1,
		Names: gsuite.Area{FirstRow: first, Rows: last - first, Columns: 1}, Values: gsuite.Area{FirstRow: first, FirstColumn: 1, Rows: last - first, Columns: 1},
	}}
	return tab
}
