package systems

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/ledger/inventory"
)

const (
	// fullEvery is how often everything is read if nobody says.
	fullEvery = 6 * time.Hour
	// changesOverlap is how far a reading of changes looks back behind the one before: clocks differ.
	changesOverlap = 10 * time.Minute
	// patience is how long a system that fails is asked again before the reading is given up.
	patience = 10 * time.Minute
	// longestRest bounds how long a reading rests between two pages.
	longestRest = time.Second
)

// partAccounts is the part of a reading that lists the accounts.
const partAccounts = "accounts"

// sweep is one reading of a system.
type sweep struct {
	*Systems
	system target.System
	lister target.Lister
	name   string
	keep   time.Duration
	// accept says that an operator knows that what is not shown was really deleted.
	accept bool
	rec    inventory.Sweep
	at     sweepPlace
	// unknown are the addresses of managers whose accounts are not known yet, by the accounts of those they manage.
	unknown map[string]string
	// asked is what the system names as changed, nil if it was not asked or did not say.
	asked *target.ChangesResponse
}

// sweepPlace is where a reading goes on, and what it came to so far.
type sweepPlace struct {
	// Done are the parts that are, Cursor and Page where the list of accounts goes on, After the id behind which another part does.
	Done   []string `json:"done,omitempty"`
	Cursor string   `json:"cursor,omitempty"`
	Page   int64    `json:"page,omitempty"`
	After  string   `json:"after,omitempty"`
	// First is the total that the first page told, Last the latest one; -1 if none was told.
	First int64 `json:"first"`
	Last  int64 `json:"last"`
	// Known says that there was a complete reading before this one, ByGroup that the list of accounts does not show memberships.
	Known   bool `json:"known,omitempty"`
	ByGroup bool `json:"by_group,omitempty"`
	// Answered says that the system has.
	Answered bool `json:"answered,omitempty"`
	// Watch is where to go on with what the system names as changed, once a reading of everything is complete.
	Watch string `json:"watch,omitempty"`
	// Began is when the reading of groups did.
	Began time.Time `json:"began,omitzero"`
	// Stale counts accounts that were shown otherwise than they are, of those that were Checked; NotWhole those without memberships.
	Stale    int64 `json:"stale,omitempty"`
	Checked  int64 `json:"checked,omitempty"`
	NotWhole int64 `json:"not_whole,omitempty"`
	// Why is what speaks against the reading, Unreachable that the system did not answer, Asking that an operator may say that it is right.
	Why         string `json:"why,omitempty"`
	Unreachable bool   `json:"unreachable,omitempty"`
	Asking      bool   `json:"asking,omitempty"`

	Written int64 `json:"written,omitempty"`
	Missing int64 `json:"missing,omitempty"`
	Dropped int64 `json:"dropped,omitempty"`
	Linked  int   `json:"linked,omitempty"`
	Hinted  int   `json:"hinted,omitempty"`
	// Going is an account that is about to be dropped. GoneOfLeavers and GoneOfOthers are as in the result.
	Going         *going `json:"going,omitempty"`
	GoneOfLeavers int64  `json:"gone_of_leavers,omitempty"`
	GoneOfOthers  int64  `json:"gone_of_others,omitempty"`
}

// sweepPart is a part of a reading. Always says that it is done also where the reading is quarantined.
type sweepPart struct {
	name     string
	dispatch func(context.Context) error
	always   bool
}

// Sweep reads every account of a system with what it holds or, if that was done not long ago, those that were changed since. It goes
// on where an earlier attempt stopped. Nothing follows from what it is not shown before a reading of each account says the same.
func (s *Systems) Sweep(ctx context.Context, in api.SystemSweepInput) (api.SystemSwept, error) {
	sw, err := s.begin(ctx, in)
	if err != nil {
		return api.SystemSwept{System: in.System}, err
	}
	if sw.rec.FinishedAt.IsZero() {
		for _, p := range sw.parts() {
			if slices.Contains(sw.at.Done, p.name) || sw.at.Why != "" && !p.always {
				continue
			}
			step.Beat(ctx, p.name)
			err := p.dispatch(ctx)
			if err != nil {
				err = sw.fails(ctx, err)
			}
			if err != nil {
				return api.SystemSwept{System: in.System}, err
			}
			sw.at.Done, sw.at.After = append(sw.at.Done, p.name), ""
			if err := sw.save(ctx); err != nil {
				return api.SystemSwept{System: in.System}, err
			}
		}
		if err := sw.finish(ctx); err != nil {
			return api.SystemSwept{System: in.System}, err
		}
	}
	return sw.swept(ctx, in)
}

