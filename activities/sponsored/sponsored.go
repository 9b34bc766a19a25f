package sponsored

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/sponsored"
	"gatehouse/policy"
)

// Sponsored has people added whom HR does not have, and carries out what is said about them.
type Sponsored struct {
	Ledger *ledger.Ledger
	Person *people.Person
	Launch api.Launcher
	Policy func() *policy.Policy
	Clock  func() time.Time
}

// Refusal says why something is not done, and what to do instead. Asking again changes nothing.
type Refusal string

// Error implements error.
func (r Refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return Refusal(fmt.Sprintf(format, args...)) }

// Result is what came of a request.
type Result struct {
	// Key is the key of the person.
	Key string
	// Known says that HR, or the ledger, has the human already, under Key: nothing was added, and their run was hinted.
	Known bool
	// Repeated says that the request was carried out before.
	Repeated bool
	Record   sponsored.Record
	// Plan is what the rules would give the person now.
	Plan identity.Plan
}

// request is the part that all requests have.
type request struct {
	id, verb, by, reason string
	arguments            any
	proof                *api.Proof
}

// asRequest is how the ledger keeps a request. The digests are keyed: arguments are names and addresses.
func (s *Sponsored) asRequest(r request) (sponsored.Request, error) {
	if strings.TrimSpace(r.id) == "" || strings.TrimSpace(r.by) == "" {
		return sponsored.Request{}, refuse("the request needs an id, and whoever makes it")
	}
	if strings.TrimSpace(r.reason) == "" {
		return sponsored.Request{}, refuse("the reason is empty: say why, for the evidence")
	}
	arguments, err := json.Marshal([]any{r.verb, r.arguments})
	if err != nil {
		return sponsored.Request{}, fmt.Errorf("write down what is asked: %w", err)
	}
	kept := sponsored.Request{
		Request: s.Ledger.Digest("sponsored request\x00" + hex.EncodeToString([]byte(r.id))), Arguments: s.Ledger.Digest(hex.EncodeToString(arguments)),
		Verb: r.verb, By: r.by, Reason: r.reason,
	}
	if r.proof != nil {
		if kept.Proof, err = json.Marshal(r.proof); err != nil {
			return sponsored.Request{}, fmt.Errorf("write down who says so: %w", err)
		}
	}
	return kept, nil
}

// repeated is what a request came to that was made before, found false if it was not. Other arguments under its id are refused.
func (s *Sponsored) repeated(ctx context.Context, l *ledger.Ledger, r sponsored.Request) (out Result, found bool, err error) {
	was, found, err := l.Sponsored().Request(ctx, r.Request)
	if err != nil || !found {
		return Result{}, false, err
	}
	if was.Arguments != r.Arguments {
		return Result{}, false, refuse("this request was made before and said something else: give a new one its own id")
	}
	rec, found, err := l.Sponsored().Record(ctx, was.ID)
	if err != nil || !found {
		return Result{}, false, err
	}
	return Result{Key: rec.Key(), Record: rec, Repeated: true}, true, nil
}

// keep writes a request, the record that it leaves and the evidence of it, together or not at all. Change is given the record as it is,
// and made again if somebody else was faster.
func (s *Sponsored) keep(ctx context.Context, r sponsored.Request, change func(ctx context.Context, l *ledger.Ledger) (sponsored.Record, error)) (out Result, err error) {
	err = s.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if err := l.Sponsored().Lock(ctx); err != nil {
			return err
		}
		var found bool
		if out, found, err = s.repeated(ctx, l, r); err != nil || found {
			return err
		}
		rec, err := change(ctx, l)
		if err != nil {
			return err
		}
		r.ID = rec.ID
		if _, err := l.Sponsored().Keep(ctx, r); err != nil {
			return err
		}
		if err := l.Sponsored().Put(ctx, rec); err != nil {
			return err
		}
		out = Result{Key: rec.Key(), Record: rec}
		owner, err := people.OwnerOf(ctx, l, rec.Key())
		if err != nil {
			return err
		}
		return l.Journal().Record(ctx, []journal.Evidence{s.evidence(owner, rec, r)})
	})
	return out, err
}

func (s *Sponsored) evidence(owner string, rec sponsored.Record, r sponsored.Request) journal.Evidence {
	now := s.Clock().UTC()
	return journal.Evidence{
		Key: rec.Key() + "/0/sponsor." + r.Verb + "@" + r.Request[:12], PersonKey: owner, Step: "sponsor." + r.Verb, Template: "sponsored",
		Actor: r.By, Cause: r.Reason, Outcome: fmt.Sprintf("answered for by %s until %s", rec.AnswersFor(), rec.LastDay()), After: proofOf(r),
		PolicyHash: s.Policy().Hash(), StartedAt: now, FinishedAt: now,
	}
}

func proofOf(r sponsored.Request) []byte {
	if r.Proof == nil {
		return nil
	}
	return []byte(`{"proof":` + string(r.Proof) + `}`)
}

// hint has the person's own run look at what was said about them.
func (s *Sponsored) hint(ctx context.Context, key string) error {
	owner, err := people.OwnerOf(ctx, s.Ledger, key)
	if err != nil {
		return err
	}
	if _, err := s.Launch.Send(ctx, owner, api.Hint{Source: identity.SourceSponsored, Cause: "sponsor"}); err != nil {
		return fmt.Errorf("it is on record, but %s was not told, so that nothing follows before the next poll: %w", owner, err)
	}
	return nil
}

// mayAct refuses where the policy has no sponsored people.
func (s *Sponsored) mayAct() error {
	if !s.Policy().Sponsored().On {
		return refuse("the policy has no sponsored people: write the section sponsored into it, such as sponsored: {longest: 180d}")
	}
	return nil
}

// endBy refuses an end that lies too far ahead, or that nobody can reach any more.
func (s *Sponsored) endBy(end identity.Date) error {
	now := s.Clock().UTC()
	day, err := time.Parse(time.DateOnly, string(end))
	longest := s.Policy().Sponsored().Longest
	latest := now.AddDate(1, 0, 0)
	if limit := now.Add(longest); limit.Before(latest) {
		latest = limit
	}
	switch {
	case err != nil:
		return refuse("the end %q is not a day: write one such as 2027-03-31", end)
	case end <= today(now):
		return refuse("the end %s is over already, or is today: write a later day", end)
	case day.After(latest):
		return refuse("the end %s is too far ahead: %s at the latest (sponsored.longest). It can be extended later", end, latest.Format(time.DateOnly))
	}
	return nil
}

func today(now time.Time) identity.Date { return identity.Date(now.UTC().Format(time.DateOnly)) }
