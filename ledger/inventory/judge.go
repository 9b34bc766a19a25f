package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Judgement is what a look at an account of the inventory came to: whose it is, or may be.
type Judgement struct {
	// Was is the account as it was looked at. It is left alone if somebody has decided about it since.
	Was Account
	// State, Person and By are what it is from now on, and Use what for if nobody has said.
	State  identity.AccountLinkState
	Person string
	By     string
	Use    identity.AccountUse
}

// judgedAtOnce is how many judgements are written in one transaction: a link takes some ten statements.
const judgedAtOnce = 5

// JudgeAccounts keeps judgements a few at a time and behind all other work, and returns how many there was anything to keep
// of. What became linked meanwhile, or was decided by a person, stays as it is.
func (s Store) JudgeAccounts(ctx context.Context, judgements []Judgement) (kept int, err error) {
	for part := range slices.Chunk(judgements, judgedAtOnce) {
		n := 0
		err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			n = 0
			for _, j := range part {
				done, err := s.judge(ctx, q, j)
				if err != nil {
					return err
				}
				if done {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return kept, fmt.Errorf("judge %d accounts: %w", len(judgements), err)
		}
		kept += n
	}
	return kept, nil
}

func (s Store) judge(ctx context.Context, q engine.Querier, j Judgement) (bool, error) {
	was := j.Was
	if j.State == identity.AccountLinked && !was.Belongs() {
		now, err := s.readAccounts(ctx, q, false, " WHERE a.system = $1 AND a.account_id = $2", was.Ref.System, was.Ref.ID)
		if err != nil || len(now) == 0 || now[0].State != was.State || now[0].DecidedBy != was.DecidedBy {
			return false, err
		}
		err = s.linkAccount(ctx, q, LinkAccount{Ref: was.Ref, Person: j.Person, Use: cmp.Or(was.Use, j.Use), By: j.By, DecidedBy: was.DecidedBy, orSecondary: true})
		var taken ErrAccountTaken
		if errors.As(err, &taken) {
			return false, nil
		}
		return err == nil, err
	}
	// A dispute leaves the link as it is; anything else is about an account that is not linked.
	person, by, at := j.Person, j.By, s.db.Now()
	if was.Belongs() {
		person, by, at = was.linkedAs, was.MatchedBy, was.MatchedAt
	}
	n, err := engine.Affected(ctx, q, `UPDATE accounts SET state = $3, person_key = $4, matched_by = $5, matched_at = $6
		WHERE system = $1 AND account_id = $2 AND state = $7 AND person_key = $8`,
		was.Ref.System, was.Ref.ID, string(j.State), person, by, engine.Micros(at), string(was.State), was.linkedAs)
	return n > 0, err
}
