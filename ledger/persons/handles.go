package persons

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/ledger/engine"
)

// handleLength is how much of a digest is kept of a handle: it finds whom to compare, and a chance hit costs a comparison.
const handleLength = 16

// HandleDigest makes a handle comparable that may hold personal data.
func (s Store) HandleDigest(handle string) string {
	digest := s.db.Digest(handle)
	return digest[:min(len(digest), handleLength)]
}

func (s Store) handleDigests(handles []string) string {
	var digests []string
	for _, h := range handles {
		if d := s.HandleDigest(h); d != "" {
			digests = append(digests, d)
		}
	}
	slices.Sort(digests)
	return strings.Join(slices.Compact(digests), " ")
}

// KeepHandles keeps by what accounts may be a leaver's, for the comparison of accounts that appear later. It writes only
// what is new.
func (s Store) KeepHandles(ctx context.Context, key string, handles, slight []string) error {
	now, weak := s.handleDigests(handles), s.handleDigests(slight)
	var kept, keptWeak string
	found, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT handles, slight FROM leaver_handles WHERE person_key = $1", []any{key}, &kept, &keptWeak)
	if err == nil && (!found || kept != now || keptWeak != weak) {
		err = s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
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
func (s Store) LeaverHandles(ctx context.Context) (LeaverHandles, error) {
	out := LeaverHandles{Strong: map[string][]string{}, Slight: map[string][]string{}}
	err := engine.Each(ctx, s.db.Reader(), `SELECT h.person_key, h.handles, h.slight FROM leaver_handles h JOIN people p ON p.person_key = h.person_key
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
