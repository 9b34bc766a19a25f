package policy_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
	"gatehouse/policy/system"
)

// systemsNow is the moment at which everything is planned.
var systemsNow = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// everySystem is a policy with rules for each system. What follows it adds to its last section, attributes.
const everySystem = `
access:
  rules:
    - {name: everyone, when: "true", roles: [Everyone], accounts: {google: {licences: [Starter]}, ldap: {}}}
    - name: engineering
      when: person.department == "Engineering"
      roles: [Engineering]
      keep_old_access: 7d
      accounts: {google: {org_unit: /Engineering}, ldap: {container: "ou=eng,dc=acme"}}
      groups: {google: [eng@acme.example], ldap: [eng]}
    - name: sales
      when: person.department == "Sales"
      accounts: {google: {org_unit: /Sales}, salesforce: {profile: Standard User, permission_sets: [Sales_Ops]}}
      groups: {google: [sales@acme.example], ldap: [sales]}
systems:
  google:
    provisioned_by: gatehouse
    mode: enforce
    carried_by: [Workspace]
    leaver:
      sign_in: lock
      auto_reply: {subject: "{first} has left", text: "Ask {manager_email} in place of {first} {last}."}
      delegate_to: manager
      transfer_to: manager
      release_licences_after: 60d
      move_to: /Leavers
      keep_groups: [alumni@acme.example]
  salesforce: {provisioned_by: gatehouse}
  ldap: {provisioned_by: gatehouse, leaver: {move_to: "ou=leavers,dc=acme"}}
attributes:
`

func digestOf(text string) string { return "digest of " + text }

func sameAs(digest, text string) bool { return digest == digestOf(text) }

// systemsCase is a person with what is known of them in each system, and how they are planned.
type systemsCase struct {
	engagement identity.Engagement
	account    *identity.Account
	orders     []identity.Order
	views      map[string]*identity.SystemView
	at         time.Time
	moved      bool
	withdrawn  bool
	plan       func(*identity.Plan)
}

// inGoogle is a case in which the person has a Google account that is as it should be, and nothing else.
func inGoogle() *systemsCase {
	c := &systemsCase{engagement: engineer(), account: engineerAccount(), at: systemsNow, views: map[string]*identity.SystemView{}}
	for _, name := range []string{"google", "salesforce", "ldap"} {
		c.views[name] = &identity.SystemView{System: name, ReadAt: systemsNow.Add(-time.Hour), Digest: digestOf, Same: sameAs}
	}
	c.views["google"].Accounts = []identity.SystemAccount{{
		ID: "g7", Use: identity.UsePrimary, Kind: identity.KindPerson, Container: "/Engineering", ObservedAt: systemsNow.Add(-time.Hour),
		Groups: []string{"eng@acme.example"}, Licences: []string{"Starter"},
		Document: identity.Account{
			Username: "ada.byron@acme.example", Email: "ada.byron@acme.example", FirstName: "Ada", LastName: "Byron",
			Title: "Engineer", Department: "Engineering", Phone: "030 1234", Status: identity.AccountActive,
		},
	}}
	c.views["google"].Manager = "g1"
	return c
}

// google is the account of a case.
func (c *systemsCase) google() *identity.SystemAccount { return &c.views["google"].Accounts[0] }

func (c *systemsCase) input(p *policy.Policy) policy.SystemsInput {
	person := p.Person("workday-21001", []identity.Engagement{c.engagement}, c.at)
	person.Moved, person.Withdrawn = c.moved, c.withdrawn
	for _, name := range []string{"google", "salesforce", "ldap"} {
		if v := c.views[name]; v != nil {
			person.Systems = append(person.Systems, *v)
		}
	}
	plan := p.Plan(person, c.account, c.orders)
	if c.plan != nil {
		c.plan(&plan)
	}
	return policy.SystemsInput{Person: person, OneLogin: c.account, Plan: plan, Orders: c.orders, Views: person.Systems}
}

// in returns the plans of one system.
func (c *systemsCase) in(t *testing.T, text, name string) []identity.SystemPlan {
	t.Helper()
	p := policytest.Parse(t, text)
	return slices.DeleteFunc(p.PlanSystems(c.input(p)), func(sp identity.SystemPlan) bool { return sp.System != name })
}

// told is the plan of one account in words: its steps with names, and the codes of its notices.
func told(plans []identity.SystemPlan) string {
	var all []string
	for _, p := range plans {
		var parts []string
		for _, s := range p.Steps {
			part := string(s.Kind)
			names := slices.Clone(s.Names)
			for _, change := range s.Changes {
				names = append(names, change.Attribute+"="+change.To)
			}
			if s.To != "" {
				names = append(names, s.To)
			}
			if len(names) > 0 {
				part += "(" + strings.Join(names, " ") + ")"
			}
			parts = append(parts, part)
		}
		for _, n := range p.Notices {
			parts = append(parts, "!"+n.Code)
		}
		all = append(all, strings.Join(parts, " "))
	}
	return strings.Join(all, " | ")
}

