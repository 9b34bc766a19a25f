// Package access simulates who may call the API of a OneLogin tenant: credentials with their scopes, tokens, and the quota of an hour.
package access

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// The scopes of a credential. Source: developers.onelogin.com, api-docs/2/oauth20-tokens/generate-tokens-2.
const (
	ReadUsers   = "Read Users"
	ManageUsers = "Manage Users"
	ReadAll     = "Read All"
	ManageAll   = "Manage All"
)

// Allows reports whether a credential of scope have may do what needs scope need.
func Allows(have, need string) bool {
	switch need {
	case "", ReadUsers:
		return true
	case ReadAll:
		return have == ReadAll || have == ManageAll
	case ManageUsers:
		return have == ManageUsers || have == ManageAll
	}
	return have == need
}

// Credential is an API credential of the tenant.
type Credential struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
	Scope  string `json:"scope"`
}

// Credentials are the API credentials every sandbox has.
func Credentials() []Credential {
	return []Credential{
		{ID: "sandbox-onelogin", Secret: "sandbox-onelogin-secret", Scope: ManageAll},
		{ID: "sandbox-onelogin-users", Secret: "sandbox-onelogin-users-secret", Scope: ManageUsers},
		{ID: "sandbox-onelogin-read", Secret: "sandbox-onelogin-read-secret", Scope: ReadUsers},
	}
}

// tokenLifetime is how long a token lasts. Source: developers.onelogin.com, 2/oauth20-tokens/generate-tokens-2.
const tokenLifetime = 10 * time.Hour

type token struct {
	value   string
	cred    *Credential
	created time.Time
	expires time.Time
	life    time.Duration
}

// Tenant is what clients ask of the tenant.
type Tenant struct {
	*tenant.Tenant
	// Failed hears of every client that is refused.
	Failed func()
	// There reports that a user exists.
	There func(user int64) bool
}

// Clients hand out access tokens: the same one to the same credential until it expires or is revoked.
type Clients struct {
	t     Tenant
	quota *Quota
	// owner is the administrator who made the credentials. Tokens cannot be had once that user is deleted.
	owner atomic.Int64

	mu       sync.RWMutex
	life     time.Duration
	creds    map[string]*Credential
	byValue  map[string]*token
	byClient map[string]*token
	// disabled are the credentials that an administrator has switched off.
	disabled map[string]bool
}

// New returns the clients that every tenant has.
func New(t Tenant, quota *Quota) *Clients {
	ts := &Clients{
		t: t, quota: quota, life: tokenLifetime, creds: map[string]*Credential{},
		byValue: map[string]*token{}, byClient: map[string]*token{}, disabled: map[string]bool{},
	}
	for _, c := range Credentials() {
		ts.creds[c.ID] = &c
	}
	return ts
}

// client returns the credential of an id and secret, nil if they are wrong.
func (ts *Clients) client(id, secret string) *Credential {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	if c := ts.creds[id]; c != nil && c.Secret == secret && !ts.disabled[id] {
		return c
	}
	return nil
}

// issue returns the credential's token, a new one if there is none that is still good.
func (ts *Clients) issue(cred *Credential) *token {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	now := ts.t.Now()
	if tok := ts.byClient[cred.ID]; tok != nil && now.Before(tok.expires) {
		return tok
	}
	tok := &token{value: ts.t.Secret(), cred: cred, created: now, expires: now.Add(ts.life), life: ts.life}
	ts.byValue[tok.value], ts.byClient[cred.ID] = tok, tok
	return tok
}

// credential returns whose token it is, nil if the token is unknown, revoked or expired.
func (ts *Clients) credential(value string) *Credential {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	if tok := ts.byValue[value]; tok != nil && ts.t.Now().Before(tok.expires) && !ts.disabled[tok.cred.ID] {
		return tok.cred
	}
	return nil
}

// Of returns whose token a call has, nil if it has none that is good.
func (ts *Clients) Of(c *tenant.Call) *Credential {
	return ts.credential(bearer(c.Request.Header.Get("Authorization")))
}

// Owner is the administrator who made the credentials, 0 if nobody says.
func (ts *Clients) Owner() int64 { return ts.owner.Load() }

// SetOwner names the administrator who made the credentials: once that user is deleted, tokens cannot be had.
func (ts *Clients) SetOwner(user int64) { ts.owner.Store(user) }

// Switch turns a credential off or on again; its tokens end at once, and it gets no others. False means that there is no such credential.
func (ts *Clients) Switch(id string, disabled bool) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	known := ts.creds[id] != nil
	if known {
		ts.disabled[id] = disabled
	}
	return known
}

// revoke ends one token of the credential; false if it has no such token.
func (ts *Clients) revoke(cred *Credential, value string) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	tok := ts.byValue[value]
	if tok == nil || tok.cred != cred {
		return false
	}
	delete(ts.byValue, value)
	if ts.byClient[cred.ID] == tok {
		delete(ts.byClient, cred.ID)
	}
	return true
}

// forget ends every token of the credential.
func (ts *Clients) forget(cred *Credential) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for value, tok := range ts.byValue {
		if tok.cred == cred {
			delete(ts.byValue, value)
		}
	}
	delete(ts.byClient, cred.ID)
}

