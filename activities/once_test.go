package activities_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
)

var leaverTicket = api.TicketInput{
	OnceKey: "workday-21002/2/ticket", Kind: "leaver", Key: "workday-21002", WorkflowID: "person/workday-21002",
}

// TestTicketWaitsForTheIndex: Jira's search lags behind, so not finding a ticket proves nothing until the index has had
// its time.
func TestTicketWaitsForTheIndex(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{config: func(c *config.Config) { c.Jira.IndexLag = 2 * time.Minute }})
	require.NoError(t, r.sandbox.Jira(t.Context(), 100*time.Second))
	r.fault(control.Fault{Op: "jira.create_issue", When: "after", Style: "drop"})
	_, err := r.run(api.JiraTicket, leaverTicket)
	require.Error(t, err)

	r.clock.Advance(30 * time.Second)
	_, err = r.run(api.JiraTicket, leaverTicket)
	app := application(t, err)
	require.False(t, app.NonRetryable())
	require.Equal(t, 90*time.Second, app.NextRetryDelay(), "no sooner, and no later")
	require.Equal(t, temporal.ApplicationErrorCategoryBenign, app.Category(), "waiting is not a failure")
	require.Contains(t, app.Message(), "an earlier attempt at workday-21002/2/ticket may have gone through")
	require.Len(t, r.issues(), 1)

	r.clock.Advance(app.NextRetryDelay())
	var newTicket api.Ticket
	require.NoError(t, r.must(api.JiraTicket, leaverTicket).Get(&newTicket))
	require.Equal(t, api.Ticket{Key: r.issues()[0].Key, Adopted: true}, newTicket)
	require.Len(t, r.issues(), 1)

	mark := r.mark()
	require.NoError(t, r.must(api.JiraTicket, leaverTicket).Get(&newTicket))
	require.Zero(t, r.calls(mark, "jira.search"), "what is known to be there is not searched for")
	require.Equal(t, r.issues()[0].Key, newTicket.Key)
}

// TestRefusedRepetitionStillSearches: the vendor refuses the second attempt, which says nothing about the first. The
// third must not take the key for fresh.
func TestRefusedRepetitionStillSearches(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	require.NoError(t, r.sandbox.Jira(t.Context(), 10*time.Minute)) // longer than anybody configured
	r.fault(control.Fault{Op: "jira.create_issue", When: "after", Style: "drop"})
	_, err := r.run(api.JiraTicket, leaverTicket)
	require.Error(t, err)
	r.clock.Advance(time.Minute)
	r.fault(control.Fault{Op: "jira.create_issue", When: "before", Style: "rate_limit", RetryAfter: 5})
	_, err = r.run(api.JiraTicket, leaverTicket)
	require.Equal(t, api.ErrRateLimited, application(t, err).Type())
	r.clock.Advance(time.Hour)
	r.must(api.JiraTicket, leaverTicket)
	require.Len(t, r.issues(), 1)
}

// TestRefusedFirstAttemptNeedsNoSearch: a vendor that refused before it did anything left nothing to look for.
func TestRefusedFirstAttemptNeedsNoSearch(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{config: func(c *config.Config) { c.Jira.IndexLag = time.Hour }})
	r.fault(control.Fault{Op: "jira.create_issue", When: "before", Style: "rate_limit", RetryAfter: 5})
	_, err := r.run(api.JiraTicket, leaverTicket)
	app := application(t, err)
	require.Equal(t, api.ErrRateLimited, app.Type())
	require.Equal(t, 5*time.Second, app.NextRetryDelay())
	mark := r.mark()
	r.must(api.JiraTicket, leaverTicket)
	require.Equal(t, []string{"jira.create_issue: created"}, r.effects(mark), "at once, not after the index lag")
}

// TestMessageIsFoundOnALaterPage: a busy channel hides what an earlier attempt posted behind many other messages.
func TestMessageIsFoundOnALaterPage(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	message := func(key string) api.Message {
		return api.Message{OnceKey: key, Kind: api.MessageSyncHeld, Audience: api.AudienceIT, Text: "5 leavers"}
	}
	r.fault(control.Fault{Op: "slack.chat.postMessage", When: "after", Style: "drop"})
	_, err := r.run(api.SlackPost, message("the one"))
	require.Error(t, err)
	for i := range 210 {
		_, err := r.vendors.Activities.Slack.Post(t.Context(), message(fmt.Sprintf("other %d", i)))
		require.NoError(t, err)
	}
	mark := r.mark()
	r.must(api.SlackPost, message("the one"))
	require.Empty(t, r.effects(mark))
	require.Equal(t, 2, r.calls(mark, "slack.conversations.history"))
}

// TestOldMessageIsNotMistaken: the same words for another occasion are another message.
func TestOldMessageIsNotMistaken(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	for _, episode := range []string{"1", "2"} {
		r.must(api.SlackPost, api.Message{
			OnceKey: "workday-21002/" + episode + "/slack", Kind: api.MessageAttention, Audience: api.AudienceIT, Key: "workday-21002",
		})
	}
	require.Len(t, r.messages(), 2)
}