func TestSystemsOfSomebodyEmployed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*systemsCase)
		add    string
		in     string
		want   string
	}{
		"as it should be": {want: ""},
		"an old reading gives nothing": {
			change: func(c *systemsCase) {
				c.views["google"].ReadAt = c.at.Add(-25 * time.Hour)
				c.google().Groups, c.google().Given = []string{"old"}, map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"old"}}
			},
		},
		"nobody in an old reading is no proof that there is nobody": {
			change: func(c *systemsCase) { c.views["ldap"].ReadAt = c.at.Add(-25 * time.Hour) }, in: "ldap",
		},
		"a system that was never read":                     {change: func(c *systemsCase) { c.views["ldap"].ReadAt = time.Time{} }, in: "ldap"},
		"a system of which there is no view":               {change: func(c *systemsCase) { delete(c.views, "ldap") }, in: "ldap"},
		"an account is due":                                {in: "ldap", want: "create move(ou=eng,dc=acme) add_groups(eng)"},
		"somebody has to say whether an account is theirs": {change: func(c *systemsCase) { c.views["ldap"].Candidates = []identity.SystemAccount{{ID: "l1"}} }, in: "ldap"},
		"no account is due":                                {in: "salesforce"},
		"a disputed account is left alone": {
			change: func(c *systemsCase) { c.google().Disputed, c.google().Groups = true, nil }, want: "!system_disputed",
		},
		"none is made beside a disputed one": {
			change: func(c *systemsCase) { c.google().Disputed, c.google().Use = true, identity.UseSecondary }, want: "!system_disputed",
		},
		"an account of an administrator is none to work with": {
			change: func(c *systemsCase) { c.google().Use = identity.UseAdmin },
			want:   "create move(/Engineering) add_groups(eng@acme.example) assign_licences(Starter)",
		},
		"a service account is no person's": {change: func(c *systemsCase) { c.google().Kind, c.google().Groups = identity.KindService, nil }},
		"somebody has to decide first":     {change: func(c *systemsCase) { c.plan = func(p *identity.Plan) { p.Verdict = identity.VerdictAttention } }, in: "ldap"},
		"a blocking notice": {change: func(c *systemsCase) {
			c.plan = func(p *identity.Plan) { p.Notices = []identity.Notice{{Blocking: true}} }
		}, in: "ldap"},
		"an order freezes":              {change: ordered(identity.OrderFreeze), in: "ldap"},
		"an order suspends for a while": {change: ordered(identity.OrderSuspend), in: "ldap"},
		"groups that nobody gave stay":  {change: holds("eng@acme.example", "chess@acme.example")},
		"what we gave goes": {
			change: func(c *systemsCase) {
				holds("eng@acme.example", "chess@acme.example")(c)
				c.google().Given = map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"chess@acme.example", "eng@acme.example"}}
			},
			want: "remove_groups(chess@acme.example)",
		},
		"what was decided to be taken goes": {
			change: func(c *systemsCase) {
				holds("eng@acme.example", "chess@acme.example")(c)
				c.google().Taking = map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"chess@acme.example", "eng@acme.example"}}
			},
			want: "remove_groups(chess@acme.example)",
		},
		"a managed group stays without a move": {change: holds("eng@acme.example", "sales@acme.example")},
		"a managed group goes with a move": {
			change: func(c *systemsCase) {
				holds("eng@acme.example", "sales@acme.example", "chess@acme.example")(c)
				c.moved = true
			},
			want: "remove_groups(sales@acme.example)",
		},
		"an order holds what there is": {
			change: func(c *systemsCase) {
				holds("sales@acme.example")(c)
				c.moved = true
				ordered(identity.OrderHold)(c)
			},
			want: "add_groups(eng@acme.example)",
		},
		"the record is incomplete": {
			change: func(c *systemsCase) {
				holds("sales@acme.example")(c)
				c.moved, c.google().Container, c.engagement.Missing = true, "/", []string{"title"}
			},
			want: "add_groups(eng@acme.example)",
		},
		"elsewhere in the tree":  {change: func(c *systemsCase) { c.google().Container = "/" }, want: "move(/Engineering)"},
		"case is no other place": {change: func(c *systemsCase) { c.google().Container = "/engineering/" }},
		"on leave nothing is given": {
			change: func(c *systemsCase) { c.engagement.Status = identity.StatusOnLeave; c.google().Groups = nil },
		},
		"on leave no account is made": {change: func(c *systemsCase) { c.engagement.Status = identity.StatusOnLeave }, in: "ldap"},
		"suspended by us and back": {
			change: func(c *systemsCase) {
				c.google().Document.Status, c.google().SuspendedByUs, c.google().Groups = identity.AccountSuspended, true, nil
			},
			want: "resume add_groups(eng@acme.example)",
		},
		"suspended by somebody else": {
			change: func(c *systemsCase) { c.google().Document.Status, c.google().Groups = identity.AccountSuspended, nil },
			want:   "!system_suspended_elsewhere",
		},
		"back in the place of leavers, and no rule has another": {
			change: func(c *systemsCase) {
				c.engagement.Department = "IT"
				c.google().Document.Status, c.google().SuspendedByUs, c.google().Container = identity.AccountSuspended, true, "/Leavers"
			},
			want: "resume !system_stays_aside",
		},
		"rules disagree about the place": {
			change: func(c *systemsCase) { c.google().Container = "/" },
			add:    "@access.rules\n    - {name: rival, when: 'true', accounts: {google: {org_unit: /Other}}}\n",
			want:   "!system_undecided",
		},
		"the higher priority has the place": {
			add:  "@access.rules\n    - {name: rival, when: 'true', priority: 1, accounts: {google: {org_unit: /Other}}}\n",
			want: "move(/Other)",
		},
		"an account that no rule gives": {
			change: func(c *systemsCase) {
				c.views["salesforce"].Accounts = []identity.SystemAccount{{
					ID: "s7", Use: identity.UsePrimary, Roles: []string{"Old"},
					Document: identity.Account{Title: "Clerk", Status: identity.AccountActive},
				}}
			},
			add: "  title: {}\n", in: "salesforce", want: "write_profile(title=Engineer)",
		},
		"another profile than new users get": {
			change: inCRM("System Administrator"), add: sellers, in: "salesforce", want: "!system_other_profile",
		},
		"the profile that new users get, in other letters": {change: inCRM("standard user"), add: sellers, in: "salesforce"},
		"a profile that nobody was shown":                  {change: inCRM(""), add: sellers, in: "salesforce"},
		"a profile of which only the id is known":          {change: inCRM("#id:00e1"), add: sellers, in: "salesforce"},
		"protected": {
			change: func(c *systemsCase) { c.google().Groups = nil },
			add:    "safety: {protected: ['account.username == \"ada.byron@acme.example\"']}\n", want: "!system_protected",
		},
		"protected, and nothing to do": {add: "safety: {protected: ['account.username == \"ada.byron@acme.example\"']}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := inGoogle()
			if tt.change != nil {
				tt.change(c)
			}
			text, in := everySystem, tt.in
			if rule, above := strings.CutPrefix(tt.add, "@access.rules\n"); above {
				text = replace(t, everySystem, "systems:\n", rule+"systems:\n")
			} else if strings.HasPrefix(tt.add, "safety") {
				text = strings.TrimSuffix(everySystem, "attributes:\n") + tt.add
			} else {
				text += tt.add
			}
			text = strings.TrimSuffix(text, "attributes:\n")
			if in == "" {
				in = "google"
			}
			require.Equal(t, tt.want, told(c.in(t, text, in)))
		})
	}
}

