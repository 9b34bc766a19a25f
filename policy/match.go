package policy

import (
	"slices"
	"strings"
	"unicode"

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
	plain := foldName(a)
	if plain == "" || foldName(b) == "" {
		return false
	}
	return plain == foldName(b) || foldName(spellUmlauts(a)) == foldName(spellUmlauts(b))
}

// foldName keeps the letters and digits of any script, in lower case and without accents.
func foldName(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		r = unicode.ToLower(r)
		switch {
		case special(r) != "":
			b.WriteString(special(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func spellUmlauts(name string) string {
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe", "Ä", "ae", "Ö", "oe", "Ü", "ue", "Å", "aa", "Ø", "oe").
		Replace(norm.NFC.String(name))
}