// RevokeAll ends every token at once, as an administrator can.
func (ts *Clients) RevokeAll() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.byValue, ts.byClient = map[string]*token{}, map[string]*token{}
}

// SetLife sets how long the tokens issued from now on last.
func (ts *Clients) SetLife(d time.Duration) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.life = d
}

// Routes are those by which clients get tokens.
func (ts *Clients) Routes() []tenant.Route {
	none := []string{}
	return []tenant.Route{
		{Method: "POST", Path: "/auth/oauth2/v2/token", Op: "onelogin.token", Query: none, Handle: ts.issueToken},
		{Method: "POST", Path: "/auth/oauth2/token", Op: "onelogin.token_v1", Query: none, Handle: ts.issueTokenV1},
		{Method: "POST", Path: "/auth/oauth2/revoke", Op: "onelogin.revoke_token", Query: none, Handle: ts.revokeToken},
		{Method: "GET", Path: "/auth/rate_limit", Op: "onelogin.rate_limit", Query: none, Handle: ts.rateLimit},
	}
}

// authenticate finds the client in any of the three accepted forms, and the fields of the body.
func (ts *Clients) authenticate(c *tenant.Call) (*Credential, map[string]string, error) {
	fields := map[string]string{}
	if form := c.Form(); form != nil {
		for name := range form {
			fields[name] = form.Get(name)
		}
	} else if err := json.Unmarshal(c.Body, &fields); err != nil {
		return nil, nil, err
	}
	id, secret := fields["client_id"], fields["client_secret"]
	delete(fields, "client_id")
	delete(fields, "client_secret")
	if user, pass, ok := c.Request.BasicAuth(); ok {
		id, secret = user, pass
	} else if h := c.Request.Header.Get("Authorization"); strings.HasPrefix(h, "client_id:") {
		first, second, _ := strings.Cut(h, ",")
		id = strings.TrimSpace(strings.TrimPrefix(first, "client_id:"))
		secret = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(second), "client_secret:"))
	}
	return ts.client(id, secret), fields, nil
}

// grantor finds the credential that a token is asked for.
func (ts *Clients) grantor(c *tenant.Call) (*Credential, *tenant.Reply) {
	refuse := func(status int, message string) (*Credential, *tenant.Reply) {
		r := wire.V1Error(status, message)
		return nil, &r
	}
	cred, fields, err := ts.authenticate(c)
	if err != nil {
		return refuse(http.StatusBadRequest, "The request body is not valid")
	}
	if cred == nil {
		ts.t.Failed()
		return refuse(http.StatusUnauthorized, "Authentication Failure")
	}
	c.Client(cred.ID)
	if fields["grant_type"] != "client_credentials" || len(fields) != 1 {
		return refuse(http.StatusBadRequest, "grant_type must be client_credentials, and nothing else may be sent")
	}
	if owner := ts.owner.Load(); owner != 0 && !ts.t.There(owner) {
		return refuse(http.StatusInternalServerError, "Internal Server Error")
	}
	return cred, nil
}

// view is a token as both versions show it.
func (tok *token) view() map[string]any {
	return map[string]any{
		"access_token": tok.value, "created_at": tok.created.Format("2006-01-02T15:04:05.000Z"),
		"expires_in": int(tok.life.Seconds()), "refresh_token": "", "token_type": "bearer", "account_id": 4242,
	}
}

func (ts *Clients) issueToken(c *tenant.Call) tenant.Reply {
	cred, refused := ts.grantor(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, ts.issue(cred).view())
}

// issueTokenV1 makes another token every time, and the ones before it are no longer good.
// Source: developers.onelogin.com, 1/oauth20-tokens/generate-tokens.
func (ts *Clients) issueTokenV1(c *tenant.Call) tenant.Reply {
	cred, refused := ts.grantor(c)
	if refused != nil {
		return *refused
	}
	ts.forget(cred)
	return wire.V1OK([]map[string]any{ts.issue(cred).view()})
}

func (ts *Clients) revokeToken(c *tenant.Call) tenant.Reply {
	cred, fields, err := ts.authenticate(c)
	if err != nil {
		return wire.V1Error(http.StatusBadRequest, "The request body is not valid")
	}
	if cred == nil {
		return wire.V1Error(http.StatusUnauthorized, "Authentication Failure")
	}
	c.Client(cred.ID)
	if !ts.revoke(cred, fields["access_token"]) {
		return wire.V1Error(http.StatusBadRequest, "access_token is not valid")
	}
	return wire.V1OK(nil)
}

func (ts *Clients) rateLimit(c *tenant.Call) tenant.Reply {
	cred := ts.Of(c)
	if cred == nil {
		return wire.V1Error(http.StatusUnauthorized, "Authentication Failure")
	}
	c.Client(cred.ID)
	limit, remaining, reset := ts.quota.State()
	return wire.V1OK(map[string]int{
		"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset,
	})
}

// bearer takes the token out of "bearer <token>" or "bearer:<token>", in any case.
func bearer(header string) string {
	if len(header) < 8 || !strings.EqualFold(header[:6], "bearer") || header[6] != ' ' && header[6] != ':' {
		return ""
	}
	return strings.TrimSpace(header[7:])
}
