package show

import (
	"encoding/json"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/journal"
)

// systemNotes are what evidence says of a plan for another system, beside its steps.
var systemNotes = map[string]string{"observe": "planned", "held": "held", "notice": "noticed", "read-back": "read the account back"}

// systemDone is what evidence of a step in another system says that it was about, and what it left.
type systemDone struct {
	Step identity.SystemStep `json:"step"`
	api.SystemState
}

// readable is a piece of evidence as people read it: a step in a system beside OneLogin says what was done to which account there.
func readable(e journal.Evidence) (step, outcome string) {
	name, place, ok := strings.Cut(e.Step, "@")
	system, account, _ := strings.Cut(place, "/")
	kind, again, _ := strings.Cut(name, ":")
	words := identity.SystemStepKind(kind).Words()
	if words == "" {
		words = systemNotes[kind]
	}
	if !ok || words == "" || system == identity.SystemOneLogin {
		return e.Step, e.Outcome
	}
	step = strings.TrimSpace(system+" account "+account) + ": " + words
	if account == "" {
		step = system + ": " + words
	}
	if again != "" {
		step += " (" + again + ")"
	}
	var done systemDone
	if json.Unmarshal(e.After, &done) != nil || done.Step.Kind == "" {
		return step, e.Outcome // A plan, or nothing.
	}
	about := done.Step.Names
	for _, c := range done.Step.Changes {
		about = append(about, c.Attribute)
	}
	// The names of a new account are those that were tried, and a move says where to.
	switch done.Step.Kind {
	case identity.SystemCreate:
		about = nil
	case identity.SystemMove:
		about = []string{done.Step.To}
	default:
	}
	if len(about) > 0 {
		step += ": " + strings.Join(about, ", ")
	}
	if outcome = e.Outcome; outcome == "done" && !done.Changed {
		outcome = "done: there was nothing to change"
	}
	if len(done.Left) > 0 {
		outcome += "; left to do by hand: " + strings.Join(done.Left, "; ")
	}
	return step, outcome
}
