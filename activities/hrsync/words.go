package hrsync

import (
	"embed"

	"gatehouse/internal/wording"
)

// files are the words of what a reading is doubted for, and what is said of each record that waits because of it, by the kind of doubt.
//
//go:embed words/*.tmpl records/*.tmpl
var files embed.FS

var (
	words   = wording.Must(files, "words", wording.Marked, view{}, sampleView())
	records = wording.Must(files, "records", wording.Marked, view{}, sampleView())
)

// view is what those words may say.
type view struct {
	// Count is how many it is about, Employed how many work there by the last reading, and Before how many records there were.
	Count, Employed, Before int
	// Swapped is how many names are swapped or in other capitals, and OneIn what share may come at once.
	Swapped, OneIn int
	Columns        []string
	// Lost is what is gone, and Old the key that somebody had.
	Lost, Old string
	// Doubts are all reasons together, and Code by which they are accepted.
	Doubts       []string
	Source, Code string
}

// sampleView says everything, so that every branch of the words is taken once when the program starts.
func sampleView() view { return view{Before: 1, Columns: []string{"c"}, Doubts: []string{"a", "b"}} }
