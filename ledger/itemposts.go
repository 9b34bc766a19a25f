package ledger

import (
	"context"
	"time"
)

// ItemPost is a message about an item that has buttons.
type ItemPost struct {
	Item               Item
	Channel, Timestamp string
}

// PostedItem writes down where a message about an item is that has buttons.
func (l *Ledger) PostedItem(ctx context.Context, id, channel, timestamp string) error {
	_, err := l.db.Change(ctx, `INSERT INTO attention_posts (channel, posted_ts, item_id, posted_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (channel, posted_ts) DO NOTHING`, channel, timestamp, id, micros(l.db.Now()))
	return wrapped(err, "write down a message about item %s", id)
}

// PostsToSettle are the messages with buttons about items that are closed or accepted, or that were taken since.
func (l *Ledger) PostsToSettle(ctx context.Context, limit int) ([]ItemPost, error) {
	var found []ItemPost
	err := each(ctx, l.db.Reader(), `SELECT p.channel, p.posted_ts, p.item_id FROM attention_posts p JOIN attention a ON a.item_id = p.item_id
		WHERE a.closed_at <> 0 OR a.accepted_until > $1 OR a.taken_at <> 0 AND p.shown_taken = 0 ORDER BY p.posted_at, p.posted_ts LIMIT $2`,
		[]any{micros(l.db.Now()), limit}, func(scan func(...any) error) error {
			var p ItemPost
			if err := scan(&p.Channel, &p.Timestamp, &p.Item.ID); err != nil {
				return err
			}
			found = append(found, p)
			return nil
		})
	if err != nil {
		return nil, wrapped(err, "list the messages about items")
	}
	settled := found[:0]
	for _, p := range found {
		items, err := l.Items(ctx, ItemFilter{ID: p.Item.ID})
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
func (l *Ledger) SettledPost(ctx context.Context, p ItemPost, buttons bool) error {
	query := "DELETE FROM attention_posts WHERE channel = $1 AND posted_ts = $2"
	if buttons {
		query = "UPDATE attention_posts SET shown_taken = 1 WHERE channel = $1 AND posted_ts = $2"
	}
	_, err := l.db.Change(ctx, query, p.Channel, p.Timestamp)
	return wrapped(err, "write down what a message about item %s shows", p.Item.ID)
}

// PruneItemPosts forgets messages from before a time.
func (l *Ledger) PruneItemPosts(ctx context.Context, before time.Time) error {
	_, err := l.db.Change(ctx, "DELETE FROM attention_posts WHERE posted_at < $1", micros(before))
	return wrapped(err, "prune the messages about items")
}
