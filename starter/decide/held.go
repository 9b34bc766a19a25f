package decide

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
	"gatehouse/starter/cmdline"
)

// printHeld names everybody whom the batch holds that an item is about; of most of them no run waits. Who leaves on a day to come is
// not shown before it.
func printHeld(cmd *cobra.Command, books *ledger.Ledger, i worklist.Item, limit, skip int) error {
	source, kind, ofBatch := strings.Cut(i.Object, "/")
	if !strings.HasPrefix(i.Class, api.BudgetNotice) || !ofBatch {
		return nil
	}
	if day, ahead := strings.CutPrefix(kind, api.HoldAhead); ahead && day >= time.Now().Format(time.DateOnly) {
		cmd.Printf("who is in the batch is not shown before %s, when the first of them leaves\n", day)
		return nil
	}
	keys, err := books.Budgets().HeldKeys(cmd.Context(), source, kind)
	if err != nil || len(keys) == 0 {
		return err
	}
	t := cmdline.NewSheet(cmd, "held", "person_episode|held person/episode")
	first := min(skip, len(keys))
	last := min(first+limit, len(keys))
	for _, key := range keys[first:last] {
		t.Add(key)
	}
	t.Render()
	if last < len(keys) {
		cmd.Printf("%d to %d of %d held; go on with --skip %d, or see starter holds --source %s\n", first+1, last, len(keys), last, source)
	} else {
		cmd.Printf("%d held in all; starter holds --source %s says what is called for\n", len(keys), source)
	}
	cmd.Printf("answer for all of them: starter decide --workflow %s --verb allow --reason WHY, or --verb reject\n",
		api.HoldID(api.HoldRef{Source: source, Kind: kind}))
	return nil
}

// answerOf is what starter decide needs to answer one of those who wait, beside --verb and --reason; empty for what nobody is asked
// about.
func answerOf(h worklist.Holder) string {
	if h.Question == "" || len(h.Verbs) == 0 {
		return ""
	}
	whose := "--workflow " + h.Workflow
	if key, ofPerson := strings.CutPrefix(h.Workflow, api.PersonID("")); ofPerson {
		whose = "--person " + key
	}
	return whose + " --item " + h.Question
}
