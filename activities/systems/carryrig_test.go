package systems_test

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	hrreading "gatehouse/activities/reading"
	"gatehouse/activities/step"
	"gatehouse/activities/systems"
	"gatehouse/connectors/google/workspace"
	"gatehouse/connectors/hr"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
	ledgersystems "gatehouse/ledger/systems"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
)

const (
	ada        = "workday-21002"
	google     = "google"
	enterprise = "Google-Apps/1010020020"
	starter    = "Google-Apps/1010020027"
)

// records are an HR system in which everybody works who is not named.
type records struct {
	mu   sync.Mutex
	left map[string]bool
	// soon is when everybody begins, if they have not begun.
	soon identity.Date
	// called are those who are not called as everybody else.
	called map[string]identity.Record
}

func (r *records) Read(_ context.Context, id string) (identity.Record, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec := identity.Record{
		Source: identity.SourceWorkday, EmployeeID: id, FirstName: "Ada", LastName: "Lovelace", WorkEmail: "ada@acme.example", Status: identity.StatusActive,
		HireDate: "2020-01-01",
	}
	if own, known := r.called[id]; known {
		rec = own
	}
	if r.soon != "" {
		rec.HireDate = r.soon
	}
	if r.left[id] {
		rec.Status, rec.LastDay = identity.StatusTerminated, "2020-06-01"
	}
	return rec, true, nil
}

// works is Gatehouse with Google of a sandbox, and who looks at it from outside.
type works struct {
	t       *testing.T
	sandbox *control.Client
	base    string
	key     []byte
	l       *ledger.Ledger
	s       *systems.Systems
	hr      *records
	launch  *launched
	policy  *policy.Policy
	offset  time.Duration
	user    string
	// guarded is an account that is protected.
	guarded string
}

// launched remembers which batches were asked about.
type launched struct {
	hints
	holds []api.HoldRef
}

func (l *launched) Hold(_ context.Context, ref api.HoldRef, _ string) error {
	l.holds = append(l.holds, ref)
	return nil
}

func newWorks(t *testing.T, text string) *works {
	t.Helper()
	company := server.New(server.Options{People: 30, Seed: 7})
	site := httptest.NewServer(company.Handler())
	t.Cleanup(func() { site.Close(); company.Close() })
	w := &works{t: t, sandbox: control.New(site.URL), base: site.URL, hr: &records{left: map[string]bool{}}, launch: &launched{}}
	var err error
	w.key, err = w.sandbox.GoogleKey(t.Context())
	require.NoError(t, err)
	w.settings(control.DirectorySettings{CreationLagMS: -1, TransferMS: 3_600_000})
	w.l = storetest.Open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{
		Clock: w.now, Seal: storetest.Ring(t, "a", "a"), DigestKey: []byte("pepper"),
	})
	w.policy = policytest.Parse(t, policytest.Everyone+text)
	w.open()
	w.admit(ada)
	for _, u := range w.directory().Users {
		if u.ExternalID == ada {
			w.user = u.ID
		}
	}
	require.NotEmpty(t, w.user)
	w.link(ada, w.user)
	w.catalogue()
	return w
}

// open replaces the process.
func (w *works) open() {
	system, err := workspace.New(workspace.Options{
		Credentials: httpx.Secret(w.key), Admin: "gatehouse-admin@acme.example", Domain: "acme.example", BaseURL: w.base + "/google",
		SKUs: []string{enterprise, starter}, Protected: func(a target.Account) string {
			if a.Ref.ID == w.guarded {
				return "accounts.break_glass"
			}
			return ""
		},
	})
	require.NoError(w.t, err)
	current := func() *policy.Policy { return w.policy }
	w.s = &systems.Systems{Targets: map[string]target.System{google: system}, Ledger: w.l, Launch: w.launch, Clock: w.now, Policy: current}
	w.s.Person = &people.Person{
		Ledger: w.l, Policy: current, Clock: w.now, Sources: map[string]hr.Source{identity.SourceWorkday: w.hr},
		Records: &hrreading.Reader{Ledger: w.l, Policy: current, Clock: w.now},
	}
}

func (w *works) now() time.Time { return time.Now().Add(w.offset) }

// admit puts somebody on record who works here.
func (w *works) admit(key string) {
	w.t.Helper()
	source, id, err := identity.SplitKey(key)
	require.NoError(w.t, err)
	_, err = w.l.People().Admit(w.t.Context(), key, source, id, persons.Digests{})
	require.NoError(w.t, err)
	_, err = w.l.People().SetEmployed(w.t.Context(), key, true)
	require.NoError(w.t, err)
}

func (w *works) link(key, id string) {
	w.t.Helper()
	require.NoError(w.t, w.l.Inventory().LinkAccount(w.t.Context(), inventory.LinkAccount{
		Ref: identity.Ref{System: google, ID: id}, Person: key, Use: identity.UsePrimary, By: "test",
	}))
}

