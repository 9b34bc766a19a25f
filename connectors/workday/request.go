package workday

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

const tokenOp = "get access token"

var errBadURL = errors.New("the request's URL cannot be built; check the base URL and the report names")

// fetchToken trades the refresh token, or the client's own credentials, for an access token. A reply may carry a new
// refresh token, which replaces the old one. Source: code samples of Workday API clients for integrations.
func (c *Client) fetchToken(ctx context.Context) (httpx.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	c.mu.Lock()
	refresh := c.refresh
	c.mu.Unlock()
	form := url.Values{"grant_type": {"client_credentials"}}
	if refresh != "" {
		form = url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()}}
	}
	u := c.base.JoinPath("ccx", "oauth2", url.PathEscape(c.o.Tenant), "token")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return httpx.Token{}, connectors.FromTransport(system, tokenOp, errBadURL)
	}
	req.SetBasicAuth(c.o.ClientID, c.o.ClientSecret.Reveal())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	reply, err := httpx.Send(c.http, req, c.o.MaxBody)
	if err != nil {
		return httpx.Token{}, connectors.FromTransport(system, tokenOp, err)
	}
	if failure := c.failure(tokenOp, reply.Status, reply.Header, reply.Body); failure != nil {
		if failure.Kind == connectors.KindInvalid {
			failure.Kind = connectors.KindUnauthorized
		}
		return httpx.Token{}, failure
	}
	return c.readToken(reply)
}

func (c *Client) readToken(reply httpx.Reply) (httpx.Token, error) {
	var body struct {
		AccessToken  httpx.Secret `json:"access_token"`
		RefreshToken httpx.Secret `json:"refresh_token"`
		ExpiresIn    httpx.Int    `json:"expires_in"`
	}
	err := json.Unmarshal(reply.Body, &body)
	if err == nil && body.AccessToken == "" {
		err = errors.New("the reply holds no token")
	}
	if err != nil {
		return httpx.Token{}, connectors.Malformed(system, tokenOp, reply.Status, err)
	}
	c.mu.Lock()
	rotated := body.RefreshToken != "" && c.refresh != "" && body.RefreshToken != c.refresh
	if rotated {
		c.refresh = body.RefreshToken
	}
	c.mu.Unlock()
	if rotated && c.o.OnRotatedRefreshToken != nil {
		c.o.OnRotatedRefreshToken(body.RefreshToken)
	}
	t := httpx.Token{Value: body.AccessToken}
	if body.ExpiresIn.Value > 0 {
		t.Expires = c.o.Clock().Add(time.Duration(body.ExpiresIn.Value) * time.Second)
	}
	return t, nil
}

// open sends a GET, once more if the token was refused, and returns a successful response with its body unread.
func (c *Client) open(ctx context.Context, op string, u *url.URL) (*http.Response, error) {
	var resp *http.Response
	var failure *connectors.Error
	err := c.tokens.Do(ctx, func(token httpx.Secret) (int, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return 0, errBadURL
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
		if resp, err = httpx.Open(c.http, req); err != nil { //nolint:bodyclose // the caller reads and closes it
			return 0, err
		}
		failure = nil
		if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
			return resp.StatusCode, nil
		}
		// The body is read for the error's stable code only; what cannot be read of it does not matter.
		body, readErr := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		if readErr != nil {
			body = nil
		}
		failure = c.failure(op, resp.StatusCode, resp.Header, body)
		return resp.StatusCode, resp.Body.Close()
	})
	var typed *connectors.Error
	switch {
	case err != nil && errors.As(err, &typed):
		return nil, err
	case err != nil:
		return nil, connectors.FromTransport(system, op, err)
	case failure != nil:
		return nil, failure
	}
	return resp, nil
}

// failure turns a status into an error, nil if it is a success. Workday throttles with 429, and with 500 on reports,
// and says nothing about when to come back.
func (c *Client) failure(op string, status int, header http.Header, body []byte) *connectors.Error {
	if status >= 200 && status <= 299 {
		return nil
	}
	e := &connectors.Error{System: system, Op: op, Kind: connectors.KindOfStatus(status), Status: status}
	switch {
	case status < 400:
		e.Kind = connectors.KindMalformed
	case e.Kind == connectors.KindRateLimited, e.Kind == connectors.KindUnavailable:
		e.RetryAfter = httpx.RetryAfter(header, c.o.Clock())
	}
	var fault struct {
		Error  httpx.Text `json:"error"`
		Errors []struct {
			Code httpx.Text `json:"code"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &fault) == nil {
		e.Code = connectors.StableCode(string(fault.Error))
		if len(fault.Errors) > 0 {
			e.Code = connectors.StableCode(string(fault.Errors[0].Code))
		}
	}
	return e
}
