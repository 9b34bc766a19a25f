package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrFrozen is returned when something is to be added to a campaign that was frozen: what was reviewed stays what it was.
var ErrFrozen = errors.New("the campaign is frozen")

// ErrMoved is returned when a step of a campaign has gone on in the meantime, which means that another attempt at it is
// at work. Nothing was written.
var ErrMoved = errors.New("another attempt has moved the step on")

// Campaign is one access review.
type Campaign struct {
	// Key is the month, "2026-11", with a suffix for one that was asked for by hand.
	Key       string
	StartedAt time.Time
	// FrozenAt is the as-of time of the review, zero while it is being collected.
	FrozenAt   time.Time
	FinishedAt time.Time
	// PrunedAt is when the rows were deleted after their retention, zero if they are there.
	PrunedAt   time.Time
	PolicyHash string
	Counts     ReviewCounts
}

// ReviewCounts are the headline numbers of a campaign, fixed when it is frozen.
type ReviewCounts struct {
	// Users are the accounts under review; Excluded those that are not, by status.
	Users    int64         `json:"users"`
	Excluded map[int]int64 `json:"excluded,omitempty"`
	// Memberships are the roles that accounts under review have, Access the rows that show them: one per role, and one
	// for an account without any.
	Memberships int64 `json:"memberships"`
	Access      int64 `json:"access"`
	Roles       int64 `json:"roles"`
	Apps        int64 `json:"apps"`
	Findings    int64 `json:"findings"`
	// ByKind counts findings, ByMFA accounts by what is known of their second factors.
	ByKind map[string]int64 `json:"by_kind,omitempty"`
	ByMFA  map[string]int64 `json:"by_mfa,omitempty"`
}

// ReviewTab is a tab of a spreadsheet that shows a part of a campaign.
type ReviewTab struct {
	Title string
	// Kind is what it shows.
	Kind    string
	SheetID int64
	// FirstRow is the first row of the stage that stands here, from 0, and Rows how many do.
	FirstRow, Rows int64
}

// OpenCampaign returns a campaign and creates it if there is none of this key.
func (l *Ledger) OpenCampaign(ctx context.Context, key string) (Campaign, error) {
	if key == "" {
		return Campaign{}, errors.New("open a campaign: it has no key")
	}
	err := l.db.WriteOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, "INSERT INTO campaigns (campaign, started_at) VALUES ($1, $2) "+
			"ON CONFLICT (campaign) DO NOTHING", key, micros(l.db.Now()))
		return err
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("open campaign %s: %w", key, err)
	}
	c, _, err := l.Campaign(ctx, key)
	return c, err
}

// RenewCampaign forgets what a campaign has collected and has it begin now. ErrFrozen says that it is too late for that.
func (l *Ledger) RenewCampaign(ctx context.Context, key string) (Campaign, error) {
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		if err := l.unfrozen(ctx, q, key); err != nil {
			return err
		}
		if err := deleteReview(ctx, q, key); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "UPDATE campaigns SET started_at = $2 WHERE campaign = $1", key, micros(l.db.Now()))
		return err
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("begin campaign %s again: %w", key, err)
	}
	c, _, err := l.Campaign(ctx, key)
	return c, err
}

// Campaign returns a campaign; found is false if there is none of this key.
func (l *Ledger) Campaign(ctx context.Context, key string) (c Campaign, found bool, err error) {
	c, found, err = readCampaign(ctx, l.db.Reader(), key)
	if err != nil {
		return Campaign{}, false, fmt.Errorf("read campaign %s: %w", key, err)
	}
	return c, found, nil
}

