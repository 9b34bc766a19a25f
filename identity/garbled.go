package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Garbled reports that a text was read in an encoding that it was not written in, so that nobody is called that: it has
// replacement or control characters, or UTF-8 that was taken for Windows-1252 or Latin-1 ("MÃ¼ller").
func Garbled(text string) bool {
	runes := []rune(text)
	for i, r := range runes {
		if r == utf8.RuneError || r == 0xFEFF || r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r >= 0x7F && r < 0xA0 {
			return true
		}
		if mistaken(runes[i:]) {
			return true
		}
	}
	return false
}

// mistaken reports that a text begins with the octets of one letter in UTF-8, each read as a letter of its own. What that letter
// would be is asked as well: "É’" in a heading of capitals is two letters, because the one that they would make is in no name.
func mistaken(runes []rune) bool {
	first, ok := octet(runes[0])
	length := 0
	switch {
	case !ok:
		return false
	case first >= 0xC3 && first <= 0xDF:
		length = 2
	case first >= 0xE0 && first <= 0xEF:
		length = 3
	}
	if length == 0 || len(runes) < length {
		return false
	}
	octets := []byte{first}
	for _, r := range runes[1:length] {
		next, ok := octet(r)
		if !ok || next < 0x80 || next > 0xBF {
			return false
		}
		octets = append(octets, next)
	}
	letter, size := utf8.DecodeRune(octets)
	return letter != utf8.RuneError && size == length && !phonetic(letter)
}

// phonetic reports that a rune is a sign of phonetic writing, a modifier or a mark that stands alone.
func phonetic(r rune) bool { return r >= 0x250 && r < 0x370 }

// octet is the octet that a letter stands for where octets are read as letters one by one.
func octet(r rune) (byte, bool) {
	if b, ok := charmap.Windows1252.EncodeRune(r); ok {
		return b, true
	}
	return byte(r), r < 0x100
}

// broken reads a text of a record: what is garbled is "", and the field's name is added to the others.
func broken(text *string, name string, to []string) []string {
	if !Garbled(*text) {
		return to
	}
	*text = ""
	return append(to, name)
}

// International reports that a name of the record has letters that not every encoding has.
func (r Record) International() bool {
	return strings.ContainsFunc(r.FirstName+r.LastName+r.PreferredName, func(c rune) bool { return c > unicode.MaxASCII })
}

// WithoutGarbled is the record without its garbled texts, whose fields are named in Garbled.
func (r Record) WithoutGarbled() Record {
	var found []string
	for _, field := range []struct {
		name string
		text *string
	}{
		{"first_name", &r.FirstName},
		{"last_name", &r.LastName},
		{"preferred_name", &r.PreferredName},
		{"work_email", &r.WorkEmail},
		{"personal_email", &r.PersonalEmail},
		{"work_phone", &r.WorkPhone},
		{"department", &r.Department},
		{"title", &r.Title},
		{"location", &r.Location},
		{"company", &r.Company},
		{"employment_type", &r.EmploymentType},
	} {
		found = broken(field.text, field.name, found)
	}
	if len(found) > 0 {
		r.Garbled = found
	}
	return r
}
