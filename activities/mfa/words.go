package mfa

import (
	"embed"

	"gatehouse/internal/wording"
)

// files are the words of the tracking sheet, those of e-mails that stand in no message of Slack, and those of items.
//
//go:embed words/*.tmpl items/*.tmpl
var files embed.FS

var (
	words = wording.Must(files, "words", wording.Marked, weakView{})
	// trackingHeads stand in the first row. A column may be added at the end, never moved.
	trackingHeads = words.List("heads", weakView{})
	protectedNote = words.Sure("protected", weakView{})
	enrolLink     = words.Sure("enrol_link", weakView{})

	itemWords = wording.Must(files, "items", wording.Marked, itemView{})
)

// weakView is what the words of the sheet may say: the kinds of somebody's factors, and those that do not count for them.
type weakView struct{ Has, Weak string }

// itemView is what the words of an item may say.
type itemView struct {
	// Kinds are kinds of factors that the policy names, and Seen those that somebody has; None says that there are none of these.
	Kinds, Seen string
	None        bool
}
