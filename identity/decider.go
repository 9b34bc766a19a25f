package identity

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// BareAddress is the e-mail address in what somebody gave as their name: Ann Example <ann@acme.example> is
// ann@acme.example, whatever the case and with or without the dot at the end of a domain. What holds no address stays as
// it is. Two people never share it.
func BareAddress(given string) string {
	given = strings.TrimSpace(strings.Map(visible, norm.NFKC.String(given)))
	if _, rest, found := strings.Cut(given, "<"); found {
		given, _, _ = strings.Cut(rest, ">")
	}
	for _, word := range strings.Fields(given) {
		if strings.Contains(word, "@") {
			given = word // A name may stand before the address without brackets, or the address in parentheses.
		}
	}
	given = strings.Trim(given, "\"'`“”‘’<>()[],; ")
	if len(given) > len("mailto:") && strings.EqualFold(given[:len("mailto:")], "mailto:") {
		given = given[len("mailto:"):]
	}
	return FoldAddress(strings.TrimRight(given, "."))
}

// visible drops what is not seen on a screen and would make one name look like two.
func visible(r rune) rune {
	if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
		return -1
	}
	return r
}

// SameDecider reports that two names of those who decide may be one person's, however they are spelt: a display name, a
// tag, a subdomain, an accent or a letter that looks like another makes no second person. It is for telling people apart
// and never for letting somebody in: two people may share it.
func SameDecider(a, b string) bool {
	localA, domainA := mailbox(a)
	localB, domainB := mailbox(b)
	if localA == "" || localA != localB {
		return false
	}
	return domainA == "" || domainB == "" || domainA == domainB ||
		strings.HasSuffix(domainA, "."+domainB) || strings.HasSuffix(domainB, "."+domainA)
}

// mailbox is an address as it compares by eye, in its two parts. The domain is empty if there is none.
func mailbox(given string) (local, domain string) {
	address := lookAlike(strings.ToLower(Plain(lookAlike(BareAddress(given)))))
	at := strings.LastIndex(address, "@")
	if at < 0 {
		return WithoutTag(address), ""
	}
	local, _, _ = strings.Cut(WithoutTag(address), "@")
	return strings.Trim(local, "\"' "), strings.Trim(address[at+1:], ". ")
}

// lookAlikes are the small Cyrillic and Greek letters that nobody can tell from a Latin one.
var lookAlikes = strings.NewReplacer(
	"а", "a", "в", "b", "е", "e", "ё", "e", "һ", "h", "н", "h", "і", "i", "ї", "i", "ј", "j", "к", "k", "ӏ", "l", "м", "m", "о", "o", "р", "p",
	"ԛ", "q", "г", "r", "ѕ", "s", "с", "c", "т", "t", "у", "y", "ѵ", "v", "ԝ", "w", "х", "x", "ԁ", "d", "п", "n",
	"α", "a", "β", "b", "γ", "y", "ε", "e", "η", "n", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x", "ω", "w",
	"ı", "i", "。", ".", "ɑ", "a", "ɡ", "g", "ɩ", "i",
)

func lookAlike(s string) string { return lookAlikes.Replace(s) }

// PerhapsSame reports that two names of those who decide can be one human's, whatever else tells them apart: the same first and
// last name in any order and any spelling, an initial for a first name, a number behind it, another domain. It is stricter
// than SameDecider, for where two people have to be two: who is refused by mistake asks a third.
func PerhapsSame(a, b string) bool {
	if SameDecider(a, b) {
		return true
	}
	for _, x := range deciderWords(a) {
		for _, y := range deciderWords(b) {
			if sameWords(x, y) {
				return true
			}
		}
	}
	return false
}

// deciderWords are the words of the address in what somebody gave as their name, and of the name beside it.
func deciderWords(given string) [][]string {
	address := lookAlike(BareAddress(given))
	local, _, _ := strings.Cut(WithoutTag(address), "@")
	out := [][]string{NameWords(local)}
	var beside []string
	for _, word := range strings.Fields(given) {
		if !strings.Contains(word, "@") {
			beside = append(beside, NameWords(lookAlike(word))...)
		}
	}
	if strings.Contains(address, "@") && len(beside) > 1 {
		out = append(out, beside)
	}
	return out
}

// sameWords reports that all words of the shorter list are among those of the other, an initial standing for a word, or that
// both are the same letters with the words run together.
func sameWords(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return false
	}
	if len(a) == 1 && runTogether(a[0], b) {
		return true
	}
	rest, whole := slices.Clone(b), false
	for _, word := range a {
		at := slices.IndexFunc(rest, func(other string) bool {
			return word == other || len(word) == 1 && strings.HasPrefix(other, word) || len(other) == 1 && strings.HasPrefix(word, other)
		})
		if at < 0 {
			return false
		}
		whole = whole || word == rest[at] && len(word) > 1
		rest = slices.Delete(rest, at, at+1)
	}
	return whole
}

// runTogether reports that a word is others without anything between, whole or with an initial for the first of them.
func runTogether(word string, words []string) bool {
	if len(words) < 2 {
		return false
	}
	for i, other := range words {
		rest := strings.Join(slices.Delete(slices.Clone(words), i, i+1), "")
		for _, short := range []string{other, other[:1]} {
			if word == short+rest || word == rest+short {
				return true
			}
		}
	}
	return false
}
