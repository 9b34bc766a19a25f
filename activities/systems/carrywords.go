package systems

import (
	"embed"
	"maps"
	"slices"

	"gatehouse/internal/wording"
)

// debtFiles are the words of the item about what is owed, and those of plans.
//
//go:embed items/system_debt.tmpl items/system_not_followed.tmpl planned/*.tmpl
var debtFiles embed.FS

var (
	debtWords = wording.Must(debtFiles, "items", wording.Marked, debtView{}, debtView{Leaving: 1}, debtView{Refused: true})
	planWords = wording.Must(debtFiles, "planned", wording.Marked, heldView{})
)

// heldView is what a plan may say about a budget of a system that has no room.
type heldView struct {
	System, Budget, Hold string
	Used, Allowed        int
}

// debtView is what the words about what is owed in a system may say. Leaving is how many of the steps end somebody's access.
type debtView struct {
	System, Since, Why     string
	Steps, People, Leaving int
	// Refused says that reasons name what a system refused of a step of which the rest is done.
	Refused bool
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