// parts are what a reading does, in order.
func (sw *sweep) parts() []sweepPart {
	end := []sweepPart{
		{"due", sw.due, true},
		{"match", sw.match, true},
		{"debtors", sw.hintDebtors, true},
		{"news", sw.hintNews, true},
	}
	accounts := []sweepPart{{partAccounts, sw.accounts, false}}
	if sw.rec.Kind == inventory.SweepFull {
		accounts = append(accounts,
			sweepPart{"settle", sw.settle, false},
			sweepPart{"objects", sw.objects, false},
			sweepPart{"members", sw.members, false},
			sweepPart{"licences", sw.licences, false},
		)
	} else {
		accounts = append([]sweepPart{{"named", sw.named, false}}, accounts...)
	}
	return slices.Concat(accounts, []sweepPart{{"managers", sw.listedLater, false}, {"confirm", sw.confirm, false}}, end)
}

// begin finds out what the reading is to read.
func (s *Systems) begin(ctx context.Context, in api.SystemSweepInput) (*sweep, error) {
	system, found := s.Targets[in.System]
	if !found {
		return nil, step.NonRetryable(api.ErrInvalid, fmt.Sprintf("read the accounts of %q: gatehouse.yaml has no such system", in.System))
	}
	lister, can := system.(target.Lister)
	if !can {
		return nil, step.NonRetryable(api.ErrInvalid, fmt.Sprintf("read the accounts of %s: the system cannot list them", in.System))
	}
	sw := &sweep{Systems: s, system: system, lister: lister, name: in.System, keep: s.keepAbsent(in.System), accept: in.AcceptMissing, unknown: map[string]string{}}
	rec := inventory.Sweep{System: in.System, ID: in.Sweep, Kind: inventory.SweepFull}
	full, before, err := s.Ledger.Inventory().LastSweep(ctx, in.System, inventory.SweepFull, true)
	if err != nil {
		return nil, err
	}
	if every := cmp.Or(max(0, in.Every), fullEvery); before && !in.Full && !in.AcceptMissing && s.Clock().Sub(full.StartedAt) < every-every/20 {
		rec.Kind = inventory.SweepChanges // A schedule does not fire to the second: what is nearly due is due.
	}
	sw.at = sweepPlace{First: -1, Last: -1, Known: before}
	if rec.Kind, err = sw.watch(ctx, rec.Kind); err != nil {
		return nil, err
	}
	if rec.Kind == inventory.SweepChanges {
		if rec.Since, err = sw.since(ctx, full); err != nil {
			return nil, err
		}
	}
	if sw.rec, err = s.Ledger.Inventory().BeginSweep(ctx, rec); err != nil {
		return nil, err
	}
	return sw, step.ReadPlace(sw.rec.Place, &sw.at)
}

// since is from when changes are listed: the last complete reading, and a little before it.
func (sw *sweep) since(ctx context.Context, full inventory.Sweep) (time.Time, error) {
	changes, found, err := sw.Ledger.Inventory().LastSweep(ctx, sw.name, inventory.SweepChanges, true)
	since := full.StartedAt
	if found && changes.StartedAt.After(since) {
		since = changes.StartedAt
	}
	return since.Add(-changesOverlap), err
}

// save keeps where the reading goes on.
func (sw *sweep) save(ctx context.Context) error { return sw.savePage(ctx, 0, nil) }

