package inventory

import (
	"embed"

	"gatehouse/internal/wording"
)

// files are the words of items.
//
//go:embed items/*.tmpl
var files embed.FS

var itemWords = wording.Must(files, "items", wording.Marked, nonPersonalView{}, nonPersonalView{Persons: 1, Wide: true})

// nonPersonalView is what the words of an item about an entry of accounts.non_personal may say.
type nonPersonalView struct {
	Entry string
	// Accounts is how many of All it matches, Persons how many of these are people's, Named their ids. Wide says that these are many.
	Accounts, All, Persons int
	Named                  string
	Wide                   bool
}