// sellers is a rule that gives everybody a user in the CRM.
const sellers = "@access.rules\n    - {name: sellers, when: 'true', accounts: {salesforce: {profile: Standard User}}}\n"

// inCRM has somebody's user in the CRM be of a profile.
func inCRM(profile string) func(*systemsCase) {
	return func(c *systemsCase) {
		c.views["salesforce"].Accounts = []identity.SystemAccount{{
			ID: "s7", Use: identity.UsePrimary, Profile: profile, Roles: []string{}, Document: identity.Account{Status: identity.AccountActive},
		}}
	}
}

func ordered(kind identity.OrderKind) func(*systemsCase) {
	return func(c *systemsCase) {
		c.orders = append(c.orders, identity.Order{ID: "o1", Kind: kind, At: c.at.Add(-time.Hour), By: "it@acme.example"})
	}
}

func holds(groups ...string) func(*systemsCase) {
	return func(c *systemsCase) { c.google().Groups = groups }
}

func left(c *systemsCase) {
	c.engagement.LastDay, c.engagement.LeaverFirstSeen = "2026-02-27", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
}

func done(kinds ...identity.SystemStepKind) func(*systemsCase) {
	return func(c *systemsCase) {
		c.google().Done = map[identity.SystemStepKind]time.Time{}
		for _, kind := range kinds {
			c.google().Done[kind] = c.at.Add(-time.Hour)
		}
	}
}

