package workspace_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/google/workspace"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
)

// refused expects an error of a kind that names nobody, and returns it.
func (b *bench) refused(err error, kind connectors.Kind) *connectors.Error {
	b.t.Helper()
	var e *connectors.Error
	require.ErrorAs(b.t, err, &e)
	require.Equal(b.t, kind, e.Kind, "%v", err)
	require.NotContains(b.t, err.Error(), "@", "no address in an error")
	require.NotContains(b.t, err.Error(), "ya29.")
	return e
}

// fails expects an error of a kind that names nobody.
func (b *bench) fails(err error, kind connectors.Kind) {
	b.t.Helper()
	require.NotNil(b.t, b.refused(err, kind))
}

// TestListsThatLie: a list that ends early, comes twice or is empty is none. What cannot be seen in one list is told by Total.
func TestListsThatLie(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, lie := range []string{"empty", "first_page", "doubled_pages"} {
		b.settings(control.DirectorySettings{Lies: map[string]string{"users": lie}})
		_, err := listed(t.Context(), b.target())
		b.fails(err, connectors.KindMalformed)
	}
	b.settings(control.DirectorySettings{})
	n, err := listed(t.Context(), b.target())
	require.NoError(t, err)
	require.Len(t, b.directory().Users, n, "it recovers by itself")

	b.settings(control.DirectorySettings{Lies: map[string]string{"users": "yesterday"}})
	b.hand("delete", b.usual, "")
	_, err = b.target().Read(t.Context(), target.ReadRequest{ID: b.usual})
	b.fails(err, connectors.KindNotFound)
	page, err := b.target().List(t.Context(), target.ListRequest{})
	require.NoError(t, err)
	require.Equal(t, -1, page.Total, "a list that may be old claims no completeness")
	for _, a := range page.Accounts {
		require.False(t, a.Whole, "an account of a list says nothing of its groups")
	}
}

// TestGroupsThatLie: of a group, Google counts the members.
func TestGroupsThatLie(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	group := target.MembersRequest{Group: b.user(b.usual).GroupIDs[0]}
	for _, lie := range []string{"empty", "missing"} {
		b.settings(control.DirectorySettings{Lies: map[string]string{"members": lie}})
		_, err := b.target().Members(t.Context(), group)
		b.fails(err, connectors.KindMalformed)
	}
	b.settings(control.DirectorySettings{Lies: map[string]string{"members": "doubled_pages"}})
	_, err := b.target().Members(t.Context(), group)
	b.fails(err, connectors.KindMalformed)
	b.settings(control.DirectorySettings{})
	got, err := b.target().Members(t.Context(), group)
	require.NoError(t, err)
	require.Contains(t, got.Accounts, b.usual)
}

// TestLostRights: an administrator who is none any more is told what to do, and nobody is taken for gone.
func TestLostRights(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.target()
	b.settings(control.DirectorySettings{Lies: map[string]string{"rights": "lost"}})
	_, err := c.Read(t.Context(), target.ReadRequest{ID: b.usual})
	require.Contains(t, b.refused(err, connectors.KindUnauthorized).Error(), "docs/google-workspace.md")
	_, err = c.Suspend(t.Context(), target.Write{ID: b.usual})
	b.fails(err, connectors.KindUnauthorized)
	require.True(t, b.user(b.usual).CanSignIn)

	b.settings(control.DirectorySettings{})
	require.NoError(t, b.sandbox.Google(t.Context(), control.GoogleSettings{Scopes: workspace.Scopes[:2]}))
	_, err = b.target().Read(t.Context(), target.ReadRequest{ID: b.usual})
	require.Equal(t, "unauthorized_client", b.refused(err, connectors.KindUnauthorized).Code, "a scope that is not granted refuses all of them")

	require.NoError(t, b.sandbox.Google(t.Context(), control.GoogleSettings{}))
	b.hand("suspend", superUser, "")
	_, err = b.target().Read(t.Context(), target.ReadRequest{ID: b.usual})
	require.Equal(t, "invalid_grant", b.refused(err, connectors.KindUnauthorized).Code)
}

