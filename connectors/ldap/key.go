package ldap

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// keyAttribute is an attribute that an entry keeps for life, and how its values are written.
type keyAttribute struct {
	name string
	form *regexp.Regexp
	// binary says that values are sixteen bytes, the first three fields of them little-endian (MS-DTYP 2.3.4).
	binary bool
}

var (
	uuidForm   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	entryUUID  = keyAttribute{name: "entryUUID", form: uuidForm}
	objectGUID = keyAttribute{name: "objectGUID", form: uuidForm, binary: true}
	nsUniqueID = keyAttribute{name: "nsUniqueId", form: regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$`)}
)

// valid reports whether a text can be a key.
func (k keyAttribute) valid(id string) bool { return k.form.MatchString(id) }

// of is an entry's key, "" if the server did not show it.
func (k keyAttribute) of(e *goldap.Entry) string {
	raw := e.GetEqualFoldRawAttributeValue(k.name)
	if !k.binary {
		return strings.ToLower(string(raw))
	}
	if len(raw) != 16 {
		return ""
	}
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", binary.LittleEndian.Uint32(raw), binary.LittleEndian.Uint16(raw[4:]),
		binary.LittleEndian.Uint16(raw[6:]), raw[8:10], raw[10:])
}

// filter finds the entry with a key, which has to be valid.
func (k keyAttribute) filter(id string) string {
	if !k.binary {
		return "(" + k.name + "=" + id + ")"
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(raw) != 16 {
		return "(!(objectClass=*))" // Nobody asks for a key that is not valid.
	}
	slices.Reverse(raw[:4])
	slices.Reverse(raw[4:6])
	slices.Reverse(raw[6:8])
	var b strings.Builder
	b.WriteString("(" + k.name + "=")
	for _, c := range raw {
		fmt.Fprintf(&b, `\%02x`, c)
	}
	return b.String() + ")"
}

// anyOf finds the entries with these keys.
func (k keyAttribute) anyOf(ids []string) string {
	var b strings.Builder
	b.WriteString("(|")
	for _, id := range ids {
		b.WriteString(k.filter(id))
	}
	return b.String() + ")"
}
