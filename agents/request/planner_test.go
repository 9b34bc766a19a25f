package request_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/agents/request"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
	"gatehouse/policy"
	"gatehouse/policy/agent"
)

const policyText = `
company: {zone: UTC, domain: acme.example}
safety: {protected: ['account.username == "root"']}
modes: {}
leaver: {fallback_owner: it@acme.example}
roles:
  Payroll: {owner: it@acme.example, requestable: false}
access:
  managed_roles: [Mail, Super admin, Vaults]
  privileged_roles: [Super admin]
  conflicts: [{name: four eyes, roles: [Buyer, Approver]}]
  rules:
    - {name: all, when: "true", roles: [Mail]}
    - {name: heads, when: person.title == "Head", roles: [Super admin]}
    - {name: auditors, when: person.company == "Auditors" && person.employment_type == "sponsored", roles: [Vaults]}
    - {name: insiders, when: person.source == "sponsored" && person.work_email != "", roles: [Super admin]}
agents:
  - name: helpdesk
    owner: dana@acme.example
    purpose: helps
    state: active
    mode: enforce
    until: 2099-01-31
    rules:
      - {name: not the board, tools: [any], when: target.department == "Board", verdict: deny}
      - {name: short, tools: [assign_role], when: call.days > 0 && call.days <= 7, verdict: allow}
      - {name: long, tools: [assign_role], when: call.days == 0 || call.days > 7, verdict: ask}
      - {name: shut, tools: [disable_user], verdict: ask}
      - {name: sign-in, tools: [reset_password, revoke_sessions], verdict: allow}
end: policy
`

// office is a ledger with a planner, on a clock of its own.
type office struct {
	*ledger.Ledger
	clock   *storetest.Clock
	planner request.Planner
}

func newOffice(t *testing.T) *office {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(policyText))
	require.NoError(t, err)
	clock := storetest.NewClock()
	books, err := ledger.Open(t.Context(), t.TempDir()+"/ledger.db", ledger.Options{Clock: clock.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, books.Close()) })
	return &office{books, clock, request.Planner{Ledger: books, Policy: func() *policy.Policy { return p }, Clock: clock.Now}}
}

// person puts an employed person with one account into the ledger. HR has their address.
func (o *office) person(t *testing.T, id string, doc identity.Account) string {
	t.Helper()
	ctx, key, ref := t.Context(), "workday-"+id, identity.OneLoginRef(doc.ID)
	_, err := o.People().Admit(ctx, key, "workday", id, storetest.Digests(o.Ledger, id+"@acme.example", "", doc.FirstName))
	require.NoError(t, err)
	_, err = o.People().SetEmployed(ctx, key, true)
	require.NoError(t, err)
	_, err = o.Inventory().Observe(ctx, o.clock.Now(), []inventory.Account{{Ref: ref, Document: doc, Status: doc.Status, Digests: o.Inventory().AccountDigests(doc)}})
	require.NoError(t, err)
	require.NoError(t, o.Inventory().LinkAccount(ctx, inventory.LinkAccount{Ref: ref, Person: key, Use: identity.UsePrimary, By: "test"}))
	return key
}

func ada() identity.Account {
	return identity.Account{ID: 41, FirstName: "Ada", LastName: "Byron", Email: "ada@acme.example", Username: "ada", Status: identity.AccountActive, Roles: []string{"Mail", "Buyer"}}
}

// plan plans a request about Ada as she is after change.
func plan(t *testing.T, want request.Asked, change func(o *office, doc *identity.Account)) request.Plan {
	t.Helper()
	o, doc := newOffice(t), ada()
	if change == nil {
		change = func(*office, *identity.Account) {}
	}
	change(o, &doc)
	key := o.person(t, "ada", doc)
	o.clock.Advance(8 * 24 * time.Hour)
	if want.Subject == "" {
		want.Subject = key
	}
	if want.Agent == "" {
		want.Agent = "helpdesk"
	}
	want.ID, want.Reason = "agent-request/helpdesk/1", "because"
	p, err := o.planner.Plan(t.Context(), want)
	require.NoError(t, err)
	return p
}

