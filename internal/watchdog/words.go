package watchdog

import (
	"embed"

	"gatehouse/internal/wording"
)

// files are the words of what does not work, and of alerts. Of each check they say what is so when it fails, and what to do.
//
//go:embed words/*.tmpl checks/*.tmpl
var files embed.FS

var (
	words  = wording.Must(files, "words", wording.Marked, view{}, sampleView())
	checks = wording.Must(files, "checks", wording.Marked, view{})
)

// view is what those words may say.
type view struct {
	// Of is the source or the schedule that a check is about.
	Of string
	// Down is what is so, Since when and for how Lasting long, as Program sees it. Quiet keeps nobody in.
	Down, Since, Lasting, Program string
	Quiet                         bool
	// People is how many are overdue, and Before how many departures were announced before.
	People, Before int
}

// worded gives a check its words, of which the start of the program has read that they are there.
func (c Check) worded(says, of string) Check {
	var err error
	if c.Down, c.Advice, err = checks.Pair(says, view{Of: of}); err != nil {
		panic(err)
	}
	return c
}

// sampleView says everything, so that every branch of the words is taken once when the program starts.
func sampleView() view { return view{Quiet: true, People: 1, Before: 1} }
