package policies

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Word is what somebody has signed about an item or a policy.
type Word struct {
	// ID is of the signature, so that a word which is written down again is the same one.
	ID string `json:"-"`
	// About is what WordOfItem or WordOfPolicy makes of it, and Verb what is said.
	About string `json:"-"`
	Verb  string `json:"-"`
	By    string `json:"by"`
	// Reason is why, Until until when, if the word has an end.
	Reason string    `json:"reason,omitempty"`
	Until  time.Time `json:"until,omitzero"`
	// Over is the hash of the policy in force for which a policy was accepted.
	Over string `json:"over,omitempty"`
	// Proof shows who has said it, as JSON.
	Proof  json.RawMessage `json:"proof"`
	SaidAt time.Time       `json:"-"`
	// JudgedAt is when a worker has judged it, zero while none has, and Refused why it does not count.
	JudgedAt time.Time `json:"-"`
	Refused  string    `json:"-"`
}

// What may be said of an item, and of a policy.
const (
	WordTake   = "take"
	WordAccept = "accept"
)

const itemWords = "item/"

// WordOfItem is what a word about an item is about, WordOfPolicy the same of a policy.
func WordOfItem(id string) string { return itemWords + id }

// WordOfPolicy is what a word about a policy is about.
func WordOfPolicy(hash string) string { return "policy/" + hash }

// Say writes down what somebody has signed. It has no effect before a worker has judged it. Fresh is false of a word that is
// there already.
func (s Store) Say(ctx context.Context, w Word) (fresh bool, err error) {
	if w.ID == "" || w.About == "" || w.Verb == "" || w.By == "" || len(w.Proof) == 0 {
		return false, errors.New("write down a word: it needs an id, what it is about, a person and a proof")
	}
	detail, err := json.Marshal(w)
	if err != nil {
		return false, fmt.Errorf("write down a word: %w", err)
	}
	n, err := s.db.Change(ctx, "INSERT INTO words (word_id, about, verb, said_at, detail) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (word_id) DO NOTHING",
		w.ID, w.About, w.Verb, engine.Micros(s.db.Now()), s.db.Seal(engine.Place("words.detail", w.ID), detail))
	return n > 0, engine.Wrapf(err, "write down a word about %s", w.About)
}

// WordsToJudge are those about items that no worker has judged, the oldest first.
func (s Store) WordsToJudge(ctx context.Context, limit int) ([]Word, error) {
	return s.words(ctx, "WHERE judged_at = 0 AND about LIKE 'item/%' ORDER BY said_at, word_id LIMIT $1", limit)
}

// WordsAbout are those about one thing, the newest first.
func (s Store) WordsAbout(ctx context.Context, about string, limit int) ([]Word, error) {
	return s.words(ctx, "WHERE about = $1 ORDER BY said_at DESC, word_id LIMIT $2", about, limit)
}

func (s Store) words(ctx context.Context, tail string, args ...any) ([]Word, error) {
	var found []Word
	err := engine.Each(ctx, s.db.Reader(), "SELECT word_id, about, verb, said_at, judged_at, detail, refused FROM words "+tail, args, func(scan func(...any) error) error {
		var w Word
		var said, judged int64
		var detail, refused []byte
		if err := scan(&w.ID, &w.About, &w.Verb, &said, &judged, &detail, &refused); err != nil {
			return err
		}
		opened, err := s.db.Open(engine.Place("words.detail", w.ID), detail)
		if err == nil {
			err = json.Unmarshal(opened, &w)
		}
		if err == nil && refused != nil {
			w.Refused, err = s.db.OpenText(engine.Place("words.refused", w.ID), refused)
		}
		if err != nil {
			// Whoever can write here cannot stop the others from being heard.
			w.Proof, w.Refused = nil, "what the ledger keeps of it cannot be read"
		}
		w.SaidAt, w.JudgedAt = engine.Instant(said), engine.Instant(judged)
		found = append(found, w)
		return nil
	})
	return found, engine.Wrapf(err, "read what was said")
}

// JudgedWord writes down that a word was judged, and why it does not count if it does not.
func (s Store) JudgedWord(ctx context.Context, id, refused string) error {
	var why []byte
	if refused != "" {
		why = s.db.Seal(engine.Place("words.refused", id), []byte(refused))
	}
	_, err := s.db.Change(ctx, "UPDATE words SET judged_at = $2, refused = $3 WHERE word_id = $1 AND judged_at = 0", id, engine.Micros(s.db.Now()), why)
	return engine.Wrapf(err, "write down what came of a word")
}

// DropUnproven takes back that items are taken or lived with where no word of anybody's is known for it, and returns which. An
// exception that is taken back is told again.
func (s Store) DropUnproven(ctx context.Context) (taken, accepted []string, err error) {
	now := engine.Micros(s.db.Now())
	var waiting int
	_, err = engine.QueryRow(ctx, s.db.Reader(), `SELECT COUNT(*) FROM attention WHERE taken_at <> 0 AND taken_word = '' AND closed_at = 0
		OR accepted_until > $1 AND accepted_word = ''`, []any{now}, &waiting)
	if err != nil || waiting == 0 {
		return nil, nil, engine.Wrapf(err, "look for what nobody has signed")
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if taken, err = engine.Texts(ctx, q, "UPDATE attention SET taken_at = 0 WHERE taken_at <> 0 AND taken_word = '' AND closed_at = 0 RETURNING item_id"); err != nil {
			return err
		}
		accepted, err = engine.Texts(ctx, q, "UPDATE attention SET accepted_until = 0, joined_at = $1 WHERE accepted_until > $1 AND accepted_word = '' RETURNING item_id", now)
		return err
	})
	return taken, accepted, engine.Wrapf(err, "take back what nobody has signed")
}

// PruneWords forgets what was said before a time.
func (s Store) PruneWords(ctx context.Context, before time.Time) error {
	_, err := s.db.Change(ctx, "DELETE FROM words WHERE said_at < $1", engine.Micros(before))
	return engine.Wrapf(err, "prune what was said")
}
