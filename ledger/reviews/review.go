package reviews

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
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
	Counts     Counts
}

// Counts are the headline numbers of a campaign, fixed when it is frozen.
type Counts struct {
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
	// Systems are those beside OneLogin that the campaign covers.
	Systems []SystemCount `json:"systems,omitempty"`
}

// Tab is a tab of a spreadsheet that shows a part of a campaign.
type Tab struct {
	Title string
	// Kind is what it shows.
	Kind    string
	SheetID int64
	// FirstRow is the first row of the stage that stands here, from 0, and Rows how many do.
	FirstRow, Rows int64
}

// Open returns a campaign and creates it if there is none of this key.
func (s Store) Open(ctx context.Context, key string) (Campaign, error) {
	if key == "" {
		return Campaign{}, errors.New("open a campaign: it has no key")
	}
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "INSERT INTO campaigns (campaign, started_at) VALUES ($1, $2) "+
			"ON CONFLICT (campaign) DO NOTHING", key, engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("open campaign %s: %w", key, err)
	}
	c, _, err := s.Campaign(ctx, key)
	return c, err
}

// Renew forgets what a campaign has collected and has it begin now. ErrFrozen says that it is too late for that.
func (s Store) Renew(ctx context.Context, key string) (Campaign, error) {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.unfrozen(ctx, q, key); err != nil {
			return err
		}
		if err := deleteReview(ctx, q, key); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "UPDATE campaigns SET started_at = $2 WHERE campaign = $1", key, engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("begin campaign %s again: %w", key, err)
	}
	c, _, err := s.Campaign(ctx, key)
	return c, err
}

// Campaign returns a campaign; found is false if there is none of this key.
func (s Store) Campaign(ctx context.Context, key string) (c Campaign, found bool, err error) {
	c, found, err = readCampaign(ctx, s.db.Reader(), key)
	if err != nil {
		return Campaign{}, false, fmt.Errorf("read campaign %s: %w", key, err)
	}
	return c, found, nil
}

func readCampaign(ctx context.Context, q engine.Querier, key string) (c Campaign, found bool, err error) {
	c.Key = key
	var started, frozen, finished, pruned int64
	var counts string
	found, err = engine.QueryRow(ctx, q, `SELECT started_at, frozen_at, finished_at, pruned_at, policy_hash, counts FROM campaigns
		WHERE campaign = $1`, []any{key}, &started, &frozen, &finished, &pruned, &c.PolicyHash, &counts)
	if err != nil || !found {
		return Campaign{}, false, err
	}
	c.StartedAt, c.FrozenAt, c.FinishedAt, c.PrunedAt = engine.Instant(started), engine.Instant(frozen), engine.Instant(finished), engine.Instant(pruned)
	if counts != "" {
		if err := json.Unmarshal([]byte(counts), &c.Counts); err != nil {
			return Campaign{}, false, fmt.Errorf("read its counts: %w", err)
		}
	}
	return c, true, nil
}

// Finish records that everything about a campaign has been written and told. The first time counts.
func (s Store) Finish(ctx context.Context, key string) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE campaigns SET finished_at = $2 WHERE campaign = $1 AND finished_at = 0",
			key, engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("finish campaign %s: %w", key, err)
	}
	return nil
}

// Step returns where a step of a campaign goes on, "" if it has not begun, and whether it is done.
func (s Store) Step(ctx context.Context, key, step string) (at string, done bool, err error) {
	at, done, err = readStep(ctx, s.db.Reader(), key, step)
	if err != nil {
		return "", false, fmt.Errorf("read step %s of campaign %s: %w", step, key, err)
	}
	return at, done, nil
}

func readStep(ctx context.Context, q engine.Querier, key, step string) (at string, done bool, err error) {
	var finished int64
	_, err = engine.QueryRow(ctx, q, "SELECT place, done FROM review_steps WHERE campaign = $1 AND step = $2", []any{key, step}, &at, &finished)
	return at, finished == 1, err
}

// StepMove says from where to where a step goes. It is what makes a step resumable: its rows and its place are
// committed together.
type StepMove struct {
	Step     string
	From, To string
	Done     bool
}

// moveStep moves a step on, unless another attempt has done so.
func (s Store) moveStep(ctx context.Context, q engine.Querier, key string, m StepMove) error {
	at, done, err := readStep(ctx, q, key, m.Step)
	if err != nil {
		return err
	}
	if done || at != m.From {
		return ErrMoved
	}
	_, err = q.ExecContext(ctx, `INSERT INTO review_steps (campaign, step, place, done) VALUES ($1, $2, $3, $4)
		ON CONFLICT (campaign, step) DO UPDATE SET place = excluded.place, done = excluded.done`,
		key, m.Step, m.To, engine.Flag(m.Done))
	return err
}

