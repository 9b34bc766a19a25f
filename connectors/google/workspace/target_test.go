package workspace_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/conformance"
	"gatehouse/connectors/google/workspace"
	"gatehouse/connectors/target"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
)

const (
	domain    = "acme.example"
	superUser = "gatehouse-admin@acme.example"
	delegated = "gatehouse-directory@acme.example"
)

// TestTarget holds Google Workspace to the contracts of package target, against the sandbox.
func TestTarget(t *testing.T) {
	t.Parallel()
	conformance.RunTarget(t, conformance.TargetSubject{
		System: workspace.System, New: func(t *testing.T) conformance.TargetBench { return newBench(t).targetBench() },
		NotApplicable: map[string]string{
			"list/what was changed": "Google lists users by no time of their change; asking for that is an error",
		},
	})
}

// bench is a simulated company, and who looks at it from outside.
type bench struct {
	t         *testing.T
	sandbox   *control.Client
	base      string
	key       []byte
	admin     string
	usual     string
	protected string
	skus      []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	company := server.New(server.Options{People: 70, Seed: 7})
	site := httptest.NewServer(company.Handler())
	t.Cleanup(func() { site.Close(); company.Close() })
	b := &bench{t: t, sandbox: control.New(site.URL), base: site.URL, admin: superUser, skus: []string{enterprise, starter}}
	var err error
	b.key, err = b.sandbox.GoogleKey(t.Context())
	require.NoError(t, err)
	b.usual, b.protected = b.external("workday-21002"), b.external("workday-21003")
	for _, id := range []string{b.usual, b.protected} {
		for _, do := range []string{"sign_in", "sign_in"} {
			b.hand(do, id, "")
		}
	}
	return b
}

// external is the id of the user with an external id.
func (b *bench) external(id string) string {
	b.t.Helper()
	for _, u := range b.directory().Users {
		if u.ExternalID == id {
			return u.ID
		}
	}
	b.t.Fatalf("nobody has the external id %s", id)
	return ""
}

func (b *bench) directory() control.GoogleDirectory {
	b.t.Helper()
	d, err := b.sandbox.GoogleDirectory(b.t.Context())
	require.NoError(b.t, err)
	return d
}

// user is a user as the sandbox has it.
func (b *bench) user(id string) control.GoogleUser {
	b.t.Helper()
	u := b.directory().User(id)
	require.NotNil(b.t, u)
	return *u
}

func (b *bench) hand(do, user, value string) {
	b.t.Helper()
	_, err := b.sandbox.GoogleHand(b.t.Context(), control.GoogleOrder{Do: do, User: user, Value: value})
	require.NoError(b.t, err)
}

func (b *bench) settings(s control.DirectorySettings) {
	b.t.Helper()
	require.NoError(b.t, b.sandbox.Directory(b.t.Context(), s))
}

func (b *bench) options() workspace.Options {
	return workspace.Options{
		Credentials: httpx.Secret(b.key), Admin: b.admin, Domain: domain, BaseURL: b.base + "/google", PageSize: 20, SKUs: b.skus,
		Protected: func(a target.Account) string {
			if a.Ref.ID == b.protected {
				return "accounts.break_glass"
			}
			return ""
		},
	}
}

func (b *bench) target() *workspace.Target {
	b.t.Helper()
	t, err := workspace.New(b.options())
	require.NoError(b.t, err)
	return t
}

func (b *bench) targetBench() conformance.TargetBench {
	return conformance.TargetBench{
		Target: b.target(), Restart: func() target.System { return b.target() },
		ID: b.usual, Protected: b.protected, Missing: "199999999999999999999", Wrong: "ada@acme.example",
		Look:    b.look,
		Effects: func() int { return b.count(true) }, Requests: func() int { return b.count(false) },
		LoseReply: func() {
			for _, method := range []string{"PUT", "POST", "DELETE"} {
				b.fault(control.Fault{Method: method, Path: "/admin/**", When: "after", Style: "drop", Times: 1})
			}
		},
		Deny: func() {
			b.fault(control.Fault{
				Method: "GET", Path: "/admin/**", When: "before", Style: "status", Status: 404, Body: "<html>not here</html>", ContentType: "text/html", Times: 1,
			})
		},
		Refuse: func(id string) string {
			group := b.user(id).GroupIDs[0]
			b.refuses("DELETE", "/admin/directory/v1/groups/"+group+"/members/**")
			return group
		},
		All: func() (ids []string) {
			for _, u := range b.directory().Users {
				ids = append(ids, u.ID)
			}
			return ids
		},
		Delete: func(id string) { b.hand("delete", id, "") },
		Add: func() string {
			id, err := b.sandbox.GoogleHand(b.t.Context(), control.GoogleOrder{
				Do: "add", Person: control.GooglePerson{Email: "aaron.new@acme.example", Given: "Aaron", Family: "New"},
			})
			require.NoError(b.t, err)
			return id
		},
		Touch: func(id string) { b.hand("title", id, "Chief Tester") },
	}
}

// count counts what Google was asked, or what was changed there.
func (b *bench) count(effects bool) (n int) {
	b.t.Helper()
	entries, err := b.sandbox.Journal(b.t.Context(), 0, effects)
	require.NoError(b.t, err)
	for _, e := range entries {
		if e.System == workspace.System {
			n++
		}
	}
	return n
}

// refuses has Google answer as it does to whoever may not change something.
func (b *bench) refuses(method, path string) {
	b.t.Helper()
	b.fault(control.Fault{
		Method: method, Path: path, Status: 403, Times: -1, ContentType: "application/json",
		Body: `{"error":{"code":403,"message":"Not Authorized to access this resource/api",` +
			`"errors":[{"message":"Not Authorized to access this resource/api","domain":"global","reason":"forbidden"}]}}`,
	})
}

func (b *bench) fault(f control.Fault) {
	b.t.Helper()
	f.System = workspace.System
	require.NoError(b.t, b.sandbox.AddFault(b.t.Context(), f))
}

// TestALicenceHasOneNameWhoeverHasIt asks for licences that somebody has and that nobody has.
func TestALicenceHasOneNameWhoeverHasIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.skus = []string{enterprise, starter}
	all, err := b.target().Licences(t.Context(), target.LicencesRequest{})
	require.NoError(t, err)
	require.Equal(t, "Google Workspace Enterprise Plus", all.Licences[0].Name)
	require.Equal(t, "Google Workspace Business Starter", all.Licences[1].Name)
	require.NotZero(t, all.Licences[0].Used)
	require.Zero(t, all.Licences[1].Used, "the case has to have one that nobody has")
}
