package identity

import (
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
