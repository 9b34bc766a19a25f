package agents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Token is a bearer token that Gatehouse made for an agent. The token itself is kept nowhere.
type Token struct {
	// ID names the token to people: the beginning of its digest.
	ID    string
	Agent string
	// MadeBy is who asked for it.
	MadeBy                    string
	MadeAt, EndsAt, RevokedAt time.Time
}

// tokenDetail is what is sealed of a token.
type tokenDetail struct {
	By string `json:"by"`
}

// tokenDigest is how a token is stored. Tokens are random and long, so that no digest leads back to one.
func tokenDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

const tokenID = 12

// AddToken keeps a new token of an agent.
func (s Store) AddToken(ctx context.Context, token, agent, by string, ends time.Time) (Token, error) {
	if token == "" || agent == "" || !ends.After(s.db.Now()) {
		return Token{}, errors.New("keep a token: it needs an agent and an end that is still to come")
	}
	digest := tokenDigest(token)
	detail, err := json.Marshal(tokenDetail{By: by})
	if err != nil {
		return Token{}, fmt.Errorf("keep a token of agent %s: %w", agent, err)
	}
	t := Token{ID: digest[:tokenID], Agent: agent, MadeBy: by, MadeAt: s.db.Now(), EndsAt: ends}
	_, err = s.db.Change(ctx, "INSERT INTO agent_tokens (token_digest, agent, made_at, ends_at, detail) VALUES ($1, $2, $3, $4, $5)",
		digest, agent, engine.Micros(t.MadeAt), engine.Micros(ends), s.db.Seal(engine.Place("agent_tokens.detail", digest), detail))
	return t, engine.Wrapf(err, "keep a token of agent %s", agent)
}

// Token returns whose token this is. Found is false of one that is unknown, revoked or over.
func (s Store) Token(ctx context.Context, token string) (t Token, found bool, err error) {
	digest := tokenDigest(token)
	var ends int64
	found, err = engine.QueryRow(ctx, s.db.Reader(),
		"SELECT agent, ends_at FROM agent_tokens WHERE token_digest = $1 AND revoked_at = 0 AND ends_at > $2",
		[]any{digest, engine.Micros(s.db.Now())}, &t.Agent, &ends)
	t.ID, t.EndsAt = digest[:tokenID], engine.Instant(ends)
	return t, found, engine.Wrapf(err, "look up a token of an agent")
}

// RevokeToken ends a token by its id.
func (s Store) RevokeToken(ctx context.Context, agent, id string) error {
	if len(id) != tokenID {
		return fmt.Errorf("revoke token %s of agent %s: %w", id, agent, engine.ErrNotFound)
	}
	n, err := s.db.Change(ctx, "UPDATE agent_tokens SET revoked_at = $3 WHERE agent = $1 AND substr(token_digest, 1, 12) = $2 AND revoked_at = 0",
		agent, id, engine.Micros(s.db.Now()))
	if err == nil && n == 0 {
		err = engine.ErrNotFound
	}
	return engine.Wrapf(err, "revoke token %s of agent %s", id, agent)
}

// Tokens are those of an agent, or of all if its name is empty, the newest first.
func (s Store) Tokens(ctx context.Context, agent string) ([]Token, error) {
	var found []Token
	err := engine.Each(ctx, s.db.Reader(), `SELECT token_digest, agent, made_at, ends_at, revoked_at, detail FROM agent_tokens
		WHERE $1 = '' OR agent = $1 ORDER BY made_at DESC, token_digest`, []any{agent}, func(scan func(...any) error) error {
		var t Token
		var digest string
		var made, ends, revoked int64
		var sealed []byte
		if err := scan(&digest, &t.Agent, &made, &ends, &revoked, &sealed); err != nil {
			return err
		}
		detail, err := s.db.Open(engine.Place("agent_tokens.detail", digest), sealed)
		if err != nil {
			return err
		}
		var d tokenDetail
		if err := json.Unmarshal(detail, &d); err != nil {
			return err
		}
		t.ID, t.MadeBy = digest[:tokenID], d.By
		t.MadeAt, t.EndsAt, t.RevokedAt = engine.Instant(made), engine.Instant(ends), engine.Instant(revoked)
		found = append(found, t)
		return nil
	})
	return found, engine.Wrapf(err, "read the tokens of agents")
}
