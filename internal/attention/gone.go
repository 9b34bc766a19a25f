package attention

import (
	"context"
	"errors"
	"time"

	"gatehouse/ledger/worklist"
)

const (
	// renewDue is from when on a question is asked after that its run has not renewed, which it does daily: the run may have gone on
	// while the ledger or a worker was away, so that nobody took the question off the list.
	renewDue = 25 * time.Hour
	// askWithin bounds asking one run, askedAtOnce for how many one look does so.
	askWithin   = 5 * time.Second
	askedAtOnce = 20
)

// ask asks the runs of questions that were not renewed whether they still wait. Whoever does stays on the list, and whoever has gone
// on leaves it. Where nobody answers, nothing is known, and the next look asks again.
func (k *Keeper) ask(ctx context.Context) error {
	late, err := k.o.Ledger.Worklist().LateHolders(ctx, k.o.Clock().Add(-renewDue), askedAtOnce)
	if err != nil {
		return err
	}
	for _, h := range late {
		waits, err := k.waits(ctx, h)
		if err != nil {
			k.o.Log.Info("attention: a run does not say whether it still waits", "workflow", h.Workflow, "error", err)
			return nil
		}
		if waits {
			err = k.o.Ledger.Worklist().RenewHolder(ctx, h)
		} else {
			err = k.o.Ledger.Worklist().DropHolder(ctx, worklist.Holder{Workflow: h.Workflow, Step: h.Step, ParkedAt: h.ParkedAt})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) waits(ctx context.Context, h worklist.Holder) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	return k.o.Waits(ctx, h.Workflow, h.Question)
}

// handOver closes tickets that went out as messages once somebody has taken them: from then on they are that person's.
func (k *Keeper) handOver(ctx context.Context) error {
	open, err := k.o.Ledger.Worklist().Items(ctx, worklist.ItemFilter{System: worklist.SystemTicket, Class: worklist.ClassTicket})
	for _, i := range open {
		if !i.TakenAt.IsZero() {
			err = errors.Join(err, k.o.Ledger.Worklist().ClearItem(ctx, i.System, i.Class, i.Object))
		}
	}
	return err
}
