package policies

import (
	"context"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// DeciderSession says that a key speaks for whoever an identity provider's token names, for a while.
type DeciderSession struct {
	KeyID     string
	PublicKey []byte
	// Token is the provider's ID token. Whoever reads the session verifies it.
	Token               string
	IssuedAt, ExpiresAt time.Time
}

// AddDeciderSession writes a session down, and forgets those that are over.
func (s Store) AddDeciderSession(ctx context.Context, session DeciderSession) error {
	sealed := s.db.Seal(engine.Place("decider_sessions.id_token", session.KeyID), []byte(session.Token))
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if _, err := q.ExecContext(ctx, "DELETE FROM decider_sessions WHERE expires_at <= $1", engine.Micros(s.db.Now())); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO decider_sessions (key_id, public_key, id_token, issued_at, expires_at)
			VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key_id) DO NOTHING`, session.KeyID, session.PublicKey, sealed, engine.Micros(session.IssuedAt), engine.Micros(session.ExpiresAt))
		return err
	})
	if err != nil {
		return fmt.Errorf("write down a decider's session: %w", err)
	}
	return nil
}

// DeciderSessions are those that are not over.
func (s Store) DeciderSessions(ctx context.Context) ([]DeciderSession, error) {
	var found []DeciderSession
	err := engine.Each(ctx, s.db.Reader(), "SELECT key_id, public_key, id_token, issued_at, expires_at FROM decider_sessions WHERE expires_at > $1",
		[]any{engine.Micros(s.db.Now())}, func(scan func(...any) error) error {
			var session DeciderSession
			var token []byte
			var issued, expires int64
			if err := scan(&session.KeyID, &session.PublicKey, &token, &issued, &expires); err != nil {
				return err
			}
			var err error
			if session.Token, err = s.db.OpenText(engine.Place("decider_sessions.id_token", session.KeyID), token); err != nil {
				return err
			}
			session.IssuedAt, session.ExpiresAt = engine.Instant(issued), engine.Instant(expires)
			found = append(found, session)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read the deciders' sessions: %w", err)
	}
	return found, nil
}
