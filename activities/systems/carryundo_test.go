package systems_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/policy/policytest"
	"gatehouse/sandbox/control"
)

// locking is a policy by which Google is locked at a departure and handed over to %s.
const locking = `
modes: {onboarding: enforce, offboarding: enforce, role_change: enforce}
access:
  rules:
    - {name: everyone, when: "true", group: Default, roles: [Everyone]}
    - {name: staff, when: "person.department == 'Sales'", roles: [CRM], accounts: {google: {}}, groups: {google: [%[2]s]}}
systems:
  google:
    mode: enforce
    provisioned_by: gatehouse
    limits: {contain: {count: 20}, grant: {count: 20}, remove: {count: 20}, delete: {count: 20}, reactivate: {count: 20}, profile: {count: 20}}
    leaver:
      sign_in: lock
      suspend_after: 5d
      auto_reply: {subject: "{first} has left", text: Write to my team.}
      delegate_to: %[1]s
      move_to: /People
attributes:
  email: {owner: onelogin, when: always}
  manager: {}
`

// cycle is somebody who leaves and comes back, planned by what the ledger knows.
type cycle struct {
	*desk
	episode int
	signIn  identity.Account
	// manager is the key of the manager.
	manager string
	started time.Time
}

func newCycle(t *testing.T) *cycle {
	t.Helper()
	c := &cycle{desk: newDesk(t, planned), episode: 1}
	c.started = c.now()
	rule := ""
	for _, g := range c.directory().Groups {
		if rule == "" && strings.HasPrefix(g.Email, "sales") {
			rule = g.Email
		}
	}
	if rule == "" {
		rule = c.group(false)
	}
	c.pol = policytest.Parse(t, fmt.Sprintf(locking, c.other().Email, rule))
	c.policy = c.pol
	u := c.account()
	c.signIn = identity.Account{ID: 7, Username: u.Email, Email: u.Email, Status: identity.AccountActive}
	c.carry(c.order(identity.SystemStep{Kind: identity.SystemMove, To: "/"}))
	return c
}

// look plans by what the ledger knows, as somebody who has left, or who is here.
func (c *cycle) look(left, withdrawn bool) identity.SystemPlan {
	c.t.Helper()
	now := c.now()
	views, err := c.l.Systems().Views(c.t.Context(), ada, c.episode, c.manager, []string{google})
	require.NoError(c.t, err)
	views[0].ReadAt = now.Add(-time.Minute)
	a := api.Assessment{Key: ada, Episode: c.episode, FallbackOwner: "it@acme.example", Source: identity.SourceWorkday, Mode: api.ModeEnforce, Account: &c.signIn}
	a.Person = identity.Person{
		Key: ada, AsOf: now, Standing: identity.StandingActive, ActivateAt: now.Add(-1000 * time.Hour), Withdrawn: withdrawn, Record: identity.Record{
			Source: identity.SourceWorkday, EmployeeID: "21002", Status: identity.StatusActive, Department: "Sales", FirstName: "Ada", LastName: "Lovelace",
		},
		Systems: views,
	}
	if left {
		a.Person.Standing, a.Person.LeaveAt = identity.StandingLeft, c.started.Add(-time.Hour)
	}
	require.NoError(c.t, c.s.Plan(c.t.Context(), c.pol, &a, nil, false))
	require.LessOrEqual(c.t, len(a.Systems), 1)
	if len(a.Systems) == 0 {
		return identity.SystemPlan{}
	}
	require.Empty(c.t, a.Systems[0].Held)
	return a.Systems[0]
}

// settle carries out what is planned until nothing is, and returns what was.
func (c *cycle) settle(left, withdrawn bool) (done []identity.SystemStepKind, last identity.SystemPlan) {
	c.t.Helper()
	for range 4 {
		last = c.look(left, withdrawn)
		if len(last.Steps) == 0 {
			return done, last
		}
		for _, s := range last.Steps {
			in := c.order(s)
			in.Episode, in.Leaving = c.episode, left
			c.carry(in)
			done = append(done, s.Kind)
		}
		c.offset += time.Second
	}
	c.t.Fatalf("it does not settle: %v", kinds(last.Steps))
	return nil, last
}

