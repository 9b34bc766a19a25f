package match_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy/match"
	"gatehouse/policy/policytest"
)

const tieRules = `access: {privileged_roles: [AWS Admin], rules: [{name: policytest.Everyone, when: "true", group: Default, roles: [Everyone]}]}
naming: {match_external_ids: ["{key}", "WD{employee_id}"]}
`

// TestTie goes through what accounts older than Gatehouse look like.
func TestTie(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, tieRules)
	ada := match.Claim{
		Keys: []string{"workday-21001"}, Left: true,
		Records: []identity.Record{{
			Source: "workday", EmployeeID: "21001", FirstName: "Augusta", PreferredName: "Ada", LastName: "Byron",
			WorkEmail: "ada.byron@acme.example", PersonalEmail: "ada@home.example",
		}},
	}
	account := func(change func(*identity.Account)) identity.Account {
		a := identity.Account{
			ID: 7, ExternalID: "workday-21001", Email: "ada.byron@acme.example", Username: "ada.byron@acme.example", FirstName: "Ada", LastName: "Byron",
		}
		change(&a)
		return a
	}
	claim := func(change func(*match.Claim)) match.Claim { c := ada; change(&c); return c }
	rival := func(r match.Rival) match.Claim {
		return claim(func(c *match.Claim) { c.Rivals = []match.Rival{r} })
	}
	tests := map[string]struct {
		account identity.Account
		claim   match.Claim
		tie     match.Tie
		reason  string
	}{
		"our own external id": {account(func(*identity.Account) {}), ada, match.TieCertain, match.ReasonNamedAnchor},
		"our own external id and nothing else": {account(func(a *identity.Account) {
			*a = identity.Account{ID: 7, ExternalID: "workday-21001", Username: "zz9"}
		}), ada, match.TieCertain, match.ReasonNamedAnchor},
		"the bare employee id and the name":   {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "21001", "", "x" }), ada, match.TieCertain, match.ReasonBareAnchor},
		"a prefixed employee id and the name": {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "WD21001", "", "x" }), ada, match.TieCertain, match.ReasonBareAnchor},
		"the bare employee id alone": {account(func(a *identity.Account) {
			*a = identity.Account{ID: 7, ExternalID: "21001", FirstName: "Grace", LastName: "Hopper", Username: "ghopper"}
		}), ada, match.TieCandidate, match.ReasonOtherName},
		"a directory's GUID under the work address": {account(func(a *identity.Account) { a.ExternalID = "6f9619ff-8b86-d011-b42d-00c04fc964ff" }), ada, match.TieCandidate, match.ReasonOtherAnchor},
		"a security id, and a married name":         {account(func(a *identity.Account) { a.ExternalID, a.LastName = "S-1-5-21-1004336348", "King" }), ada, match.TieCandidate, match.ReasonOtherName},
		"no external id, address and name":          {account(func(a *identity.Account) { a.ExternalID = "" }), ada, match.TieCertain, match.ReasonWorkAddress},
		"no external id, the legal first name":      {account(func(a *identity.Account) { a.ExternalID, a.FirstName = "", "AUGUSTA" }), ada, match.TieCertain, match.ReasonWorkAddress},
		"no external id, address, another name":     {account(func(a *identity.Account) { a.ExternalID, a.LastName = "", "King" }), ada, match.TieCandidate, match.ReasonOtherName},
		"a privileged leaver":                       {account(func(a *identity.Account) { a.ExternalID, a.Roles = "", []string{"AWS Admin"} }), ada, match.TieCertain, match.ReasonWorkAddress},
		"a privileged joiner": {
			account(func(a *identity.Account) { a.ExternalID, a.Roles = "", []string{"AWS Admin"} }),
			claim(func(c *match.Claim) { c.Left = false }), match.TieCandidate, match.ReasonPrivileged,
		},
		"another address, name and username agree": {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "GUID", "ab@old.example", "ADA.BYRON" }), ada, match.TieCandidate, match.ReasonUsername},
		"an administrator's account":               {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "", "", "adm-ada.byron@acme.example" }), ada, match.TieCandidate, match.ReasonAdminName},
		"an administrator's account under no name": {account(func(a *identity.Account) { *a = identity.Account{ID: 8, Username: "ada.byron-adm"} }), ada, match.TieCandidate, match.ReasonAdminName},
		"the private address and the name":         {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "GUID", "ADA@home.example", "x" }), ada, match.TieCandidate, match.ReasonPrivateAddress},
		"a namesake":                               {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "GUID", "", "x" }), ada, match.TieNamesake, match.ReasonName},
		"a namesake who works here, under the first username": {
			account(func(a *identity.Account) {
				a.ExternalID, a.Email, a.Username = "workday-5", "a.b@acme.example", "ada.byron@old.example"
			}),
			rival(match.Rival{Key: "workday-5", Employed: true, Anchor: true, Name: true}), match.TieNone, match.ReasonRival,
		},
		"our address, and the external id of somebody employed": {
			account(func(a *identity.Account) { a.ExternalID = "workday-5" }),
			rival(match.Rival{Key: "workday-5", Employed: true, Anchor: true, Name: true}), match.TieCandidate, match.ReasonRival,
		},
		"a tag on the work address, and no external id": {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "", "ada.byron+ci@acme.example", "x" }), ada, match.TieCandidate, match.ReasonTaggedAddress},
		"the directory's principal name": {account(func(a *identity.Account) {
			a.ExternalID, a.Email, a.Username, a.UserPrincipalName = "GUID", "", "x", "ADA.BYRON@acme.example"
		}), ada, match.TieCandidate, match.ReasonWorkAddress},
		"the directory's account name under no name": {account(func(a *identity.Account) { *a = identity.Account{ID: 8, SAMAccountName: `ACME\ada.byron`} }), ada, match.TieCandidate, match.ReasonDirectoryName},
		"the employee id as a username":              {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "GUID", "", "e0021001" }), ada, match.TieCandidate, match.ReasonNumber},
		"another number":                             {account(func(a *identity.Account) { *a = identity.Account{ID: 8, Username: "1210019"} }), ada, match.TieNone, ""},
		"names in the other order":                   {account(func(a *identity.Account) { *a = identity.Account{ID: 8, FirstName: "Byron", LastName: "Ada"} }), ada, match.TieNamesake, match.ReasonName},
		"a second last name":                         {account(func(a *identity.Account) { *a = identity.Account{ID: 8, FirstName: "Ada", LastName: "King-Byron"} }), ada, match.TieNamesake, match.ReasonPartOfName},
		"a second last name that somebody employed has": {
			account(func(a *identity.Account) { *a = identity.Account{ID: 8, FirstName: "Ada", LastName: "King-Byron"} }),
			rival(match.Rival{Key: "workday-5", Employed: true, Name: true}), match.TieNone, "",
		},
		"one last name for another": {account(func(a *identity.Account) { *a = identity.Account{ID: 8, FirstName: "Ada", LastName: "Byronson"} }), ada, match.TieNone, ""},
		"the username at a partner's, another name": {account(func(a *identity.Account) {
			*a = identity.Account{ID: 8, FirstName: "Adam", LastName: "Byrne", Username: "ada.byron@partner.example"}
		}), ada, match.TieNone, ""},
		"the username, and another last name": {account(func(a *identity.Account) {
			*a = identity.Account{ID: 8, FirstName: "Ada", LastName: "King", Username: "ada.byron"}
		}), ada, match.TieCandidate, match.ReasonOtherName},
		"the username, and the name of somebody employed": {account(func(a *identity.Account) {
			*a = identity.Account{ID: 8, FirstName: "Ada", LastName: "King", Username: "ada.byron"}
		}), rival(match.Rival{Key: "workday-5", Employed: true, Name: true}), match.TieNone, ""},
		"a namesake whose work address it is":  {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "GUID", "a.byron2@acme.example", "x" }), rival(match.Rival{Key: "workday-5", Employed: true, Address: true, Work: true, Name: true}), match.TieNone, match.ReasonRival},
		"a namesake who explains it better":    {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "GUID", "", "x" }), rival(match.Rival{Key: "workday-5", Employed: true, Name: true, Closer: true}), match.TieNone, match.ReasonRival},
		"a namesake whom it fits no better":    {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "GUID", "", "x" }), rival(match.Rival{Key: "workday-5", Employed: true, Name: true}), match.TieNamesake, match.ReasonRival},
		"a namesake who left explains nothing": {account(func(a *identity.Account) { a.ExternalID, a.Email, a.Username = "GUID", "", "x" }), rival(match.Rival{Key: "workday-5", Name: true}), match.TieNamesake, match.ReasonOnlyName},
		"on a record that may be theirs": {
			account(func(a *identity.Account) {
				*a = identity.Account{ID: 8, ExternalID: "bamboohr-9", FirstName: "X", LastName: "Y"}
			}),
			claim(func(c *match.Claim) { c.Kin = []identity.Record{{Source: "bamboohr", EmployeeID: "9"}} }), match.TieCandidate, match.ReasonKin,
		},
		"a stranger":     {identity.Account{ID: 9, FirstName: "Grace", LastName: "Hopper", Email: "grace@acme.example", Username: "grace"}, ada, match.TieNone, ""},
		"nothing at all": {identity.Account{ID: 9}, ada, match.TieNone, ""},
		"an employed record has the same external id": {account(func(a *identity.Account) { a.ExternalID = "21001" }), rival(match.Rival{Key: "bamboohr-21001", Employed: true, Anchor: true}), match.TieCandidate, match.ReasonRival},
		"a record of somebody who left has it":        {account(func(a *identity.Account) { a.ExternalID = "21001" }), rival(match.Rival{Key: "bamboohr-21001", Anchor: true}), match.TieCertain, match.ReasonBareAnchor},
		"an employed record has the address":          {account(func(a *identity.Account) { a.ExternalID = "" }), rival(match.Rival{Key: "bamboohr-5", Employed: true, Address: true}), match.TieCandidate, match.ReasonRival},
		"on record for somebody employed":             {account(func(*identity.Account) {}), claim(func(c *match.Claim) { c.Other, c.OtherEmployed = true, true }), match.TieNone, match.ReasonEmployedOwner},
		"on record for somebody else who left":        {account(func(*identity.Account) {}), claim(func(c *match.Claim) { c.Other = true }), match.TieCandidate, match.ReasonTaken},
		"refused":                                     {account(func(*identity.Account) {}), claim(func(c *match.Claim) { c.Refused = true }), match.TieNone, match.ReasonRefused},
		"on record":                                   {identity.Account{ID: 7, Username: "zz9"}, claim(func(c *match.Claim) { c.Linked = true }), match.TieCertain, match.ReasonLinked},
		"on record, and now somebody else's external id": {account(func(a *identity.Account) { a.ExternalID = "workday-5" }), claim(func(c *match.Claim) {
			c.Linked, c.Rivals = true, []match.Rival{{Key: "workday-5", Employed: true, Anchor: true}}
		}), match.TieDisputed, match.ReasonRival},
		"on record, and now somebody else's address and name": {account(func(a *identity.Account) { a.ExternalID = "" }), claim(func(c *match.Claim) {
			c.Linked, c.Rivals = true, []match.Rival{{Key: "workday-5", Employed: true, Address: true, Name: true}}
		}), match.TieDisputed, match.ReasonRival},
		"on record, and a bare number that two sources use": {account(func(a *identity.Account) { a.ExternalID = "21001" }), claim(func(c *match.Claim) {
			c.Linked, c.Rivals = true, []match.Rival{{Key: "bamboohr-21001", Employed: true, Anchor: true}}
		}), match.TieCertain, match.ReasonLinked},
		"a person's word stands": {account(func(a *identity.Account) { a.ExternalID = "workday-5" }), claim(func(c *match.Claim) {
			c.Linked, c.ByWord, c.Rivals = true, true, []match.Rival{{Key: "workday-5", Employed: true, Anchor: true}}
		}), match.TieCertain, match.ReasonWord},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := match.By(p).Tie(tt.account, tt.claim)
			require.Equal(t, tt.tie, got.Tie, "%v", got.Reasons)
			if tt.reason != "" {
				require.Contains(t, got.Reasons, tt.reason)
			}
		})
	}
}