func TestSystemsOfALeaver(t *testing.T) {
	t.Parallel()
	const handed = "reset_password end_sessions revoke_grants demote auto_reply(g1) delegate(g1) remove_groups(eng@acme.example) transfer(g1) move(/Leavers)"
	suspends := func(text string) string {
		text = strings.Replace(text, "sign_in: lock", "sign_in: suspend", 1)
		text = strings.Replace(text, "      auto_reply: {subject: \"{first} has left\", text: \"Ask {manager_email} in place of {first} {last}.\"}\n", "", 1)
		return strings.Replace(text, "      delegate_to: manager\n", "", 1)
	}
	for name, tt := range map[string]struct {
		change []func(*systemsCase)
		policy func(string) string
		in     string
		want   string
		due    string
	}{
		"locked": {want: handed, due: "2026-03-29T17:00:00Z"},
		"whatever else is unclear": {change: []func(*systemsCase){func(c *systemsCase) {
			c.plan = func(p *identity.Plan) { p.Verdict = identity.VerdictAttention }
			c.views["google"].ReadAt = time.Time{}
		}, ordered(identity.OrderFreeze)}, want: handed, due: "2026-03-29T17:00:00Z"},
		"an order holds what there is": {
			change: []func(*systemsCase){ordered(identity.OrderHold)}, want: "reset_password end_sessions revoke_grants demote", due: "2026-03-29T17:00:00Z",
		},
		"what was done is not done again": {
			change: []func(*systemsCase){done(identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote,
				identity.SystemAutoReply, identity.SystemDelegate, identity.SystemTransfer), holds(), func(c *systemsCase) { c.google().Container = "/Leavers" }},
			due: "2026-03-29T17:00:00Z",
		},
		"groups that a leaver keeps": {
			change: []func(*systemsCase){holds("alumni@acme.example", "eng@acme.example", "chess@acme.example")},
			want:   strings.Replace(handed, "eng@", "chess@acme.example eng@", 1), due: "2026-03-29T17:00:00Z",
		},
		"no manager is known": {
			change: []func(*systemsCase){func(c *systemsCase) { c.views["google"].Manager = "" }},
			want:   "reset_password end_sessions revoke_grants demote auto_reply remove_groups(eng@acme.example) move(/Leavers) !system_no_heir", due: "2026-03-29T17:00:00Z",
		},
		"the leaver is their own manager": {
			change: []func(*systemsCase){func(c *systemsCase) { c.views["google"].Manager = "g7" }},
			want:   "reset_password end_sessions revoke_grants demote auto_reply remove_groups(eng@acme.example) move(/Leavers) !system_no_heir", due: "2026-03-29T17:00:00Z",
		},
		"suspended by somebody else": {
			change: []func(*systemsCase){func(c *systemsCase) { c.google().Document.Status = identity.AccountSuspended }},
			want:   "reset_password end_sessions revoke_grants demote remove_groups(eng@acme.example) transfer(g1) move(/Leavers) !system_mail_closed",
			due:    "2026-04-28T17:00:00Z",
		},
		"a month later": {
			change: []func(*systemsCase){func(c *systemsCase) { c.at = c.at.AddDate(0, 0, 29) }},
			want:   strings.Replace(handed, " move(", " suspend move(", 1), due: "2026-04-28T17:00:00Z",
		},
		"two months later": {
			change: []func(*systemsCase){
				func(c *systemsCase) {
					c.at = c.at.AddDate(0, 0, 59)
					c.google().Document.Status = identity.AccountSuspended
				},
				holds(), done(identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote,
					identity.SystemAutoReply, identity.SystemDelegate, identity.SystemTransfer),
			},
			want: "move(/Leavers) release_licences(Starter)",
		},
		"two months later, and nobody gets the files": {
			change: []func(*systemsCase){
				func(c *systemsCase) {
					c.at = c.at.AddDate(0, 0, 59)
					c.google().Document.Status, c.google().Container = identity.AccountSuspended, "/Leavers"
					c.views["google"].Manager = ""
				},
				holds(), done(identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote,
					identity.SystemAutoReply, identity.SystemDelegate),
			},
			want: "!system_no_heir",
		},
		"two months later, and nothing is to be handed over": {
			change: []func(*systemsCase){
				func(c *systemsCase) {
					c.at = c.at.AddDate(0, 0, 59)
					c.google().Document.Status, c.google().Container = identity.AccountSuspended, "/Leavers"
					c.views["google"].Manager = ""
				},
				holds(), done(identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote,
					identity.SystemAutoReply, identity.SystemDelegate),
			},
			policy: func(text string) string {
				return strings.Replace(strings.Replace(text, "      transfer_to: manager\n", "", 1), "    carried_by: [Workspace]\n", "", 1)
			},
			want: "release_licences(Starter)",
		},
		"two months later, and an order holds what there is": {
			change: []func(*systemsCase){
				func(c *systemsCase) {
					c.at = c.at.AddDate(0, 0, 59)
					c.google().Document.Status = identity.AccountSuspended
				},
				holds(), done(identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote), ordered(identity.OrderHold),
			},
		},
		"the order ends once the mailbox is closed": {
			change: []func(*systemsCase){
				func(c *systemsCase) {
					c.at = c.at.AddDate(0, 0, 59)
					c.google().Document.Status = identity.AccountSuspended
				},
				holds(), done(identity.SystemResetPassword, identity.SystemEndSessions, identity.SystemRevokeGrants, identity.SystemDemote),
			},
			want: "transfer(g1) move(/Leavers) release_licences(Starter) !system_mail_closed",
		},
		"suspended at once": {
			policy: suspends, want: "suspend end_sessions revoke_grants demote remove_groups(eng@acme.example) transfer(g1) move(/Leavers)", due: "2026-04-28T17:00:00Z",
		},
		"every account of theirs": {
			change: []func(*systemsCase){func(c *systemsCase) {
				admin := *c.google()
				admin.ID, admin.Use, admin.Groups, admin.Licences = "g8", identity.UseAdmin, nil, nil
				service := admin
				service.ID, service.Kind = "g9", identity.KindService
				disputed := admin
				disputed.ID, disputed.Disputed = "g10", true
				c.views["google"].Accounts = append(c.views["google"].Accounts, admin, service, disputed)
			}},
			want: handed + " | " + strings.Replace(handed, "remove_groups(eng@acme.example) ", "", 1) + " | !system_disputed",
			due:  "2026-03-29T17:00:00Z",
		},
		"protected": {policy: func(text string) string {
			return text + "safety: {protected: ['account.username.startsWith(\"ada\")']}\n"
		}, want: "!system_protected"},
		"in the directory": {
			change: []func(*systemsCase){func(c *systemsCase) {
				c.views["ldap"].Accounts = []identity.SystemAccount{{ID: "l7", Groups: []string{"eng"}, Container: "ou=eng,dc=acme", Document: identity.Account{Status: identity.AccountLocked}}}
			}},
			in: "ldap", want: "suspend reset_password remove_groups(eng) move(ou=leavers,dc=acme)",
		},
		"in the directory, where it is already so": {
			change: []func(*systemsCase){func(c *systemsCase) {
				c.views["ldap"].Accounts = []identity.SystemAccount{{
					ID: "l7", Container: "OU=Leavers, DC=acme", Document: identity.Account{Status: identity.AccountSuspended},
					Done: map[identity.SystemStepKind]time.Time{identity.SystemResetPassword: systemsNow},
				}}
			}},
			in: "ldap",
		},
		"in the CRM": {
			change: []func(*systemsCase){func(c *systemsCase) {
				c.views["salesforce"].Accounts = []identity.SystemAccount{{ID: "s7", Roles: []string{"Sales_Ops", "Other"}, Document: identity.Account{Status: identity.AccountActive}}}
			}},
			in: "salesforce", want: "suspend end_sessions remove_roles(Other Sales_Ops)",
		},
		"frozen in the CRM": {
			change: []func(*systemsCase){func(c *systemsCase) {
				c.views["salesforce"].Accounts = []identity.SystemAccount{{ID: "s7", Document: identity.Account{Status: identity.AccountSuspended, Frozen: true}}}
			}},
			in: "salesforce", want: "suspend end_sessions",
		},
		"frozen in the CRM, which refuses the rest": {
			change: []func(*systemsCase){func(c *systemsCase) {
				c.views["salesforce"].Accounts = []identity.SystemAccount{{
					ID: "s7", Document: identity.Account{Status: identity.AccountSuspended, Frozen: true},
					Done: map[identity.SystemStepKind]time.Time{identity.SystemSuspend: systemsNow, identity.SystemEndSessions: systemsNow},
				}}
			}},
			in: "salesforce",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := inGoogle()
			left(c)
			for _, change := range tt.change {
				change(c)
			}
			text := strings.TrimSuffix(everySystem, "attributes:\n")
			if tt.policy != nil {
				text = tt.policy(text)
			}
			in := tt.in
			if in == "" {
				in = "google"
			}
			plans := c.in(t, text, in)
			require.Equal(t, tt.want, told(plans))
			for _, p := range plans {
				require.True(t, p.Leaving)
				require.Equal(t, in != "google", p.Observe)
			}
			if tt.due != "" {
				require.Equal(t, instant(t, tt.due), plans[0].Due)
			}
		})
	}
}

