package accounts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/journal"
)

// carryOut carries out a row: what was said and the evidence of it are kept together or not at all.
func (s *speaker) carryOut(ctx context.Context, e said) error {
	if err := s.keep(ctx, e); err != nil {
		return err
	}
	return s.tell(ctx, e.concerned())
}

// keep writes a row and its evidence into the ledger.
func (s *speaker) keep(ctx context.Context, e said) error {
	about := e.about()
	d, _, err := s.app.Ledger.Dossier(ctx, about)
	if err != nil {
		return err
	}
	before, err := json.Marshal(Summary(e.known))
	if err != nil {
		return fmt.Errorf("write down what was known: %w", err)
	}
	proof := journal.Evidence{
		Key:       fmt.Sprintf("%s/%d/account.%s@%s@%d", about, d.Person.Episode, s.verb, e.ref, s.now.UnixMicro()),
		PersonKey: about, Episode: d.Person.Episode, Step: "account." + s.verb + "@" + e.ref.String(), Template: "starter",
		Actor: s.by, Cause: e.reason, Outcome: s.sentence(e), Before: before, StartedAt: s.now, FinishedAt: s.now,
	}
	if e.proof != nil {
		if proof.After, err = json.Marshal(map[string]any{"proof": e.proof}); err != nil {
			return fmt.Errorf("write down who says so: %w", err)
		}
	}
	err = s.app.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if e.claim != "" {
			if c, err := l.Journal().Claim(ctx, e.claim); err != nil || c.State == journal.Done {
				return err
			}
		}
		if err := s.write(ctx, l, e, d.Person.AccountID); err != nil {
			return err
		}
		if err := l.Journal().Record(ctx, []journal.Evidence{proof}); err != nil || e.claim == "" {
			return err
		}
		return l.Journal().Done(ctx, e.claim, []byte(strings.Join(e.concerned(), " ")))
	})
	var taken inventory.ErrAccountTaken
	if errors.As(err, &taken) {
		return fmt.Errorf("%s is on record for %s", e.ref, taken.Key)
	}
	return err
}

// concerned are whose runs are told: the person's, and that of whoever it was on record for, or might have been theirs, who
// may have an open question about it.
func (e said) concerned() []string {
	keys := []string{e.about()}
	if other := e.known.Person; other != "" && other != keys[0] {
		keys = append(keys, other)
	}
	return keys
}

// tell hints the runs of people.
func (s *speaker) tell(ctx context.Context, keys []string) error {
	for _, key := range keys {
		if s.spared != nil && s.spared(key) {
			continue
		}
		if _, err := s.app.Launch.Send(ctx, key, api.Hint{Source: "operator", Cause: "account " + s.verb}); err != nil {
			return fmt.Errorf("it is on record, but %s was not told, so that nothing follows before the next poll: %w", key, err)
		}
	}
	return nil
}

// about is whose evidence it is, and whose run is told.
func (e said) about() string {
	if key := cmp.Or(e.person, e.known.Person, e.owner); key != "" {
		return key
	}
	return e.ref.System + "-" + e.ref.ID
}

func (s *speaker) write(ctx context.Context, l *ledger.Ledger, e said, primary int64) error {
	switch s.verb {
	case wordLink:
		link := inventory.LinkAccount{Ref: e.ref, Person: e.person, Use: e.use, By: byWord, DecidedBy: s.by}
		if err := l.Inventory().LinkAccount(ctx, link); err != nil {
			return err
		}
		if id, ok := e.ref.OneLogin(); ok && e.use == identity.UsePrimary && primary != 0 && primary != id {
			// The account that was primary stays theirs: nobody's it would be forgotten.
			return l.Inventory().LinkAccount(ctx, inventory.LinkAccount{
				Ref: identity.OneLoginRef(primary), Person: e.person, Use: identity.UseSecondary, By: byWord, DecidedBy: s.by,
			})
		}
		return nil
	case wordUnlink:
		return l.Inventory().UnlinkAccount(ctx, e.ref, s.by)
	case wordSeparate:
		if err := l.Inventory().UnlinkAccount(ctx, e.ref, s.by); err != nil {
			return err
		}
		return l.Inventory().RefuseAccount(ctx, e.ref, e.person, e.evidence, s.by)
	case wordRefuse:
		return l.Inventory().RefuseAccount(ctx, e.ref, e.person, e.evidence, s.by)
	case wordDeclare:
		return l.Inventory().DeclareAccount(ctx, inventory.Declaration{
			Ref: e.ref, Kind: e.kind, Use: e.use, Owner: e.owner, Purpose: e.purpose, Ends: e.ends, By: s.by,
		})
	}
	return fmt.Errorf("%q says nothing about an account", s.verb)
}