// catalogue reads what things are called in Google.
func (w *works) catalogue() {
	w.t.Helper()
	var groups []ledgersystems.Object
	for _, g := range w.directory().Groups {
		groups = append(groups, ledgersystems.Object{Kind: identity.ObjectGroup, ID: g.ID, Name: g.Email})
	}
	store := w.l.Systems()
	require.NoError(w.t, store.PutObjects(w.t.Context(), google, identity.ObjectGroup, w.now(), 0, groups))
	require.NoError(w.t, store.PutObjects(w.t.Context(), google, identity.ObjectLicence, w.now(), 0, []ledgersystems.Object{
		{Kind: identity.ObjectLicence, ID: enterprise, Name: "Enterprise"}, {Kind: identity.ObjectLicence, ID: starter, Name: "Starter"},
	}))
}

func (w *works) directory() control.GoogleDirectory {
	w.t.Helper()
	d, err := w.sandbox.GoogleDirectory(w.t.Context())
	require.NoError(w.t, err)
	return d
}

// account is the user as Google has it.
func (w *works) account() control.GoogleUser {
	w.t.Helper()
	u := w.directory().User(w.user)
	require.NotNil(w.t, u)
	return *u
}

func (w *works) hand(act, user, value string) {
	w.t.Helper()
	_, err := w.sandbox.GoogleHand(w.t.Context(), control.GoogleOrder{Do: act, User: user, Value: value})
	require.NoError(w.t, err)
}

func (w *works) settings(s control.DirectorySettings) {
	w.t.Helper()
	require.NoError(w.t, w.sandbox.Directory(w.t.Context(), s))
}

func (w *works) fault(f control.Fault) {
	w.t.Helper()
	f.System = google
	require.NoError(w.t, w.sandbox.AddFault(w.t.Context(), f))
}

// lose has the reply to the next write to Google be lost, after it was carried out.
func (w *works) lose(method, path string) {
	w.t.Helper()
	w.fault(control.Fault{Method: method, Path: path, When: "after", Style: "drop", Times: 1})
}

// effects are what was changed in Google since a mark.
func (w *works) effects(since uint64) (all []string) {
	w.t.Helper()
	entries, err := w.sandbox.Journal(w.t.Context(), since, true)
	require.NoError(w.t, err)
	for _, e := range entries {
		if e.System == google {
			all = append(all, e.Op+": "+e.Effect)
		}
	}
	return all
}

func (w *works) mark() uint64 {
	w.t.Helper()
	at, err := w.sandbox.Mark(w.t.Context())
	require.NoError(w.t, err)
	return at
}

// order is a step about the account of the works.
func (w *works) order(s identity.SystemStep) api.SystemInput {
	return api.SystemInput{Key: ada, Episode: 1, System: google, Account: w.user, Step: s, At: w.now()}
}

// leaving is a step of a departure.
func (w *works) leaving(s identity.SystemStep) api.SystemInput {
	in := w.order(s)
	in.Leaving = true
	return in
}

func (w *works) carry(in api.SystemInput) api.SystemState {
	w.t.Helper()
	state, err := w.s.Carry(w.t.Context(), in)
	require.NoError(w.t, err, "%s", in.Step.Kind)
	return state
}

// fails carries a step out that must not go through, and says why.
func (w *works) fails(in api.SystemInput, kind string) string {
	w.t.Helper()
	_, err := w.s.Carry(w.t.Context(), in)
	require.Error(w.t, err, "%s", in.Step.Kind)
	app := step.ToApplicationError(err)
	got, message, known := step.Kind(app)
	require.True(w.t, known, "%v", err)
	require.Equal(w.t, kind, got, message)
	return message
}

// give orders something about somebody.
func (w *works) give(kind identity.OrderKind) identity.Order {
	w.t.Helper()
	o := identity.Order{ID: "order-" + string(kind), Key: ada, Kind: kind, By: "security", Reason: "test", At: w.now()}
	require.NoError(w.t, w.l.Orders().Put(w.t.Context(), o))
	return o
}

// view is what the ledger knows of the account.
func (w *works) view() identity.SystemAccount {
	w.t.Helper()
	views, err := w.l.Systems().Views(w.t.Context(), ada, 1, "", []string{google})
	require.NoError(w.t, err)
	require.Len(w.t, views, 1)
	require.NotEmpty(w.t, views[0].Accounts)
	return views[0].Accounts[0]
}

// group is the address of a group that the account is in, or is not in.
func (w *works) group(in bool) string {
	w.t.Helper()
	u := w.account()
	for _, g := range w.directory().Groups {
		has := false
		for _, id := range u.GroupIDs {
			has = has || id == g.ID
		}
		if has == in && !strings.Contains(g.Email, "everyone") {
			return g.Email
		}
	}
	w.t.Fatal("there is no such group")
	return ""
}