// TestAWithdrawnDepartureIsUndone where Google allows it, and what it does not is said. A second departure has all of it again.
func TestAWithdrawnDepartureIsUndone(t *testing.T) {
	t.Parallel()
	c := newCycle(t)
	c.settle(false, false)
	before := c.account()
	require.NotEmpty(t, before.Groups)
	for range 2 {
		c.episode++
		c.hr.left["21002"] = true
		done, _ := c.settle(true, false)
		require.Contains(t, done, identity.SystemResetPassword, "each departure anew")
		require.Contains(t, done, identity.SystemAutoReply)
		gone := c.account()
		require.Empty(t, gone.Groups)
		require.Equal(t, "/People", gone.Unit)
		require.True(t, c.mailbox().AutoReply)
		require.Equal(t, []string{c.other().Email}, c.mailbox().Delegates)

		c.hr.left["21002"] = false
		c.episode++
		first := c.look(false, true)
		require.Contains(t, kinds(first.Steps), identity.SystemEndReply)
		require.Len(t, first.Notices, 1)
		require.Equal(t, "system_not_undone", first.Notices[0].Code)
		// That HR has withdrawn it is known no more by the time that Google answers.
		_, last := c.settle(false, false)
		require.Len(t, last.Notices, 1)
		after := c.account()
		require.ElementsMatch(t, before.Groups, after.Groups, "by the rule, and given back")
		require.False(t, c.mailbox().AutoReply)
		require.Empty(t, c.mailbox().Delegates)
		require.Nil(t, c.view().Given[identity.ObjectRole])
	}
	c.offset += 31 * 24 * time.Hour
	require.Empty(t, c.look(false, false).Notices, "it is no news for ever")
}

// TestWhoIsHiredAgain gets what rules give, and their mailbox is theirs alone.
func TestWhoIsHiredAgain(t *testing.T) {
	t.Parallel()
	c := newCycle(t)
	c.settle(false, false)
	c.episode++
	c.hr.left["21002"] = true
	c.settle(true, false)
	c.offset += 10 * 24 * time.Hour
	c.settle(true, false)
	require.True(t, c.account().Suspended)
	c.hr.left["21002"] = false
	c.episode++
	done, _ := c.settle(false, false)
	require.Equal(t, []identity.SystemStepKind{identity.SystemResume, identity.SystemEndReply, identity.SystemUndelegate, identity.SystemAddGroups}, done)
	require.Len(t, c.account().Groups, 1)
	require.False(t, c.mailbox().AutoReply)
	require.Empty(t, c.mailbox().Delegates)
}

// TestAReplyThatThePersonHasSetSince stays.
func TestAReplyThatThePersonHasSetSince(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemAutoReply, Subject: "Gone", Text: "I have left."}))
	replies, able := w.s.Targets[google].(target.AutoReplier)
	require.True(t, able)
	require.NoError(t, replies.SetAutoReply(t.Context(), target.AutoReplyRequest{Write: target.Write{ID: w.user}, Subject: "On holiday", Text: "Back soon."}))
	require.False(t, w.carry(w.order(identity.SystemStep{Kind: identity.SystemEndReply})).Changed)
	require.True(t, w.mailbox().AutoReply)
	require.Nil(t, w.view().Departure, "it is not asked about again")
}

