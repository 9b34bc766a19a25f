package review

import (
	"gatehouse/activities/gsuite"
	"gatehouse/ledger/reviews"
)

// column is a column of a tab: its head, its width in pixels, and whether people fill it in.
type column struct {
	title string
	width int64
	// theirs are filled in by reviewers. They are never written to and not protected.
	theirs bool
}

// decisionColumn is the one of the reviewers' columns that has a choice.
const decisionColumn = "Decision"

// reviewerColumns are what people fill in.
func reviewerColumns() []column {
	return []column{{"Reviewer", 160, true}, {decisionColumn, 100, true}, {"Decided on", 110, true}}
}

// accessColumns: one row per account and role, because that is what a reviewer keeps or removes; an account without a
// role has one row that says so.
func accessColumns() []column {
	return append([]column{
		{"Account", 240, false},
		{"Name", 160, false},
		{"Title", 160, false},
		{"Department", 120, false},
		{"Person in HR", 130, false},
		{"HR says", 110, false},
		{"Account is", 120, false},
		{"Group", 120, false},
		{"Role", 160, false},
		{"Apps by this role", 260, false},
		{"Role is", 130, false},
		{"Has it since", 150, false},
		{"Given by", 200, false},
		{"Last sign-in", 150, false},
		{"Second factor", 110, false},
		{"Manager", 200, false},
		{"Marks", 220, false},
	}, reviewerColumns()...)
}

func findingColumns() []column {
	return append([]column{
		{"Severity", 80, false},
		{"Finding", 260, false},
		{"Account", 240, false},
		{"Name", 160, false},
		{"Department", 120, false},
		{"Person in HR", 130, false},
		{"Role", 180, false},
		{"What was found", 380, false},
		{"Account is", 120, false},
		{"Manager", 200, false},
	}, reviewerColumns()...)
}

func columnsOf(kind string) []column {
	switch kind {
	case tabAccess:
		return accessColumns()
	case tabFindings:
		return findingColumns()
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

// whyProtected is shown to whoever tries to edit what was reviewed.
const whyProtected = "Written by Gatehouse: the state at the as-of time. Reviewers use the columns on the right."

// tabLayout is everything about a tab but its rows.
func tabLayout(t reviews.Tab) gsuite.Tab {
	columns := columnsOf(t.Kind)
	tab := gsuite.Tab{ID: t.SheetID, Title: t.Title, Rows: t.Rows, Columns: int64(len(columns))}
	var head []any
	for _, c := range columns {
		head, tab.Widths = append(head, c.title), append(tab.Widths, c.width)
	}
	if t.Kind == tabSummary {
		return summaryLook(tab)
	}
	tab.Rows = max(1, t.Rows) + headRows
	tab.FrozenRows, tab.Filter, tab.Content = headRows, true, [][]any{head}
	tab.Protected = []gsuite.Protection{{Area: gsuite.Area{Columns: managedColumns(columns)}, Note: whyProtected}}
	for i, c := range columns {
		if c.title == decisionColumn {
			tab.Choices = []gsuite.Choice{{
				Area:   gsuite.Area{FirstRow: headRows, FirstColumn: int64(i), Columns: 1},
				Values: []string{"keep", "remove", "unsure"},
			}}
		}
	}
	return tab
}

// summaryLook is the summary's title in bold, its protection, and the chart of the findings.
func summaryLook(tab gsuite.Tab) gsuite.Tab {
	first, last := findingTable()
	tab.Bold = []gsuite.Area{{Rows: 1, Columns: 1}, {FirstRow: first - 2, Rows: 1, Columns: 2}, {FirstRow: last + 1, Rows: 1, Columns: 1}}
	tab.Protected = []gsuite.Protection{{Note: whyProtected}}
	tab.Charts = []gsuite.Chart{{
		Title: "Findings", Kind: "BAR", Row: 0, Column: summaryColumns - 1,
		Names: gsuite.Area{FirstRow: first, Rows: last - first, Columns: 1}, Values: gsuite.Area{FirstRow: first, FirstColumn: 1, Rows: last - first, Columns: 1},
	}}
	return tab
}