func TestALeaverIsWhoeverHasNoAccessAnyMore(t *testing.T) {
	t.Parallel()
	text := strings.TrimSuffix(everySystem, "attributes:\n")
	contained := inGoogle()
	ordered(identity.OrderContain)(contained)
	rescinded := inGoogle()
	rescinded.engagement.Status, rescinded.engagement.HireDate = identity.StatusRescinded, "2026-04-01"
	for name, c := range map[string]*systemsCase{"a contain order": contained, "a hire that was rescinded": rescinded} {
		plans := c.in(t, text, "google")
		require.Len(t, plans, 1, name)
		require.True(t, plans[0].Leaving, name)
		require.True(t, plans[0].Has(identity.SystemResetPassword), name)
	}
	require.Equal(t, systemsNow.Add(-time.Hour).AddDate(0, 0, 30), contained.in(t, text, "google")[0].Due)

	// The moment does not move with each look.
	rescinded.google().Done = map[identity.SystemStepKind]time.Time{identity.SystemEndSessions: systemsNow.AddDate(0, 0, -31)}
	require.True(t, rescinded.in(t, text, "google")[0].Has(identity.SystemSuspend))
}

// TestADepartureThatWasCarriedOutGoesOn whatever became of the record. Nothing is released while a record is there that does not say so.
func TestADepartureThatWasCarriedOutGoesOn(t *testing.T) {
	t.Parallel()
	text := strings.TrimSuffix(everySystem, "attributes:\n")
	gone, unclear, never := inGoogle(), inGoogle(), inGoogle()
	gone.engagement.Found, unclear.engagement.HireDate, never.engagement.Found = false, "", false
	for c, releases := range map[*systemsCase]bool{gone: true, unclear: false} {
		c.engagement.LeftAt = systemsNow.AddDate(0, 0, -61)
		plans := c.in(t, text, "google")
		require.Len(t, plans, 1)
		require.True(t, plans[0].Leaving)
		require.True(t, plans[0].Has(identity.SystemSuspend))
		require.Equal(t, releases, plans[0].Has(identity.SystemReleaseLicences))
	}
	require.Empty(t, never.in(t, text, "google"), "that a record is gone is no departure")

	// Access that came back began the departure at OneLogin anew, and here nothing of it.
	gone.engagement.LeftAt = systemsNow.AddDate(0, 0, -1)
	gone.google().Done = map[identity.SystemStepKind]time.Time{identity.SystemEndSessions: systemsNow.AddDate(0, 0, -31)}
	require.True(t, gone.in(t, text, "google")[0].Has(identity.SystemSuspend))
}

