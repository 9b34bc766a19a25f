package agents

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/modelcontextprotocol/go-sdk/auth"
)

// TokenPrefix begins every token that Gatehouse makes, so that scanners of secrets know it.
const TokenPrefix = "ghagt_"

// Claims are what matters of a token of the identity provider.
type Claims struct {
	// Subject is what the provider calls the agent, Expires when the token ends.
	Subject string
	Expires time.Time
	Scopes  []string
}

// VerifyToken checks a token of the identity provider for issuer, audience and signature at an instant.
type VerifyToken func(ctx context.Context, token string, at time.Time) (Claims, error)

// Verifier reads what an issuer says about itself, and checks its tokens by its keys (JWKS). The audience is the URL of the server
// (RFC 8707). An agent is called by the claim client_id or azp (RFC 9068), and by sub where neither is there.
func Verifier(ctx context.Context, issuer, audience string) (VerifyToken, error) {
	p, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, fmt.Errorf("read the OpenID configuration of agents.issuer: %w", err)
	}
	return func(ctx context.Context, raw string, at time.Time) (Claims, error) {
		token, err := p.Verifier(&oidc.Config{ClientID: audience, Now: func() time.Time { return at }}).Verify(ctx, raw)
		if err != nil {
			return Claims{}, fmt.Errorf("verify a token: %w", err)
		}
		var named struct {
			ClientID string `json:"client_id"`
			AZP      string `json:"azp"`
			Scope    string `json:"scope"`
		}
		if err := token.Claims(&named); err != nil {
			return Claims{}, fmt.Errorf("read a token: %w", err)
		}
		subject := named.ClientID
		if subject == "" {
			subject = named.AZP
		}
		if subject == "" {
			subject = token.Subject
		}
		return Claims{Subject: subject, Expires: token.Expiry, Scopes: strings.Fields(named.Scope)}, nil
	}, nil
}

// caller is who asks.
type caller struct {
	// agent is the name in the policy.
	agent  string
	scopes []string
}

const callerKey = "caller"

func callerOf(t *auth.TokenInfo) (caller, bool) {
	if t == nil {
		return caller{}, false
	}
	c, ok := t.Extra[callerKey].(caller)
	return c, ok
}

func (c caller) may(scope string) bool { return scope == "" || slices.Contains(c.scopes, scope) }

func (c caller) serverName() string { return c.agent + " " + strings.Join(c.scopes, " ") }

// verify says who a token is of. Whatever is wrong with one is told in the same words: a caller must not learn whether a token was
// right once. What went wrong here is not told at all.
func (s *server) verify(ctx context.Context, raw string, _ *http.Request) (*auth.TokenInfo, error) {
	c, ends, err := s.identify(ctx, raw)
	switch {
	case errors.Is(err, auth.ErrInvalidToken):
		return nil, auth.ErrInvalidToken
	case err != nil:
		s.Log.Error("a token of an agent cannot be checked", "error", err)
		return nil, errors.New("the token cannot be checked now: try again later")
	}
	slices.Sort(c.scopes)
	return &auth.TokenInfo{UserID: c.agent, Scopes: c.scopes, Expiration: ends, Extra: map[string]any{callerKey: c}}, nil
}

func (s *server) identify(ctx context.Context, raw string) (caller, time.Time, error) {
	if strings.HasPrefix(raw, TokenPrefix) {
		t, found, err := s.Ledger.Agents().Token(ctx, raw)
		if err == nil && !found {
			err = s.stale(ctx, raw)
		}
		return caller{agent: t.Agent, scopes: []string{ScopeRead, ScopeWrite}}, t.EndsAt, err
	}
	if s.Verify == nil {
		return caller{}, time.Time{}, auth.ErrInvalidToken
	}
	claims, err := s.Verify(ctx, raw, s.Clock())
	if err != nil {
		return caller{}, time.Time{}, fmt.Errorf("%w: %w", auth.ErrInvalidToken, err)
	}
	a, known := s.Policy().AgentOf(claims.Subject)
	if !known {
		return caller{}, time.Time{}, auth.ErrInvalidToken
	}
	return caller{agent: a.Name, scopes: claims.Scopes}, claims.Expires, nil
}
