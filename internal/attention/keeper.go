// Package attention keeps the list of what needs a person while nobody looks at it: it tells each item once, again at its
// deadline and then in one daily digest, carries decisions about a cause to everybody who waits because of it, and lets go of
// who waits no more.
//
// It judges what somebody has signed about an item where the policy names who may decide.
//
// A lease in the ledger elects one process. Everything it does may be done twice.
package attention

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/internal/launch"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
)

// Options are the settings of a keeper.
type Options struct {
	Ledger *ledger.Ledger
	// Every is how often it looks. An item that is not critical settles for two looks before it is told.
	Every time.Duration
	// Repeat is after how long a critical item is told again that nobody has taken.
	Repeat time.Duration
	// Post posts a message, once for its key.
	Post func(context.Context, api.Message) (api.Posted, error)
	// Update changes a message that was posted.
	Update func(context.Context, api.MessageUpdate) (api.Updated, error)
	// Page wakes somebody for a critical item; nil wakes nobody. Observes says that the policy in force only observes.
	Page     func(context.Context, worklist.Item) error
	Observes func() bool
	// Policy is the hash of the policy in force, Zone the company's time.
	Policy func() string
	Zone   func() *time.Location
	// Waits asks a run whether it still waits with a question.
	Waits func(ctx context.Context, workflow, question string) (bool, error)
	// Hint has a person looked at again, Decide carries a decision to a run.
	Hint   func(ctx context.Context, key string) error
	Decide func(ctx context.Context, workflow string, d api.Decision) error
	// Start starts the run of an agent's request, or finds that there is one.
	Start func(ctx context.Context, request string) error
	// Judge says whether what somebody has signed about an item counts.
	Judge *decider.Judge
	Clock func() time.Time
	Log   *slog.Logger
}

// Keeper keeps the list. Its methods are for one goroutine.
type Keeper struct {
	o      Options
	holder string
	// digested is the day of the last digest, pruned when closed items were last deleted.
	digested string
	pruned   time.Time
	// restarted is when every request of an agent was last seen to have a run.
	restarted time.Time
}

const (
	task = "attention"
	// leases is for how many looks an election holds.
	leases = 3
	// batch bounds what one look does of each kind.
	batch = 100
	// renewedWithin is how long a question stays on the list that its run does not renew, which it does daily, and of which nobody can
	// be asked; attemptWithin the same of an activity that keeps failing, which renews itself with its tries.
	renewedWithin = 50 * time.Hour
	attemptWithin = 2 * time.Hour
	// calmFor is how long an item that comes and goes stays after the last who waited because of it: longer than any step goes on
	// by itself between two questions.
	calmFor = 3 * time.Hour
	// keptFor is how long closed items are kept.
	keptFor = 90 * 24 * time.Hour
	// pruneAtOnce is how many rows go with one look.
	pruneAtOnce = 500
	// digestHour is when the daily digest is due, in the company's time.
	digestHour = 8
	// roundWithin bounds a look.
	roundWithin = 5 * time.Minute
)

// Kept reports that some program with this ledger keeps the list.
func Kept(ctx context.Context, l *ledger.Ledger) (bool, error) { return l.Journal().Leased(ctx, task) }

// New makes a keeper. It does nothing until Run or Round.
func New(o Options) *Keeper {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &Keeper{o: o, holder: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:8])}
}

// Run keeps the list until the context ends. It never gives up, whatever a look comes to.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(k.o.Every)
	defer tick.Stop()
	for {
		if err := k.Round(ctx); err != nil && ctx.Err() == nil {
			k.o.Log.Warn("attention: not everything was seen to; the next look tries again", "error", err)
		}
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			if err := k.o.Ledger.Journal().Unlease(last, task, k.holder); err != nil {
				k.o.Log.Warn("attention: lease not given back", "error", err)
			}
			return
		case <-tick.C:
		}
	}
}

// Round looks once, if this process is the one that keeps the list. What fails holds up nothing else.
func (k *Keeper) Round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, roundWithin)
	defer cancel()
	if held, err := k.o.Ledger.Journal().Lease(ctx, task, k.holder, leases*k.o.Every); err != nil || !held {
		return err
	}
	return errors.Join(k.words(ctx), k.handOver(ctx), k.carry(ctx), k.ask(ctx), k.expire(ctx), k.hint(ctx), k.requests(ctx), k.settle(ctx), k.tell(ctx), k.digest(ctx), k.prune(ctx))
}

