package match_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/match"
	"gatehouse/policy/policytest"
)

// somebody is a human with a name of several words.
func somebody(first, last, id string) match.Claim {
	local := strings.ToLower(strings.ReplaceAll(first+"."+last, " ", ""))
	return match.Claim{Keys: []string{"workday-" + id}, Left: true, Records: []identity.Record{{
		Source: "workday", EmployeeID: id, FirstName: first, LastName: last, WorkEmail: local + "@acme.example",
	}}}
}

// TestTieAsAccountsAreCalled: what people and directories make of a name, an address and a number is asked about, whatever
// else the account carries, and an account that resembles somebody is found among many.
func TestTieAsAccountsAreCalled(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, tieRules)
	leon := somebody("Leon", "Moreau", "21009")
	var accounts []identity.Account
	for _, username := range []string{
		"ext-leon.moreau@acme.example", "leon.moreau.ext@acme.example", "leon_moreau", "leonmoreau", "leon-moreau", "moreau.leon", "leon.moreau2@acme.example",
		"pa_leon.moreau", "p-leon.moreau", "su.leon.moreau", "leon.moreau.tier0", "leon.moreau.t0", "leon.moreau.old", "adm_leonmoreau", "adminleon.moreau",
		`ACME\leon.moreau`, "leon.moreau#EXT#@acme.onmicrosoft.example", "leon.moreau_acme.example#EXT#@tenant.onmicrosoft.example", "lmoreau", "moreaul", "l.moreau",
		"leon.moreau.priv", "leon.moreau-priv@acme.example", "leon.moreau-da", "x_leon.moreau", "c-leon.moreau", "v-leon.moreau", "moreau.leon-srv", "leon.moreau01",
		"LEON.MOREAU.ADMIN", "leonmoreau-adm", "admleonmoreau", "svc-leon.moreau", "acme-leon.moreau", "leon.moreau(contractor)", "leon|moreau", "admin.leon,moreau",
		"u21009", "0021009", "21009.priv", "adm21009", "leon.moreau+admin@acme.example", "admin+leon.moreau@acme.example", "leon.moreau@acme.onmicrosoft.example",
	} {
		accounts = append(accounts, identity.Account{ID: 9, Username: username}, identity.Account{ID: 9, Email: username, FirstName: "Admin", LastName: "Account"},
			identity.Account{ID: 9, UserPrincipalName: username, FirstName: "Priv", LastName: "User"}, identity.Account{ID: 9, SAMAccountName: username})
	}
	for _, external := range []string{
		"SAL-0021009", "21009@hr", "workday:21009", "EMP-21009", "0000021009", "WORKDAY-21009", " workday-21009 ", "emp_21009_x", "E21009", "leon.moreau@acme.example",
		"smtp:Leon.Moreau@ACME.example", "CN=Some Body,employeeNumber=21009,DC=acme",
	} {
		accounts = append(accounts, identity.Account{ID: 9, Username: "q2", Email: "q2@x.example", FirstName: "Quentin", LastName: "Twomey", ExternalID: external})
	}
	for _, a := range accounts {
		got := match.By(p).Tie(a, leon)
		require.True(t, got.Tie == match.TieCandidate || got.Tie == match.TieCertain, "%+v: %s %v", a, got.Tie, got.Reasons)
		requireFound(t, p, a, leon)
	}
}

var leons = [][2]string{
	{"Leon", "Moreau (Admin)"},
	{"Leon", "Moreau - Admin"},
	{"Leon (ADM)", "Moreau"},
	{"Admin", "Leon Moreau"},
	{"Leon Moreau", "Admin"},
	{"ADM Leon", "Moreau"},
	{"Leon", "Moreau [T0]"},
	{"Leon", "Moreau EXT"},
	{"Moreau", "Leon"},
	{"Moreau, Leon", ""},
	{"", "Moreau, Leon"},
	{"Leon", "Moreau 2"},
	{"Leon", "Moreau, extern"},
	{"Dr. Leon", "Moreau"},
	{"Leon", "Moreau Jr."},
	{"Leon", "Moreau (Contractor)"},
	{"Leon M.", "Moreau"},
	{"Leon", "Moreau III"},
	{"Admin | Leon Moreau", ""},
	{"Leon Moreau | Admin", ""},
	{"Leon", "Moreau-Diaz"},
	{"Leon Paul", "Moreau"},
	{"LÉON", "MORÉAU"},
	{"L.", "Moreau"},
	{"Leon", "Moreau/Admin"},
	{"Leon", "Moreau#priv"},
	{"Leon", "Moreau (ACME)"},
}

