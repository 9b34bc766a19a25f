package salesforce

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

const tokenOp = "get access token"

// assertionLife is how long an assertion may be used. Source: help.salesforce.com, remoteaccess_oauth_jwt_flow.
const assertionLife = 3 * time.Minute

// readKey reads an RSA key in PEM, of PKCS 8 or PKCS 1.
func readKey(key httpx.Secret) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(key.Reveal()))
	if block == nil {
		return nil, errors.New("is no key in PEM")
	}
	if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		if k, ok := parsed.(*rsa.PrivateKey); ok {
			return k, nil
		}
		return nil, errors.New("is no RSA key; Salesforce takes RS256 only")
	}
	k, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("is no RSA key that can be read; it must not be encrypted")
	}
	return k, nil
}

// assertion is a JWT that asks for a session. The audience is the org's own address: the shared hosts are refused to newer apps.
func (c *Client) assertion() (string, error) {
	claims, err := json.Marshal(map[string]any{
		"iss": c.id, "sub": c.username, "aud": strings.TrimSuffix(c.base.String(), "/"), "exp": c.clock().Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, c.key, crypto.SHA256, digest[:])
	if err != nil {
		return "", err
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// fetchToken signs in. Salesforce does not say how long the token lasts.
func (c *Client) fetchToken(ctx context.Context) (httpx.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.id}, "client_secret": {c.secret.Reveal()}}
	if c.key != nil {
		assertion, err := c.assertion()
		if err != nil {
			return httpx.Token{}, invalid(tokenOp, "the key cannot sign")
		}
		form = url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
	}
	to := c.base.JoinPath("services", "oauth2", "token").String()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return httpx.Token{}, connectors.FromTransport(System, tokenOp, errBadURL)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	reply, err := httpx.Send(c.http, req, c.maxBody)
	if err != nil {
		return httpx.Token{}, connectors.FromTransport(System, tokenOp, err)
	}
	if reply.Status != http.StatusOK {
		return httpx.Token{}, c.tokenFault(reply)
	}
	var got struct {
		Token    httpx.Secret `json:"access_token"`
		Instance string       `json:"instance_url"`
	}
	if err := json.Unmarshal(reply.Body, &got); err != nil {
		return httpx.Token{}, connectors.Malformed(System, tokenOp, reply.Status, err)
	}
	if got.Token == "" {
		return httpx.Token{}, malformed(tokenOp, "the reply holds no token")
	}
	if err := c.move(got.Instance); err != nil {
		return httpx.Token{}, err
	}
	return httpx.Token{Value: got.Token}, nil
}

// move takes up where the API is. A token is shown to the org's own host, and to one of Salesforce's if the org is there.
func (c *Client) move(instance string) error {
	if instance == "" {
		c.instance.Store(c.base)
		return nil
	}
	at, err := httpx.ParseBase(instance)
	ours := func(host string) bool { return strings.HasSuffix(host, ".salesforce.com") }
	if err != nil || at.Scheme != c.base.Scheme || at.Host != c.base.Host && (!ours(at.Host) || !ours(c.base.Host)) {
		return &connectors.Error{
			System: System, Op: tokenOp, Kind: connectors.KindRefused, Code: "foreign_instance",
			Err: errors.New("the reply names an instance that is not the org's; check the base URL"),
		}
	}
	c.instance.Store(at)
	return nil
}

// tokenFault reports a refused token. What is wrong with the credential counts as unauthorized, because a person will correct it
// while the caller keeps asking.
func (c *Client) tokenFault(reply httpx.Reply) error {
	e := &connectors.Error{
		System: System, Op: tokenOp, Status: reply.Status, Kind: connectors.KindOfStatus(reply.Status),
		RetryAfter: httpx.RetryAfter(reply.Header, c.clock()),
	}
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(reply.Body, &said) == nil {
		e.Code = connectors.StableCode(said.Error)
	}
	switch {
	case reply.Status == http.StatusBadRequest:
		e.Kind = connectors.KindUnauthorized
		e.Err = errors.New("check the app's consumer key, secret or certificate, its run-as user, and that this user is active")
	case reply.Status < http.StatusBadRequest:
		e.Kind = connectors.KindMalformed
	}
	return e
}
