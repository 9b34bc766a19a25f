package salesforce

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/tenant"
)

// Credentials of the org's apps. The first one's user manages users; the second one's sees them and no more.
const (
	ClientID           = "sandbox-salesforce"
	ClientSecret       = "sandbox-salesforce-secret" //nolint:gosec // A sandbox has no secrets.
	ReadOnlyID         = "sandbox-salesforce-read"
	ReadOnlySecret     = "sandbox-salesforce-read-secret" //nolint:gosec // A sandbox has no secrets.
	Integration        = "gatehouse@acme.example.crm"
	ReadOnlyUser       = "auditor@acme.example.crm"
	Administrator      = "admin@acme.example.crm"
	bearerGrant        = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	longestAssertion   = 5 * time.Minute
	secondsOfAssertion = int64(longestAssertion / time.Second)
)

// app is a connected app.
type app struct{ secret, runAs string }

var apps = map[string]app{ClientID: {ClientSecret, Integration}, ReadOnlyID: {ReadOnlySecret, ReadOnlyUser}}

// Key is the key whose certificate the apps have. The zero value is one that this process makes for itself, once.
type Key struct{ private *rsa.PrivateKey }

var ownKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func (k Key) rsa() (*rsa.PrivateKey, error) {
	if k.private != nil {
		return k.private, nil
	}
	return ownKey()
}

// PEM is the key as a file.
func (k Key) PEM() ([]byte, error) {
	key, err := k.rsa()
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// KeyPEM is the key of the org's apps as a file.
func (s *Salesforce) KeyPEM() ([]byte, error) { return s.key.PEM() }

// session is somebody signed in. It is a record of AuthSession as well, under the same id.
type session struct {
	id, user, client string
	seen             time.Time
}

// caller is who a request is made as.
type caller struct {
	user   record
	client string
	token  string
}

func (s *Salesforce) sessionLife() time.Duration {
	if s.settings.SessionSeconds > 0 {
		return time.Duration(s.settings.SessionSeconds) * time.Second
	}
	return usualSession
}

// caller finds who signed a call, nil if nobody did. The lock must be held.
func (s *Salesforce) caller(c *tenant.Call) *caller {
	token, ok := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil
	}
	held := s.sessions[token]
	if held == nil || s.tables[AuthSession].rows[held.id] == nil {
		return nil
	}
	now := s.t.Now()
	user := s.tables[User].rows[held.user]
	if now.Sub(held.seen) > s.sessionLife() || !s.canSignIn(user) {
		delete(s.sessions, token)
		return nil
	}
	held.seen = now
	return &caller{user: user, client: held.client, token: token}
}

// canSignIn reports that a user is active and not frozen. The lock must be held.
func (s *Salesforce) canSignIn(user record) bool {
	login := s.loginOf(user.id())
	return user.is("IsActive") && !login.is("IsFrozen")
}

// EndSessions ends every session of a client, without a word to it.
func (s *Salesforce) EndSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, held := range s.sessions {
		s.remove(AuthSession, held.id)
		delete(s.sessions, token)
	}
}

func refuseToken(status int, code, text string) tenant.Reply {
	return tenant.JSON(status, map[string]string{"error": code, "error_description": text})
}

// base is the My Domain URL that a call came to.
func base(c *tenant.Call) string {
	scheme := "http"
	if c.Request.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.Request.Host + "/" + Name
}

// issueToken answers the client credentials flow and the JWT bearer flow.
func (s *Salesforce) issueToken(c *tenant.Call) tenant.Reply {
	form := c.Form()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch form.Get("grant_type") {
	case "client_credentials":
		id, secret := form.Get("client_id"), form.Get("client_secret")
		if user, password, ok := c.Request.BasicAuth(); ok {
			id, secret = user, password
		}
		known, ok := apps[id]
		if !ok {
			return refuseToken(http.StatusBadRequest, "invalid_client_id", "client identifier invalid")
		}
		if secret != known.secret {
			return refuseToken(http.StatusBadRequest, "invalid_client", "invalid client credentials")
		}
		return s.signIn(c, id, known.runAs)
	case bearerGrant:
		client, user, text := s.verify(form.Get("assertion"), base(c))
		if text != "" {
			return refuseToken(http.StatusBadRequest, "invalid_grant", text)
		}
		return s.signIn(c, client, user)
	}
	return refuseToken(http.StatusBadRequest, "unsupported_grant_type", "grant type not supported")
}