// TestTieByTheNameAlone: the name in another spelling, order or field, or beside marks, makes a namesake at least.
func TestTieByTheNameAlone(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, tieRules)
	for _, tt := range []struct {
		first, last string
		names       [][2]string
	}{
		{"Leon", "Moreau", leons},
		{"Jürgen", "Müller", [][2]string{{"Juergen", "Mueller"}, {"Jurgen", "Muller"}, {"Jürgen", "Müller (Admin)"}, {"Müller, Jürgen", ""}, {"JUERGEN", "MUELLER - adm"}}},
		{"Søren", "Øster", [][2]string{{"Soeren", "Oester"}, {"Soren", "Oster"}}},
		{"Lena", "Meyer-Landrut", [][2]string{{"Lena", "Meyer Landrut"}, {"Meyer-Landrut, Lena", ""}, {"Lena", "Meyerlandrut"}, {"Lena", "Landrut"}, {"Lena", "Meyer"}}},
		{"Piet", "van der Berg", [][2]string{{"Piet", "Vanderberg"}, {"Piet", "van der Berg (Admin)"}, {"Piet", "Vanderberg (Admin)"}, {"Piet", "Berg"}, {"Berg, Piet van der", ""}}},
		{"Sean", "O'Brienne", [][2]string{{"Sean", "OBrienne"}, {"Sean", "O’Brienne [T1]"}, {"Sean", "O Brienne"}}},
		{"Ana", "Garcia Lopez", [][2]string{{"Ana", "Garcia"}, {"Ana", "Lopez"}, {"Ana", "García López EXT"}}},
		{"John Q.", "Publicman", [][2]string{{"John", "Publicman"}, {"John Q", "Publicman"}, {"Publicman", "John (adm)"}}},
		{"Иван", "Петров", [][2]string{{"Ivan", "Petrov"}, {"Petrov, Ivan (Admin)", ""}}},
		{"Åsa", "Åkesson", [][2]string{{"Aasa", "Aakesson"}, {"Asa", "Akesson"}}},
	} {
		human := somebody(tt.first, tt.last, "21009")
		for _, name := range tt.names {
			a := identity.Account{ID: 9, Username: "x01", Email: "x01@old.example", FirstName: name[0], LastName: name[1], ExternalID: "6f9619ff-8b86-d011-b42d-00c04fc964ff"}
			got := match.By(p).Tie(a, human)
			require.Equal(t, match.TieNamesake, got.Tie, "%v: %v", name, got.Reasons)
			requireFound(t, p, a, human)
		}
	}
}

// TestTieLeavesColleaguesAlone: a shared first or last name, a similar one or another number is nothing.
func TestTieLeavesColleaguesAlone(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, tieRules)
	leon := somebody("Leon", "Moreau", "21009")
	for _, a := range []identity.Account{
		{FirstName: "Leon", LastName: "Fischer", Username: "leon.fischer@acme.example"},
		{FirstName: "Maya", LastName: "Moreau", Username: "maya.moreau@acme.example", Email: "maya.moreau@acme.example"},
		{FirstName: "Lara", LastName: "Moreau", Username: "lmoreau", Email: "lmoreau2@acme.example"},
		{FirstName: "Leon", LastName: "Nardi", Username: "leon.moreau3@acme.example"},
		{FirstName: "Leo", LastName: "Nardi", Username: "leon.moreau2@acme.example"},
		{FirstName: "Leonie", LastName: "Moreau", Username: "leonie.moreau"},
		{FirstName: "Leon", LastName: "Moreaud", Username: "leon.moreaud@acme.example"},
		{FirstName: "Leon Moreno", LastName: "Admin", Username: "leon.moreno.adm"},
		{FirstName: "Admin", LastName: "Account", Username: "admin2"},
		{FirstName: "Leon", LastName: "", Username: "leon"},
		{FirstName: "", LastName: "Moreau", Username: "moreau"},
		{Username: "leon.admin"},
		{Username: "adm-moreau"},
		{Username: "l.m"},
		{Username: "lm"},
		{Username: "210091"},
		{Username: "1210092"},
		{FirstName: "Q", LastName: "Twomey", ExternalID: "EMP-210091"},
		{ExternalID: "6f9619ff-8b86-d011-2100-900c04fc964f"},
		{ExternalID: "S-1-5-21-3623811015-3361044348-30300820-21009"},
		{FirstName: "Leon", LastName: "Deschanel", Username: "leon.deschanel"},
	} {
		a.ID = 9
		got := match.By(p).Tie(a, leon)
		require.Equal(t, match.TieNone, got.Tie, "%+v: %v", a, got.Reasons)
		require.False(t, match.By(p).Resembles(a, leon), "%+v", a)
	}
}

