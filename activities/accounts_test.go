package activities_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/ledger/inventory"
	"gatehouse/sandbox/control"
)

func (r *rig) sweep(id string) api.SweptAccounts {
	r.t.Helper()
	var out api.SweptAccounts
	require.NoError(r.t, r.must(api.AccountsSweep, api.SweepAccountsInput{Sweep: id, Every: 6 * time.Hour}).Get(&out))
	return out
}

// between puts a proxy between Gatehouse and OneLogin, which lets the test change answers.
type between struct {
	mu   sync.Mutex
	edit func(*http.Response)
}

func (b *between) set(edit func(*http.Response)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.edit = edit
}

func (b *between) config(t *testing.T) func(*config.Config) {
	return func(c *config.Config) {
		target, err := url.Parse(c.OneLogin.BaseURL)
		require.NoError(t, err)
		proxy := httputil.NewSingleHostReverseProxy(target)
		proxy.ModifyResponse = func(answer *http.Response) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.edit != nil {
				b.edit(answer)
			}
			return nil
		}
		site := httptest.NewServer(proxy)
		t.Cleanup(site.Close)
		c.OneLogin.BaseURL = site.URL
	}
}

func listOfUsers(answer *http.Response) bool {
	return strings.HasSuffix(answer.Request.URL.Path, "/api/2/users")
}

func answerWith(answer *http.Response, status int, body string) {
	answer.StatusCode, answer.Body, answer.ContentLength = status, io.NopCloser(strings.NewReader(body)), int64(len(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

func (r *rig) sweepRoles(id string, each time.Duration) api.SweptRoles {
	r.t.Helper()
	var out api.SweptRoles
	require.NoError(r.t, r.must(api.AccountsRoles, api.SweepRolesInput{Sweep: id, Each: each}).Get(&out))
	return out
}

// entry is an account as the inventory has it.
func (r *rig) entry(id int64) (inventory.Account, bool) {
	r.t.Helper()
	a, found, err := r.app.Ledger.Inventory().Account(r.t.Context(), identity.OneLoginRef(id))
	require.NoError(r.t, err)
	return a, found
}

// TestSweepKnowsEveryAccount compares the inventory with the tenant, before and after things change behind our back.
func TestSweepKnowsEveryAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: 230})
	r.clock.Advance(2 * time.Hour) // or everybody would have been changed just now
	agree := func() {
		t.Helper()
		accounts, err := r.sandbox.Accounts(t.Context())
		require.NoError(t, err)
		for _, want := range accounts {
			got, found := r.entry(want.ID)
			require.True(t, found, "account %d", want.ID)
			require.Equal(t, []any{want.Username, want.Email, want.ExternalID, want.LastName, want.Status, want.Group, want.DirectoryID}, []any{
				got.Document.Username, got.Document.Email, got.Document.ExternalID, got.Document.LastName, int(got.Status), got.Document.Group,
				got.DirectoryID,
			})
			require.ElementsMatch(t, want.Roles, got.Document.Roles)
			require.Equal(t, identity.AccountUnowned, got.State, "nobody has said whose it is")
		}
	}
	mark := r.mark()
	first := r.sweep("s1")
	require.True(t, first.Complete, "%s", first.Why)
	require.Equal(t, "full", first.Kind)
	require.Equal(t, first.Seen, first.Written)
	require.Equal(t, first.Total, first.Seen)
	require.Equal(t, int(first.Seen+99)/100, r.calls(mark, "onelogin.list_users"), "a call for a hundred accounts")
	agree()
	mark = r.mark()
	require.Equal(t, first.Seen, r.sweep("s1").Seen)
	require.Zero(t, r.calls(mark, "onelogin.list_users"), "a sweep that is over reads nothing again")

	// Between two full sweeps only what was changed is read.
	r.clock.Advance(time.Hour)
	people := r.people()
	_, err := r.sandbox.EditAccount(t.Context(), people[3].ID, control.Fields{"lastname": "Married", "directory_id": 77, "status": 2})
	require.NoError(t, err)
	made, err := r.sandbox.CopyAccount(t.Context(), people[4].ID, nil)
	require.NoError(t, err)
	changes := r.sweep("s2")
	require.Equal(t, "changes", changes.Kind)
	require.EqualValues(t, 2, changes.Seen)
	_, found := r.entry(made.ID)
	require.True(t, found)
	agree()

	r.clock.Advance(6 * time.Hour)
	full := r.sweep("s3")
	require.Equal(t, "full", full.Kind)
	require.Zero(t, full.Written, "what has not changed is not written")
	require.Equal(t, first.Seen+1, full.Seen)
}

