package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FoldAddress is how e-mail addresses and usernames compare: without spaces around them and whatever the case.
func FoldAddress(address string) string {
	return strings.ToLower(norm.NFC.String(strings.TrimSpace(address)))
}

// WithoutTag is an address without the tag that many mail servers ignore: ada+vpn@acme.example goes to ada@acme.example.
func WithoutTag(address string) string {
	local, domain, found := strings.Cut(address, "@")
	if bare, _, tagged := strings.Cut(local, "+"); tagged && bare != "" {
		local = bare
	}
	if !found {
		return local
	}
	return local + "@" + domain
}

// FoldName keeps the letters and digits of any script, in lower case and without accents.
func FoldName(name string) string {
	if IsASCII(name) {
		return foldASCII(name)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		r = unicode.ToLower(r)
		switch {
		case Spelling(r) != "":
			b.WriteString(Spelling(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Plain is a name without accents, as somebody writes it who cannot type them.
func Plain(name string) string {
	if IsASCII(name) {
		return name
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case Spelling(r) != "":
			b.WriteString(Spelling(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// IsASCII reports that a text has nothing to compose, to take apart or to spell out. Most names have not, and to compare
// accounts with a hundred thousand people is to fold names.
func IsASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// foldASCII keeps letters and digits in lower case. A text that is so already is not copied.
func foldASCII(text string) string {
	i := 0
	for i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= '0' && text[i] <= '9') {
		i++
	}
	if i == len(text) {
		return text
	}
	folded := append(make([]byte, 0, len(text)), text[:i]...)
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c >= 'A' && c <= 'Z':
			folded = append(folded, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			folded = append(folded, c)
		}
	}
	return string(folded)
}

// umlauts are two ways to write a vowel where people cannot type it; one is as good as the other.
var umlauts = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

// NameTrace is what two spellings of one full name have in common, whichever part of it counts as the first name and
// whether or not ä is written as ae. Different names may share a trace: it finds whom to compare and proves nothing. A
// name of one part only has none, because too many share it.
func NameTrace(first, last string) string {
	first, last = FoldName(first), FoldName(last)
	if first == "" || last == "" {
		return ""
	}
	return umlauts.Replace(first + last)
}

// Spelling returns the usual spelling of the Latin letters that are not a base letter with an accent, and nothing for
// all others.
func Spelling(r rune) string {
	switch r {
	case 'ß', 'ẞ':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ł':
		return "l"
	case 'ħ':
		return "h"
	case 'ı':
		return "i"
	case 'ŋ':
		return "n"
	case 'ŧ':
		return "t"
	}
	return ""
}