func TestAnAutoReplyNamesTheLeaver(t *testing.T) {
	t.Parallel()
	c := inGoogle()
	left(c)
	c.engagement.PreferredName = "Countess"
	plan := c.in(t, strings.TrimSuffix(everySystem, "attributes:\n"), "google")[0]
	for _, s := range plan.Steps {
		if s.Kind == identity.SystemAutoReply {
			require.Equal(t, "Countess has left", s.Subject)
			require.Equal(t, "Ask {manager_email} in place of Countess Byron.", s.Text)
		}
	}
}

func TestRolesThatCarryAnAppWaitForTheTransfer(t *testing.T) {
	t.Parallel()
	text := strings.TrimSuffix(everySystem, "attributes:\n")
	c := inGoogle()
	left(c)
	require.Equal(t, []string{"Workspace"}, c.in(t, text, "google")[0].Carried)
	require.Empty(t, c.in(t, strings.Replace(text, "mode: enforce", "mode: observe", 1), "google")[0].Carried, "what is never carried out is not waited for")
	done(identity.SystemTransfer)(c)
	require.Empty(t, c.in(t, text, "google")[0].Carried)
	c.google().Done, c.views["google"].Manager = nil, ""
	require.Equal(t, []string{"Workspace"}, c.in(t, text, "google")[0].Carried)
}

func TestAJoinersAccountIsMadeInTime(t *testing.T) {
	t.Parallel()
	text := strings.TrimSuffix(everySystem, "attributes:\n")
	joiner := func(hire identity.Date, account *identity.Account) *systemsCase {
		c := inGoogle()
		c.engagement.HireDate, c.engagement.FirstSeen, c.account = hire, systemsNow.AddDate(0, 0, -20), account
		c.views["google"].Accounts = nil
		return c
	}
	prepared := engineerAccount(func(a *identity.Account) {
		a.Status, a.InvitationSentAt, a.LastLogin = identity.AccountUnactivated, time.Time{}, time.Time{}
	})
	far := joiner("2026-03-20", nil).in(t, text, "google")
	require.Empty(t, told(far))
	require.Equal(t, instant(t, "2026-03-13T07:00:00Z"), far[0].Due)

	waits := joiner("2026-03-05", nil).in(t, text, "google")
	require.Equal(t, []identity.SystemPlan{{System: "google", Waits: true}}, waits, "what OneLogin's account will be called is not known yet")
	soon := joiner("2026-03-05", prepared).in(t, text, "google")
	require.Equal(t, "create move(/Engineering) assign_licences(Starter)", told(soon))
	require.Equal(t, instant(t, "2026-03-05T07:00:00Z"), soon[0].Due, "groups come on the first day")
	require.Empty(t, soon[0].Account)
	require.False(t, soon[0].Before)
	doc := soon[0].Steps[0].Account
	require.Equal(t, "ada.byron@acme.example", doc.Username)
	require.Equal(t, "workday-21001", doc.ExternalID)
	require.Equal(t, []string{"ada.byron@acme.example"}, soon[0].Steps[0].Usernames)

	first := strings.Replace(text, "    carried_by", "    joiner: {create: first_day, before_invitation: true, wait: 3h}\n    username: [\"{first}@acme.example\", \"{first}{n}@acme.example\"]\n    carried_by", 1)
	late := joiner("2026-03-05", nil).in(t, first, "google")
	require.Empty(t, told(late))
	require.Equal(t, instant(t, "2026-03-05T07:00:00Z"), late[0].Due)
	day := joiner("2026-03-02", nil).in(t, first, "google")
	require.Equal(t, "create move(/Engineering) add_groups(eng@acme.example) assign_licences(Starter)", told(day))
	require.True(t, day[0].Before)
	require.Equal(t, 3*time.Hour, day[0].Wait)
	require.Equal(t, []string{"ada@acme.example", "ada2@acme.example", "ada3@acme.example"}, day[0].Steps[0].Usernames[:3])

	nameless := joiner("2026-03-02", nil)
	nameless.engagement.FirstName, nameless.engagement.EmployeeID = "", ""
	nameless.plan = func(p *identity.Plan) { p.Verdict, p.Notices = identity.VerdictJoin, nil }
	require.Equal(t, "!system_no_username", told(nameless.in(t, first, "google")))
}