// TestSweepForgetsOnlyWhoIsGone: absence is believed after two complete sweeps and OneLogin's own word.
func TestSweepForgetsOnlyWhoIsGone(t *testing.T) {
	t.Parallel()
	proxy := &between{}
	r := newRig(t, rigOptions{people: 130, config: proxy.config(t)})
	require.True(t, r.sweep("s1").Complete)
	gone := r.people()[5]
	require.NoError(t, r.sandbox.DeleteAccount(t.Context(), gone.ID))
	r.clock.Advance(6 * time.Hour)
	second := r.sweep("s2")
	require.True(t, second.Complete, "%s", second.Why)
	require.EqualValues(t, 1, second.Missing)
	require.Zero(t, second.Dropped)
	a, found := r.entry(gone.ID)
	require.True(t, found, "one sweep is not enough")
	require.False(t, a.MissingSince.IsZero())

	r.clock.Advance(6 * time.Hour)
	proxy.set(func(answer *http.Response) {
		if strings.HasSuffix(answer.Request.URL.Path, fmt.Sprintf("/api/2/users/%d", gone.ID)) {
			answerWith(answer, 404, "<html>Not Found</html>")
		}
	})
	_, err := r.run(api.AccountsSweep, api.SweepAccountsInput{Sweep: "s3", Every: 6 * time.Hour})
	require.Error(t, err, "a proxy's 404 proves nothing")
	_, found = r.entry(gone.ID)
	require.True(t, found)
	proxy.set(nil)
	require.EqualValues(t, 1, r.sweep("s3").Dropped, "the next attempt goes on")
	_, found = r.entry(gone.ID)
	require.False(t, found)
}

// TestSweepBelievesNothingOfAHole: a list that is cut off, empty or does not say how long it is proves nothing about anybody.
func TestSweepBelievesNothingOfAHole(t *testing.T) {
	t.Parallel()
	proxy := &between{}
	r := newRig(t, rigOptions{people: 230, config: proxy.config(t)})
	before := r.sweep("s1")
	r.clock.Advance(6 * time.Hour)
	for name, edit := range map[string]func(*http.Response){
		"an empty list": func(answer *http.Response) {
			answerWith(answer, 200, "[]")
			answer.Header.Set("Total-Count", "0")
			answer.Header.Del("After-Cursor")
		},
		"a list that ends early":   func(answer *http.Response) { answer.Header.Del("After-Cursor") },
		"a list without a number":  func(answer *http.Response) { answer.Header.Del("Total-Count") },
		"a number that it has not": func(answer *http.Response) { answer.Header.Set("Total-Count", "2000") },
	} {
		proxy.set(func(answer *http.Response) {
			if listOfUsers(answer) && !answer.Request.URL.Query().Has("user_ids") {
				edit(answer)
			}
		})
		hole := r.sweep(name)
		require.Equal(t, "full", hole.Kind)
		require.False(t, hole.Complete, name)
		require.NotEmpty(t, hole.Why, name)
		require.Zero(t, hole.Dropped)
	}
	proxy.set(nil)
	n, err := r.app.Ledger.Inventory().Count(t.Context(), identity.SystemOneLogin)
	require.NoError(t, err)
	require.Equal(t, before.Seen, n, "nobody is missing")
	last, _, err := r.app.Ledger.Inventory().LastSweep(t.Context(), identity.SystemOneLogin, inventory.SweepFull, true)
	require.NoError(t, err)
	require.Equal(t, "s1", last.ID)
}

// TestSweepGoesOnWhereItStopped has the quota end, and the process restart, in the middle of a sweep.
func TestSweepGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: 330})
	require.NoError(t, r.sandbox.Quota(t.Context(), 100, 32))
	_, err := r.run(api.AccountsSweep, api.SweepAccountsInput{Sweep: "s1"})
	refused := application(t, err)
	require.Equal(t, api.ErrRateLimited, refused.Type())
	require.Positive(t, refused.NextRetryDelay())
	r.clock.Advance(time.Hour)
	require.NoError(t, r.sandbox.Quota(t.Context(), 100_000, 100_000))
	r.restart()
	mark := r.mark()
	swept := r.sweep("s1")
	require.True(t, swept.Complete, "%s", swept.Why)
	require.Less(t, r.calls(mark, "onelogin.list_users"), int(swept.Seen+99)/100, "the pages that were read are not read again")
}

// TestSweepFindsWhoSlippedBetweenPages: an account that is deleted between two pages moves the others up by one.
func TestSweepFindsWhoSlippedBetweenPages(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: 230})
	require.True(t, r.sweep("s1").Complete)
	r.clock.Advance(6 * time.Hour)
	r.fault(control.Fault{System: "onelogin", Op: "onelogin.list_users", Status: 503, Skip: 1, Times: 1})
	_, err := r.run(api.AccountsSweep, api.SweepAccountsInput{Sweep: "s2"})
	require.Error(t, err)
	r.heal()
	require.NoError(t, r.sandbox.DeleteAccount(t.Context(), r.people()[0].ID))
	swept := r.sweep("s2")
	require.True(t, swept.Complete, "%s", swept.Why)
	require.Zero(t, swept.Missing, "the one that slipped was asked for by its id; the deleted one had been seen")
}

