package identity

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NameWords are the words of a name, a username or the like as they compare: in lower case, without accents, with ä and ae as one
// letter, and in Latin letters where the script has a usual spelling in them. What is no letter separates words; apostrophes
// do not. Different words may become the same: they find whom to compare and prove nothing.
func NameWords(text string) []string {
	if IsASCII(text) {
		return asciiWords(text)
	}
	var words []string
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			words = append(words, umlauts.Replace(b.String()))
			b.Reset()
		}
	}
	for _, r := range norm.NFKD.String(text) {
		r = unicode.ToLower(r)
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), strings.ContainsRune("'’‘`´ʼ", r):
		case Spelling(r) != "":
			b.WriteString(Spelling(r))
		case cyrillic[r] != "":
			b.WriteString(cyrillic[r])
		case unicode.IsLetter(r):
			b.WriteRune(r)
		default:
			end()
		}
	}
	end()
	return words
}

// asciiWords is NameWords of a text that has nothing to spell out.
func asciiWords(text string) []string {
	var words []string
	word := make([]byte, 0, 32)
	two := false
	end := func() {
		if len(word) == 0 {
			return
		}
		if whole := string(word); two {
			words = append(words, umlauts.Replace(whole))
		} else {
			words = append(words, whole)
		}
		word, two = word[:0], false
	}
	for i := range len(text) {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		switch {
		case c >= 'a' && c <= 'z':
			if n := len(word); n > 0 && (c == 'e' || c == 'a' && word[n-1] == 'a') {
				two = true // There may be two letters for one vowel.
			}
			word = append(word, c)
		case c == '\'', c == '`':
		default:
			end()
		}
	}
	end()
	return words
}

// cyrillic spells letters the way passports and directories mostly do.
var cyrillic = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ж': "zh", 'з': "z", 'и': "i", 'к': "k", 'л': "l", 'м': "m",
	'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh",
	'щ': "shch", 'ы': "y", 'э': "e", 'ю': "yu", 'я': "ya", 'і': "i", 'є': "ye", 'ґ': "g",
}