func TestOldGroupsStayAsLongAsTheRolesOfTheirRule(t *testing.T) {
	t.Parallel()
	text := strings.TrimSuffix(everySystem, "attributes:\n")
	c := inGoogle()
	c.moved, c.engagement.Department = true, "Sales"
	plans := c.in(t, text, "google")
	require.Equal(t, "move(/Sales) add_groups(sales@acme.example)", told(plans))
	require.Equal(t, systemsNow.Add(7*24*time.Hour), plans[0].Due)

	c.orders = []identity.Order{{ID: "k", Kind: identity.OrderGrant, Rule: identity.RuleOverlap, Roles: []string{"Engineering"}, Until: systemsNow.Add(time.Hour)}}
	plans = c.in(t, text, "google")
	require.Equal(t, systemsNow.Add(time.Hour), plans[0].Due)
	c.at, c.moved = systemsNow.Add(time.Hour), false
	require.Equal(t, "move(/Sales) remove_groups(eng@acme.example) add_groups(sales@acme.example)", told(c.in(t, text, "google")))
}

func TestWhereOneLoginProvisionsNothingIsDone(t *testing.T) {
	t.Parallel()
	const text = `
access: {managed_roles: [Everyone, Engineering], rules: [{name: everyone, when: "true", roles: [Everyone]}]}
systems: {google: {provisioned_by: onelogin, onelogin_on_suspend: nothing, onelogin_on_remove: delete, carried_by: [Engineering]}}
`
	c := inGoogle()
	require.Empty(t, c.in(t, strings.Replace(text, "[Everyone]}", "[Everyone, Engineering]}", 1), "google"))
	c.account.Given = []string{"Engineering"}
	require.Equal(t, "!system_would_delete", told(c.in(t, text, "google")))
	require.Equal(t, []string{"google"}, policytest.Parse(t, text).DeletesOnDeparture(c.input(policytest.Parse(t, text)).Views))
	require.Empty(t, policytest.Parse(t, strings.Replace(text, "delete", "suspend", 1)).DeletesOnDeparture(c.input(policytest.Parse(t, text)).Views))
	require.Empty(t, policytest.Parse(t, text).DeletesOnDeparture([]identity.SystemView{{System: "google"}}))

	left(c)
	require.Equal(t, "!system_still_open", told(c.in(t, text, "google")))
	c.google().ObservedAt = instant(t, "2026-02-27T17:00:00Z")
	c.views["google"].ReadAt = c.google().ObservedAt
	require.Empty(t, c.in(t, text, "google"), "what was seen before the leave moment says nothing")
	c.google().ObservedAt, c.google().Document.Status = systemsNow, identity.AccountSuspended
	require.Empty(t, c.in(t, text, "google"))
}

func TestNamesAreComparedWithWhatEachSystemHas(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, strings.TrimSuffix(everySystem, "attributes:\n"))
	require.NoError(t, p.CheckSystems(nil), "of what was not read yet nothing is checked")
	object := func(kind identity.SystemObjectKind, names ...string) (out []system.Object) {
		for i, name := range names {
			out = append(out, system.Object{Kind: kind, ID: string(kind) + string(rune('0'+i)), Name: name})
		}
		return out
	}
	all := map[string][]system.Object{
		"google": slices.Concat(object(identity.ObjectGroup, "eng@acme.example", "sale@acme.example", "alumni@acme.example"),
			object(identity.ObjectContainer, "/engineering", "/Sales", "/Leavers"), object(identity.ObjectLicence, "Starter")),
		"ldap":       object(identity.ObjectGroup, "eng", "sales", "sales"),
		"salesforce": slices.Concat(object(identity.ObjectRole, "Sales_Ops"), object(identity.ObjectProfile, "Standard")),
	}
	require.EqualError(t, p.CheckSystems(all), strings.Join([]string{
		`policy.yaml:16:68: salesforce has no profile "Standard User" (did you mean "Standard"?): create it there or correct the name`,
		`policy.yaml:17:25: google has no group "sales@acme.example" (did you mean "sale@acme.example"?): create it there or correct the name`,
		`policy.yaml:17:53: ldap has 2 groups that are called "sales", and nobody can tell which is meant: rename all but one there`,
	}, "\n"))
	require.EqualError(t, p.CheckConfigured([]string{"google", "ldap"}),
		`policy.yaml:31:3: systems.salesforce is not configured: set it in gatehouse.yaml, or remove it here. Until then nothing there follows HR`)
	require.NoError(t, p.CheckConfigured([]string{"google", "ldap", "salesforce"}))
	require.ErrorContains(t, p.CheckTenant([]string{"Everyone", "Engineering"}, nil), `OneLogin has no role "Workspace"`)
}