// TestRolesAreReadOverTheDay: who gave which role when is known, and a day's calls are spread over the day.
func TestRolesAreReadOverTheDay(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: 230})
	r.sweep("s1")
	first := r.sweepRoles("r1", time.Hour)
	require.True(t, first.Complete, "the first time everything is read")
	accounts, err := r.sandbox.Accounts(t.Context())
	require.NoError(t, err)
	memberships := 0
	for _, want := range accounts {
		got, _ := r.entry(want.ID)
		var names []string
		for _, role := range got.Roles {
			names = append(names, role.Name)
			require.False(t, role.AddedAt.IsZero())
		}
		require.ElementsMatch(t, want.Roles, names, "account %d", want.ID)
		memberships += len(names)
	}
	require.EqualValues(t, memberships, first.Seen)
	require.EqualValues(t, memberships, first.Written)
	require.True(t, r.sweepRoles("r2", time.Hour).Idle, "they were read just now")

	changed := r.people()[7]
	require.NotEmpty(t, changed.Roles)
	_, err = r.sandbox.EditAccount(t.Context(), changed.ID, control.Fields{"roles": changed.Roles[1:]})
	require.NoError(t, err)
	r.clock.Advance(24 * time.Hour)
	pages, parts := int64(0), 0
	for done := false; !done; parts++ {
		part := r.sweepRoles(fmt.Sprint("day ", parts), time.Hour)
		require.False(t, part.Idle)
		require.Zero(t, part.Written)
		pages, done = pages+part.Pages, part.Complete
		r.clock.Advance(time.Hour)
	}
	require.Equal(t, first.Pages, pages)
	require.Greater(t, parts, 2, "not all at once")
	require.LessOrEqual(t, parts, 21)
	got, _ := r.entry(changed.ID)
	require.Len(t, got.Roles, len(changed.Roles)-1)
}

// TestInventoryFollowsOurOwnWrites: what Gatehouse has just done needs no sweep to be known.
func TestInventoryFollowsOurOwnWrites(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	var made api.AccountState
	in := newAccount(r)
	require.NoError(t, r.must(api.OneLoginEnsureAccount, in).Get(&made))
	a, found := r.entry(made.AccountID)
	require.True(t, found)
	require.Equal(t, []any{newcomer, identity.AccountLinked, identity.UsePrimary, true, made.Username, "Ada"},
		[]any{a.Person, a.State, a.Use, a.CreatedByUs, a.Document.Username, a.Document.FirstName})
	own := api.AccountInput{Key: newcomer, AccountID: made.AccountID}
	r.clock.Advance(time.Second)
	r.must(api.OneLoginEnsureActive, own)
	a, _ = r.entry(made.AccountID)
	require.Equal(t, identity.AccountActive, a.Status)

	profile := in.Profile
	profile.LastName = "Lovelace"
	r.clock.Advance(time.Second)
	r.must(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: own, Profile: profile})
	a, _ = r.entry(made.AccountID)
	require.Equal(t, "Lovelace", a.Document.LastName)
	found2, err := r.app.Ledger.Inventory().Find(t.Context(), inventory.Traces{Names: []string{r.app.Ledger.Inventory().NameDigest("Ada", "Lovelace")}})
	require.NoError(t, err)
	require.Len(t, found2, 1, "under the new name")

	r.clock.Advance(time.Second)
	r.must(api.OneLoginEnsureSuspended, own)
	r.must(api.LedgerRecord, api.RecordInput{
		Key: newcomer, Episode: 1, RunID: "run", Contained: r.clock.Now(),
		Facts: []api.Fact{{Step: "onelogin.suspend", Outcome: "done", Started: r.clock.Now()}},
	})
	a, _ = r.entry(made.AccountID)
	require.Equal(t, identity.AccountSuspended, a.Status, "the evidence of a containment tells the status")
	require.True(t, a.SuspendedByUs)

	r.clock.Advance(time.Second)
	r.must(api.OneLoginEnsureDeleted, own)
	_, found = r.entry(made.AccountID)
	require.False(t, found)
}

// TestInventoryFollowsEvents: what others do to an account is known when its event is read, and read once.
func TestInventoryFollowsEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"naming:\n", strings.TrimPrefix(sandboxRules, "\n") + "naming:\n"}})
	r.must(api.EventsCollect, api.Nothing{})
	r.clock.Advance(time.Minute)
	r.sweep("s1")
	r.clock.Advance(time.Minute)
	people := r.people()
	require.NoError(t, r.sandbox.SetStatus(t.Context(), people[1].Username, 2))
	require.NoError(t, r.sandbox.DeleteAccount(t.Context(), people[2].ID))
	collect := func() api.CollectReport {
		t.Helper()
		var out api.CollectReport
		require.NoError(t, r.must(api.EventsCollect, api.Nothing{}).Get(&out))
		return out
	}
	r.clock.Advance(time.Minute)
	require.Equal(t, 1, collect().Reread)
	a, _ := r.entry(people[1].ID)
	require.Equal(t, identity.AccountSuspended, a.Status)
	_, found := r.entry(people[2].ID)
	require.False(t, found, "OneLogin said that it is deleted, and does not have it any more")

	r.clock.Advance(time.Minute)
	mark := r.mark()
	require.Zero(t, collect().Reread, "the same event read again")
	require.Zero(t, r.calls(mark, "onelogin.list_users"))
}