// expire lets go of runs that have closed, or gone on, without a word, and closes what came and went once it stays away.
func (k *Keeper) expire(ctx context.Context) error {
	now := k.o.Clock()
	_, err := k.o.Ledger.Worklist().ExpireHolders(ctx, now.Add(-renewedWithin), now.Add(-attemptWithin), batch)
	return errors.Join(err, k.o.Ledger.Worklist().CloseCalm(ctx, now.Add(-calmFor)))
}

// hint has those looked at again who wait because of a policy that is not in force any more.
func (k *Keeper) hint(ctx context.Context) error {
	waiting, err := k.o.Ledger.Worklist().TakePolicyHolders(ctx, k.o.Policy(), batch)
	for _, workflow := range waiting {
		key, isPerson := strings.CutPrefix(workflow, api.PersonID(""))
		if !isPerson {
			continue
		}
		err = errors.Join(err, k.o.Hint(ctx, key))
	}
	return err
}

// carry takes decisions about a cause to the runs that wait for one. A run that has gone on, or asks something else by now,
// refuses it; where nobody answers it is carried again.
func (k *Keeper) carry(ctx context.Context) error {
	due, err := k.o.Ledger.Worklist().DueDecisions(ctx, batch)
	if err != nil {
		return err
	}
	signed := map[string]*decider.SignedCause{}
	for _, d := range due {
		decision, err := k.decision(ctx, signed, d)
		if err != nil {
			return err
		}
		err = k.o.Decide(ctx, d.Holder.Workflow, decision)
		if errors.Is(err, launch.ErrUnanswered) || errors.Is(err, launch.ErrUnfinished) || ctx.Err() != nil {
			return err
		}
		if err != nil {
			k.o.Log.Info("attention: a run did not take a decision about its cause", "workflow", d.Holder.Workflow, "error", err)
		}
		gone := errors.Is(err, launch.ErrNoRun)
		if err := k.o.Ledger.Worklist().CarriedDecision(ctx, d, err != nil); err != nil {
			return err
		}
		if gone {
			if err := k.o.Ledger.Worklist().DropHolder(ctx, worklist.Holder{Workflow: d.Holder.Workflow}); err != nil {
				return err
			}
		}
	}
	return nil
}

// decision is what a holder is told, with its proof where it was signed. A question that it was not signed for has none, and
// its run refuses it where the policy names who may decide.
func (k *Keeper) decision(ctx context.Context, signed map[string]*decider.SignedCause, due worklist.Due) (api.Decision, error) {
	h := due.Holder
	d := api.Decision{Verb: due.Verb, Step: h.Step, Item: h.Question, By: due.By, Reason: due.Reason}
	s, known := signed[due.ID]
	if !known {
		text, err := k.o.Ledger.Worklist().CauseProof(ctx, due.ID)
		if err != nil {
			return d, err
		}
		if text != nil {
			if s, err = decider.DecodeCause(text); err != nil {
				k.o.Log.Error("attention: a decision about a cause goes without its proof", "item", due.Item, "error", err)
			}
		}
		signed[due.ID] = s
	}
	if s == nil {
		return d, nil
	}
	d.Code = h.Code
	cause := decider.Cause{Item: due.Item, Verb: due.Verb, By: due.By, Reason: due.Reason}
	d.Proof = s.ProofFor(cause, decider.Question{Workflow: h.Workflow, Step: h.Step, Item: h.Question, Code: h.Code})
	return d, nil
}

// prune deletes once a day what was closed long ago, and changes of HR that were settled long ago.
func (k *Keeper) prune(ctx context.Context) error {
	now := k.o.Clock()
	if now.Sub(k.pruned) < 24*time.Hour {
		return nil
	}
	if err := k.o.Ledger.Worklist().PruneItems(ctx, now.Add(-keptFor)); err != nil {
		return err
	}
	if err := k.o.Ledger.Policies().PruneWords(ctx, now.Add(-keptFor)); err != nil {
		return err
	}
	if err := k.o.Ledger.Worklist().PruneItemPosts(ctx, now.Add(-keptFor)); err != nil {
		return err
	}
	// The next look goes on where there was more than one write is to carry.
	if n, err := k.o.Ledger.Roster().PruneStaged(ctx, now.Add(-keptFor), pruneAtOnce); err != nil || n > 0 {
		return err
	}
	k.pruned = now
	return nil
}
