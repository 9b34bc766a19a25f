package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
	"gatehouse/policy/system"
)

// wrote says what Gatehouse wrote last into an attribute of the Google account, and what showed after it.
func wrote(attribute, value, seen string) func(*systemsCase) {
	return func(c *systemsCase) {
		if c.google().Values == nil {
			c.google().Values = map[string]identity.SystemValue{}
		}
		c.google().Values[attribute] = identity.SystemValue{Written: digestOf(value), Seen: digestOf(seen), At: c.at.Add(-2 * time.Hour)}
	}
}

func says(title string) func(*systemsCase) {
	return func(c *systemsCase) { c.google().Document.Title = title }
}

// lastRead says how long ago the account was last found to be another than before, and the whole system was read.
func lastRead(account, whole time.Duration) func(*systemsCase) {
	return func(c *systemsCase) {
		c.google().ObservedAt, c.views["google"].ReadAt = c.at.Add(-account), c.at.Add(-whole)
	}
}

func TestWhatBecomesOfAnAttribute(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		attribute string
		change    []func(*systemsCase)
		want      string
	}{
		"equal":               {attribute: "title: {}"},
		"never written":       {attribute: "title: {}", change: []func(*systemsCase){says("Clerk")}, want: "write_profile(title=Engineer)"},
		"changed by HR":       {attribute: "title: {}", change: []func(*systemsCase){says("Clerk"), wrote("title", "Clerk", "Clerk")}, want: "write_profile(title=Engineer)"},
		"changed there":       {attribute: "title: {}", change: []func(*systemsCase){says("Boss"), wrote("title", "Engineer", "Engineer")}, want: "!system_drift"},
		"changed there, back": {attribute: "title: {when: always}", change: []func(*systemsCase){says("Boss"), wrote("title", "Engineer", "Engineer")}, want: "write_profile(title=Engineer)"},
		"changed by both": {
			attribute: "title: {}", change: []func(*systemsCase){says("Boss"), wrote("title", "Clerk", "Clerk")}, want: "write_profile(title=Engineer) !system_conflict",
		},
		"changed there, before there was a normal form": {
			attribute: "title: {normalise: lower}", change: []func(*systemsCase){says("Boss"), wrote("title", "Engineer", "Engineer")}, want: "!system_drift",
		},
		"not kept": {attribute: "title: {}", change: []func(*systemsCase){says("Eng"), wrote("title", "Engineer", "Eng")}, want: "!system_value_not_kept"},
		"not kept, whatever is always written": {
			attribute: "title: {when: always}", change: []func(*systemsCase){says("Eng"), wrote("title", "Engineer", "Eng")}, want: "!system_value_not_kept",
		},
		"not kept, and changed by HR since": {attribute: "title: {}", change: []func(*systemsCase){says("Cle"), wrote("title", "Clerk", "Cle")}, want: "write_profile(title=Engineer)"},
		"what is shown is older than what was written": {
			attribute: "title: {when: always}", change: []func(*systemsCase){
				says("Clerk"), wrote("title", "Engineer", "Engineer"), lastRead(3*time.Hour, 3*time.Hour),
			},
		},
		"what is shown is older, and what was written is there": {
			attribute: "title: {}", change: []func(*systemsCase){says("Clerk"), wrote("title", "Clerk", "Clerk"), lastRead(3*time.Hour, 3*time.Hour)},
			want: "write_profile(title=Engineer)",
		},
		"what is shown is older, and the whole was read since": {
			attribute: "title: {when: always}", change: []func(*systemsCase){says("Clerk"), wrote("title", "Boss", "Boss"), lastRead(3*time.Hour, time.Hour)},
			want: "write_profile(title=Engineer) !system_conflict",
		},
		"only new accounts": {attribute: "title: {when: create_only}", change: []func(*systemsCase){says("Clerk")}},
		"HR has none":       {attribute: "title: {}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.Title = "" }}},
		"HR has none, cleared": {
			attribute: "title: {on_empty: clear}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.Title = "" }}, want: "write_profile(title=)",
		},
		"HR has none, another text": {
			attribute: "title: {on_empty: {default: Staff}}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.Title = "" }}, want: "write_profile(title=Staff)",
		},
		"HR does not show it any more": {
			attribute: "title: {on_empty: clear}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.Title, c.engagement.Missing = "", []string{"title"} }},
		},
		"a doubted name": {
			attribute: "first_name: {}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.FirstName, c.engagement.NameDoubted = "Eva", true }},
		},
		"the preferred name": {
			attribute: "first_name: {}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.PreferredName = "Gussie" }}, want: "write_profile(first_name=Gussie)",
		},
		"a name of which half came broken": {
			attribute: "display_name: {}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.LastName = "MÃ¼ller" }},
		},
		"a preferred name that did not come": {
			attribute: "first_name: {}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.FirstName, c.engagement.Missing = "Eva", []string{"preferred_name"} }},
		},
		"the first name broken, and the preferred one there": {
			attribute: "first_name: {}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.FirstName, c.engagement.PreferredName = "MÃ¼", "Gussie" }},
			want: "write_profile(first_name=Gussie)",
		},
		"no preferred name, and something else missing": {
			attribute: "first_name: {}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.FirstName, c.engagement.Missing = "Eva", []string{"title"} }},
			want: "write_profile(first_name=Eva)",
		},
		"a phone that came broken": {
			attribute: "phone: {from: '\"Tel \" + person.phone'}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.WorkPhone = "MÃ¼" }},
		},
		"a zone of a location that did not come": {
			attribute: "location: {from: person.zone}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.Missing = []string{"location"} }},
		},
		"what HR leaves empty is known": {
			attribute: "title: {from: 'person.title + \", \" + person.location'}", change: []func(*systemsCase){func(c *systemsCase) {
				c.engagement.Location, c.engagement.Missing = "", []string{"company"}
			}}, want: "write_profile(title=Engineer, )",
		},
		"compared as numbers": {
			attribute: "phone: {normalise: phone, country: DE}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.WorkPhone = "+49 (30) 12-34" }},
		},
		"compared in capitals": {attribute: "title: {normalise: lower}", change: []func(*systemsCase){says("ENGINEER ")}},
		"a table":              {attribute: "department: {from: 'lookup(\"departments\", person.department, \"\")'}", want: "write_profile(department=Research)"},
		"left out here":        {attribute: "title: {}\n@", change: []func(*systemsCase){says("Clerk")}},
		"the manager's account": {
			attribute: "manager: {}", want: "write_profile(manager=g1)",
		},
		"a manager without an account": {attribute: "manager: {}", change: []func(*systemsCase){func(c *systemsCase) { c.views["google"].Manager = "" }}},
		"what makes it fails": {
			attribute: "title: {from: 'person.title == \"\" ? \"\" : string(int(person.title))'}", change: []func(*systemsCase){says("Clerk")}, want: "!system_undecided",
		},
		"the owner is never written to": {attribute: "phone: {owner: google}", change: []func(*systemsCase){func(c *systemsCase) { c.engagement.WorkPhone = "1" }}},
		"the directory owns it": {
			attribute: "phone: {owner: ldap}", change: []func(*systemsCase){inDirectory("040 1")}, want: "write_profile(phone=040 1)",
		},
		"the directory owns it and was not read": {
			attribute: "phone: {owner: ldap}", change: []func(*systemsCase){inDirectory("040 1"), func(c *systemsCase) { c.views["ldap"].ReadAt = c.at.Add(-25 * time.Hour) }},
		},
		"the directory owns it, and whose account it is is disputed": {
			attribute: "phone: {owner: ldap}", change: []func(*systemsCase){inDirectory("040 1"), func(c *systemsCase) { c.views["ldap"].Accounts[0].Disputed = true }},
		},
		"the directory owns it and the person is not in it": {attribute: "phone: {owner: ldap}"},
		"OneLogin owns the address": {
			attribute: "email: {owner: onelogin}", change: []func(*systemsCase){func(c *systemsCase) { c.account.Email = "ada@acme.example" }}, want: "write_profile(email=ada@acme.example)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := inGoogle()
			for _, change := range tt.change {
				change(c)
			}
			text := everySystem
			attribute, out := strings.CutSuffix(tt.attribute, "\n@")
			if out {
				text = strings.Replace(text, "    mode: enforce", "    mode: enforce\n    attributes: {title: {write: false}}", 1)
			}
			plans := c.in(t, text+"  "+attribute+"\ntables: {departments: {Engineering: Research}}\n", "google")
			require.Equal(t, tt.want, told(plans))
			for _, p := range plans {
				for _, n := range p.Notices {
					for _, value := range []string{"Clerk", "Boss", "Engineer", "Ada", "Byron"} {
						require.NotContains(t, n.Text, value)
					}
				}
			}
		})
	}
}