func (sw *sweep) savePage(ctx context.Context, page int64, ids []string) error {
	text, err := json.Marshal(sw.at)
	if err != nil {
		return err
	}
	sw.rec.Place, sw.rec.Total = string(text), max(0, sw.at.Last)
	return sw.Ledger.Inventory().SweepPage(ctx, sw.rec, page, ids)
}

// fails says what follows from an error of a part. Without one in return the reading goes on as one that is quarantined.
func (sw *sweep) fails(ctx context.Context, err error) error {
	var of *connectors.Error
	if ctx.Err() != nil || !errors.As(err, &of) || of.Kind == connectors.KindRateLimited {
		return err
	}
	passing := of.Kind == connectors.KindUnavailable || of.Kind == connectors.KindMalformed
	if passing && sw.Clock().Sub(sw.rec.StartedAt) < patience {
		if of.Kind == connectors.KindMalformed && !slices.Contains(sw.at.Done, partAccounts) {
			sw.at.Cursor, sw.at.Page, sw.rec.Seen = "", 0, 0 // What was listed so far may be wrong as well.
		}
		if saved := sw.save(ctx); saved != nil {
			return saved
		}
		return err
	}
	step.Log(ctx).Warn("a system was not read", "system", sw.name, "error", err)
	sw.at.Unreachable = of.Kind == connectors.KindUnavailable || of.Kind == connectors.KindUnauthorized
	sw.doubt(fmt.Sprintf("the system answered with an error: %s", of.Kind))
	return nil
}

// doubt has the reading quarantined. The first reason counts.
func (sw *sweep) doubt(why string) {
	if sw.at.Why == "" {
		sw.at.Why = why
	}
}

// doubtMissing is doubt about what was not shown and may really be gone: an operator may say so.
func (sw *sweep) doubtMissing(why string) {
	sw.at.Asking = sw.at.Asking || sw.at.Why == ""
	sw.doubt(why)
}

// concludes reports that everything was read, and that it is believed.
func (sw *sweep) concludes() bool { return sw.at.Why == "" && sw.rec.Kind == inventory.SweepFull }

// finish ends the reading, and says whether it is believed.
func (sw *sweep) finish(ctx context.Context) error {
	if err := errors.Join(sw.tell(ctx), sw.tellNames(ctx), sw.tellGone(ctx), sw.keepDebts(ctx)); err != nil {
		return err
	}
	if err := sw.Ledger.Systems().DropMembers(ctx, sw.name); err != nil {
		return err
	}
	sw.rec.Complete, sw.rec.FinishedAt = sw.at.Why == "", sw.Clock()
	if sw.concludes() && sw.at.Watch != "" {
		if err := sw.Ledger.Systems().PutWatched(ctx, sw.name, sw.at.Watch); err != nil {
			return err
		}
	}
	return sw.Ledger.Inventory().FinishSweep(ctx, sw.rec)
}

// swept counts what the reading came to.
func (sw *sweep) swept(ctx context.Context, in api.SystemSweepInput) (api.SystemSwept, error) {
	out := api.SystemSwept{
		System: in.System, Kind: string(sw.rec.Kind), Seen: sw.rec.Seen, Written: sw.at.Written, Missing: sw.at.Missing, Dropped: sw.at.Dropped,
		GoneOfLeavers: sw.at.GoneOfLeavers, GoneOfOthers: sw.at.GoneOfOthers,
		Complete: sw.rec.Complete, Why: sw.at.Why, Linked: sw.at.Linked, Hinted: sw.at.Hinted,
	}
	counts, err := sw.Ledger.Inventory().CountStates(ctx, in.System)
	if err != nil {
		return out, err
	}
	out.Asked, out.Unowned = int(counts["candidate"]), int(counts["unowned"])
	out.Held, err = sw.Ledger.Systems().Missing(ctx, in.System)
	return out, err
}

// rest leaves the machine to others for as long as the work took that was begun: nobody waits for a reading.
func rest(ctx context.Context, began time.Time) {
	timer := time.NewTimer(min(longestRest, time.Since(began)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
