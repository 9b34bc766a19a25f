package policy_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/policy"
)

// TestHandlesFindWhoIsTied holds that whoever an account is tied to in any way shares a handle with it.
func TestHandlesFindWhoIsTied(t *testing.T) {
	t.Parallel()
	p := parse(t, tieRules)
	first := []string{"Ada", "Jörg", "Joerg", "Anna Maria", "José", "", "Åsa"}
	last := []string{"Byron", "Müller", "Mueller", "Moreau-Diaz", "Moreau", "O'Neil", "", "Łukasz"}
	ids := []string{"21001", "0042", "7", "e-12"}
	rapid.Check(t, func(t *rapid.T) {
		name := func(of []string, label string) string { return rapid.SampledFrom(of).Draw(t, label) }
		address := func(label string) string {
			local := rapid.SampledFrom([]string{"ada.byron", "adm-ada.byron", "ada.byron+ci", "jorg.muller", "21001", "x21001", "e-12", "ada.byron-adm", "Ada.Byron", ""}).Draw(t, label)
			if local == "" {
				return ""
			}
			return local + rapid.SampledFrom([]string{"", "@acme.example", "@home.example"}).Draw(t, label+" domain")
		}
		r := identity.Record{
			Source: "workday", EmployeeID: name(ids, "id"), FirstName: name(first, "first"), PreferredName: name(first, "preferred"),
			LastName: name(last, "last"), WorkEmail: address("work"), PersonalEmail: address("private"),
		}
		a := identity.Account{
			ID: 7, ExternalID: rapid.SampledFrom([]string{"", "workday-21001", "WD21001", "21001", "0042", "workday-", "S-1-5"}).Draw(t, "external"),
			FirstName: name(first, "account first"), LastName: name(last, "account last"), Email: address("email"), Username: address("username"),
			UserPrincipalName: address("upn"), SAMAccountName: rapid.SampledFrom([]string{"", `ACME\ada.byron`, "21001", "adm-ada.byron"}).Draw(t, "sam"),
		}
		key := r.Source + "-" + r.EmployeeID
		claim := policy.Claim{Keys: []string{key}, Records: []identity.Record{r}, Left: true}
		if p.Tie(a, claim).Tie == policy.TieNone && p.Closeness(a, claim) == 0 {
			return
		}
		mine, theirs := p.RecordHandles(key, r), p.AccountHandles(a)
		shared := slices.ContainsFunc(slices.Concat(theirs.Strong, theirs.Names), func(h string) bool {
			return slices.Contains(mine.Strong, h) || slices.Contains(mine.Names, h)
		})
		if !shared {
			t.Fatalf("%+v is tied to %+v (%v), and they share no handle: %q and %q", a, r, p.Tie(a, claim), mine, theirs)
		}
	})
}

// TestWhoseOfTwo: certain for two is certain for neither.
func TestWhoseOfTwo(t *testing.T) {
	t.Parallel()
	certain := func(key string) policy.Suitor {
		return policy.Suitor{Key: key, Tied: policy.Tied{Tie: policy.TieCertain, Reasons: []string{policy.ReasonNamedAnchor}}}
	}
	maybe := policy.Suitor{Key: "a", Tied: policy.Tied{Tie: policy.TieCandidate}}
	for name, c := range map[string]struct {
		of  []policy.Suitor
		key string
		tie policy.Tie
	}{
		"nobody":               {nil, "", policy.TieNone},
		"one":                  {[]policy.Suitor{maybe, certain("b")}, "b", policy.TieCertain},
		"two":                  {[]policy.Suitor{certain("c"), certain("b")}, "b", policy.TieCandidate},
		"the first by key":     {[]policy.Suitor{{Key: "z", Tied: maybe.Tied}, maybe}, "a", policy.TieCandidate},
		"nobody comes to mind": {[]policy.Suitor{{Key: "z", Tied: policy.Tied{Tie: policy.TieNone}}}, "", policy.TieNone},
	} {
		got := policy.Whose(c.of)
		if got.Key != c.key || got.Tie != c.tie {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