func readCampaign(ctx context.Context, q querier, key string) (c Campaign, found bool, err error) {
	c.Key = key
	var started, frozen, finished, pruned int64
	var counts string
	found, err = queryRow(ctx, q, `SELECT started_at, frozen_at, finished_at, pruned_at, policy_hash, counts FROM campaigns
		WHERE campaign = $1`, []any{key}, &started, &frozen, &finished, &pruned, &c.PolicyHash, &counts)
	if err != nil || !found {
		return Campaign{}, false, err
	}
	c.StartedAt, c.FrozenAt, c.FinishedAt, c.PrunedAt = instant(started), instant(frozen), instant(finished), instant(pruned)
	if counts != "" {
		if err := json.Unmarshal([]byte(counts), &c.Counts); err != nil {
			return Campaign{}, false, fmt.Errorf("read its counts: %w", err)
		}
	}
	return c, true, nil
}

// FinishCampaign records that everything about a campaign has been written and told. The first time counts.
func (l *Ledger) FinishCampaign(ctx context.Context, key string) error {
	err := l.db.WriteOne(ctx, func(ctx context.Context, q querier) error {
		_, err := q.ExecContext(ctx, "UPDATE campaigns SET finished_at = $2 WHERE campaign = $1 AND finished_at = 0",
			key, micros(l.db.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("finish campaign %s: %w", key, err)
	}
	return nil
}

// ReviewStep returns where a step of a campaign goes on, "" if it has not begun, and whether it is done.
func (l *Ledger) ReviewStep(ctx context.Context, key, step string) (at string, done bool, err error) {
	at, done, err = readStep(ctx, l.db.Reader(), key, step)
	if err != nil {
		return "", false, fmt.Errorf("read step %s of campaign %s: %w", step, key, err)
	}
	return at, done, nil
}

func readStep(ctx context.Context, q querier, key, step string) (at string, done bool, err error) {
	var finished int64
	_, err = queryRow(ctx, q, "SELECT place, done FROM review_steps WHERE campaign = $1 AND step = $2", []any{key, step}, &at, &finished)
	return at, finished == 1, err
}

// StepMove says from where to where a step goes. It is what makes a step resumable: its rows and its place are
// committed together.
type StepMove struct {
	Step     string
	From, To string
	Done     bool
}

// move moves a step on, unless another attempt has done so.
func (l *Ledger) move(ctx context.Context, q querier, key string, m StepMove) error {
	at, done, err := readStep(ctx, q, key, m.Step)
	if err != nil {
		return err
	}
	if done || at != m.From {
		return ErrMoved
	}
	_, err = q.ExecContext(ctx, `INSERT INTO review_steps (campaign, step, place, done) VALUES ($1, $2, $3, $4)
		ON CONFLICT (campaign, step) DO UPDATE SET place = excluded.place, done = excluded.done`,
		key, m.Step, m.To, flag(m.Done))
	return err
}

// MoveReview moves a step that adds no rows, such as writing to a spreadsheet. ErrMoved says that another attempt has
// done so.
func (l *Ledger) MoveReview(ctx context.Context, key string, m StepMove) error {
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		if err := l.db.Lock(ctx, q, "review/"+key); err != nil {
			return err
		}
		return l.move(ctx, q, key, m)
	})
	if err != nil {
		return fmt.Errorf("move step %s of campaign %s: %w", m.Step, key, err)
	}
	return nil
}

// ForgetReviewSteps has steps of a campaign begin again, those that were done included. It takes no rows away.
func (l *Ledger) ForgetReviewSteps(ctx context.Context, key string, steps ...string) error {
	if len(steps) == 0 {
		return nil
	}
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		if err := l.db.Lock(ctx, q, "review/"+key); err != nil {
			return err
		}
		for _, step := range steps {
			if _, err := q.ExecContext(ctx, "DELETE FROM review_steps WHERE campaign = $1 AND step = $2", key, step); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("begin steps of campaign %s again: %w", key, err)
	}
	return nil
}

// FreezeCampaign makes a campaign immutable: it counts what was collected, drops members that turned out to be no users,
// and lays out its tabs. layout gets the counts and must not do anything but compute. A campaign that is frozen is
// returned as it is.
func (l *Ledger) FreezeCampaign(ctx context.Context, key, policyHash string, layout func(ReviewCounts) []ReviewTab) (Campaign, error) {
	var frozen Campaign
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		if err := l.db.Lock(ctx, q, "review/"+key); err != nil {
			return err
		}
		c, found, err := readCampaign(ctx, q, key)
		switch {
		case err != nil:
			return err
		case !found:
			return ErrNotFound
		case !c.FrozenAt.IsZero():
			frozen = c
			return nil
		}
		if c.Counts, err = countReview(ctx, q, key); err != nil {
			return err
		}
		if err := putTabs(ctx, q, key, layout(c.Counts)); err != nil {
			return err
		}
		counts, err := json.Marshal(c.Counts)
		if err != nil {
			return err
		}
		c.FrozenAt, c.PolicyHash = l.db.Now(), policyHash
		_, err = q.ExecContext(ctx, "UPDATE campaigns SET frozen_at = $2, policy_hash = $3, counts = $4 WHERE campaign = $1",
			key, micros(c.FrozenAt), policyHash, string(counts))
		frozen = c
		return err
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("freeze campaign %s: %w", key, err)
	}
	return frozen, nil
}

