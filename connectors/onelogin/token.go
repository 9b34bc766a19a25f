package onelogin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

const tokenOp = "get access token"

// wireToken is an access token as version 2 returns it. Version 1 wraps a list of these in "data".
type wireToken struct {
	AccessToken httpx.Secret `json:"access_token"`
	CreatedAt   httpx.Time   `json:"created_at"`
	ExpiresIn   httpx.Int    `json:"expires_in"`
}

// fetchToken asks for an access token. OneLogin returns the same token until it ends, so the end is counted from its
// creation, not from now. The old endpoint is not used: it invalidates the tokens of all other workers.
// Source: developers.onelogin.com, 2/oauth20-tokens/generate-tokens-2.
func (s *shared) fetchToken(ctx context.Context) (httpx.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	body := bytes.NewReader([]byte(`{"grant_type":"client_credentials"}`))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base.JoinPath("/auth/oauth2/v2/token").String(), body)
	if err != nil {
		return httpx.Token{}, connectors.FromTransport(system, tokenOp, errBadURL)
	}
	req.SetBasicAuth(s.id, s.secret.Reveal())
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	reply, err := httpx.Send(s.http, req, s.maxBody)
	if err != nil {
		return httpx.Token{}, connectors.FromTransport(system, tokenOp, err)
	}
	if fault, failed := readFault(reply, true); failed {
		return httpx.Token{}, s.tokenError(fault, reply)
	}
	return s.decodeToken(reply)
}

// tokenError reports a refused token. Anything that is wrong with the credential counts as unauthorized, because a
// person will correct it while the caller keeps asking.
func (s *shared) tokenError(fault fault, reply httpx.Reply) error {
	e := fault.asError(tokenOp)
	switch {
	case e.Kind == connectors.KindRateLimited:
		e.RetryAfter = retryAfter(reply.Header, s.clock())
	case fault.status == http.StatusBadRequest:
		e.Kind = connectors.KindUnauthorized
	case fault.status == http.StatusInternalServerError:
		e.Err = errors.New("this also happens when the administrator who made the API credential was deleted")
	}
	return e
}

func (s *shared) decodeToken(reply httpx.Reply) (httpx.Token, error) {
	var both struct {
		wireToken
		Data []wireToken `json:"data"`
	}
	if err := json.Unmarshal(reply.Body, &both); err != nil {
		return httpx.Token{}, connectors.Malformed(system, tokenOp, reply.Status, err)
	}
	token := both.wireToken
	if token.AccessToken == "" && len(both.Data) > 0 {
		token = both.Data[0]
	}
	if token.AccessToken == "" {
		return httpx.Token{}, connectors.Malformed(system, tokenOp, reply.Status, errors.New("the reply holds no token"))
	}
	t := httpx.Token{Value: token.AccessToken}
	if token.ExpiresIn.Value > 0 {
		now := s.clock()
		created := token.CreatedAt.Time
		if created.IsZero() || created.After(now) {
			created = now
		}
		t.Expires = created.Add(time.Duration(token.ExpiresIn.Value) * time.Second)
	}
	return t, nil
}
