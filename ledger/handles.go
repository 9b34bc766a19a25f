package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// handleLength is how much of a digest is kept of a handle: it finds whom to compare, and a chance hit costs a comparison.
const handleLength = 16

// HandleDigest makes a handle comparable that may hold personal data.
func (l *Ledger) HandleDigest(handle string) string {
	digest := l.db.Digest(handle)
	return digest[:min(len(digest), handleLength)]
}

func (l *Ledger) handleDigests(handles []string) string {
	var digests []string
	for _, h := range handles {
		if d := l.HandleDigest(h); d != "" {
			digests = append(digests, d)
		}
	}
	slices.Sort(digests)
	return strings.Join(slices.Compact(digests), " ")
}

// KeepHandles keeps by what accounts may be a leaver's, for the comparison of accounts that appear later. It writes only
// what is new.
func (l *Ledger) KeepHandles(ctx context.Context, key string, handles, slight []string) error {
	now, weak := l.handleDigests(handles), l.handleDigests(slight)
	var kept, keptWeak string
	found, err := queryRow(ctx, l.db.Reader(), "SELECT handles, slight FROM leaver_handles WHERE person_key = $1", []any{key}, &kept, &keptWeak)
	if err == nil && (!found || kept != now || keptWeak != weak) {
		err = l.db.WriteLow(ctx, func(ctx context.Context, q querier) error {
			_, err := q.ExecContext(ctx, `INSERT INTO leaver_handles (person_key, handles, slight) VALUES ($1, $2, $3)
				ON CONFLICT (person_key) DO UPDATE SET handles = excluded.handles, slight = excluded.slight`, key, now, weak)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("keep by what accounts are recognised of %s: %w", key, err)
	}
	return nil
}

// LeaverHandles are the people by whose handles accounts may be theirs, of those who by the ledger are out.
type LeaverHandles struct {
	// Strong and Slight are keys of people by the digest of a handle.
	Strong, Slight map[string][]string
}

// LeaverHandles returns the handles of everybody who is out by the ledger, as far as they were kept.
func (l *Ledger) LeaverHandles(ctx context.Context) (LeaverHandles, error) {
	out := LeaverHandles{Strong: map[string][]string{}, Slight: map[string][]string{}}
	err := each(ctx, l.db.Reader(), `SELECT h.person_key, h.handles, h.slight FROM leaver_handles h JOIN people p ON p.person_key = h.person_key
		WHERE p.employed = 0 AND p.episode > 0 AND p.forward = '' ORDER BY h.person_key`, nil, func(scan func(...any) error) error {
		var key, handles, slight string
		err := scan(&key, &handles, &slight)
		for digest := range strings.FieldsSeq(handles) {
			out.Strong[digest] = append(out.Strong[digest], key)
		}
		for digest := range strings.FieldsSeq(slight) {
			out.Slight[digest] = append(out.Slight[digest], key)
		}
		return err
	})
	if err != nil {
		return LeaverHandles{}, fmt.Errorf("read by what accounts are recognised of those who are out: %w", err)
	}
	return out, nil
}

// ObservedSince tells of which accounts of a system something was read that was asked for after an instant, and when.
func (l *Ledger) ObservedSince(ctx context.Context, system string, since time.Time) (map[string]time.Time, error) {
	found := map[string]time.Time{}
	err := each(ctx, l.db.Reader(), "SELECT account_id, observed_at FROM accounts WHERE system = $1 AND observed_at > $2",
		[]any{system, micros(since)}, func(scan func(...any) error) error {
			var id string
			var at int64
			err := scan(&id, &at)
			found[id] = instant(at)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read which accounts were observed: %w", err)
	}
	return found, nil
}

// AccountDocuments returns accounts of a system by their ids, with what was read of them. Ids that are not known are left out.
func (l *Ledger) AccountDocuments(ctx context.Context, system string, ids []string) ([]Account, error) {
	var out []Account
	err := chunks(ids, func(part []string) error {
		args := []any{system}
		for _, id := range part {
			args = append(args, id)
		}
		found, err := l.readAccounts(ctx, l.db.Reader(), true, " WHERE a.system = $1 AND a.account_id IN "+list(2, len(part)), args...)
		out = append(out, found...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %d accounts: %w", len(ids), err)
	}
	return out, nil
}
