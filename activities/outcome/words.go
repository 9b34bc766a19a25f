package outcome

import (
	"embed"

	"gatehouse/internal/wording"
)

// files are the words about what is held, and about access that nobody knows the giver of.
//
//go:embed words/*.tmpl
var files embed.FS

var words = wording.Must(files, "words", wording.Marked, view{}, view{Roles: []string{"r"}})

// view is what the words may say.
type view struct {
	Account int64
	Roles   []string
	// Budget is a safety budget, and Hold a batch that it holds.
	Budget, Hold  string
	Used, Allowed int
	Window        string
}