// TestWhatAgreesIsKnown: what is as its owner has it is known from the first look on, so that an edit of it is one.
func TestWhatAgreesIsKnown(t *testing.T) {
	t.Parallel()
	const text = everySystem + "  title: {}\n  department: {when: always}\n  company: {when: create_only}\n  last_name: {}\n"
	c := inGoogle()
	c.google().Document.LastName = "King"
	first := c.in(t, text, "google")[0]
	known := func(v string) identity.SystemValue {
		return identity.SystemValue{Written: digestOf(v), Seen: digestOf(v)}
	}
	require.Equal(t, map[string]identity.SystemValue{"title": known("Engineer"), "department": known("Engineering")}, first.Agreed)
	require.Equal(t, "write_profile(last_name=Byron)", told([]identity.SystemPlan{first}), "what was never written and differs is")

	c.google().Values = first.Agreed
	require.Empty(t, c.in(t, text, "google")[0].Agreed)
	says("Boss")(c)
	c.google().Document.Department = "Fun"
	require.Equal(t, "write_profile(department=Engineering last_name=Byron) !system_drift", told(c.in(t, text, "google")))
	c.engagement.Title = "Director"
	require.Equal(t, "write_profile(title=Director department=Engineering last_name=Byron) !system_conflict", told(c.in(t, text, "google")))
}