func role(name string) request.Asked { return request.Asked{Tool: agent.AssignRole, Role: name} }

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	ordered := func(kind identity.OrderKind) func(*office, *identity.Account) {
		return func(o *office, _ *identity.Account) {
			require.NoError(t, o.Orders().Put(t.Context(), identity.Order{ID: "o1", Key: "workday-ada", Kind: kind, By: "sec"}))
		}
	}
	for name, c := range map[string]struct {
		want   request.Asked
		change func(*office, *identity.Account)
		by     string
	}{
		"an agent that is gone":          {request.Asked{Tool: agent.AssignRole, Role: "Jira", Agent: "other"}, nil, request.DeniedUnknownAgent},
		"somebody whom nobody knows":     {request.Asked{Tool: agent.AssignRole, Role: "Jira", Subject: "workday-nobody"}, nil, request.DeniedUnknownSubject},
		"a rule that denies":             {role("Jira"), func(_ *office, d *identity.Account) { d.Department = "Board" }, request.DeniedPolicy},
		"no rule":                        {request.Asked{Tool: agent.RemoveRole, Role: "Mail"}, nil, request.DeniedPolicy},
		"a protected account":            {role("Jira"), func(_ *office, d *identity.Account) { d.Username = "root" }, request.DeniedProtected},
		"a role that only rules give":    {role("Payroll"), nil, request.DeniedNotRequestable},
		"a conflict of duties":           {role("Approver"), nil, request.DeniedConflict},
		"somebody contained":             {role("Jira"), ordered(identity.OrderContain), request.DeniedOrdered},
		"somebody suspended by order":    {role("Jira"), ordered(identity.OrderSuspend), request.DeniedOrdered},
		"a link to a foreign address":    {request.Asked{Tool: agent.ResetPassword}, func(_ *office, d *identity.Account) { d.Email = "mallory@evil.example" }, request.DeniedAddress},
		"a link to no address":           {request.Asked{Tool: agent.ResetPassword}, func(_ *office, d *identity.Account) { d.Email = "" }, request.DeniedAddress},
		"a link for somebody ordered":    {request.Asked{Tool: agent.ResetPassword}, ordered(identity.OrderFreeze), request.DeniedOrdered},
		"an account without a person":    {request.Asked{Tool: agent.DisableUser, Subject: "onelogin-99"}, unowned(t), request.DeniedNoPerson},
		"an account that is no person's": {request.Asked{Tool: agent.DisableUser, Subject: "workday-robot"}, robot(t), request.DeniedNoPerson},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan(t, c.want, c.change)
			require.Equal(t, c.by, p.DeniedBy, p.Why)
			require.NotEmpty(t, p.Why)
			require.Empty(t, p.Orders)
			require.Equal(t, agent.Deny, p.Verdict)
		})
	}
}

func unowned(t *testing.T) func(*office, *identity.Account) {
	return func(o *office, _ *identity.Account) {
		doc := identity.Account{ID: 99, Username: "nobody", Status: identity.AccountActive}
		_, err := o.Inventory().Observe(t.Context(), o.clock.Now(), []inventory.Account{{Ref: identity.OneLoginRef(99), Document: doc, Status: doc.Status}})
		require.NoError(t, err)
	}
}

func robot(t *testing.T) func(*office, *identity.Account) {
	return func(o *office, _ *identity.Account) {
		key := o.person(t, "robot", identity.Account{ID: 98, Username: "svc", Status: identity.AccountActive})
		require.Equal(t, "workday-robot", key)
		require.NoError(t, o.Inventory().DeclareAccount(t.Context(), inventory.Declaration{Ref: identity.OneLoginRef(98), Kind: identity.KindService, By: "it"}))
	}
}