// Move moves a step that adds no rows, such as writing to a spreadsheet. ErrMoved says that another attempt has
// done so.
func (s Store) Move(ctx context.Context, key string, m StepMove) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "review/"+key); err != nil {
			return err
		}
		return s.moveStep(ctx, q, key, m)
	})
	if err != nil {
		return fmt.Errorf("move step %s of campaign %s: %w", m.Step, key, err)
	}
	return nil
}

// ForgetSteps has steps of a campaign begin again, those that were done included. It takes no rows away.
func (s Store) ForgetSteps(ctx context.Context, key string, steps ...string) error {
	if len(steps) == 0 {
		return nil
	}
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "review/"+key); err != nil {
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

// Freeze makes a campaign immutable: it counts what was collected, drops members that turned out to be no users,
// and lays out its tabs. layout gets the counts and must not do anything but compute. A campaign that is frozen is
// returned as it is.
func (s Store) Freeze(ctx context.Context, key, policyHash string, layout func(Counts) []Tab) (Campaign, error) {
	var frozen Campaign
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "review/"+key); err != nil {
			return err
		}
		c, found, err := readCampaign(ctx, q, key)
		switch {
		case err != nil:
			return err
		case !found:
			return engine.ErrNotFound
		case !c.FrozenAt.IsZero():
			frozen = c
			return nil
		}
		if err := standTogether(ctx, q, key); err != nil {
			return err
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
		c.FrozenAt, c.PolicyHash = s.db.Now(), policyHash
		_, err = q.ExecContext(ctx, "UPDATE campaigns SET frozen_at = $2, policy_hash = $3, counts = $4 WHERE campaign = $1",
			key, engine.Micros(c.FrozenAt), policyHash, string(counts))
		frozen = c
		return err
	})
	if err != nil {
		return Campaign{}, fmt.Errorf("freeze campaign %s: %w", key, err)
	}
	return frozen, nil
}

func putTabs(ctx context.Context, q engine.Querier, key string, tabs []Tab) error {
	rows := make([][]any, len(tabs))
	for i, t := range tabs {
		rows[i] = []any{key, t.Title, t.Kind, t.SheetID, t.FirstRow, t.Rows, i}
	}
	return engine.InsertRows(ctx, q, "INSERT INTO review_tabs (campaign, title, kind, sheet_id, first_row, row_count, ordinal)", "", rows)
}

// Tabs returns the tabs of a frozen campaign in their order.
func (s Store) Tabs(ctx context.Context, key string) ([]Tab, error) {
	var tabs []Tab
	err := engine.Each(ctx, s.db.Reader(), `SELECT title, kind, sheet_id, first_row, row_count
		FROM review_tabs WHERE campaign = $1 ORDER BY ordinal`, []any{key}, func(scan func(...any) error) error {
		var t Tab
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
	"review_systems", "review_accounts",
}

// deleteReview deletes all rows of a campaign.
func deleteReview(ctx context.Context, q engine.Querier, key string) error {
	for _, table := range reviewTables {
		if _, err := q.ExecContext(ctx, "DELETE FROM "+table+" WHERE campaign = $1", key); err != nil {
			return err
		}
	}
	return nil
}

// Prune deletes the rows of campaigns that were started before a time, and returns how many campaigns that
// were. The campaigns themselves with their counts, and where their tabs are, stay.
func (s Store) Prune(ctx context.Context, before time.Time) (int, error) {
	var keys []string
	err := engine.Each(ctx, s.db.Reader(), "SELECT campaign FROM campaigns WHERE started_at < $1 AND pruned_at = 0",
		[]any{engine.Micros(before)}, func(scan func(...any) error) error {
			var key string
			err := scan(&key)
			keys = append(keys, key)
			return err
		})
	if err != nil {
		return 0, fmt.Errorf("find campaigns to prune: %w", err)
	}
	for _, key := range keys {
		err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
			if err := s.db.Lock(ctx, q, "review/"+key); err != nil {
				return err
			}
			if err := deleteReview(ctx, q, key); err != nil {
				return err
			}
			_, err := q.ExecContext(ctx, `UPDATE campaigns SET pruned_at = $2,
				frozen_at = CASE WHEN frozen_at = 0 THEN $2 ELSE frozen_at END WHERE campaign = $1`, key, engine.Micros(s.db.Now()))
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("prune campaign %s: %w", key, err)
		}
	}
	return len(keys), nil
}
