package cases

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_Y08_ObserveWritesNothing: the three systems observe. A leaver, a mover and a joiner go through at OneLogin, and nothing is written
// anywhere else.
func TestCase_Y08_ObserveWritesNothing(t *testing.T) {
	t.Parallel()
	s := everySystem(t, nil, func(policy string) string {
		return strings.ReplaceAll(policy, "    mode: enforce\n    provisioned_by", "    mode: observe\n    provisioned_by")
	})
	people := s.Salespeople()
	leaver, mover := people[0], people[1]
	google, ldap, mark := s.Google(), s.LDAPWrites(), s.Mark()
	leaves(s, leaver.ExternalID)
	require.Equal(t, "access ended", s.Outcome(leaver.ExternalID).Result)
	s.HR(mover.ExternalID, "change", control.Fields{"department": "Engineering", "title": "Engineer"})
	tell(s, mover.ExternalID)
	s.Until("they have moved at OneLogin", func() bool { return s.Of(mover.ID).Group == "Engineering" })
	s.Outcome(mover.ExternalID)
	hired := s.Hire("workday", control.Fields{
		"first_name": "Nadia", "last_name": "Petrova", "department": "Engineering", "title": "Engineer", "location": "Berlin", "hire_date": "today",
		"manager_id": "21001", "personal_email": "nadia@home.example",
	})
	tell(s, hired)
	require.Equal(t, "can sign in", s.Outcome(hired).Result)
	s.ReadSystems()
	require.Equal(t, google, s.Google())
	require.Equal(t, ldap, s.LDAPWrites())
	for _, effect := range s.Effects(mark) {
		require.False(t, strings.HasPrefix(effect, "salesforce.") || strings.HasPrefix(effect, "google.directory"), effect)
	}
}

// followsFinance gives a role at OneLogin to whoever is in a group of the directory.
func followsFinance(t *testing.T) func(string) string {
	return func(policy string) string {
		return kit.Replace(t, policy, "    - name: marketing\n", "    - name: trusted in the directory\n      when: '\"Finance\" in accounts.ldap.groups'\n      roles: [NetSuite]\n    - name: marketing\n",
			"  ldap:\n    mode: enforce\n", "  ldap:\n    mode: enforce\n    keep_absent: 5s\n")
	}
}

// TestCase_Y09_AGroupThatALieEmpties: a group of the directory gives a role at OneLogin. A reading that lies shows no group, and the role
// stays. Then the person is taken out of it, and the role goes when the tombstone is due, not before.
func TestCase_Y09_AGroupThatALieEmpties(t *testing.T) {
	t.Parallel()
	const group = "cn=Finance,ou=groups,dc=acme,dc=example"
	var person control.Person
	var members []string
	s := everySystem(t, func(s *kit.Stack) {
		person = s.Salespeople()[0]
		entry, err := s.Sandbox.LDAPEntry(t.Context(), group)
		require.NoError(t, err)
		members = entry["member"]
		require.NoError(t, s.Sandbox.LDAPHand(t.Context(), group, "member", append(slices.Clone(members), kit.EntryDN(person.Email))...))
	}, followsFinance(t))
	netsuite := func() bool { return slices.Contains(s.Of(person.ID).Roles, "NetSuite") }
	settles(s, person.ExternalID)
	require.True(t, netsuite(), "the group gives the role")

	for _, lie := range []string{"no groups", "first page"} {
		require.NoError(t, s.Sandbox.LDAPLie(t.Context(), lie))
		mark := s.LDAPSearches()
		ends := s.BeginReading("ldap")
		s.Until("the directory was asked", func() bool { return s.LDAPSearches() > mark })
		settles(s, person.ExternalID)
		require.True(t, netsuite(), "lie %q", lie)
		require.NoError(t, s.Sandbox.LDAPLie(t.Context(), ""))
		ends()
		settles(s, person.ExternalID)
		require.True(t, netsuite(), "after the lie %q", lie)
	}
	lied := time.Now()
	s.Until("what a lie has not shown would be due", func() bool { return time.Since(lied) > 6*time.Second })
	s.ReadSystem("ldap")
	settles(s, person.ExternalID)
	require.True(t, netsuite(), "what was a lie is not due either")
	s.Until("the item is closed", func() bool { return len(s.Items("ldap")) == 0 })

	require.NoError(t, s.Sandbox.LDAPHand(t.Context(), group, "member", members...))
	swept := s.ReadSystem("ldap")
	require.True(t, swept.Complete)
	s.Until("the role goes at the tombstone's date", func() bool {
		s.ReadSystem("ldap")
		settles(s, person.ExternalID)
		return !netsuite()
	})
	require.Contains(t, s.Of(person.ID).Roles, "Sales", "and nothing else")
}

