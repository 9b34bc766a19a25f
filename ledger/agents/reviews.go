package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// The answers to whether an agent is still needed.
const (
	Keep   = "keep"
	Revoke = "revoke"
)

// Review is an agent in an access review.
type Review struct {
	Campaign string `json:"-"`
	Agent    string `json:"-"`
	// AskedAt is when its owner was asked, AnsweredAt when somebody has answered; zero if nobody has.
	AskedAt    time.Time `json:"-"`
	AnsweredAt time.Time `json:"-"`
	Verdict    string    `json:"-"`
	// By is who has answered, Reason why.
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// AskReview notes that the owner of an agent was asked about it. It may be repeated.
func (s Store) AskReview(ctx context.Context, campaign, agent string) error {
	_, err := s.db.Change(ctx, "INSERT INTO agent_reviews (campaign, agent, asked_at) VALUES ($1, $2, $3) ON CONFLICT (campaign, agent) DO NOTHING",
		campaign, agent, engine.Micros(s.db.Now()))
	return engine.Wrapf(err, "note that agent %s is reviewed", agent)
}

// AnswerReview answers every open question about an agent, by whichever review it was asked. It is ErrNotFound if there is none.
func (s Store) AnswerReview(ctx context.Context, r Review) error {
	if r.Agent == "" || r.By == "" || r.Verdict != Keep && r.Verdict != Revoke {
		return errors.New("answer whether an agent is needed: say which, who answers, and keep or revoke")
	}
	detail, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("answer whether agent %s is needed: %w", r.Agent, err)
	}
	n, err := s.db.Change(ctx, "UPDATE agent_reviews SET answered_at = $2, verdict = $3, detail = $4 WHERE agent = $1 AND answered_at = 0",
		r.Agent, engine.Micros(s.db.Now()), r.Verdict, s.db.Seal(engine.Place("agent_reviews.detail", r.Agent), detail))
	if err == nil && n == 0 {
		err = engine.ErrNotFound
	}
	return engine.Wrapf(err, "answer whether agent %s is needed", r.Agent)
}

// Reviews are the agents of reviews since an instant, those that nobody has answered about first.
func (s Store) Reviews(ctx context.Context, since time.Time) ([]Review, error) {
	var found []Review
	err := engine.Each(ctx, s.db.Reader(), `SELECT campaign, agent, asked_at, answered_at, verdict, detail FROM agent_reviews WHERE asked_at >= $1
		ORDER BY CASE WHEN answered_at = 0 THEN 0 ELSE 1 END, asked_at DESC, campaign, agent`, []any{engine.Micros(since)}, func(scan func(...any) error) error {
		var r Review
		var asked, answered int64
		var sealed []byte
		if err := scan(&r.Campaign, &r.Agent, &asked, &answered, &r.Verdict, &sealed); err != nil {
			return err
		}
		r.AskedAt, r.AnsweredAt = engine.Instant(asked), engine.Instant(answered)
		if answered != 0 {
			detail, err := s.db.Open(engine.Place("agent_reviews.detail", r.Agent), sealed)
			if err == nil {
				err = json.Unmarshal(detail, &r)
			}
			if err != nil {
				return err
			}
		}
		found = append(found, r)
		return nil
	})
	return found, engine.Wrapf(err, "read the reviews of agents")
}
