package detect

import (
	"slices"
	"strings"

	"gatehouse/internal/yamlfile"
)

// The details of events that a page, a ticket or a message may show.
const (
	DetailName        = "name"
	DetailAddress     = "address"
	DetailPlace       = "place"
	DetailApplication = "application"
	DetailActor       = "actor"
	DetailChange      = "change"
	DetailRisk        = "risk"
)

// details are all of them, in the order in which they are shown.
var details = []string{DetailName, DetailAddress, DetailPlace, DetailApplication, DetailActor, DetailChange, DetailRisk}

// Show says which details of events each place may show. Names are shown nowhere by default.
type Show struct{ Page, Ticket, Message []string }

// readShow reads events.show.
func readShow(s yamlfile.Section) Show {
	nameless := details[1:]
	show := Show{Page: nameless, Ticket: nameless, Message: nameless}
	part := s.Section("show", "page", "ticket", "message")
	readDetails(part, "page", &show.Page)
	readDetails(part, "ticket", &show.Ticket)
	readDetails(part, "message", &show.Message)
	return show
}

func readDetails(s yamlfile.Section, key string, into *[]string) {
	words := s.Words(key)
	if !s.Has(key) {
		return
	}
	var wanted []string
	for _, w := range words {
		if !slices.Contains(details, w.Text) {
			s.Fail(s.Value(key), "events.show.%s: %q is no detail of an event%s; known details: %s", key, w.Text,
				yamlfile.DidYouMean(w.Text, details), strings.Join(details, ", "))
		}
		wanted = append(wanted, w.Text)
	}
	*into = slices.DeleteFunc(slices.Clone(details), func(d string) bool { return !slices.Contains(wanted, d) })
}
