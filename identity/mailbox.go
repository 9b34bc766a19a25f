package identity

import (
	"net/mail"
	"slices"
	"strings"
)

// SameMailbox reports that two addresses reach the same mailbox as far as anybody can tell: capitals, spaces around them and what
// stands behind a plus make no other one.
func SameMailbox(a, b string) bool {
	return FoldAddress(WithoutTag(strings.TrimSpace(a))) == FoldAddress(WithoutTag(strings.TrimSpace(b)))
}

// PlainAddress reports that a text is one e-mail address in ASCII and nothing else: one in another script can look like somebody
// else's.
func PlainAddress(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Name == "" && parsed.Address == text && IsASCII(text)
}

// KeptOf is what an account keeps of a field, if anything is known of that.
func (a Account) KeptOf(field FieldName) (Kept, bool) {
	if i := slices.IndexFunc(a.Kept, func(k Kept) bool { return k.Field == field }); i >= 0 {
		return a.Kept[i], true
	}
	return Kept{}, false
}
