package onelogin_test

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/onelogin"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
)

// TestTarget holds OneLogin to the contracts of package target, against the sandbox.
func TestTarget(t *testing.T) {
	t.Parallel()
	conformance.RunTarget(t, conformance.TargetSubject{System: identity.SystemOneLogin, New: targetBench, NotApplicable: map[string]string{
		"remove/one refused of three": "one request takes all roles, or none",
	}})
}

func targetBench(t *testing.T) conformance.TargetBench {
	t.Helper()
	tenant := server.New(server.Options{People: 130, Seed: 7, Quota: 100_000})
	site := httptest.NewServer(tenant.Handler())
	t.Cleanup(func() { site.Close(); tenant.Close() })
	c := &bench{t: t, sandbox: control.New(site.URL), base: site.URL + "/onelogin"}
	usual, guarded := c.signedIn("workday-21002"), c.signedIn("workday-21003")
	c.protected = guarded.ID
	roles, err := c.client().Roles(t.Context())
	require.NoError(t, err)
	c.roles = map[string]string{}
	for _, r := range roles {
		c.roles[r.Name] = strconv.FormatInt(r.ID, 10)
	}
	return conformance.TargetBench{
		Target: onelogin.NewTarget(c.client()), Restart: func() target.System { return onelogin.NewTarget(c.client()) },
		ID: text(usual.ID), Protected: text(guarded.ID), Missing: "99999999", Wrong: "forty-two",
		Look:    c.look,
		Effects: func() int { return c.count(true) }, Requests: func() int { return c.count(false) },
		LoseReply: func() { c.fault(control.Fault{Method: "PUT", When: "after", Style: "drop", Times: 1}) },
		Deny: func() {
			c.fault(control.Fault{
				Method: "GET", When: "before", Style: "status", Status: 404, Body: "<html>not here</html>", ContentType: "text/html", Times: 1,
			})
		},
		All:    c.all,
		Delete: func(id string) { require.NoError(t, c.sandbox.DeleteAccount(t.Context(), number(t, id))) },
		Add: func() string {
			p, err := c.sandbox.CreateAccount(t.Context(), control.Fields{
				"username": "new.one@acme.example", "email": "new.one@acme.example", "firstname": "New", "lastname": "One",
			})
			require.NoError(t, err)
			return text(p.ID)
		},
		Touch: func(id string) {
			_, err := c.sandbox.EditAccount(t.Context(), number(t, id), control.Fields{"title": "Chief Tester"})
			require.NoError(t, err)
		},
		Age: func() time.Time {
			require.NoError(t, c.sandbox.Advance(t.Context(), time.Hour))
			return time.Now().Add(time.Hour)
		},
	}
}

// bench is a simulated tenant, and who looks at it from outside.
type bench struct {
	t         *testing.T
	sandbox   *control.Client
	base      string
	protected int64
	// roles are ids by name.
	roles map[string]string
}

func text(id int64) string { return strconv.FormatInt(id, 10) }

func number(t *testing.T, id string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(id, 10, 64)
	require.NoError(t, err)
	return n
}

func (b *bench) client() *onelogin.Client {
	b.t.Helper()
	c, err := onelogin.New(onelogin.Options{
		BaseURL: b.base, ClientID: "sandbox-onelogin", ClientSecret: "sandbox-onelogin-secret",
		Protected: func(u onelogin.User) string {
			if u.ID == b.protected {
				return "accounts.break_glass"
			}
			return ""
		},
	})
	require.NoError(b.t, err)
	return c
}

// signedIn is the account with an external id, after two sign-ins.
func (b *bench) signedIn(external string) control.Person {
	b.t.Helper()
	p, found, err := b.sandbox.ByExternalID(b.t.Context(), external)
	require.NoError(b.t, err)
	require.True(b.t, found)
	for range 2 {
		ok, reason, err := b.sandbox.SignIn(b.t.Context(), p.Username)
		require.NoError(b.t, err)
		require.True(b.t, ok, reason)
	}
	return p
}

func (b *bench) look(id string) conformance.Seen {
	b.t.Helper()
	p, found, err := b.sandbox.ByID(b.t.Context(), number(b.t, id))
	require.NoError(b.t, err)
	require.True(b.t, found)
	seen := conformance.Seen{
		CanSignIn: p.CanSignIn, Sessions: len(p.Sessions), ExternalID: p.ExternalID, Email: p.Email, Username: p.Username,
	}
	for _, role := range p.Roles {
		seen.Memberships = append(seen.Memberships, b.roles[role])
	}
	return seen
}

// count counts what OneLogin was asked, or what was changed there.
func (b *bench) count(effects bool) (n int) {
	b.t.Helper()
	entries, err := b.sandbox.Journal(b.t.Context(), 0, effects)
	require.NoError(b.t, err)
	for _, e := range entries {
		if e.System == identity.SystemOneLogin {
			n++
		}
	}
	return n
}

func (b *bench) all() (ids []string) {
	b.t.Helper()
	people, err := b.sandbox.Accounts(b.t.Context())
	require.NoError(b.t, err)
	for _, p := range people {
		ids = append(ids, fmt.Sprint(p.ID))
	}
	return ids
}

func (b *bench) fault(f control.Fault) {
	b.t.Helper()
	f.System = identity.SystemOneLogin
	require.NoError(b.t, b.sandbox.AddFault(b.t.Context(), f))
}
