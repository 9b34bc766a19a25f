package decider_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/ledger/policies"
	"gatehouse/policy"
)

const run = "person/workday-21001"

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return key
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func judgeOf(people ...policy.Decider) *decider.Judge {
	return &decider.Judge{People: func() []policy.Decider { return people }, Clock: func() time.Time { return noon }}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	ann, eve := newKey(t), newKey(t)
	named := policy.Decider{Address: "Ann@acme.example", Key: decider.FormatKey(public(ann)), May: []string{policy.MayPlan, policy.MayStep}}
	plan := api.Decision{Verb: api.VerbAllow, By: "ann@acme.example", Item: "abc", Code: "approval_needed", Reason: "agreed"}
	for name, c := range map[string]struct {
		change func(d *api.Decision)
		key    ed25519.PrivateKey
		run    string
		at     time.Time
		later  func(d *api.Decision)
		want   string
	}{
		"as it should be":       {},
		"no proof":              {later: func(d *api.Decision) { d.Proof = nil }, want: "nothing shows who this is"},
		"somebody else's key":   {key: eve, want: "no worker knows this key"},
		"for another run":       {run: "person/workday-21002", want: "does not fit"},
		"another answer":        {later: func(d *api.Decision) { d.Verb = api.VerbReject }, want: "does not fit"},
		"another question":      {later: func(d *api.Decision) { d.Item = "abd" }, want: "does not fit"},
		"another reason":        {later: func(d *api.Decision) { d.Reason = "" }, want: "does not fit"},
		"in somebody's name":    {change: func(d *api.Decision) { d.By = "bob@acme.example" }, want: "the key is that of"},
		"yesterday's":           {at: noon.Add(-24 * time.Hour), want: "24h0m0s away"},
		"tomorrow's":            {at: noon.Add(24 * time.Hour), want: "away from the worker's time"},
		"a time put forward":    {at: noon.Add(-24 * time.Hour), later: func(d *api.Decision) { d.Proof.At = noon }, want: "does not fit"},
		"no question named":     {change: func(d *api.Decision) { d.Item = "" }, want: "names the question"},
		"no kind of question":   {change: func(d *api.Decision) { d.Code = "" }, want: "names the question"},
		"what is not theirs":    {change: func(d *api.Decision) { d.Code = api.NoticeProtectedLeaver }, want: "this is protection"},
		"a budget":              {change: func(d *api.Decision) { d.Code = api.NoticeBudgetContain }, want: "this is budget"},
		"whose an account is":   {change: func(d *api.Decision) { d.Verb = api.VerbLink }, want: "this is identity"},
		"a response":            {change: func(d *api.Decision) { d.Verb = api.VerbApprove }, want: "this is response"},
		"a step, which is":      {change: func(d *api.Decision) { d.Verb = api.VerbSkip }},
		"a name and an address": {change: func(d *api.Decision) { d.By = "Ann Example <ANN@acme.example>" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := plan
			if c.change != nil {
				c.change(&d)
			}
			signer, about, at := ann, run, noon
			if c.key != nil {
				signer = c.key
			}
			if c.run != "" {
				about = c.run
			}
			if !c.at.IsZero() {
				at = c.at
			}
			d.Proof = decider.Sign(signer, about, d, at)
			if c.later != nil {
				c.later(&d)
			}
			err := judgeOf(named).Judge(run, d)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
	require.NoError(t, judgeOf().Judge(run, plan), "nobody is named: everybody's word is taken, unverified")
	plan.Proof = decider.Sign(ann, run, plan, noon)
	require.ErrorContains(t, judgeOf().Judge(run, plan), "names nobody", "or a signature that nobody checked would be shown as one")
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	key := public(newKey(t))
	got, err := decider.ParseKey(decider.FormatKey(key))
	require.NoError(t, err)
	require.Equal(t, key, got)
	for _, bad := range []string{"", "ed25519:", "ed25519:AAAA", "rsa:" + decider.FormatKey(key), decider.FormatKey(key)[8:]} {
		_, err := decider.ParseKey(bad)
		require.ErrorContains(t, err, "no public key", bad)
	}
}

// Who has signed in decides for a while; a token for another program, of another provider or without an address is no
// sign-in, whatever the ledger says.
func TestSignIn(t *testing.T) {
	t.Parallel()
	idp, other := newProvider(t), newProvider(t)
	p, err := decider.Discover(t.Context(), idp.URL, "gatehouse")
	require.NoError(t, err)
	idp.next = claims{"email": "ann@acme.example", "aud": "gatehouse"}
	var shown []string
	raw, err := p.SignIn(t.Context(), func(url, code string) { shown = []string{url, code} })
	require.NoError(t, err)
	require.Equal(t, []string{idp.URL + "/activate", "WDJB-MJHT"}, shown)

	ann := policy.Decider{Address: "ann@acme.example", May: []string{policy.MayAny}}
	key := newKey(t)
	d := api.Decision{Verb: api.VerbAllow, By: ann.Address, Item: "abc", Code: "approval_needed"}
	d.Proof = decider.Sign(key, run, d, noon)
	judged := func(token string, issued time.Time, life time.Duration, people ...policy.Decider) error {
		j := judgeOf(people...)
		j.Learn(t.Context(), []policies.DeciderSession{{
			KeyID: decider.KeyID(public(key)), PublicKey: public(key), Token: token, IssuedAt: issued, ExpiresAt: issued.Add(life),
		}}, p.Verify)
		return j.Judge(run, d)
	}
	require.NoError(t, judged(raw, noon, time.Hour, ann))
	require.ErrorContains(t, judged(raw, noon.Add(-2*time.Hour), time.Hour, ann), "unknown, or the sign-in is over")
	require.ErrorContains(t, judged(raw, noon, 24*time.Hour, ann), "unknown", "nobody makes a sign-in last for longer")
	require.ErrorContains(t, judged(raw, noon, time.Hour, policy.Decider{Address: "bob@acme.example", May: []string{policy.MayAny}}), "does not name your address")
	for name, token := range map[string]string{
		"of another provider":    other.sign(t, claims{"email": "ann@acme.example", "aud": "gatehouse", "iss": idp.URL}),
		"for another program":    idp.sign(t, claims{"email": "ann@acme.example", "aud": "wiki"}),
		"without an address":     idp.sign(t, claims{"aud": "gatehouse"}),
		"an unconfirmed address": idp.sign(t, claims{"email": "ann@acme.example", "email_verified": false, "aud": "gatehouse"}),
		"over before":            idp.sign(t, claims{"email": "ann@acme.example", "aud": "gatehouse", "exp": noon.Add(-time.Hour).Unix()}),
		"no token":               "x.y.z",
	} {
		require.ErrorContains(t, judged(token, noon, time.Hour, ann), "unknown", name)
	}
}

func TestNoDeviceFlow(t *testing.T) {
	t.Parallel()
	idp := newProvider(t)
	idp.plain = true
	p, err := decider.Discover(t.Context(), idp.URL, "gatehouse")
	require.NoError(t, err)
	_, err = p.SignIn(t.Context(), func(string, string) {})
	require.ErrorContains(t, err, "offers no device flow")
	_, err = decider.Discover(t.Context(), idp.URL+"/nothing", "gatehouse")
	require.ErrorContains(t, err, "deciders.issuer")
}

type claims map[string]any

// provider is an identity provider with the device flow, as RFC 8628 and OpenID Connect Discovery describe it.
type provider struct {
	*httptest.Server
	key   *rsa.PrivateKey
	plain bool

	mu    sync.Mutex
	asked int
	next  claims
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p := &provider{key: key}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v) //nolint:errchkjson // A test's server.
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		c := claims{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		}
		if !p.plain {
			c["device_authorization_endpoint"] = p.URL + "/device"
		}
		answer(w, http.StatusOK, c)
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /device", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, claims{
			"device_code": "d", "user_code": "WDJB-MJHT", "verification_uri": p.URL + "/activate", "expires_in": 60, "interval": 1,
		})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.asked++; p.asked == 1 {
			answer(w, http.StatusBadRequest, claims{"error": "authorization_pending"})
			return
		}
		answer(w, http.StatusOK, claims{"access_token": "a", "token_type": "Bearer", "id_token": p.sign(t, p.next)})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) sign(t *testing.T, c claims) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.key, KeyID: "1"}}, nil)
	require.NoError(t, err)
	all := claims{"iss": p.URL, "sub": "1", "iat": noon.Add(-2 * time.Hour).Unix(), "exp": noon.Add(time.Hour).Unix()}
	if _, real := c["exp"]; !real {
		all["exp"] = time.Now().Add(time.Hour).Unix() // SignIn is judged by the clock on the wall, too.
	}
	for k, v := range c {
		all[k] = v
	}
	raw, err := jwt.Signed(signer).Claims(map[string]any(all)).Serialize()
	require.NoError(t, err)
	return raw
}

var _ decider.Verify = (&decider.Provider{}).Verify