// TestNamesInConditionsAreComparedWithWhatEachSystemHas: a name in other letters, or a label in place of a name, would never match.
func TestNamesInConditionsAreComparedWithWhatEachSystemHas(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, `
access:
  rules:
    - name: trusted
      when: '"finance" in accounts.ldap.groups || "Wifi@acme.example" in accounts.google.groups'
      roles: [Trusted]
    - {name: editors, when: '"Edit Opportunities" in accounts.salesforce.roles && "starter" in accounts.google.licences', roles: [Editors]}
    - {name: known, when: 'accounts.ldap.groups == ["Finance", "IT"] && accounts.ldap.title == "Boss"', roles: [Known]}
systems:
  google: {provisioned_by: gatehouse, leaver: {sign_in: suspend}}
  salesforce: {provisioned_by: gatehouse}
  ldap: {provisioned_by: gatehouse}
attributes:
  title: {owner: ldap, from: '"boss" in accounts.ldap.groups ? "Boss" : accounts.ldap.title'}
`)
	require.NoError(t, p.CheckSystems(nil), "of what was not read yet nothing is checked")
	has := func(kind identity.SystemObjectKind, name string) system.Object {
		return system.Object{Kind: kind, ID: name, Name: name}
	}
	require.EqualError(t, p.CheckSystems(map[string][]system.Object{
		"google":     {has(identity.ObjectGroup, "wifi@acme.example"), has(identity.ObjectLicence, "Starter")},
		"ldap":       {has(identity.ObjectGroup, "Finance"), has(identity.ObjectGroup, "IT")},
		"salesforce": {has(identity.ObjectRole, "Edit_Opportunities")},
	}), strings.Join([]string{
		`policy.yaml:8:14: the condition of rule "trusted" cannot be decided: ldap has no group "finance" (did you mean "Finance"?): create it there or correct the name`,
		`policy.yaml:8:51: the condition of rule "trusted" cannot be decided: google has no group "Wifi@acme.example" (did you mean "wifi@acme.example"?): create it there or correct the name`,
		`policy.yaml:10:30: the condition of rule "editors" cannot be decided: salesforce has no permission set "Edit Opportunities" (did you mean "Edit_Opportunities"?): create it there or correct the name`,
		`policy.yaml:10:83: the condition of rule "editors" cannot be decided: google has no licence "starter" (did you mean "Starter"?): create it there or correct the name`,
		`policy.yaml:17:31: ldap has no group "boss": create it there or correct the name`,
	}, "\n"))
}

func TestSystemsHaveTheBudgetsOfSafety(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, strings.TrimSuffix(everySystem, "attributes:\n")+"safety: {protected: [], remove: {count: 7}, contain: {percent: 3}}\n")
	all := p.Systems()
	require.Equal(t, []string{"google", "salesforce", "ldap"}, []string{all[0].Name, all[1].Name, all[2].Name})
	require.Equal(t, []string{"contain", "delete", "grant", "grant_privileged", "join", "profile", "reactivate", "remove"}, slices.Sorted(maps.Keys(all[0].Limits)))
	require.Equal(t, system.Limit{Count: 7, Percent: 5}, all[0].Limits["remove"])
	require.Equal(t, system.Limit{Count: 20, Percent: 3}, all[0].Limits["contain"])
	require.Equal(t, 24*time.Hour, all[0].MaxAge)
	require.Equal(t, 24*time.Hour, all[0].KeepAbsent)
	all[0].Limits["remove"] = system.Limit{}
	require.Equal(t, system.Limit{Count: 7, Percent: 5}, p.Systems()[0].Limits["remove"], "nobody can change a policy through what it returns")
}

// TestTheExampleOfSystemsCanBeUsed holds what the example has in comments, because not every company has these systems.
func TestTheExampleOfSystemsCanBeUsed(t *testing.T) {
	t.Parallel()
	text := string(readFile(t, "../policy.example.yaml"))
	before, after, found := strings.Cut(text, "# systems:\n")
	require.True(t, found)
	block, rest, found := strings.Cut(after, "\n\n")
	require.True(t, found)
	text = before + "systems:\n" + regexp.MustCompile(`(?m)^# `).ReplaceAllString(strings.Replace(block, "# Who owns", "# # Who owns", 1), "") + "\n\n" + rest
	text = regexp.MustCompile(`(?m)^      # (accounts|groups): `).ReplaceAllString(text, "      $1: ")
	p, err := policy.Parse("policy.example.yaml", []byte(text))
	require.NoError(t, err)
	require.Len(t, p.Systems(), 3)
}