// TestWhatIsNotGranted takes nothing else along: access ends whatever is missing beside it.
func TestWhatIsNotGranted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.sandbox.Google(t.Context(), control.GoogleSettings{Scopes: workspace.Scopes}))
	b.hand("role", b.usual, "4")
	c, in := b.target(), target.Write{ID: b.usual}
	_, err := c.Demote(t.Context(), in)
	b.fails(err, connectors.KindUnauthorized)
	_, err = c.LicencesOf(t.Context(), target.ReadRequest{ID: b.usual})
	b.fails(err, connectors.KindUnauthorized)
	_, err = c.Transfer(t.Context(), target.HandoverRequest{Write: in, To: b.external("workday-21005")})
	b.fails(err, connectors.KindUnauthorized)
	err = c.SetAutoReply(t.Context(), target.AutoReplyRequest{Write: in, Text: "Gone"})
	require.Contains(t, b.refused(err, connectors.KindUnauthorized).Error(), "docs/google-workspace.md")
	_, err = c.EndForwarding(t.Context(), in)
	b.fails(err, connectors.KindUnauthorized)
	_, err = c.RevokeGrants(t.Context(), in)
	require.NoError(t, err)
	require.NoError(t, c.Remove(t.Context(), target.RemoveRequest{Write: in, From: b.user(b.usual).GroupIDs}))
	require.NoError(t, c.EndSessions(t.Context(), in))
	_, err = c.Suspend(t.Context(), in)
	require.NoError(t, err)
	require.Empty(t, b.user(b.usual).GroupIDs)
	require.False(t, b.user(b.usual).CanSignIn)
}

// TestADelegatedAdministrator does all but what concerns other administrators.
func TestADelegatedAdministrator(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.admin = delegated
	c := b.target()
	_, err := c.Suspend(t.Context(), target.Write{ID: b.usual})
	require.NoError(t, err)
	require.NoError(t, c.EndSessions(t.Context(), target.Write{ID: b.usual}))
	_, err = c.Demote(t.Context(), target.Write{ID: b.usual})
	require.NoError(t, err, "of somebody who is no administrator there is nothing to ask")
	b.hand("role", b.usual, "4")
	for _, do := range []func() error{
		func() error { _, err := c.Demote(t.Context(), target.Write{ID: b.usual}); return err },
		func() error { _, err := c.Resume(t.Context(), target.Write{ID: b.usual}); return err },
		func() error { _, err := c.RevokeGrants(t.Context(), target.Write{ID: b.usual}); return err },
	} {
		require.Contains(t, b.refused(do(), connectors.KindUnauthorized).Error(), "super administrator")
	}
}

// TestQuotas: a quota is told as one, whichever way Google says it, and so is that of new users.
func TestQuotas(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, limit := range []control.DirectorySettings{
		{LimitStatus: http.StatusForbidden}, {LimitStatus: http.StatusTooManyRequests}, {LimitReason: "quotaExceeded"}, {LimitReason: "rateLimitExceeded"},
	} {
		limit.PerMinute = 1
		b.settings(limit)
		c := b.target()
		require.Eventually(t, func() bool {
			_, err := c.Read(t.Context(), target.ReadRequest{ID: b.usual})
			return err != nil
		}, time.Minute, time.Millisecond)
		_, err := c.Read(t.Context(), target.ReadRequest{ID: b.usual})
		b.fails(err, connectors.KindRateLimited)
	}
	b.settings(control.DirectorySettings{InsertsPerSecond: 1})
	c, n := b.target(), 0
	require.Eventually(t, func() bool {
		n++
		address := fmt.Sprintf("new.one%d@acme.example", n)
		_, err := c.Create(t.Context(), target.CreateRequest{Document: identity.Account{
			ExternalID: fmt.Sprintf("workday-66%d", n), Username: address, FirstName: "New", LastName: "One",
		}})
		var e *connectors.Error
		return errors.As(err, &e) && e.Kind == connectors.KindRateLimited
	}, time.Minute, time.Millisecond)
}

// TestAnArchivedUser is not told to be restored: an archive ends in the Admin console.
func TestAnArchivedUser(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hand("archive", b.usual, "")
	a, err := b.target().Read(t.Context(), target.ReadRequest{ID: b.usual})
	require.NoError(t, err)
	require.False(t, a.CanSignIn())
	_, err = b.target().Resume(t.Context(), target.Write{ID: b.usual})
	require.Equal(t, "archived", b.refused(err, connectors.KindConflict).Code)
}

