package pager

import (
	"embed"

	"gatehouse/activities/api"
	"gatehouse/internal/wording"
)

// files are the words that a page has beside its summary, which its run writes.
//
//go:embed words/*.tmpl
var files embed.FS

var words = wording.Must(files, "words", wording.Marked, view{})

// view is what those words may say.
type view struct{ WorkflowID string }

// ToDo says what to do about a page, where what wakes people up shows no link.
func ToDo(in api.PagerEvent) (string, error) { return words.First("look", view{in.WorkflowID}) }