func inDirectory(phone string) func(*systemsCase) {
	return func(c *systemsCase) {
		c.views["ldap"].Accounts = []identity.SystemAccount{{
			ID: "l7", Use: identity.UsePrimary, Container: "ou=eng,dc=acme", Groups: []string{"eng"},
			Document: identity.Account{Phone: phone, Status: identity.AccountActive},
		}}
	}
}

func TestAChangeSaysWhatIsThereAndHowItIsCompared(t *testing.T) {
	t.Parallel()
	c := inGoogle()
	c.engagement.WorkPhone = "030 99"
	text := everySystem + "  phone: {normalise: phone, country: DE}\n"
	require.Equal(t, []identity.SystemChange{{Attribute: "phone", From: "030 1234", To: "030 99", Normal: "+493099"}}, c.in(t, text, "google")[0].Steps[0].Changes)
	p := policytest.Parse(t, text)
	for attribute, of := range map[string][]string{
		"phone": {"(030) 99", "+493099", "phone DE"}, "title": {"as it is", "as it is", ""}, "email": {"Ada@acme.example", "ada@acme.example", ""},
	} {
		normal, form := p.NormalForm("google", attribute, of[0])
		require.Equal(t, of[1], normal)
		require.Equal(t, of[2], form)
	}
}

func TestANewAccountSaysWhatItsAttributesDo(t *testing.T) {
	t.Parallel()
	c := inGoogle()
	inDirectory("040 1")(c)
	c.views["google"].Accounts = nil
	c.engagement.WorkPhone, c.engagement.Location = "030 99", "Berlin"
	doc := c.in(t, everySystem+"  phone: {owner: ldap, when: create_only}\n  title: {from: upper(person.title)}\n  location: {}\n  email: {}\n  display_name: {}\n", "google")[0].Steps[0].Account
	require.Equal(t, identity.Account{
		Username: "ada.byron@acme.example", Email: "ada.byron@acme.example", FirstName: "Ada", LastName: "Byron", DisplayName: "Ada Byron", Title: "ENGINEER",
		Department: "Engineering", Company: "Acme", Phone: "040 1", Location: "Berlin", ExternalID: "workday-21001",
	}, *doc)
}