// signIn begins a session of a user. The lock must be held.
func (s *Salesforce) signIn(c *tenant.Call, client, username string) tenant.Reply {
	user := s.byUsername(username)
	switch {
	case user == nil:
		return refuseToken(http.StatusBadRequest, "invalid_grant", "user hasn't approved this consumer")
	case !user.is("IsActive"):
		return refuseToken(http.StatusBadRequest, "inactive_user", "user is inactive")
	case !s.canSignIn(user):
		return refuseToken(http.StatusBadRequest, "invalid_grant", "user is locked")
	}
	c.Client(client)
	c.Subject("user", user.id())
	token := orgID[:15] + "!" + s.t.Secret()
	s.sessions[token] = &session{id: s.begin(user.id(), "Oauth2"), user: user.id(), client: client, seen: s.t.Now()}
	at := base(c)
	return tenant.JSON(http.StatusOK, map[string]string{
		"access_token": token, "instance_url": at, "id": at + "/id/" + orgID + "/" + user.id(), "token_type": "Bearer",
		"issued_at": strconv.FormatInt(s.t.Now().UnixMilli(), 10), "signature": "c2FuZGJveA==", "scope": "api",
	})
}

// verify checks an assertion and returns for which app and as whom it signs in, or what is wrong with it. It is judged by the
// machine's clock: another program made it.
// Source: help.salesforce.com, remoteaccess_oauth_jwt_flow.
func (s *Salesforce) verify(assertion, audience string) (client, user, wrong string) {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return "", "", "invalid assertion"
	}
	var header struct{ Alg string }
	var claims struct {
		Iss, Sub, Aud string
		Exp           int64
	}
	for i, into := range []any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return "", "", "invalid assertion"
		}
	}
	key, err := s.key.rsa()
	signature, decodes := base64.RawURLEncoding.DecodeString(parts[2])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	now := s.t.WallClock().Unix()
	switch {
	case err != nil || decodes != nil || header.Alg != "RS256" || rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature) != nil:
		return "", "", "invalid assertion"
	case claims.Aud != audience:
		return "", "", "audience is invalid"
	case claims.Exp <= now:
		return "", "", "expired authorization code"
	case claims.Exp > now+secondsOfAssertion:
		return "", "", "invalid assertion"
	}
	known, ok := apps[claims.Iss]
	if !ok {
		return "", "", "client identifier invalid"
	}
	if !slices.Contains([]string{known.runAs}, claims.Sub) {
		return "", "", "user hasn't approved this consumer"
	}
	return claims.Iss, claims.Sub, ""
}

// revoke ends the session of a token. Source: help.salesforce.com, remoteaccess_revoke_token.
func (s *Salesforce) revoke(c *tenant.Call) tenant.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := c.Form().Get("token")
	held := s.sessions[token]
	if held == nil {
		return refuseToken(http.StatusBadRequest, "unsupported_token_type", "this token type is not supported")
	}
	s.remove(AuthSession, held.id)
	delete(s.sessions, token)
	return tenant.Empty(http.StatusOK)
}

// identity tells a client who it is.
func (s *Salesforce) identity(c *tenant.Call) tenant.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.caller(c)
	if c.Param("org") != orgID || c.Param("user") != who.user.id() {
		return plain(http.StatusForbidden, "FORBIDDEN", "Bad_Id").reply()
	}
	return tenant.JSON(http.StatusOK, map[string]any{
		"user_id": who.user.id(), "organization_id": orgID, "username": who.user.text("Username"),
		"display_name": who.user.text("Name"), "active": true,
	})
}