func TestALinkNeedsAnAddressThatHasSettled(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	want := request.Asked{ID: "r", Agent: "helpdesk", Tool: agent.ResetPassword, Subject: o.person(t, "ada", ada()), Reason: "because"}
	after := func(days int, denied string) {
		t.Helper()
		o.clock.Advance(time.Duration(days) * 24 * time.Hour)
		p, err := o.planner.Plan(t.Context(), want)
		require.NoError(t, err)
		require.Equal(t, denied, p.DeniedBy)
	}
	after(6, request.DeniedAddress)
	after(1, "")
	// HR has had another address, and this one again since now: whoever talked HR into it waits for a week.
	for _, work := range []string{"other@acme.example", "ada@acme.example"} {
		require.NoError(t, o.People().SetDigests(t.Context(), "workday", "ada", storetest.Digests(o.Ledger, work, "", "Ada")))
	}
	after(0, request.DeniedAddress)
	require.NoError(t, o.People().SetDigests(t.Context(), "workday", "ada", storetest.Digests(o.Ledger, "ada@acme.example", "", "Ada")))
	after(7, "")
}

func TestWhoHasToBeAsked(t *testing.T) {
	t.Parallel()
	week := role("Jira")
	week.Until = time.Date(2026, 11, 15, 0, 0, 0, 0, time.UTC)
	p := plan(t, week, nil)
	require.Equal(t, agent.Allow, p.Verdict)
	require.False(t, p.Two)
	p = plan(t, role("Jira"), nil)
	require.Equal(t, agent.Ask, p.Verdict)
	require.Equal(t, []string{`give workday-ada the role "Jira"`}, p.Steps)
	require.Equal(t, "agent-request/helpdesk/1/1", p.Orders[0].ID)
	require.Subset(t, p.Barred, []string{"dana@acme.example", "ada@acme.example", "Ada Byron"})
	week.Role = "Super admin"
	p = plan(t, week, nil)
	require.Equal(t, agent.Ask, p.Verdict, "a rule alone gives nothing privileged")
	require.True(t, p.Two)
	p = plan(t, request.Asked{Tool: agent.RevokeSessions}, func(_ *office, d *identity.Account) { d.Roles = []string{"Super admin"} })
	require.True(t, p.Two, "and does nothing to whoever is")
	require.True(t, plan(t, role("Mail"), nil).Already)
	shut := func(until time.Time) func(*office, *identity.Account) {
		return func(o *office, d *identity.Account) {
			d.Status = identity.AccountSuspended
			require.NoError(t, o.Orders().Put(t.Context(), identity.Order{ID: "s", Key: "workday-ada", Kind: identity.OrderSuspend, By: "sec", Until: until}))
		}
	}
	require.True(t, plan(t, request.Asked{Tool: agent.DisableUser}, shut(time.Time{})).Already)
	require.False(t, plan(t, request.Asked{Tool: agent.DisableUser}, shut(time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC))).Already, "it would open again")
	past := request.Asked{Tool: agent.DisableUser}
	past.Until = time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	require.Equal(t, request.DeniedArguments, plan(t, past, nil).DeniedBy, "its end came while nobody decided")
}

// TestTheHashIsOfWhatIsShown holds that an approval is for one plan: it ends with whatever it was about, and not with time.
func TestTheHashIsOfWhatIsShown(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	key := o.person(t, "ada", ada())
	hash := func(edit func(*request.Asked)) string {
		t.Helper()
		want := request.Asked{ID: "r", Agent: "helpdesk", Tool: agent.AssignRole, Role: "Jira", Subject: key, Reason: "because"}
		edit(&want)
		p, err := o.planner.Plan(t.Context(), want)
		require.NoError(t, err)
		return p.Hash
	}
	same := func(*request.Asked) {}
	first := hash(same)
	o.clock.Advance(time.Hour)
	require.Equal(t, first, hash(same))
	for _, edit := range []func(*request.Asked){
		func(a *request.Asked) { a.Role = "Wiki" }, func(a *request.Asked) { a.ID = "s" }, func(a *request.Asked) { a.Tool = agent.DisableUser },
		func(a *request.Asked) { a.Until = time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC) }, func(a *request.Asked) { a.Subject = "workday-nobody" },
	} {
		require.NotEqual(t, first, hash(edit))
	}
	_, err := o.People().SetEmployed(t.Context(), key, false)
	require.NoError(t, err)
	require.NotEqual(t, first, hash(same))
	_, err = o.People().SetEmployed(t.Context(), key, true)
	require.NoError(t, err)
	require.NotEqual(t, first, hash(same), "who comes back has another employment")
}
