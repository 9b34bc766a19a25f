package reviews

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// AccountTrace is what an account can be recognised by.
type AccountTrace struct {
	AccountID int64
	// ExternalID is the account's own word for who it belongs to: a person's key, or a bare employee id.
	ExternalID string
	// WorkDigest is [DB.Digest] of its address.
	WorkDigest string
}

// HRStanding is what the ledger knows about the person behind an account.
type HRStanding struct {
	PersonKey string
	// Records says that an HR system has, or had, a record of the person, and Active that one of the records is of
	// somebody who works here.
	Records, Active bool
	// Left says that the person was seen to leave, Episode which of their employments is the last one.
	Left    bool
	Episode int
}

// Standings finds the people behind accounts: by the account on record, else by an external id that is a key or an
// employee id, else by a work address that only one person has. Accounts nobody is found for are left out, and those that stand for
// themselves: an order about an account makes nobody in HR of it.
func (s Store) Standings(ctx context.Context, traces []AccountTrace) (map[int64]HRStanding, error) {
	keyOf := map[int64]string{}
	for _, by := range []struct {
		query string
		// arg is what the query looks for, name what it then calls it.
		arg, name func(AccountTrace) string
	}{
		{`SELECT a.account_id, CASE WHEN COALESCE(p.forward, '') <> '' THEN p.forward ELSE a.person_key END FROM accounts a
			LEFT JOIN people p ON p.person_key = a.person_key
			WHERE a.system = 'onelogin' AND a.state IN ('linked', 'disputed') AND a.account_id IN `, accountTrace, accountTrace},
		{"SELECT source || '-' || employee_id, person_key FROM links WHERE employee_id IN ", keyTrace, externalTrace},
		{"SELECT employee_id, person_key FROM links WHERE employee_id IN ", externalTrace, externalTrace},
		{"SELECT work_digest, person_key FROM links WHERE work_digest <> '' AND work_digest IN ", workTrace, workTrace},
	} {
		found, err := s.lookUp(ctx, by.query, traces, keyOf, by.arg)
		if err != nil {
			return nil, fmt.Errorf("find the people behind %d accounts: %w", len(traces), err)
		}
		for _, t := range traces {
			_, done := keyOf[t.AccountID]
			// Two people under one trace prove nothing about either.
			if people := found[by.name(t)]; !done && by.name(t) != "" && len(people) == 1 && people[0] != identity.BareKey(t.AccountID) {
				keyOf[t.AccountID] = people[0]
			}
		}
	}
	return s.standings(ctx, keyOf)
}

func accountTrace(t AccountTrace) string { return strconv.FormatInt(t.AccountID, 10) }

func externalTrace(t AccountTrace) string { return t.ExternalID }

func workTrace(t AccountTrace) string { return t.WorkDigest }

// keyTrace is the employee id of an external id that is a person's key, "<source>-<employee id>".
func keyTrace(t AccountTrace) string {
	_, id, _ := strings.Cut(t.ExternalID, "-")
	return id
}

// lookUp returns the people by what a query calls them, for the accounts nobody has been found for yet.
func (s Store) lookUp(ctx context.Context, query string, traces []AccountTrace, done map[int64]string,
	arg func(AccountTrace) string,
) (map[string][]string, error) {
	var args []any
	for _, t := range traces {
		if _, known := done[t.AccountID]; !known && arg(t) != "" {
			args = append(args, arg(t))
		}
	}
	found := map[string][]string{}
	for part := range slices.Chunk(args, engine.MaxArgs) {
		err := engine.Each(ctx, s.db.Reader(), query+engine.List(1, len(part)), part, func(scan func(...any) error) error {
			var name, key string
			err := scan(&name, &key)
			if !slices.Contains(found[name], key) {
				found[name] = append(found[name], key)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s Store) standings(ctx context.Context, keyOf map[int64]string) (map[int64]HRStanding, error) {
	byKey, err := s.StandingsOf(ctx, slices.Collect(maps.Values(keyOf)))
	if err != nil {
		return nil, err
	}
	standings := make(map[int64]HRStanding, len(keyOf))
	for id, key := range keyOf {
		standings[id] = byKey[key]
	}
	return standings, nil
}

// StandingsOf returns what the ledger knows about people, by their keys.
func (s Store) StandingsOf(ctx context.Context, people []string) (map[string]HRStanding, error) {
	byKey := map[string]*HRStanding{}
	var keys []string
	for _, key := range people {
		if byKey[key] == nil {
			byKey[key] = &HRStanding{PersonKey: key}
			keys = append(keys, key)
		}
	}
	err := engine.Chunks(keys, func(part []string) error {
		args := make([]any, len(part))
		for i, k := range part {
			args[i] = k
		}
		return engine.Each(ctx, s.db.Reader(), `SELECT l.person_key, COALESCE(r.active, -1), COALESCE(p.employed, 0),
			COALESCE(p.episode, 0) FROM links l
			LEFT JOIN roster r ON r.source = l.source AND r.employee_id = l.employee_id
			LEFT JOIN people p ON p.person_key = l.person_key
			WHERE l.person_key IN `+engine.List(1, len(part)), args, func(scan func(...any) error) error {
			var key string
			var active, employed, episode int64
			if err := scan(&key, &active, &employed, &episode); err != nil {
				return err
			}
			s := byKey[key]
			s.Episode = int(episode)
			s.Records = s.Records || active >= 0 || episode > 0
			s.Active = s.Active || active == 1 || (active < 0 && employed == 1)
			s.Left = s.Left || (episode > 0 && employed == 0)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the standing of %d people: %w", len(keys), err)
	}
	standings := make(map[string]HRStanding, len(byKey))
	for key, standing := range byKey {
		standings[key] = *standing
	}
	return standings, nil
}