// TestUsernames: a name that somebody has, or had, goes to nobody else.
func TestUsernames(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	create := func(key string) api.EnsureAccountInput {
		a := r.assess(key)
		return api.EnsureAccountInput{Key: key, Episode: a.Episode, Profile: a.Plan.Desired.Profile, Group: a.Plan.Desired.Group}
	}
	first := r.hire("workday", ada())
	r.must(api.OneLoginEnsureAccount, create(first))
	require.Equal(t, "ada.byron@acme.example", r.account(first).Username)

	second := r.hire("workday", ada(control.Fields{"personal_email": "another.ada@home.example"}))
	r.must(api.OneLoginEnsureAccount, create(second))
	require.Equal(t, "ada.byron2@acme.example", r.account(second).Username)

	// The first Ada is gone for good; her name is not given away.
	r.must(api.OneLoginEnsureDeleted, api.AccountInput{Key: first, AccountID: r.account(first).ID})
	third := r.hire("workday", ada(control.Fields{"personal_email": "a.third.ada@home.example"}))
	r.must(api.OneLoginEnsureAccount, create(third))
	require.Equal(t, "ada.byron3@acme.example", r.account(third).Username)

	// A name that OneLogin gave to somebody Gatehouse does not know is passed over just the same.
	taken := r.account("workday-21002").Username
	in := create(r.hire("workday", ada(control.Fields{"first_name": "Grace", "personal_email": "grace@home.example"})))
	in.Profile.Usernames = []string{taken}
	_, err := r.run(api.OneLoginEnsureAccount, in)
	app := application(t, err)
	require.Equal(t, api.ErrConflict, app.Type())
	require.True(t, app.NonRetryable(), "only a person can help")
	require.Equal(t, "all 1 usernames of the naming rule are taken: add a pattern to naming.username in policy.yaml or free one "+
		"in OneLogin, then retry", app.Message())
	in.Profile.Usernames = []string{taken, "grace.byron@acme.example"}
	var made api.AccountState
	require.NoError(t, r.must(api.OneLoginEnsureAccount, in).Get(&made))
	require.Equal(t, "grace.byron@acme.example", made.Username)
}

// TestDeletionIsRefused for whatever Gatehouse did not make, and for what somebody has used.
func TestDeletionIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21002")
	mark := r.mark()
	_, err := r.run(api.OneLoginEnsureDeleted, in)
	require.Equal(t, api.ErrRefused, application(t, err).Type())
	require.ErrorContains(t, err, fmt.Sprintf("account %d was not made by Gatehouse and is not deleted by it", in.AccountID))

	var made api.AccountState
	require.NoError(t, r.must(api.OneLoginEnsureAccount, newAccount(r)).Get(&made))
	_, err = r.run(api.OneLoginEnsureDeleted, api.AccountInput{Key: "workday-21002", AccountID: made.AccountID})
	require.Equal(t, api.ErrRefused, application(t, err).Type(), "nor is somebody else's account")

	own := api.AccountInput{Key: newcomer, AccountID: made.AccountID}
	for _, owner := range []string{strings.ToUpper(made.Username), strconv.FormatInt(made.AccountID, 10)} {
		r.vendors.Activities.Person.CredentialOwners = people.CredentialOwners{"somebody", owner}
		_, err = r.run(api.OneLoginEnsureDeleted, own)
		require.Equal(t, api.ErrRefused, application(t, err).Type())
		require.ErrorContains(t, err, "owns an API credential and is not deleted: give the credential to another user")
	}
	r.vendors.Activities.Person.CredentialOwners = nil
	r.must(api.OneLoginEnsureActive, own)
	r.must(api.OneLoginInvite, api.InviteInput{AccountInput: own, OnceKey: "invite"})
	require.NoError(t, r.sandbox.AcceptInvite(t.Context(), made.Username))
	ok, reason, err := r.sandbox.SignIn(t.Context(), made.Username)
	require.NoError(t, err)
	require.True(t, ok, reason)
	_, err = r.run(api.OneLoginEnsureDeleted, own)
	require.Equal(t, api.ErrSuperseded, application(t, err).Type())
	require.NotContains(t, r.effects(mark), "onelogin.delete_user: deleted")
}

// TestUnknownRoleIsForAPerson: a role that OneLogin does not have is an error that says what to do.
func TestUnknownRoleIsForAPerson(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := api.RolesInput{AccountInput: known(r, "workday-21002"), Add: []string{"Everyone", "Fencing"}}
	mark := r.mark()
	_, err := r.run(api.OneLoginEnsureRoles, in)
	app := application(t, err)
	require.True(t, app.NonRetryable())
	require.Equal(t, `onelogin has no role "Fencing": create it there or correct policy.yaml, then retry`, app.Message())
	_, err = r.run(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: in.AccountInput, Group: "Fencers", Profile: identity.Profile{Title: "x"}})
	require.Equal(t, `onelogin has no group "Fencers": create it there or correct policy.yaml, then retry`, application(t, err).Message())
	require.Empty(t, r.effects(mark), "nothing is half done")
}
