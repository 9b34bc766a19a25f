package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy/policytest"
)

// TestAnAddressOfHRsBesideOneLogin: what OneLogin's account would not get is written into no other one either.
func TestAnAddressOfHRsBesideOneLogin(t *testing.T) {
	t.Parallel()
	hr := func(work, private string) func(*systemsCase) {
		return func(c *systemsCase) { c.engagement.WorkEmail, c.engagement.PersonalEmail = work, private }
	}
	for name, tt := range map[string]struct {
		attribute string
		change    func(*systemsCase)
		taken     string
		want      string
	}{
		"another one":                {change: hr("new@acme.example", ""), want: "write_profile(email=new@acme.example)"},
		"private":                    {change: hr("new@acme.example", "New+x@acme.example"), want: "!address_doubtful"},
		"private, in another domain": {change: hr("ada@home.example", "ada@home.example"), want: "!address_doubtful"},
		"taken":                      {change: hr("new@acme.example", ""), taken: "new@acme.example", want: "!address_doubtful"},
		"somebody else has another one": {
			change: hr("new@acme.example", ""), taken: "other@acme.example", want: "write_profile(email=new@acme.example)",
		},
		"no plain address": {change: hr("Ada <new@acme.example>", ""), want: "!address_doubtful"},
		"another domain":   {change: hr("ada@mail.example", ""), want: "!system_other_domain"},
		"the domain of the account there": {
			change: func(c *systemsCase) { hr("ada@mail.example", "")(c); c.google().Document.Email = "old@Mail.example" }, want: "write_profile(email=ada@mail.example)",
		},
		"what OneLogin has is theirs": {
			change: func(c *systemsCase) {
				hr("ada@home.example", "ada@home.example")(c)
				c.account.Email = "ada@home.example"
			},
			want: "write_profile(email=ada@home.example)",
		},
		"what is there is theirs":  {change: hr("ada.byron@acme.example", "ada.byron@acme.example")},
		"a doubted record":         {change: func(c *systemsCase) { hr("new@acme.example", "")(c); c.engagement.NameDoubted = true }},
		"not written at all":       {attribute: "email: {when: create_only}", change: hr("ada@mail.example", "")},
		"another owner's is taken": {attribute: "email: {owner: onelogin}", change: func(c *systemsCase) { c.account.Email = "new@home.example" }, want: "write_profile(email=new@home.example)"},
		"made of names, and taken": {
			attribute: `email: {from: 'lower(person.first_name) + "@acme.example"'}`, change: hr("", ""), taken: "ada@acme.example", want: "!address_doubtful",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := inGoogle()
			c.account.Email = "ada.byron@acme.example"
			tt.change(c)
			if tt.attribute == "" {
				tt.attribute = "email: {}"
			}
			p := policytest.Parse(t, everySystem+"  "+tt.attribute+"\n")
			in := c.input(p)
			if tt.taken != "" {
				in.Person.TakenAddresses = []string{tt.taken}
			}
			require.Equal(t, tt.want, told(only(p.PlanSystems(in), "google")))
		})
	}
}

// TestADoubtfulAddressIsSaidOnce: neither by each system nor beside what OneLogin's plan says.
func TestADoubtfulAddressIsSaidOnce(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, everySystem+"  email: {}\n")
	c := inGoogle()
	inDirectory("")(c)
	c.engagement.WorkEmail, c.engagement.PersonalEmail = "new@acme.example", "new@acme.example"
	in := c.input(p)
	require.Equal(t, 1, strings.Count(told(p.PlanSystems(in)), "!address_doubtful"))
	require.Equal(t, []string{"new@acme.example"}, p.NewAddresses(in.Person, in.OneLogin))
	in.Plan.Notices = append(in.Plan.Notices, identity.Notice{Code: "address_doubtful"})
	require.NotContains(t, told(p.PlanSystems(in)), "!")
}

// TestANewAccountGetsNoPrivateAddress: made ahead of OneLogin's, or beside one without an address, it got HR's address as it is. Whose that
// is was not looked up beside one without.
func TestANewAccountGetsNoPrivateAddress(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, strings.Replace(everySystem, "leaver: {move_to: \"ou=leavers,dc=acme\"}", "username: \"{first}\"", 1)+"  title: {}\n")
	for name, account := range map[string]*identity.Account{"no account": nil, "an account without an address": engineerAccount()} {
		for _, tt := range []struct{ private, taken, want string }{{want: "new@acme.example"}, {private: "new@acme.example"}, {taken: "new@acme.example"}} {
			c := inGoogle()
			if c.account = account; account != nil {
				c.account.Email = ""
			}
			c.engagement.WorkEmail, c.engagement.PersonalEmail = "new@acme.example", tt.private
			in := c.input(p)
			require.Equal(t, []string{"new@acme.example"}, p.NewAddresses(in.Person, in.OneLogin), name)
			if tt.taken != "" {
				in.Person.TakenAddresses = []string{tt.taken}
			}
			plans := only(p.PlanSystems(in), "ldap")
			require.Equal(t, tt.want, plans[0].Steps[0].Account.Email, name)
			require.Equal(t, tt.want == "", strings.Contains(told(plans), "!address_doubtful"), name)
		}
	}
}

// only are the plans of one system.
func only(plans []identity.SystemPlan, name string) (out []identity.SystemPlan) {
	for _, p := range plans {
		if p.System == name {
			out = append(out, p)
		}
	}
	return out
}
