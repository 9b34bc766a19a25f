package decide

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/decider"
	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// itemWord is what the commands attention take and accept say about an item.
type itemWord struct {
	verb, reason string
	until        time.Time
}

// say writes down what somebody says about an item. Where the policy names who may decide, it is signed, and a worker judges it
// before it counts. It reports whether it counts already.
func (w itemWord) say(cmd *cobra.Command, a *app.App, item worklist.Item, by, keyFile string) (who string, counts bool, err error) {
	if !item.ClosedAt.IsZero() {
		return "", false, closedItem(item, ledger.ErrNotFound)
	}
	author, err := sign.AuthorOf(cmd, a, by, keyFile)
	if err != nil {
		return "", false, err
	}
	if author.Signer == nil {
		if w.verb == policies.WordTake {
			err = a.Ledger.Worklist().TakeItem(cmd.Context(), item.ID, by)
		} else {
			err = a.Ledger.Worklist().AcceptItem(cmd.Context(), item.ID, worklist.Acceptance{By: by, Reason: w.reason, Until: w.until})
		}
		return author.Name(), true, closedItem(item, err)
	}
	proof, err := author.Prove(decider.ItemWord(w.verb, item, w.until, author.By, w.reason))
	if err != nil {
		return "", false, fmt.Errorf("item %s: %w; nothing was changed", item.ID, err)
	}
	return author.Name(), false, sayWord(cmd, a, proof, policies.Word{
		About: policies.WordOfItem(item.ID), Verb: w.verb, By: author.By, Reason: w.reason, Until: w.until,
	})
}

// sayWord writes a signed word down for the workers to judge.
func sayWord(cmd *cobra.Command, a *app.App, proof *api.Proof, word policies.Word) error {
	word, err := decider.Said(word, proof)
	if err != nil {
		return err
	}
	_, err = a.Ledger.Policies().Say(cmd.Context(), word)
	return err
}

// printWords shows what was signed about an item and has not been judged, or does not count.
func printWords(cmd *cobra.Command, books *ledger.Ledger, i worklist.Item) error {
	words, err := books.Policies().WordsAbout(cmd.Context(), policies.WordOfItem(i.ID), 5)
	if err != nil {
		return err
	}
	for _, w := range words {
		switch {
		case w.JudgedAt.IsZero():
			cmd.Printf("said      %s by %s %s: no worker has judged it yet\n", w.Verb, w.By, cli.Ago(w.SaidAt))
		case w.Refused != "":
			cmdline.Told(cmd, "said      ", fmt.Sprintf("%s by %s %s does NOT COUNT: %s", w.Verb, w.By, cli.Ago(w.SaidAt), w.Refused))
		}
	}
	return nil
}
