package policy

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"gatehouse/identity"
)

// MatchesAccount reports whether an account that was found by its e-mail address may be taken for the person's: nobody
// else's external id is on it, the names agree, and it is neither protected nor holds a privileged role. Names agree
// whatever the case, the accents, the spaces and the hyphens, and the first name may be the preferred one.
func (p *Policy) MatchesAccount(r identity.Record, a identity.Account) bool {
	if a.ExternalID != "" || p.Protected(a) != "" {
		return false
	}
	if slices.ContainsFunc(a.Roles, func(role string) bool { return p.privileged[role] }) {
		return false
	}
	return sameName(r.LastName, a.LastName) &&
		(sameName(r.FirstName, a.FirstName) || r.PreferredName != "" && sameName(r.PreferredName, a.FirstName))
}

// sameName compares two spellings, also with ä as ae, as people write it where they cannot type it. Two empty names
// are no evidence of anything.
func sameName(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, y := identity.FoldName(a), identity.FoldName(b)
	if x == "" || y == "" || x == y {
		return x != "" && y != ""
	}
	spelledA, spelledB := spellUmlauts(a), spellUmlauts(b)
	return (spelledA != a || spelledB != b) && identity.FoldName(spelledA) == identity.FoldName(spelledB)
}

// spelled are the vowels that people spell out where they cannot type them.
var spelled = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe", "Ä", "ae", "Ö", "oe", "Ü", "ue", "Å", "aa", "Ø", "oe")

func spellUmlauts(name string) string {
	if identity.IsASCII(name) {
		return name
	}
	return spelled.Replace(norm.NFC.String(name))
}
