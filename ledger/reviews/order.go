package reviews

import (
	"context"
	"fmt"

	"gatehouse/ledger/engine"
)

// reviewOrder is the order of a sheet: by manager, then by person with their primary account first.
const reviewOrder = `COALESCE(v.lead_manager, 0), COALESCE(v.lead, 0), CASE WHEN u.user_id = v.lead THEN 0 ELSE 1 END, u.user_id`

// Accounts returns up to limit accounts under review with their roles in the order of the sheet, those after an account, 0 for the
// first ones. The order of a frozen campaign stays what it is.
func (s Store) Accounts(ctx context.Context, key string, after int64, limit int) ([]Access, error) {
	where, args := "WHERE u.campaign = $1 AND u.included = 1", []any{}
	if after != 0 {
		var manager, lead, follows, id int64
		_, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT "+reviewOrder+reviewUserFrom+"WHERE u.campaign = $1 AND u.user_id = $2",
			[]any{key, after}, &manager, &lead, &follows, &id)
		if err != nil {
			return nil, fmt.Errorf("read where account %d of campaign %s stands: %w", after, key, err)
		}
		where += " AND (" + reviewOrder + ") > ($2, $3, $4, $5)"
		args = append(args, manager, lead, follows, id)
	}
	users, err := s.reviewUsers(ctx, key, where+fmt.Sprintf(" ORDER BY "+reviewOrder+" LIMIT %d", limit), args...)
	if err == nil {
		err = s.addMembers(ctx, key, users)
	}
	if err != nil {
		return nil, fmt.Errorf("read accounts of campaign %s: %w", key, err)
	}
	return users, nil
}

// Unjudged returns up to limit accounts under review with their roles, by ascending id, those after an id: an order that stays the
// same while they are judged.
func (s Store) Unjudged(ctx context.Context, key string, after int64, limit int) ([]Access, error) {
	users, err := s.reviewUsers(ctx, key, "WHERE u.campaign = $1 AND u.user_id > $2 AND u.included = 1 ORDER BY u.user_id LIMIT $3", after, limit)
	if err == nil {
		err = s.addMembers(ctx, key, users)
	}
	if err != nil {
		return nil, fmt.Errorf("read accounts of campaign %s to judge: %w", key, err)
	}
	return users, nil
}

// standTogether puts the accounts of everybody who has several behind one of them: the primary one, else the oldest. An account that
// is its person's only one was put in its place when it was judged.
func standTogether(ctx context.Context, q engine.Querier, key string) error {
	type lead struct{ id, manager int64 }
	leads, behind := map[string]lead{}, map[string][]any{}
	err := engine.Each(ctx, q, `SELECT v.person_key, v.user_id, u.manager_id FROM review_verdicts v
		JOIN review_users u ON u.campaign = v.campaign AND u.user_id = v.user_id
		LEFT JOIN accounts a ON a.system = 'onelogin' AND a.account_id = CAST(v.user_id AS TEXT)
		WHERE v.campaign = $1 AND u.included = 1 AND v.person_key IN (SELECT w.person_key FROM review_verdicts w
			WHERE w.campaign = $1 AND w.person_key <> '' GROUP BY w.person_key HAVING COUNT(*) > 1)
		ORDER BY v.person_key, CASE WHEN a.used_as = 'primary' THEN 0 ELSE 1 END, v.user_id`, []any{key}, func(scan func(...any) error) error {
		var person string
		var id, manager int64
		err := scan(&person, &id, &manager)
		if _, led := leads[person]; !led {
			leads[person] = lead{id, manager}
		}
		behind[person] = append(behind[person], id)
		return err
	})
	if err != nil {
		return err
	}
	for person, ids := range behind {
		_, err := q.ExecContext(ctx, "UPDATE review_verdicts SET lead = $2, lead_manager = $3 WHERE campaign = $1 AND user_id IN "+
			engine.List(4, len(ids)), append([]any{key, leads[person].id, leads[person].manager}, ids...)...)
		if err != nil {
			return err
		}
	}
	return nil
}
