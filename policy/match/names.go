package match

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"gatehouse/identity"
)

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
