package ldap

import (
	"maps"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// truth is the value of a filter: an attribute that the server does not know makes it neither true nor false (RFC 4511 4.5.1.7).
type truth int

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// The kinds of filter (RFC 4511 4.5.1).
const (
	filterAnd = iota
	filterOr
	filterNot
	filterEqual
	filterParts
	filterAtLeast
	filterAtMost
	filterPresent
	filterLike
)

// matches holds an entry against a filter. Ok is false for one that is malformed.
func (e *entry) matches(f *ber.Packet) (result truth, ok bool) {
	if f.ClassType != ber.ClassContext {
		return no, false
	}
	switch int(f.Tag) {
	case filterAnd, filterOr:
		return e.several(f)
	case filterNot:
		if len(f.Children) != 1 {
			return no, false
		}
		inner, ok := e.matches(f.Children[0])
		return yes - inner, ok
	case filterPresent:
		name := strings.ToLower(text(f))
		a, known := types[name]
		if !known {
			return unknown, true
		}
		return truthOf(len(e.attrs[strings.ToLower(a.name)]) > 0), true
	case filterParts:
		return e.inParts(f)
	case filterEqual, filterAtLeast, filterAtMost, filterLike:
		if len(f.Children) != 2 {
			return no, false
		}
		return e.compares(int(f.Tag), text(f.Children[0]), text(f.Children[1])), true
	}
	return unknown, true
}

// idsIn are the entryUUIDs that a filter asks for and no other entry can have; nil if it asks for more than that. A directory has an
// index for it: a list of a large one is read by some hundred entries at a time.
func idsIn(f *ber.Packet) map[string]bool {
	switch {
	case f.ClassType != ber.ClassContext:
		return nil
	case f.Tag == filterEqual && len(f.Children) == 2 && strings.EqualFold(text(f.Children[0]), "entryUUID"):
		return map[string]bool{strings.ToLower(text(f.Children[1])): true}
	case f.Tag == filterAnd:
		for _, child := range f.Children {
			if ids := idsIn(child); ids != nil {
				return ids
			}
		}
	case f.Tag == filterOr:
		all := map[string]bool{}
		for _, child := range f.Children {
			ids := idsIn(child)
			if ids == nil {
				return nil
			}
			maps.Copy(all, ids)
		}
		return all
	}
	return nil
}

func (e *entry) several(f *ber.Packet) (truth, bool) {
	result := yes
	if f.Tag == filterOr {
		result = no
	}
	for _, child := range f.Children {
		one, ok := e.matches(child)
		if !ok {
			return no, false
		}
		if f.Tag == filterAnd {
			result = min(result, one)
		} else {
			result = max(result, one)
		}
	}
	return result, true
}

func (e *entry) compares(how int, name, value string) truth {
	a, known := types[strings.ToLower(name)]
	if !known {
		return unknown
	}
	if how == filterEqual && strings.EqualFold(a.name, "objectClass") {
		return truthOf(e.is(value))
	}
	if !a.valid(value) {
		return unknown
	}
	ordered := a.rule == integer || a.rule == generalizedTime || a.rule == uuid
	if (how == filterAtLeast || how == filterAtMost) && !ordered {
		return unknown
	}
	for _, there := range e.attrs[strings.ToLower(a.name)] {
		switch how {
		case filterEqual, filterLike:
			if a.rule == octets && strings.HasPrefix(there, hashed) {
				continue
			}
			if a.normal(there) == a.normal(value) {
				return yes
			}
		case filterAtLeast:
			if !a.before(there, value) {
				return yes
			}
		case filterAtMost:
			if !a.before(value, there) {
				return yes
			}
		}
	}
	return no
}

// inParts compares with a text that has gaps.
func (e *entry) inParts(f *ber.Packet) (truth, bool) {
	if len(f.Children) != 2 || len(f.Children[1].Children) == 0 {
		return no, false
	}
	a, known := types[strings.ToLower(text(f.Children[0]))]
	if !known || a.noSubstring {
		return unknown, true
	}
	for _, there := range e.attrs[strings.ToLower(a.name)] {
		if hasParts(a, a.normal(there), f.Children[1].Children) {
			return yes, true
		}
	}
	return no, true
}

func hasParts(a attribute, value string, parts []*ber.Packet) bool {
	for _, p := range parts {
		want := a.normal(text(p))
		switch p.Tag {
		case 0:
			if !strings.HasPrefix(value, want) {
				return false
			}
			value = value[len(want):]
		case 1:
			at := strings.Index(value, want)
			if at < 0 {
				return false
			}
			value = value[at+len(want):]
		default:
			if !strings.HasSuffix(value, want) {
				return false
			}
			value = ""
		}
	}
	return true
}

// text is the content of an element.
func text(p *ber.Packet) string {
	if p.Data != nil && p.Data.Len() > 0 {
		return p.Data.String()
	}
	return string(p.ByteValue)
}