func TestOneLoginHasWhatAnotherSystemOwns(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, everySystem+"  phone: {owner: google, normalise: phone, country: DE}\n  title: {owner: ldap, on_empty: clear}\n")
	profile := func(change ...func(*systemsCase)) identity.Profile {
		c := inGoogle()
		c.engagement.WorkPhone = "from HR"
		inDirectory("")(c)
		c.views["ldap"].Accounts[0].Document.Title = "Countess"
		for _, change := range change {
			change(c)
		}
		return c.input(p).Plan.Desired.Profile
	}
	got := profile()
	require.Equal(t, "030 1234", got.Phone)
	require.Equal(t, "Countess", got.Title)
	require.Equal(t, "Engineering", got.Department)

	stale := profile(func(c *systemsCase) {
		c.views["google"].ReadAt = c.at.Add(-25 * time.Hour)
		c.views["ldap"].Accounts = nil
	})
	require.Empty(t, stale.Phone, "HR's value is not the owner's either")
	require.Empty(t, stale.Title)
	require.Empty(t, stale.Clear)

	cleared := profile(func(c *systemsCase) { c.views["ldap"].Accounts[0].Document.Title = "" })
	require.Equal(t, []identity.FieldName{identity.FieldTitle}, cleared.Clear)

	require.Equal(t, "from HR", profile(func(c *systemsCase) { c.account, c.views["google"].Accounts = nil, nil }).Phone, "an account that is made starts with HR's")

	set := profile(func(c *systemsCase) {
		c.orders = []identity.Order{{ID: "s", Kind: identity.OrderSet, At: c.at, Until: c.at.Add(time.Hour), Attributes: map[string]string{"phone": "by order"}}}
	})
	require.Equal(t, "by order", set.Phone)
}

const readsGoogle = `
access:
  rules:
    - {name: engineering, when: person.department == "Engineering", group: Default, roles: [Everyone]}
    - {name: bosses, when: 'accounts.google.title.startsWith("Head") || "eng@acme.example" in accounts.google.groups', group: Bosses, roles: [Bosses], priority: 1, groups: {ldap: [bosses]}}
systems:
  google: {provisioned_by: onelogin, onelogin_on_suspend: nothing, onelogin_on_remove: nothing}
  ldap: {provisioned_by: gatehouse}
`

func TestAccessFollowsAnotherSystem(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, readsGoogle)
	given := []string{"Everyone", "Bosses"}
	for name, tt := range map[string]struct {
		change      func(*systemsCase)
		group       string
		roles       []string
		added, left bool // whether the directory's group is given, and whether one that was given stays
	}{
		"it says so":              {group: "Bosses", roles: []string{"Bosses", "Everyone"}, added: true, left: true},
		"it does not":             {change: holds("other"), group: "Default", roles: []string{"Everyone"}},
		"no account":              {change: func(c *systemsCase) { c.views["google"].Accounts = nil }, group: "Default", roles: []string{"Everyone"}},
		"it was not read":         {change: func(c *systemsCase) { c.views["google"].ReadAt = c.at.Add(-25 * time.Hour) }, roles: []string{"Bosses", "Everyone"}, left: true},
		"there is no view":        {change: func(c *systemsCase) { delete(c.views, "google") }, roles: []string{"Bosses", "Everyone"}, left: true},
		"whose it is is disputed": {change: func(c *systemsCase) { c.google().Disputed = true }, roles: []string{"Bosses", "Everyone"}, left: true},
		"the group is not there":  {change: unclear("eng@acme.example"), roles: []string{"Bosses", "Everyone"}, left: true},
		"another is not":          {change: unclear("sales@acme.example"), group: "Bosses", roles: []string{"Bosses", "Everyone"}, added: true, left: true},
		"one may be theirs": {change: func(c *systemsCase) {
			c.views["google"].Accounts, c.views["google"].Candidates = nil, c.views["google"].Accounts
		}, roles: []string{"Bosses", "Everyone"}, left: true},
	} {
		for _, has := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := inGoogle()
				inDirectory("")(c)
				c.account.Roles, c.account.Group = []string{"Everyone"}, "Other"
				c.views["ldap"].Accounts[0].Groups = nil
				if has {
					c.account.Roles, c.account.Given = given, given
					c.views["ldap"].Accounts[0].Groups = []string{"bosses"}
					c.views["ldap"].Accounts[0].Given = map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"bosses"}}
				}
				if tt.change != nil {
					tt.change(c)
				}
				in := c.input(p)
				require.Equal(t, tt.group, in.Plan.Desired.Group)
				want := tt.roles
				if !has && tt.left && !tt.added {
					want = []string{"Everyone"}
				}
				require.Equal(t, want, in.Plan.Desired.Roles)
				step := map[[2]bool]string{{false, true}: "add_groups(bosses)", {true, false}: "remove_groups(bosses)"}[[2]bool{has, tt.added || has && tt.left}]
				require.Equal(t, step, told(p.PlanSystems(in)))
			})
		}
	}
}

