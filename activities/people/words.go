package people

import (
	"embed"

	"gatehouse/internal/wording"
)

// files are the words of notices, and of items about what was not found: what is the matter, and what to do next.
//
//go:embed words/*.tmpl items/*.tmpl
var files embed.FS

var (
	words = wording.Must(files, "words", wording.Marked, view{})
	items = wording.Must(files, "items", wording.Marked, view{})
)

// view is what the words of a notice may say.
type view struct {
	// Key is the person, Other another one, and Record what HR calls the record.
	Key, Other, Record string
	Account            int64
	// Ref is an account of any system.
	Ref string
	// Why is what speaks for a doubt, or what several accounts share.
	Why   string
	Count int
}
