package incidents

import (
	"context"
	"fmt"
	"strings"

	"gatehouse/ledger/engine"
)

// Joined reports that the incident of another rule's case is about this one, too.
func (c Case) Joined() bool { return c.JoinedRule != "" }

// Sharing returns the cases of other rules that count an event against the same subject which this case counts as well, and that have
// an incident of their own.
func (s Store) Sharing(ctx context.Context, c Case) ([]Case, error) {
	first, last := engine.Micros(c.FirstAt), engine.Micros(c.LastAt)
	list, err := s.cases(ctx, s.db.Reader(), `subject = $1 AND rule <> $2 AND joined_rule = '' AND merged_into = 0 AND first_at <= $4 AND last_at >= $3
		AND EXISTS (SELECT 1 FROM event_matches mine JOIN event_matches other ON other.at = mine.at AND other.event_id = mine.event_id
			WHERE mine.rule = $2 AND mine.subject = $1 AND mine.at >= $3 AND mine.at <= $4
			AND other.rule = cases.rule AND other.subject = $1 AND other.at >= cases.first_at AND other.at <= cases.last_at)
		ORDER BY rule, number`, c.Subject, c.Rule, first, last)
	if err != nil {
		return nil, fmt.Errorf("read which cases share events with case %s/%s/%d: %w", c.Rule, c.Subject, c.Number, err)
	}
	return list, nil
}

// Join has the incident of one case be about another one as well, and about those that the other one's was about.
func (s Store) Join(ctx context.Context, c, into Case) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `UPDATE cases SET joined_rule = $4, joined_number = $5 WHERE subject = $2
			AND (rule = $1 AND number = $3 OR joined_rule = $1 AND joined_number = $3)`, c.Rule, c.Subject, c.Number, into.Rule, into.Number)
		return err
	})
	if err != nil {
		return fmt.Errorf("join case %s/%s/%d to %s/%d: %w", c.Rule, c.Subject, c.Number, into.Rule, into.Number, err)
	}
	return nil
}

// JoinedTo returns the cases that a case's incident is about as well.
func (s Store) JoinedTo(ctx context.Context, c Case) ([]Case, error) {
	list, err := s.cases(ctx, s.db.Reader(), "subject = $1 AND joined_rule = $2 AND joined_number = $3 ORDER BY rule, number",
		c.Subject, c.Rule, c.Number)
	if err != nil {
		return nil, fmt.Errorf("read the cases that are joined to %s/%s/%d: %w", c.Rule, c.Subject, c.Number, err)
	}
	return list, nil
}

// CountTogether counts the events of several cases of one subject. What two rules count is one event.
func (s Store) CountTogether(ctx context.Context, all []Case) (n int, err error) {
	var where []string
	var args []any
	for _, c := range all {
		from := len(args)
		where = append(where, fmt.Sprintf("(rule = $%d AND subject = $%d AND at >= $%d AND at <= $%d)", from+1, from+2, from+3, from+4))
		args = append(args, c.Rule, c.Subject, engine.Micros(c.FirstAt), engine.Micros(c.LastAt))
	}
	_, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT COUNT(DISTINCT event_id) FROM event_matches WHERE "+strings.Join(where, " OR "), args, &n)
	return n, engine.Wrapf(err, "count the events of %d cases that share an incident", len(all))
}
