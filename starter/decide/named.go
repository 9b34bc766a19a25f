package decide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
)

// One cause that needs a person has an id, and so has each question that waits because of it. Whatever a command prints, every
// command takes: what was meant is found here.

// isID reports that a text is an id of this kind, or the beginning of one.
func isID(id string) bool {
	return id != "" && strings.Trim(id, "0123456789abcdef") == "" && len(id) <= len(worklist.ItemID("", "", ""))
}

// itemNamed finds the item of an id, of the beginning of one, or of a question that waits because of it.
func itemNamed(cmd *cobra.Command, books *ledger.Ledger, id string) (worklist.Item, error) {
	if !isID(id) {
		return worklist.Item{}, fmt.Errorf("%q is no item: write an id as starter attention list shows it, or its beginning", id)
	}
	found, err := books.Worklist().Items(cmd.Context(), worklist.ItemFilter{ID: id})
	if err != nil {
		return worklist.Item{}, err
	}
	asked, err := books.Worklist().AskedAs(cmd.Context(), id, holderPage)
	if err != nil {
		return worklist.Item{}, err
	}
	for _, a := range asked {
		if slices.ContainsFunc(found, func(i worklist.Item) bool { return i.ID == a.Item }) {
			continue
		}
		of, err := books.Worklist().Items(cmd.Context(), worklist.ItemFilter{ID: a.Item})
		if err != nil {
			return worklist.Item{}, err
		}
		found = append(found, of...)
	}
	switch len(found) {
	case 0:
		return worklist.Item{}, fmt.Errorf("there is no item %s: see starter attention list", id)
	case 1:
		return found[0], nil
	}
	return worklist.Item{}, fmt.Errorf("%d items begin with %s: write more of the id", len(found), id)
}

// named finds the question that --item means, which may be given by the id of its item or by the beginning of either, and whose run asks
// it where that was not said. What is not on the list is left to the run.
func (d *decision) named(cmd *cobra.Command, books *ledger.Ledger) error {
	if d.Item == "" || !isID(d.Item) {
		return d.whose()
	}
	asked, err := books.Worklist().AskedAs(cmd.Context(), d.Item, holderPage)
	if err != nil {
		return err
	}
	asked = slices.DeleteFunc(asked, func(a worklist.Asked) bool {
		return d.workflow != "" && a.Workflow != d.workflow || d.Step != "" && a.Step != d.Step
	})
	if exact := slices.IndexFunc(asked, func(a worklist.Asked) bool { return a.Question == d.Item }); exact >= 0 {
		asked = asked[exact : exact+1]
	}
	switch {
	case len(asked) == 1:
		d.Item, d.workflow = asked[0].Question, asked[0].Workflow
		if key, ofPerson := strings.CutPrefix(d.workflow, api.PersonID("")); ofPerson {
			d.person = key
		}
	case len(asked) > 1 && d.workflow == "":
		return fmt.Errorf("%d questions wait as item %s: answer all of them with --cause %s, or name one by --person and its own id, which "+
			"starter attention show %s lists", len(asked), d.Item, d.Item, d.Item)
	case len(asked) > 1:
		return fmt.Errorf("%d questions of %s wait as item %s: write the id of one, which starter attention show %s lists", len(asked), d.workflow, d.Item, d.Item)
	}
	return d.whose()
}

// whose says that nobody knows which run is meant.
func (d *decision) whose() error {
	switch {
	case d.workflow != "":
		return nil
	case d.Item != "":
		return fmt.Errorf("nobody waits with item %s: it was answered, or what it asked about has changed. See starter attention list, or name the "+
			"person or the workflow", d.Item)
	}
	return nil
}
