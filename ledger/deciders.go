package ledger

import (
	"context"
	"fmt"
	"time"
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
func (l *Ledger) AddDeciderSession(ctx context.Context, session DeciderSession) error {
	sealed := l.db.Seal(place("decider_sessions.id_token", session.KeyID), []byte(session.Token))
	err := l.db.Write(ctx, func(ctx context.Context, q querier) error {
		if _, err := q.ExecContext(ctx, "DELETE FROM decider_sessions WHERE expires_at <= $1", micros(l.db.Now())); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO decider_sessions (key_id, public_key, id_token, issued_at, expires_at)
			VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key_id) DO NOTHING`, session.KeyID, session.PublicKey, sealed, micros(session.IssuedAt), micros(session.ExpiresAt))
		return err
	})
	if err != nil {
		return fmt.Errorf("write down a decider's session: %w", err)
	}
	return nil
}

// DeciderSessions are those that are not over.
func (l *Ledger) DeciderSessions(ctx context.Context) ([]DeciderSession, error) {
	var found []DeciderSession
	err := each(ctx, l.db.Reader(), "SELECT key_id, public_key, id_token, issued_at, expires_at FROM decider_sessions WHERE expires_at > $1",
		[]any{micros(l.db.Now())}, func(scan func(...any) error) error {
			var session DeciderSession
			var token []byte
			var issued, expires int64
			if err := scan(&session.KeyID, &session.PublicKey, &token, &issued, &expires); err != nil {
				return err
			}
			var err error
			if session.Token, err = l.db.OpenText(place("decider_sessions.id_token", session.KeyID), token); err != nil {
				return err
			}
			session.IssuedAt, session.ExpiresAt = instant(issued), instant(expires)
			found = append(found, session)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read the deciders' sessions: %w", err)
	}
	return found, nil
}