// TestANewUserCannotBeChangedAtOnce: Google makes users step by step, and says so of who comes too early.
func TestANewUserCannotBeChangedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.settings(control.DirectorySettings{CreationLagMS: 3_600_000, ListLagMS: 3_600_000})
	c := b.target()
	d := identity.Account{ExternalID: "workday-77", Username: "ada.new@acme.example", Email: "ada@acme.example", FirstName: "Ada", LastName: "New"}
	_, err := c.Create(t.Context(), target.CreateRequest{Document: d})
	require.Equal(t, workspace.CodeCreating, b.refused(err, connectors.KindUnavailable).Code, "the second address waits")
	n := len(b.directory().Users)
	_, err = c.Create(t.Context(), target.CreateRequest{Document: d})
	b.fails(err, connectors.KindUnavailable)
	require.NoError(t, b.sandbox.Advance(t.Context(), 2*time.Hour))
	made, err := c.Create(t.Context(), target.CreateRequest{Document: d})
	require.NoError(t, err)
	require.False(t, made.Created)
	require.Len(t, b.directory().Users, n, "searches showed nobody, and nobody was made twice")
	require.Equal(t, []string{"ada@acme.example"}, b.user(made.Account.Ref.ID).Aliases)

	d.ExternalID = "workday-78"
	_, err = c.Create(t.Context(), target.CreateRequest{Document: d})
	b.fails(err, connectors.KindConflict)
}

// TestListsAreWrittenWhole: one value of a list changes, and the rest of it stays, whatever it is.
func TestListsAreWrittenWhole(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.target()
	write := func(changes ...target.Change) {
		t.Helper()
		_, err := c.WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: b.usual}, Changes: changes})
		require.NoError(t, err)
	}
	write(target.Change{Attribute: target.AttributePhone, To: "+1 555 0100"}, target.Change{Attribute: target.AttributeMobile, To: "+1 555 0101"})
	before := b.user(b.usual)
	write(target.Change{Attribute: target.AttributePhone, From: "+1 555 0100", To: "+1 555 0102"})
	now := b.user(b.usual)
	require.Equal(t, "+1 555 0102", field(now, "phones", "work", "value"))
	require.Equal(t, "+1 555 0101", field(now, "phones", "mobile", "value"))
	require.Equal(t, before.Fields["organizations"], now.Fields["organizations"])
	require.Equal(t, before.Fields["externalIds"], now.Fields["externalIds"])
	write(target.Change{Attribute: target.AttributePhone, From: "+1 555 0102"})
	require.Empty(t, field(b.user(b.usual), "phones", "work", "value"))
	require.Equal(t, "+1 555 0101", field(b.user(b.usual), "phones", "mobile", "value"))

	write(target.Change{Attribute: target.AttributeEmail, From: before.Email, To: "renamed@acme.example"})
	now = b.user(b.usual)
	require.Equal(t, "renamed@acme.example", now.Email)
	require.Equal(t, []string{before.Email}, now.Aliases, "the old address stays as an alias")
	found, err := c.Find(t.Context(), target.FindRequest{Email: before.Email})
	require.NoError(t, err)
	require.Len(t, found, 1)
	found, err = c.Find(t.Context(), target.FindRequest{Username: before.Email})
	require.NoError(t, err)
	require.Empty(t, found, "nobody signs in by it")
	_, err = c.WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: b.usual}, Changes: []target.Change{
		{Attribute: target.AttributeEmail, From: "renamed@acme.example", To: b.user(b.protected).Email},
	}})
	b.fails(err, connectors.KindConflict)
}

// TestGroupsWithin: a group in a group is shown, and whom it has in, if that is asked.
func TestGroupsWithin(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hand("nest", b.usual, "outer@acme.example/inner@acme.example")
	ids := map[string]string{}
	for _, g := range b.directory().Groups {
		ids[g.Email] = g.ID
	}
	outer, inner := ids["outer@acme.example"], ids["inner@acme.example"]
	direct, err := b.target().Members(t.Context(), target.MembersRequest{Group: outer})
	require.NoError(t, err)
	require.Equal(t, target.MembersResponse{Groups: []string{inner}}, direct)
	nested, err := b.target().Members(t.Context(), target.MembersRequest{Group: outer, Nested: true})
	require.NoError(t, err)
	require.Equal(t, target.MembersResponse{Accounts: []string{b.usual}, Groups: []string{inner}}, nested)
}

