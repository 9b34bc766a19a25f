package api

import "strings"

const itemButtons = "item/"

// ItemButtons is what the buttons under a message about an item are about, where others are about a run.
func ItemButtons(id string) string { return itemButtons + id }

// ButtonsOfItem is the item that buttons are about, if they are about one.
func ButtonsOfItem(run string) (id string, ok bool) { return strings.CutPrefix(run, itemButtons) }