// unclear has Google not have a group of a name, or have two.
func unclear(group string) func(*systemsCase) {
	return func(c *systemsCase) {
		c.views["google"].Unclear = []identity.SystemObject{{System: "google", Kind: identity.ObjectGroup, Name: group}}
	}
}

// TestNamesInConditionsAreComparedToo: a rule whose condition named what the system does not have matched nobody, and nobody said so.
func TestNamesInConditionsAreComparedToo(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, readsGoogle)
	group := func(name string) system.Object {
		return system.Object{Kind: identity.ObjectGroup, ID: name, Name: name}
	}
	require.Equal(t, []identity.SystemObject{
		{System: "google", Kind: identity.ObjectGroup, Name: "eng@acme.example"}, {System: "ldap", Kind: identity.ObjectGroup, Name: "bosses"},
	}, p.Compared(), "what it gives is among them")
	require.NoError(t, p.CheckSystems(map[string][]system.Object{"google": {group("eng@acme.example")}}))
	require.ErrorContains(t, p.CheckSystems(map[string][]system.Object{"google": {group("Eng@acme.example")}}),
		`the condition of rule "bosses" cannot be decided: google has no group "eng@acme.example" (did you mean "Eng@acme.example"?)`)
	require.Len(t, p.UnknownIn("google", []system.Object{group("eng@acme.example"), group("eng@acme.example")}), 1, "it has two")
	require.Empty(t, p.UnknownIn("ldap", []system.Object{group("bosses")}))
}

func TestWhatRulesGiveIsNotKnownWhileOneIsUndecided(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, readsGoogle)
	c := inGoogle()
	require.NotEmpty(t, p.RuleAccess(c.input(p).Person))
	c.views["google"].ReadAt = time.Time{}
	require.Empty(t, p.RuleAccess(c.input(p).Person))
	require.Empty(t, p.RuleAccess(policyPerson(p, c)), "a caller that does not know the systems is told nothing")
}

// policyPerson is a person of whom nothing is known in other systems.
func policyPerson(p *policy.Policy, c *systemsCase) identity.Person {
	return p.Person("workday-21001", []identity.Engagement{c.engagement}, c.at)
}

func TestASystemThatIsProtectedLessHasToBeAccepted(t *testing.T) {
	t.Parallel()
	const text = `
access: {rules: [{name: everyone, when: "true", roles: [Everyone]}]}
systems: {ldap: {provisioned_by: gatehouse, privileged: [admins], limits: {remove: {count: 5}}}}
`
	was := policytest.Parse(t, text)
	require.Empty(t, was.WeakerThan(was))
	is := policytest.Parse(t, strings.NewReplacer("[admins]", "[]", "count: 5", "count: 50").Replace(text))
	require.Equal(t, []string{`"admins" in ldap is no longer privileged`, "systems.ldap.limits.remove.count lets through 50 in 24h0m0s, and let through 5 in 24h0m0s before"}, is.WeakerThan(was))
	require.Equal(t, []string{`"admins" in ldap is no longer privileged`}, is.Unprotects(was))
}

// TestWhatANewAccountIsMadeOf: what the policy writes nowhere there, or makes no text of, is not HR's own. A name and what the system itself
// owns are.
func TestWhatANewAccountIsMadeOf(t *testing.T) {
	t.Parallel()
	for attribute, want := range map[string]string{
		"title: {}": "Engineer",
		"title: {from: 'person.title == \"Engineer\" ? \"\" : person.title'}":      "",
		"title: {from: 'person.title == \"\" ? \"\" : string(int(person.title))'}": "",
		"title: {when: create_only}": "Engineer",
		"title: {owner: google}":     "Engineer",
		"title: {owner: ldap}":       "",
		"title: {}\n@":               "",
		"department: {}":             "Engineer",
	} {
		t.Run(attribute, func(t *testing.T) {
			t.Parallel()
			c := inGoogle()
			c.views["google"].Accounts = nil
			text := everySystem
			attribute, out := strings.CutSuffix(attribute, "\n@")
			if out {
				text = strings.Replace(text, "    mode: enforce", "    mode: enforce\n    attributes: {title: {write: false}}", 1)
			}
			made := c.in(t, text+"  "+attribute+"\n", "google")[0].Steps[0].Account
			require.Equal(t, want, made.Title)
			require.Equal(t, "Byron", made.LastName)
		})
	}
}