// TestCase_Y10_TheAddressIsSomebodyElses: the address that a joiner is to have in Google is another one's, who has come there by hand. The
// joiner gets the next one, and nobody is taken over.
func TestCase_Y10_TheAddressIsSomebodyElses(t *testing.T) {
	t.Parallel()
	var other string
	s := everySystem(t, func(s *kit.Stack) {
		other = googleAdds(s, control.GooglePerson{Email: "nadia.petrova@acme.example", Given: "Nadia", Family: "Petrova", Groups: []string{"all"}})
	}, func(policy string) string {
		return kit.Replace(t, policy, "    provisioned_by: gatehouse\n    leaver:\n", "    provisioned_by: gatehouse\n"+
			"    username: [\"{first}.{last}@acme.example\", \"{first}.{last}{n}@acme.example\"]\n    leaver:\n")
	})
	p := s.Desk(nil).Run("account", "declare", "--account", "google/"+other, "--kind", "shared", "--owner", s.Salespeople()[0].ExternalID, "--purpose", "a room",
		"--reason", "asked them", "--by", "grace")
	require.Zero(t, p.Code, p.Err)
	before := s.Mailbox(other)
	key := s.Hire("workday", control.Fields{
		"first_name": "Nadia", "last_name": "Petrova", "department": "Engineering", "title": "Engineer", "location": "Berlin", "hire_date": "today",
		"manager_id": "21001", "personal_email": "nadia@home.example",
	})
	tell(s, key)
	var mine []string
	s.Until("they have a mailbox of their own", func() bool {
		mine = nil
		for _, u := range s.Google().Users {
			if u.ExternalID == key {
				mine = append(mine, u.Email)
			}
		}
		return len(mine) > 0
	})
	s.Outcome(key)
	require.Equal(t, []string{"nadia.petrova2@acme.example"}, mine)
	require.Equal(t, before, s.Mailbox(other), "nobody is taken over")
	require.NotContains(t, accountsIn(s, "google", key), other)
}

// TestCase_Y12_TwoWriters: the policy gives people accounts in a system that it says OneLogin provisions. The worker does not start, and says
// in which line and what to do, all at once.
func TestCase_Y12_TwoWriters(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Systems: true, NoWorker: true, Policy: kit.SystemsPolicy(t)})
	text, err := os.ReadFile(s.PolicyPath)
	require.NoError(t, err)
	two := kit.Replace(t, string(text), "  google:\n    mode: enforce\n    provisioned_by: gatehouse\n", "  google:\n    mode: enforce\n    provisioned_by: onelogin\n")
	require.NoError(t, os.WriteFile(s.PolicyPath, []byte(two), 0o600))
	a, err := app.Open(t.Context(), s.App.Config, app.Options{Temporal: s.Temporal})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	_, err = a.Vendors()
	require.ErrorContains(t, err, "policy.yaml:")
	require.ErrorContains(t, err, "a system has one writer")
	require.ErrorContains(t, err, "write provisioned_by: gatehouse and switch the app's provisioning off in OneLogin")
	require.ErrorContains(t, err, "onelogin_on_suspend")
	require.ErrorContains(t, err, "onelogin_on_remove")
	require.GreaterOrEqual(t, strings.Count(err.Error(), "policy.yaml:"), 5, "all at once: %v", err)
}

// byOneLogin has OneLogin provision Google, and delete users of it that lose their roles.
func byOneLogin(t *testing.T) func(string) string {
	return func(policy string) string {
		_, after, found := strings.Cut(policy, "  google:\n    mode: enforce\n")
		require.True(t, found)
		rest := after[strings.Index(after, "  salesforce:\n"):]
		head := policy[:strings.Index(policy, "  google:\n    mode: enforce\n")]
		policy = head + "  google:\n    provisioned_by: onelogin\n    onelogin_on_suspend: suspend\n    onelogin_on_remove: delete\n    carried_by: [Everyone]\n" + rest
		return kit.Replace(t, policy,
			"      accounts: {google: {org_unit: /Engineering}, ldap: {}}\n", "      accounts: {ldap: {}}\n",
			"      groups: {google: [engineering@acme.example, all@acme.example], ldap: [Engineering]}\n", "      groups: {ldap: [Engineering]}\n",
			"accounts: {google: {org_unit: /Sales}, salesforce:", "accounts: {salesforce:",
			"groups: {google: [sales@acme.example, all@acme.example], ldap: [Sales]}", "groups: {ldap: [Sales]}",
			"  phone: {owner: google, normalise: phone, country: DE}\n", "")
	}
}

// TestCase_Y13_OneLoginWouldDelete: OneLogin deletes the users of Google that lose the role which carries the app. Departures wait until
// somebody has decided about each; what a named person orders goes on.
func TestCase_Y13_OneLoginWouldDelete(t *testing.T) {
	t.Parallel()
	s := everySystem(t, nil, byOneLogin(t))
	people := s.Salespeople()
	waiting, ordered := people[0], people[1]
	leaves(s, waiting.ExternalID)
	s.Until("somebody is asked", func() bool { return waits(s, waiting.ExternalID, api.NoticeProvisioningDeletes) })
	require.True(t, s.Of(waiting.ID).CanSignIn, "nothing is done")
	require.True(t, s.CRMUser(waiting.Email).Active, "nothing is done")
	require.Equal(t, waiting.Roles, s.Of(waiting.ID).Roles)

	give(s, identity.Order{ID: "out", Key: ordered.ExternalID, Kind: identity.OrderContain})
	s.AwaitShut(ordered.ID)
	s.Until("the order holds in the other systems too", func() bool {
		return !s.CRMUser(ordered.Email).CanSignIn && len(s.Entry(ordered.Email)["pwdaccountlockedtime"]) > 0
	})
	s.Outcome(ordered.ExternalID)

	require.NoError(t, s.App.Launch.Decide(t.Context(), api.PersonID(waiting.ExternalID),
		api.Decision{Verb: api.VerbAllow, By: "tester", Reason: "files are handed over", Code: api.NoticeProvisioningDeletes}))
	s.AwaitShut(waiting.ID)
	s.Until("and elsewhere", func() bool {
		return !s.CRMUser(waiting.Email).Active && len(s.Entry(waiting.Email)["pwdaccountlockedtime"]) > 0
	})
	require.Equal(t, "access ended", s.Outcome(waiting.ExternalID).Result)
}