// TestTieAmongRivals: what an employed person's own key or address explains is theirs, and a privileged account is asked about
// whoever has the name.
func TestTieAmongRivals(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, tieRules)
	claim := func(r match.Rival) match.Claim {
		c := somebody("Leon", "Moreau", "21009")
		r.Key, r.Employed = "workday-5", true
		c.Rivals = []match.Rival{r}
		return c
	}
	admin := []string{"AWS Admin"}
	for name, tt := range map[string]struct {
		account identity.Account
		rival   match.Rival
		tie     match.Tie
	}{
		"their own address under an initial":        {identity.Account{Username: "lmoreau", Email: "lmoreau@acme.example"}, match.Rival{Work: true, Address: true}, match.TieNone},
		"their own key under an initial":            {identity.Account{Username: "lmoreau", ExternalID: "workday-5"}, match.Rival{Anchor: true}, match.TieNone},
		"their own address and name with a mark":    {identity.Account{FirstName: "Leon", LastName: "Moreau (EXT)", Email: "lm2@acme.example"}, match.Rival{Work: true, Address: true, Name: true}, match.TieNone},
		"a part of the name":                        {identity.Account{FirstName: "Leon", LastName: "Moreau-Diaz"}, match.Rival{Name: true}, match.TieNone},
		"a part of the name, privileged":            {identity.Account{FirstName: "Leon", LastName: "Moreau-Diaz", Roles: admin}, match.Rival{Name: true}, match.TieNamesake},
		"closer":                                    {identity.Account{FirstName: "Leon", LastName: "Moreau"}, match.Rival{Name: true, Closer: true}, match.TieNone},
		"closer, privileged":                        {identity.Account{FirstName: "Leon", LastName: "Moreau", Roles: admin}, match.Rival{Name: true, Closer: true}, match.TieNamesake},
		"their own address and name, privileged":    {identity.Account{FirstName: "Leon", LastName: "Moreau", Email: "lm2@acme.example", Roles: admin}, match.Rival{Work: true, Address: true, Name: true}, match.TieNone},
		"their key on an account under our address": {identity.Account{Email: "leon.moreau@acme.example", ExternalID: "workday-5"}, match.Rival{Anchor: true}, match.TieCandidate},
	} {
		tt.account.ID = 9
		got := match.By(p).Tie(tt.account, claim(tt.rival))
		require.Equal(t, tt.tie, got.Tie, "%s: %v", name, got.Reasons)
	}
}

func requireFound(t *testing.T, p *policy.Policy, a identity.Account, c match.Claim) {
	t.Helper()
	require.True(t, match.By(p).Resembles(a, c), "%+v", a)
	of := slices.Concat(match.By(p).HandlesOf(c), match.By(p).SlightHandlesOf(c))
	require.True(t, slices.ContainsFunc(match.By(p).Handles(a), func(h string) bool { return slices.Contains(of, h) }), "%+v is not found by %v: %v", a, of, match.By(p).Handles(a))
}

// TestHandlesFindWhatResembles: of people and accounts of all shapes, whoever resembles somebody shares a handle with them.
func TestHandlesFindWhatResembles(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, tieRules)
	firsts, lasts := []string{"Leon", "Anna Maria", "Jo"}, []string{"Moreau", "van der Berg", "Meyer-Landrut", "Li", "Alt"}
	affixes := []string{"%s", "adm-%s", "%s.priv", "%s2", "x%s", "%sadmin", "%s(ext)", "t0.%s.old", "%s@acme.example", `AD\%s`}
	var humans []match.Claim
	for i, first := range firsts {
		for k, last := range lasts {
			humans = append(humans, somebody(first, last, fmt.Sprint(21000+10*i+k)))
		}
	}
	pairs := 0
	for _, own := range humans {
		r := own.Records[0]
		f, l := strings.ReplaceAll(r.FirstName, " ", ""), strings.ReplaceAll(r.LastName, " ", "")
		for _, shape := range []string{f + "." + l, l + f, f[:1] + l, l + "." + f[:1], f + "_" + l, r.EmployeeID, r.FirstName + " " + r.LastName} {
			for _, affix := range affixes {
				text := fmt.Sprintf(affix, shape)
				for _, a := range []identity.Account{{ID: 9, Username: text}, {ID: 9, LastName: text}, {ID: 9, ExternalID: text, FirstName: "Zed", LastName: "Zulu"}} {
					of := match.By(p).Handles(a)
					for _, c := range humans {
						if match.By(p).Resembles(a, c) {
							pairs++
							theirs := slices.Concat(match.By(p).HandlesOf(c), match.By(p).SlightHandlesOf(c))
							require.True(t, slices.ContainsFunc(of, func(h string) bool { return slices.Contains(theirs, h) }), "%+v of %v: %v and %v", a, c.Records[0].FirstName, of, theirs)
						}
					}
				}
			}
		}
	}
	require.Greater(t, pairs, 1000)
}