// TestWhatGoogleAloneUndoes: of a suspension for abuse, of licences and of archives an error says what to do.
func TestWhatGoogleAloneUndoes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hand("abuse", b.usual, "")
	_, err := b.target().Resume(t.Context(), target.Write{ID: b.usual})
	require.Contains(t, b.refused(err, connectors.KindInvalid).Error(), "its support")
	b.settings(control.DirectorySettings{Seats: map[string]int{"1010020027": 0}})
	require.NoError(t, b.target().ReleaseLicence(t.Context(), target.LicenceRequest{Write: target.Write{ID: b.usual}, Licence: enterprise}))
	err = b.target().AssignLicence(t.Context(), target.LicenceRequest{Write: target.Write{ID: b.usual}, Licence: starter})
	require.Equal(t, workspace.CodeNoSeat, b.refused(err, connectors.KindConflict).Code)
	require.NoError(t, b.sandbox.GoogleDelegating(t.Context(), false))
	err = b.target().Delegate(t.Context(), target.HandoverRequest{Write: target.Write{ID: b.external("workday-21005")}, To: b.external("workday-21006")})
	require.Contains(t, b.refused(err, connectors.KindInvalid).Error(), "Admin console")
}

// TestWhatCannotBeAskedFor is refused before or by Google, as what it is: no outage, and nobody who is gone.
func TestWhatCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, o := range []workspace.Options{{Admin: superUser}, {Admin: superUser, Credentials: "s3cr3t"}, {Admin: "the admin", Credentials: httpx.Secret(b.key)}} {
		_, err := workspace.New(o)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "s3cr3t")
	}
	d := identity.Account{ExternalID: "workday-77", Username: "ada@elsewhere.example", FirstName: "Ada", LastName: "New"}
	_, err := b.target().Create(t.Context(), target.CreateRequest{Document: d})
	b.fails(err, connectors.KindInvalid)
	d.Username, d.Email = "ada@acme.example", "ada@elsewhere.example"
	_, err = b.target().Create(t.Context(), target.CreateRequest{Document: d})
	b.fails(err, connectors.KindInvalid)
	require.Nil(t, b.directory().User("ada@acme.example"), "nobody is made by halves")
	_, err = b.target().List(t.Context(), target.ListRequest{Since: time.Now()})
	b.fails(err, connectors.KindInvalid)
	b.fails(b.target().Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: b.usual}, From: []string{"all@acme.example"}}), connectors.KindInvalid)
}

// TestATransferOfUnknownAge is neither taken for this departure's nor made again.
func TestATransferOfUnknownAge(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := target.HandoverRequest{Write: target.Write{ID: b.usual}, To: b.external("workday-21005"), Since: time.Now()}
	b.fault(control.Fault{
		Method: "GET", Path: "/admin/datatransfer/v1/transfers", When: "before", Style: "status", Status: 200, ContentType: "application/json", Times: 1,
		Body: `{"dataTransfers":[{"id":"t1","overallTransferStatusCode":"completed"}]}`,
	})
	_, err := b.target().Transfer(t.Context(), in)
	b.fails(err, connectors.KindMalformed)
	require.Empty(t, b.directory().Transfers)
	_, err = b.target().Transfer(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, b.directory().Transfers, 1)
}

// TestATransferThatFails is asked for again once it is clear that asking may help, and until then it is said.
func TestATransferThatFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := target.HandoverRequest{Write: target.Write{ID: b.usual}, To: b.external("workday-21005"), Since: time.Now().Add(-24 * time.Hour)}
	failed := func(ago time.Duration) {
		b.fault(control.Fault{
			Method: "GET", Path: "/admin/datatransfer/v1/transfers", When: "before", Style: "status", Status: 200, ContentType: "application/json", Times: 1,
			Body: `{"dataTransfers":[{"id":"t1","overallTransferStatusCode":"failed","requestTime":"` + time.Now().Add(-ago).Format(time.RFC3339) + `"}]}`,
		})
	}
	for range 3 {
		failed(time.Minute)
		_, err := b.target().Transfer(t.Context(), in)
		b.fails(err, connectors.KindConflict)
		require.ErrorContains(t, err, "admin console")
	}
	require.Empty(t, b.directory().Transfers)
	failed(2 * time.Hour)
	_, err := b.target().Transfer(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, b.directory().Transfers, 1)
	failed(25 * time.Hour)
	_, err = b.target().Transfer(t.Context(), in)
	require.NoError(t, err)
}
