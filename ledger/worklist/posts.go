package worklist

import (
	"context"
	"time"

	"gatehouse/ledger/engine"
)

// ItemPost is a message about an item that has buttons.
type ItemPost struct {
	Item               Item
	Channel, Timestamp string
}

// PostedItem writes down where a message about an item is that has buttons.
func (s Store) PostedItem(ctx context.Context, id, channel, timestamp string) error {
	_, err := s.db.Change(ctx, `INSERT INTO attention_posts (channel, posted_ts, item_id, posted_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (channel, posted_ts) DO NOTHING`, channel, timestamp, id, engine.Micros(s.db.Now()))
	return engine.Wrapf(err, "write down a message about item %s", id)
}

// PostsToSettle are the messages with buttons about items that are closed or accepted, or that were taken since.
func (s Store) PostsToSettle(ctx context.Context, limit int) ([]ItemPost, error) {
	var found []ItemPost
	err := engine.Each(ctx, s.db.Reader(), `SELECT p.channel, p.posted_ts, p.item_id FROM attention_posts p JOIN attention a ON a.item_id = p.item_id
		WHERE a.closed_at <> 0 OR a.accepted_until > $1 OR a.taken_at <> 0 AND p.shown_taken = 0 ORDER BY p.posted_at, p.posted_ts LIMIT $2`,
		[]any{engine.Micros(s.db.Now()), limit}, func(scan func(...any) error) error {
			var p ItemPost
			if err := scan(&p.Channel, &p.Timestamp, &p.Item.ID); err != nil {
				return err
			}
			found = append(found, p)
			return nil
		})
	if err != nil {
		return nil, engine.Wrapf(err, "list the messages about items")
	}
	settled := found[:0]
	for _, p := range found {
		items, err := s.Items(ctx, ItemFilter{ID: p.Item.ID})
		if err != nil {
			return nil, err
		}
		if len(items) == 1 {
			p.Item = items[0]
			settled = append(settled, p)
		}
	}
	return settled, nil
}

// SettledPost writes down that a message shows what became of its item: it has other buttons, or none any more.
func (s Store) SettledPost(ctx context.Context, p ItemPost, buttons bool) error {
	query := "DELETE FROM attention_posts WHERE channel = $1 AND posted_ts = $2"
	if buttons {
		query = "UPDATE attention_posts SET shown_taken = 1 WHERE channel = $1 AND posted_ts = $2"
	}
	_, err := s.db.Change(ctx, query, p.Channel, p.Timestamp)
	return engine.Wrapf(err, "write down what a message about item %s shows", p.Item.ID)
}

// PruneItemPosts forgets messages from before a time.
func (s Store) PruneItemPosts(ctx context.Context, before time.Time) error {
	_, err := s.db.Change(ctx, "DELETE FROM attention_posts WHERE posted_at < $1", engine.Micros(before))
	return engine.Wrapf(err, "prune the messages about items")
}
