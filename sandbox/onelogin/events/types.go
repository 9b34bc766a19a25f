package events

import (
	_ "embed"
	"strconv"
	"strings"

	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// typesTable has a line for each type: id, name and description. Ids and names are those of a public set of SIEM rules of
// 2025, which agrees with the vendor's own samples. The vendor publishes the descriptions of the first six
// (developers.onelogin.com, 1/events/event-types); the others are written after their manner.
//
//go:embed types.tsv
var typesTable string

// eventType is one line of the types endpoint.
type eventType struct {
	ID          int    `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// ListTypes answers the list of types, which has no pages.
func ListTypes(*tenant.Call) tenant.Reply { return wire.V1OK(eventTypes()) }

// eventTypes are all types by ascending id. Descriptions are templates: names between percent signs stand for what an event
// has of its own.
func eventTypes() []eventType {
	var out []eventType
	for line := range strings.Lines(typesTable) {
		id, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		name, description, _ := strings.Cut(rest, "\t")
		n, err := strconv.Atoi(id)
		if err != nil {
			panic("onelogin: a line of types.tsv has no id: " + line)
		}
		out = append(out, eventType{ID: n, Name: name, Description: description})
	}
	return out
}
