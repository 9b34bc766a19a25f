package attention

import (
	"embed"

	"gatehouse/internal/wording"
	"gatehouse/ledger/worklist"
)

// files are the words of items. The first line says what is the matter, the second what to do next.
//
//go:embed words/*.tmpl
var files embed.FS

var words = wording.Must(files, "words", wording.Marked, view{}, sampleView())

// The words of items that are not named after what is asked.
const (
	saysQuestion    = "question"
	saysCause       = "cause"
	saysFailing     = "failing"
	saysCredential  = "failing_credential"
	saysRecords     = "records"
	saysDigest      = "digest"
	saysUsedUp      = "budget_used_up"
	saysHeld        = "held"
	saysHeldLeavers = "held_leavers"
)

// view is what the words of an item may say.
type view struct {
	// Text is what the run or the error says, and Code what kind of question it is.
	Text, Code string
	// About is a department, an HR source, or what speaks for a doubt.
	About string
	// Run is what the starter calls the run that asks.
	Run string
	// ID and System are the item's.
	ID, System string
	// Source, Kind and People are of a batch that a safety budget holds.
	Source, Kind string
	People       int
}

// listing is an item before it has its words: says is their file.
type listing struct {
	worklist.Item
	says string
	view view
}

// worded is the item with its words.
func (l listing) worded() (_ worklist.Item, err error) {
	l.view.ID, l.view.System = worklist.ItemID(l.System, l.Class, l.Object), l.System
	l.Text, l.Next, err = words.Pair(l.says, l.view)
	return l.Item, err
}

// sampleView says everything, so that every branch of the words is taken once when the program starts.
func sampleView() view { return view{Text: "t", Code: "c"} }
