package attention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
)

// learnWithin is how long a word waits for the worker to hear of the sign-in that its key is of.
const learnWithin = 2 * time.Minute

// words judges what somebody has signed about items, and has it take effect. Where the policy names who may decide, what the ledger
// has an item taken or lived with by nobody's word for is taken back.
func (k *Keeper) words(ctx context.Context) error {
	if len(k.o.Judge.People()) > 0 {
		taken, accepted, err := k.o.Ledger.Policies().DropUnproven(ctx)
		if err != nil {
			return err
		}
		for _, id := range append(taken, accepted...) {
			k.o.Log.Warn("attention: an item was taken or lived with, and nobody has signed that: it counts no more", "item", id)
		}
	}
	waiting, err := k.o.Ledger.Policies().WordsToJudge(ctx, batch)
	if err != nil {
		return err
	}
	var failed error
	for _, w := range waiting {
		why, err := k.hear(ctx, w)
		if errors.Is(err, errUnheard) {
			continue
		}
		if err == nil {
			err = k.o.Ledger.Policies().JudgedWord(ctx, w.ID, why)
		}
		if why != "" {
			// Why is in the ledger: it may name people.
			k.o.Log.Warn("attention: a word about an item does not count; starter attention show says why", "about", w.About, "said", w.Verb)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// errUnheard says that a word cannot be judged yet.
var errUnheard = errors.New("the sign-in is not known yet")

// hear judges a word and does what it says, or says why it does not count.
func (k *Keeper) hear(ctx context.Context, w policies.Word) (refused string, err error) {
	const changed = "the item has changed since: look at it again, and say it anew"
	id := strings.TrimPrefix(w.About, policies.WordOfItem(""))
	found, err := k.o.Ledger.Worklist().Items(ctx, worklist.ItemFilter{ID: id})
	if err != nil {
		return "", err
	}
	if len(found) != 1 || found[0].ID != id || !found[0].ClosedAt.IsZero() {
		return "the item is closed: its cause is gone", nil
	}
	item := found[0]
	var proof *api.Proof
	switch err := json.Unmarshal(w.Proof, &proof); {
	case err != nil:
		return "what shows who has said it cannot be read", nil
	case w.Verb != policies.WordTake && w.Verb != policies.WordAccept:
		return "it is nothing that can be said of an item", nil
	case proof != nil && item.JoinedAt.After(proof.At.Add(time.Second)):
		return changed, nil
	}
	if proof != nil && proof.Press != nil && w.Verb == policies.WordTake {
		_, err = k.o.Judge.TakenByPress(item, w.By, w.Reason, *proof.Press)
	} else {
		_, err = k.o.Judge.Carried(decider.ItemWord(w.Verb, item, w.Until, w.By, w.Reason), proof)
	}
	var unknown decider.UnknownKeyError
	switch {
	case errors.As(err, &unknown) && k.o.Clock().Sub(w.SaidAt) < learnWithin:
		return "", errUnheard
	case errors.Is(err, decider.ErrUnfit):
		return fmt.Sprintf("%v, or %s", err, changed), nil
	case err != nil:
		return err.Error(), nil
	}
	if w.Verb == policies.WordTake {
		return k.closed(k.o.Ledger.Worklist().TakeItemBy(ctx, id, w.By, w.ID))
	}
	if !w.Until.After(k.o.Clock()) {
		return "its end has passed", nil
	}
	return k.closed(k.o.Ledger.Worklist().AcceptItem(ctx, id, worklist.Acceptance{By: w.By, Reason: w.Reason, Until: w.Until, Word: w.ID}))
}

// closed tells an item that has closed meanwhile from a ledger that does not answer.
func (k *Keeper) closed(err error) (refused string, _ error) {
	if errors.Is(err, ledger.ErrNotFound) {
		return "the item is closed: its cause is gone", nil
	}
	return "", err
}