// TestARenamedPersonsAddressFollows OneLogin's: the old one receives mail, and a second run changes nothing.
func TestARenamedPersonsAddressFollows(t *testing.T) {
	t.Parallel()
	c := newCycle(t)
	c.settle(false, false)
	was, others := c.account(), map[string]control.GoogleUser{}
	for _, u := range c.directory().Users {
		if u.ID != was.ID {
			others[u.ID] = u
		}
	}
	c.signIn.Email, c.signIn.Username = "Ada.King@acme.example", "ada.king@acme.example"
	done, _ := c.settle(false, false)
	require.Equal(t, []identity.SystemStepKind{identity.SystemWriteProfile}, done)
	now := c.account()
	require.Equal(t, "ada.king@acme.example", now.Email)
	require.Contains(t, now.Aliases, was.Email, "mail to the old address arrives")
	for id, u := range others {
		require.Equal(t, u, *c.directory().User(id), "nobody else's account has changed")
	}
	mark := c.mark()
	c.offset += time.Hour
	require.Empty(t, c.look(false, false).Steps)
	require.Empty(t, c.look(false, false).Notices)
	require.Empty(t, c.effects(mark))
	require.Equal(t, now.Email, c.view().Document.Username)

	// An address that somebody else has is theirs, whatever OneLogin says.
	c.signIn.Email = c.other().Email
	read := func() {
		c.offset += time.Hour
		c.carry(c.order(identity.SystemStep{Kind: identity.SystemMove, To: "/"}))
	}
	read()
	done, _ = c.settle(false, false)
	require.Equal(t, []identity.SystemStepKind{identity.SystemWriteProfile}, done)
	require.Equal(t, now.Email, c.account().Email)
	read()
	plan := c.look(false, false)
	require.Empty(t, plan.Steps, "it is not tried again")
	require.Equal(t, "system_value_not_kept", plan.Notices[0].Code)
}

// TestTheManagerFollows in Google: the manager of whom there is no account leaves what is there, and an address that is nobody's is replaced.
func TestTheManagerFollows(t *testing.T) {
	t.Parallel()
	c := newCycle(t)
	boss := c.other()
	c.manager = "workday-1"
	c.admit(c.manager)
	c.settle(false, false)
	shown, _ := c.attribute(target.AttributeManager)
	require.NotEqual(t, boss.ID, shown)
	c.link(c.manager, boss.ID)
	done, _ := c.settle(false, false)
	require.Equal(t, []identity.SystemStepKind{identity.SystemWriteProfile}, done)
	shown, _ = c.attribute(target.AttributeManager)
	require.Equal(t, boss.ID, shown)
	c.offset += time.Hour
	require.Empty(t, c.look(false, false).Steps)

	// The manager leaves the company and Google.
	c.hand("delete", boss.ID, "")
	c.manager = "workday-2"
	c.admit(c.manager)
	c.link(c.manager, c.other().ID)
	c.carry(c.order(identity.SystemStep{Kind: identity.SystemMove, To: "/"}))
	c.offset += time.Hour
	c.settle(false, false)
	shown, _ = c.attribute(target.AttributeManager)
	require.Equal(t, c.other().ID, shown)
}

// TestALicenceIsReleasedFromSomebodyWhoStays, and is theirs again where a rule gives it.
func TestALicenceIsReleasedFromSomebodyWhoStays(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.carry(w.leaving(identity.SystemStep{Kind: identity.SystemReleaseLicences, Names: []string{"Enterprise"}}))
	w.carry(w.order(identity.SystemStep{Kind: identity.SystemAssignLicences, Names: []string{"Starter"}}))
	require.Equal(t, []string{"Starter"}, w.view().Given[identity.ObjectLicence])
	for range 2 {
		w.carry(w.order(identity.SystemStep{Kind: identity.SystemReleaseLicences, Names: []string{"Starter"}}))
		require.Empty(t, w.account().Licences)
		require.Empty(t, w.view().Given)
	}
	w.carry(w.order(identity.SystemStep{Kind: identity.SystemAssignLicences, Names: []string{"Enterprise"}}))
	require.Equal(t, []string{"1010020020"}, w.account().Licences)
	w.give(identity.OrderHold)
	w.fails(w.order(identity.SystemStep{Kind: identity.SystemReleaseLicences, Names: []string{"Enterprise"}}), api.ErrSuperseded)
}
