package mfa

import (
	"embed"

	"gatehouse/internal/wording"
)

// files are the words of the tracking sheet, and those of e-mails that stand in no message of Slack.
//
//go:embed words/*.tmpl
var files embed.FS

var (
	words = wording.Must(files, "words", wording.Marked, nil)
	// trackingHeads stand in the first row. A column may be added at the end, never moved.
	trackingHeads = words.List("heads", nil)
	protectedNote = words.Sure("protected", nil)
	enrolLink     = words.Sure("enrol_link", nil)
)
