package review

import (
	"slices"

	"gatehouse/ledger/reviews"
)

// The kinds of finding, as they stand in the stage.
const (
	findingLeft       = "left_and_active"
	findingOrphan     = "orphaned"
	findingConflict   = "separation_of_duties"
	findingPrivileged = "unmanaged_privileged_role"
	findingNoMFA      = "no_second_factor"
	findingDormant    = "dormant"
	findingNeverUsed  = "never_signed_in"
	findingNotAPerson = "service_or_protected"
	// These are about systems beside OneLogin.
	findingNotRead   = "system_not_read"
	findingDisputed  = "disputed_account"
	findingUnmanaged = "unmanaged_privileged_access"
)

// findingKind says how a kind of finding is shown. The order is the order of the table on the summary.
type findingKind struct {
	kind     string
	severity int
	title    string
}

// findingKinds are all kinds, the most urgent first.
var findingKinds = []findingKind{
	kindOf(findingLeft, 1),
	kindOf(findingOrphan, 2),
	kindOf(findingConflict, 2),
	kindOf(findingPrivileged, 2),
	kindOf(findingNoMFA, 3),
	kindOf(findingDormant, 4),
	kindOf(findingNeverUsed, 4),
	kindOf(findingNotAPerson, 5),
}

// besideKinds are kinds of finding that only systems beside OneLogin have.
var besideKinds = []findingKind{
	{findingNotRead, 2, besideWords.Sure(findingNotRead, findingView{})},
	{findingDisputed, 2, besideWords.Sure(findingDisputed, findingView{})},
	{findingUnmanaged, 2, besideWords.Sure(findingUnmanaged, findingView{})},
}

// kindsOf are all kinds of finding that a campaign may have, in the order of the table on the summary.
func kindsOf(c reviews.Counts) []findingKind {
	if len(c.Systems) == 0 {
		return findingKinds
	}
	return slices.Concat(findingKinds, besideKinds)
}

func kindOf(kind string, severity int) findingKind {
	return findingKind{kind, severity, findingWords.Sure(kind, findingView{})}
}

// kindNamed is what a kind of finding is; one that nobody knows any more is called by its name.
func kindNamed(kind string) findingKind {
	for _, k := range slices.Concat(findingKinds, besideKinds) {
		if k.kind == kind {
			return k
		}
	}
	return findingKind{kind: kind, severity: 9, title: kind}
}

func severityOf(kind string) int { return kindNamed(kind).severity }

// foundText says what was found.
func foundText(kind string, v findingView) (string, error) {
	book := findingWords
	if slices.ContainsFunc(besideKinds, func(k findingKind) bool { return k.kind == kind }) {
		book = besideWords
	}
	_, detail, err := book.Pair(kind, v)
	return detail, err
}
