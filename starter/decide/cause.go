package decide

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/decider"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
	"gatehouse/starter/sign"
)

// holderPage is how many of those who wait are read at a time.
const holderPage = 1000

// carryToAll writes down one decision for everybody who waits because of an item. A worker carries it to them.
func (d *decision) carryToAll(cmd *cobra.Command, a *app.App) error {
	item, err := itemNamed(cmd, a.Ledger, d.cause)
	if err != nil {
		return err
	}
	if eachForItself(item) {
		return fmt.Errorf("item %[1]s is about accounts, of which each is decided about for itself: the answer for one may be wrong for the next. "+
			"Nothing was decided. starter attention show %[1]s has the command for each", item.ID)
	}
	if err := d.sign(cmd.Context(), a, cmd.Flags().Changed("by")); err != nil {
		return err
	}
	said := worklist.CauseDecision{ID: rand.Text(), Item: item.ID, Verb: d.Verb, By: d.By, Reason: d.Reason}
	var meant func(worklist.Holder) bool
	if d.signer != nil {
		questions, err := d.questions(cmd, a.Ledger, item)
		if err != nil {
			return err
		}
		cause := decider.Cause{Item: item.ID, Verb: d.Verb, By: d.By, Reason: d.Reason}
		if said.Proof, err = d.signer.Cause(cause, questions).Encode(); err != nil {
			return err
		}
		signed := make(map[decider.Question]bool, len(questions))
		for _, q := range questions {
			signed[q] = true
		}
		meant = func(h worklist.Holder) bool { return signed[questionOf(h)] }
	}
	n, err := a.Ledger.Worklist().DecideCause(cmd.Context(), said, meant)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fmt.Errorf("item %s: nobody waits for %s; nothing was decided. See starter attention show %s", item.ID, d.Verb, item.ID)
	}
	cmd.Printf("%s by %s is written down for the %d who wait because of item %s. A worker carries it to them; "+
		"whoever has gone on does not take it. Follow it with: starter attention show %s\n", d.Verb, sign.Known(d.By, d.signer != nil), n, item.ID, item.ID)
	return nil
}

// eachForItself reports that an item is for many accounts by which somebody who has left may sign in: nobody answers for one that
// they have not seen.
func eachForItself(i worklist.Item) bool {
	return i.System == identity.SystemOneLogin && (i.Class == api.NoticeLeaverDoubt || i.Class == api.NoticeNewOwner || i.Class == api.NoticeLeaverNamesake && i.Object != "")
}

func questionOf(h worklist.Holder) decider.Question {
	return decider.Question{Workflow: h.Workflow, Step: h.Step, Item: h.Question, Code: h.Code}
}

// questions are those that wait because of an item and take the answer, which is what is signed.
func (d *decision) questions(cmd *cobra.Command, books *ledger.Ledger, item worklist.Item) ([]decider.Question, error) {
	var found []decider.Question
	older := 0
	for offset := 0; ; offset += holderPage {
		page, err := books.Worklist().Holders(cmd.Context(), item.ID, holderPage, offset)
		if err != nil {
			return nil, err
		}
		for _, h := range page {
			switch {
			case !slices.Contains(h.Verbs, d.Verb):
			case h.Question == "" || h.Code == "":
				older++
			default:
				found = append(found, questionOf(h))
			}
		}
		if len(page) < holderPage {
			break
		}
	}
	if older > 0 {
		cmd.PrintErrf("%d who wait were listed by an older version, and cannot be signed for before they are listed again, within a day\n", older)
	}
	if len(found) == 0 {
		return nil, errors.New("item " + item.ID + ": nobody waits for " + d.Verb + "; nothing was decided. See starter attention show " + item.ID)
	}
	return found, nil
}
