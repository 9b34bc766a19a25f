package onelogin

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// The scopes of a credential. Source: developers.onelogin.com, api-docs/2/oauth20-tokens/generate-tokens-2.
const (
	readUsers   = "Read Users"
	manageUsers = "Manage Users"
	readAll     = "Read All"
	manageAll   = "Manage All"
)

// allows reports whether a credential of scope have may do what needs scope need.
func allows(have, need string) bool {
	switch need {
	case "", readUsers:
		return true
	case readAll:
		return have == readAll || have == manageAll
	case manageUsers:
		return have == manageUsers || have == manageAll
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
		{ID: "sandbox-onelogin", Secret: "sandbox-onelogin-secret", Scope: manageAll},
		{ID: "sandbox-onelogin-users", Secret: "sandbox-onelogin-users-secret", Scope: manageUsers},
		{ID: "sandbox-onelogin-read", Secret: "sandbox-onelogin-read-secret", Scope: readUsers},
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

// tokens hands out access tokens: the same one to the same credential until it expires or is revoked.
type tokens struct {
	t  *tenant.Tenant
	mu sync.RWMutex
	// owner is the administrator who made the credentials. Tokens cannot be had once that user is deleted.
	owner    int64
	life     time.Duration
	creds    map[string]*Credential
	byValue  map[string]*token
	byClient map[string]*token
	// disabled are the credentials that an administrator has switched off.
	disabled map[string]bool
}

func newTokens(t *tenant.Tenant) *tokens {
	ts := &tokens{
		t: t, life: tokenLifetime, creds: map[string]*Credential{},
		byValue: map[string]*token{}, byClient: map[string]*token{}, disabled: map[string]bool{},
	}
	for _, c := range Credentials() {
		ts.creds[c.ID] = &c
	}
	return ts
}

// client returns the credential of an id and secret, nil if they are wrong.
func (ts *tokens) client(id, secret string) *Credential {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	if c := ts.creds[id]; c != nil && c.Secret == secret && !ts.disabled[id] {
		return c
	}
	return nil
}

// issue returns the credential's token, a new one if there is none that is still good.
func (ts *tokens) issue(cred *Credential) *token {
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
func (ts *tokens) credential(value string) *Credential {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	if tok := ts.byValue[value]; tok != nil && ts.t.Now().Before(tok.expires) && !ts.disabled[tok.cred.ID] {
		return tok.cred
	}
	return nil
}

// revoke ends one token of the credential; false if it has no such token.
func (ts *tokens) revoke(cred *Credential, value string) bool {
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
func (ts *tokens) forget(cred *Credential) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for value, tok := range ts.byValue {
		if tok.cred == cred {
			delete(ts.byValue, value)
		}
	}
	delete(ts.byClient, cred.ID)
}

// revokeAll ends every token at once, as an administrator can.
func (ts *tokens) revokeAll() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.byValue, ts.byClient = map[string]*token{}, map[string]*token{}
}

func (ts *tokens) setLife(d time.Duration) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.life = d
}

func (o *OneLogin) authRoutes() []tenant.Route {
	none := []string{}
	return []tenant.Route{
		{Method: "POST", Path: "/auth/oauth2/v2/token", Op: "onelogin.token", Query: none, Handle: o.issueToken},
		{Method: "POST", Path: "/auth/oauth2/token", Op: "onelogin.token_v1", Query: none, Handle: o.issueTokenV1},
		{Method: "POST", Path: "/auth/oauth2/revoke", Op: "onelogin.revoke_token", Query: none, Handle: o.revokeToken},
		{Method: "GET", Path: "/auth/rate_limit", Op: "onelogin.rate_limit", Query: none, Handle: o.rateLimit},
	}
}

// authenticate finds the client in any of the three accepted forms, and the fields of the body.
func (o *OneLogin) authenticate(c *tenant.Call) (*Credential, map[string]string, error) {
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
	return o.tokens.client(id, secret), fields, nil
}

// grantor finds the credential that a token is asked for.
func (o *OneLogin) grantor(c *tenant.Call) (*Credential, *tenant.Reply) {
	refuse := func(status int, message string) (*Credential, *tenant.Reply) {
		r := wire.V1Error(status, message)
		return nil, &r
	}
	cred, fields, err := o.authenticate(c)
	if err != nil {
		return refuse(http.StatusBadRequest, "The request body is not valid")
	}
	if cred == nil {
		o.events.Add(events.Event{Type: events.APIAuthFailed})
		return refuse(http.StatusUnauthorized, "Authentication Failure")
	}
	c.Client(cred.ID)
	if fields["grant_type"] != "client_credentials" || len(fields) != 1 {
		return refuse(http.StatusBadRequest, "grant_type must be client_credentials, and nothing else may be sent")
	}
	if owner := o.tokens.owner; owner != 0 && o.s.user(owner) == nil {
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

func (o *OneLogin) issueToken(c *tenant.Call) tenant.Reply {
	cred, refused := o.grantor(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, o.tokens.issue(cred).view())
}

// issueTokenV1 makes another token every time, and the ones before it are no longer good.
// Source: developers.onelogin.com, 1/oauth20-tokens/generate-tokens.
func (o *OneLogin) issueTokenV1(c *tenant.Call) tenant.Reply {
	cred, refused := o.grantor(c)
	if refused != nil {
		return *refused
	}
	o.tokens.forget(cred)
	return wire.V1OK([]map[string]any{o.tokens.issue(cred).view()})
}

func (o *OneLogin) revokeToken(c *tenant.Call) tenant.Reply {
	cred, fields, err := o.authenticate(c)
	if err != nil {
		return wire.V1Error(http.StatusBadRequest, "The request body is not valid")
	}
	if cred == nil {
		return wire.V1Error(http.StatusUnauthorized, "Authentication Failure")
	}
	c.Client(cred.ID)
	if !o.tokens.revoke(cred, fields["access_token"]) {
		return wire.V1Error(http.StatusBadRequest, "access_token is not valid")
	}
	return wire.V1OK(nil)
}

func (o *OneLogin) rateLimit(c *tenant.Call) tenant.Reply {
	cred := o.tokens.credential(bearer(c.Request.Header.Get("Authorization")))
	if cred == nil {
		return wire.V1Error(http.StatusUnauthorized, "Authentication Failure")
	}
	c.Client(cred.ID)
	limit, remaining, reset := o.quota.state()
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