func putTabs(ctx context.Context, q querier, key string, tabs []ReviewTab) error {
	rows := make([][]any, len(tabs))
	for i, t := range tabs {
		rows[i] = []any{key, t.Title, t.Kind, t.SheetID, t.FirstRow, t.Rows, i}
	}
	return insertRows(ctx, q, "INSERT INTO review_tabs (campaign, title, kind, sheet_id, first_row, row_count, ordinal)", "", rows)
}

// ReviewTabs returns the tabs of a frozen campaign in their order.
func (l *Ledger) ReviewTabs(ctx context.Context, key string) ([]ReviewTab, error) {
	var tabs []ReviewTab
	err := each(ctx, l.db.Reader(), `SELECT title, kind, sheet_id, first_row, row_count
		FROM review_tabs WHERE campaign = $1 ORDER BY ordinal`, []any{key}, func(scan func(...any) error) error {
		var t ReviewTab
		err := scan(&t.Title, &t.Kind, &t.SheetID, &t.FirstRow, &t.Rows)
		tabs = append(tabs, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the tabs of campaign %s: %w", key, err)
	}
	return tabs, nil
}

// reviewTables hold the rows of campaigns, and how far their steps have come.
var reviewTables = []string{
	"review_steps", "review_users", "review_names", "review_role_apps", "review_members", "review_verdicts", "review_findings",
}

// deleteReview deletes all rows of a campaign.
func deleteReview(ctx context.Context, q querier, key string) error {
	for _, table := range reviewTables {
		if _, err := q.ExecContext(ctx, "DELETE FROM "+table+" WHERE campaign = $1", key); err != nil {
			return err
		}
	}
	return nil
}

// PruneCampaigns deletes the rows of campaigns that were started before a time, and returns how many campaigns that
// were. The campaigns themselves with their counts, and where their tabs are, stay.
func (l *Ledger) PruneCampaigns(ctx context.Context, before time.Time) (int, error) {
	var keys []string
	err := each(ctx, l.db.Reader(), "SELECT campaign FROM campaigns WHERE started_at < $1 AND pruned_at = 0",
		[]any{micros(before)}, func(scan func(...any) error) error {
			var key string
			err := scan(&key)
			keys = append(keys, key)
			return err
		})
	if err != nil {
		return 0, fmt.Errorf("find campaigns to prune: %w", err)
	}
	for _, key := range keys {
		err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
			if err := l.db.Lock(ctx, q, "review/"+key); err != nil {
				return err
			}
			if err := deleteReview(ctx, q, key); err != nil {
				return err
			}
			_, err := q.ExecContext(ctx, `UPDATE campaigns SET pruned_at = $2,
				frozen_at = CASE WHEN frozen_at = 0 THEN $2 ELSE frozen_at END WHERE campaign = $1`, key, micros(l.db.Now()))
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("prune campaign %s: %w", key, err)
		}
	}
	return len(keys), nil
}

// each calls row for every row of a query.
func each(ctx context.Context, q querier, query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
