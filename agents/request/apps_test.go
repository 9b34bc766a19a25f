package request_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/agents/request"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/policy/agent"
)

// apps are the roles of the company with what they carry: Chat by a role of its own and by another with more, Wages by one that only
// rules give, Vault by a privileged one.
func (o *office) apps(t *testing.T) {
	t.Helper()
	named := func(pairs ...string) (out []inventory.Named) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, inventory.Named{ID: pairs[i], Name: pairs[i+1]})
		}
		return out
	}
	require.NoError(t, o.Inventory().PutCatalog(t.Context(), identity.SystemOneLogin, o.clock.Now(), inventory.Catalog{
		Roles: named("1", "Chatters", "2", "Office", "3", "Payroll", "4", "Super admin"), Apps: named("1", "Chat", "2", "Mail", "3", "Wages", "4", "Vault", "5", "Twin", "6", "Twin"),
		RoleApps: []inventory.RoleApp{{Role: "1", App: "1"}, {Role: "2", App: "1"}, {Role: "2", App: "2"}, {Role: "3", App: "3"}, {Role: "4", App: "4"}},
	}))
}

const appRules = `
      - {name: apps, tools: [assign_app, unassign_app], when: call.app != "Vault" || !call.privileged, verdict: allow}
      - {name: vaults, tools: [assign_app], when: call.privileged, verdict: allow}
      - {name: newcomers, tools: [provision_user], verdict: allow}
`

func newAppOffice(t *testing.T, roles ...string) (*office, func(request.Asked) request.Plan) {
	t.Helper()
	o := newOffice(t)
	p, err := policy.Parse("policy.yaml", []byte(policyText[:len(policyText)-len("end: policy\n")]+appRules[1:]+"sponsored: {longest: 180d}\nend: policy\n"))
	require.NoError(t, err)
	o.planner.Policy = func() *policy.Policy { return p }
	o.apps(t)
	doc := ada()
	doc.Roles = roles
	key := o.person(t, "ada", doc)
	return o, func(want request.Asked) request.Plan {
		t.Helper()
		want.ID, want.Agent, want.Reason = "r", "helpdesk", "because"
		if want.Person == nil {
			want.Subject = key
		}
		plan, err := o.planner.Plan(t.Context(), want)
		require.NoError(t, err)
		return plan
	}
}

// TestAnAppIsGivenByTheRoleThatCarriesLeast says all that the role carries, and asks if that is more than the app.
func TestAnAppIsGivenByTheRoleThatCarriesLeast(t *testing.T) {
	t.Parallel()
	_, plan := newAppOffice(t)
	chat := plan(request.Asked{Tool: agent.AssignApp, App: "Chat"})
	require.Equal(t, agent.Allow, chat.Verdict, chat.Why)
	require.Equal(t, []string{"Chatters"}, chat.Orders[0].Roles)
	mail := plan(request.Asked{Tool: agent.AssignApp, App: "Mail"})
	require.Equal(t, agent.Ask, mail.Verdict)
	require.Contains(t, mail.Steps[0], `the role "Office", which carries the app "Mail" and also "Chat"`)
	require.Equal(t, request.DeniedNoRole, plan(request.Asked{Tool: agent.AssignApp, App: "Wages"}).DeniedBy, "only rules give the role")
	vault := plan(request.Asked{Tool: agent.AssignApp, App: "Vault"})
	require.True(t, vault.Two, "the role of the app is privileged")
	for _, app := range []string{"Nothing", "Twin"} {
		require.Equal(t, request.DeniedUnknownApp, plan(request.Asked{Tool: agent.AssignApp, App: app}).DeniedBy)
	}
	_, plan = newAppOffice(t, "Office")
	require.True(t, plan(request.Asked{Tool: agent.AssignApp, App: "Chat"}).Already, "another role of theirs carries it")
}

// TestAnAppIsTakenOnlyWithARoleOfItsOwn holds that nothing else goes with an app.
func TestAnAppIsTakenOnlyWithARoleOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		roles []string
		by    string
	}{
		"a role of its own": {[]string{"Chatters"}, ""}, "a role with more": {[]string{"Office"}, request.DeniedCarriesMore},
		"two roles": {[]string{"Chatters", "Office"}, request.DeniedCarriesMore}, "no role": {nil, request.DeniedNoRole},
	} {
		_, plan := newAppOffice(t, c.roles...)
		out := plan(request.Asked{Tool: agent.UnassignApp, App: "Chat"})
		require.Equal(t, c.by, out.DeniedBy, name)
		if c.by == "" {
			require.Equal(t, identity.OrderDeny, out.Orders[0].Kind)
			require.Equal(t, []string{"Chatters"}, out.Orders[0].Roles)
		}
	}
}

// TestSomebodyIsSponsoredOnAPersonsWordOnly holds that no rule alone makes an account for somebody whom HR does not have.
func TestSomebodyIsSponsoredOnAPersonsWordOnly(t *testing.T) {
	t.Parallel()
	o, plan := newAppOffice(t)
	who := request.Person{FirstName: "Carla", LastName: "Rossi", Email: "c@auditors.example", Sponsor: "workday-ada"}
	until := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	ask := func(edit func(*request.Person), end time.Time) request.Plan {
		t.Helper()
		p := who
		edit(&p)
		return plan(request.Asked{Tool: agent.ProvisionUser, Person: &p, Until: end})
	}
	good := ask(func(*request.Person) {}, until)
	require.Equal(t, agent.Ask, good.Verdict, good.Why)
	require.True(t, good.Provision)
	require.Subset(t, good.Barred, []string{"dana@acme.example", "ada@acme.example"}, "whoever answers for them does not decide")
	require.NotContains(t, good.Steps[0], "Rossi", "steps stand in histories")
	require.Equal(t, "what the rules give them: Mail", good.Steps[1])
	require.False(t, good.Two)
	head := ask(func(p *request.Person) { p.Title = "Head" }, until)
	require.Equal(t, "what the rules give them: Mail, Super admin", head.Steps[1])
	require.True(t, head.Two, "the rules would give a privileged role")
	// The rules see the record that there will be: of a sponsored person, and with an address of the company as their work address.
	require.Equal(t, "what the rules give them: Mail, Vaults", ask(func(p *request.Person) { p.Company = "Auditors" }, until).Steps[1])
	inside := ask(func(p *request.Person) { p.Email = "C.Rossi@Acme.example" }, until)
	require.Equal(t, "what the rules give them: Mail, Super admin", inside.Steps[1])
	require.True(t, inside.Two)
	require.Equal(t, request.DeniedArguments, ask(func(p *request.Person) { p.LastName = "Ro*si" }, until).DeniedBy)
	require.Equal(t, request.DeniedArguments, ask(func(p *request.Person) { p.Email = "c@" }, until).DeniedBy)
	other := ask(func(p *request.Person) { p.Email = "mallory@evil.example" }, until)
	require.NotEqual(t, good.Hash, other.Hash, "what is approved is this person")
	require.Equal(t, request.DeniedArguments, ask(func(p *request.Person) { p.LastName = " " }, until).DeniedBy)
	require.Equal(t, request.DeniedArguments, ask(func(*request.Person) {}, time.Time{}).DeniedBy)
	require.Equal(t, request.DeniedUnknownSubject, ask(func(p *request.Person) { p.Sponsor = "workday-nobody" }, until).DeniedBy)
	_, err := o.People().SetEmployed(t.Context(), "workday-ada", false)
	require.NoError(t, err)
	require.Equal(t, request.DeniedLeft, ask(func(*request.Person) {}, until).DeniedBy)
}
