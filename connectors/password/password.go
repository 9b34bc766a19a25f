// Package password makes the passwords that nobody knows: those of accounts whose person signs in through OneLogin, and of
// accounts that nobody is to get into any more.
//
// A system may refuse a password that holds a part of a name. 389 Directory Server refuses every three characters that stand
// together in uid, cn, sn, givenName, mail or ou, whatever their case (passwordMinTokenLength, function check_trivial_words of its
// pw.c); Active Directory the username and each word of the display name (learn.microsoft.com, "Password must meet complexity
// requirements"). A random text of letters holds such a part now and then, and a step on a leaver's account would stand still.
// Here no three letters or digits stand together, and the symbols between them are in nobody's name.
package password

import (
	"crypto/rand"
	"strings"
)

// The characters. Symbols are among those that Salesforce counts as special, none is a letter in disguise as "$" and "!" are, and
// none separates words in Active Directory.
const (
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	digits  = "0123456789"
	symbols = "=%"
)

// letters is how many letters and digits a password has.
const letters = 30

// pattern says from which characters each place is drawn: two letters or digits and a symbol, in turn. Its kinds follow each
// other so that no two of one kind stand together, which some policies refuse as well.
func pattern() (places []string) {
	kinds := []string{upper, lower, digits}
	for i := range letters {
		if i > 0 && i%2 == 0 {
			places = append(places, symbols)
		}
		places = append(places, kinds[i%len(kinds)])
	}
	return places
}

// Unknown is a new password that nobody knows: 44 characters of ASCII with 141 bits of chance. It has upper and lower case, digits and
// symbols, and is short enough for Google (100) and Active Directory (127).
func Unknown() string {
	var b strings.Builder
	for _, from := range pattern() {
		b.WriteByte(from[below(len(from))])
	}
	return b.String()
}

// below draws a number, each with the same chance.
func below(n int) int {
	fair := 256 - 256%n
	for {
		var one [1]byte
		_, _ = rand.Read(one[:]) // It never fails (crypto/rand).
		if drawn := int(one[0]); drawn < fair {
			return drawn % n
		}
	}
}
