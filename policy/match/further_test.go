package match_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy/match"
	"gatehouse/policy/policytest"
)

// TestAFurtherAddressIsAskedAbout: it makes a candidate of an account whatever that is called, and is never certain by itself.
func TestAFurtherAddressIsAskedAbout(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, tieRules)
	leon := somebody("Leon", "Moreau", "21009")
	leon.Records[0].PersonalEmail = "leon@home.example"
	for name, a := range map[string]identity.Account{
		"of another name": {FirstName: "Esther", LastName: "Married", Email: "esther.married@acme.example", Aliases: []string{"leon.moreau@acme.example"}},
		"of no name":      {Username: "q7", Aliases: []string{"q@acme.example", "leon.moreau@acme.example"}},
		"with a tag":      {Username: "q7", Aliases: []string{"leon.moreau+crm@acme.example"}},
		"private":         {Username: "q7", Aliases: []string{"leon@home.example"}},
		"of the name":     {FirstName: "Leon", LastName: "Moreau", Email: "lm2@acme.example", Aliases: []string{"leon.moreau@acme.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := match.By(p).Tie(a, leon)
			require.Equal(t, match.TieCandidate, got.Tie, "%v", got.Reasons)
			require.Contains(t, got.Reasons, match.ReasonFurtherAddress)
			requireFound(t, p, a, leon)
		})
	}
}

// TestAFurtherAddressThatWasHandedOver: a leaver's mail that comes to somebody's account makes it nobody else's.
func TestAFurtherAddressThatWasHandedOver(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, tieRules)
	a := identity.Account{FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@acme.example", Aliases: []string{"leon.moreau@acme.example"}}
	for name, tt := range map[string]struct {
		change func(*match.Claim)
		want   match.Tie
	}{
		"on record for somebody employed": {func(c *match.Claim) { c.Other, c.OtherEmployed = true, true }, match.TieNone},
		"the work address of somebody employed": {func(c *match.Claim) {
			c.Rivals = []match.Rival{{Key: "workday-5", Employed: true, Address: true, Work: true}}
		}, match.TieNone},
		"the number of somebody employed": {func(c *match.Claim) {
			c.Rivals = []match.Rival{{Key: "workday-5", Employed: true, Anchor: true}}
		}, match.TieNone},
		"refused":                              {func(c *match.Claim) { c.Refused = true }, match.TieNone},
		"the work address of another leaver":   {func(c *match.Claim) { c.Rivals = []match.Rival{{Key: "workday-5", Address: true, Work: true}} }, match.TieCandidate},
		"on record for the leaver, by a trace": {func(c *match.Claim) { c.Linked = true }, match.TieCertain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leon := somebody("Leon", "Moreau", "21009")
			tt.change(&leon)
			got := match.By(p).Tie(a, leon)
			require.Equal(t, tt.want, got.Tie, "%v", got.Reasons)
		})
	}
}
