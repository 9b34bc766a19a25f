package attention

import (
	"embed"
	"fmt"
	"time"

	"gatehouse/activities/api"
	"gatehouse/internal/wording"
	"gatehouse/ledger/worklist"
)

// files are the words of what is told about items. The first line of a message is its title; each other line is a label and what
// there is to say, save the second of the digest, which is what to do. What buttons say, and ask before they count, stands behind
// their action.
//
//go:embed words/*.tmpl
var files embed.FS

var (
	texts   = wording.Must(files, "words", wording.Marked, view{}, sampleView())
	labels  = texts.Table("buttons", view{})
	confirm = texts.Table("confirm", view{})
)

// view is what may be told about items.
type view struct {
	ID, System, Class, Text string
	Critical, Overdue       bool
	// Age is how long the item is open, and Waiting how many wait because of it, if they are many.
	Age     string
	Waiting int
	// Closed, Until and By say what became of it.
	Closed    bool
	Until, By string
	// What a digest counts, and how many kinds it had no room for.
	Total, More int
	Severities  []severity
	Kinds       []kind
}

type severity struct {
	Name  string
	Items int
}

type kind struct {
	Severity, System, Class, Age string
	Items, Waiting               int
}

// Alert is what an alert about a critical item says.
func Alert(item worklist.Item) (string, error) { return texts.First("alert", view{Text: item.Text}) }

// button is one that does something at a press.
func button(action, style string) api.Button {
	return api.Button{Action: action, Label: labels[action], Style: style, Confirm: confirm[action]}
}

// sayOn writes the title of a message about an item, and its lines.
func sayOn(item worklist.Item, overdue bool, now time.Time) (title string, lines []api.Line, err error) {
	v := view{
		ID: item.ID, System: item.System, Class: item.Class, Text: item.Text, Critical: item.Severity >= worklist.SeverityCritical,
		Overdue: overdue, Age: age(now.Sub(item.RaisedAt)),
	}
	if item.Holders > 1 {
		v.Waiting = item.Holders
	}
	said, err := texts.Lines("told", v)
	if err != nil {
		return "", nil, err
	}
	return said[0].String(), labelled(said[1:]), nil
}

func labelled(said []wording.Line) []api.Line {
	var lines []api.Line
	for _, l := range said {
		label, value := l.Cut()
		lines = append(lines, api.Line{Label: label, Value: value})
	}
	return lines
}

// age is a time gone by as people say it.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// sampleView says everything, so that every branch of the words is taken once when the program starts.
func sampleView() view {
	return view{Critical: true, Overdue: true, Waiting: 2, Until: "u", More: 1, Severities: []severity{{}, {}}, Kinds: []kind{{}}}
}
