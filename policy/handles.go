package policy

import (
	"slices"
	"strings"

	"gatehouse/identity"
)

// Handles are values by which HR records and accounts that may belong together find each other. A record and an account
// that share no handle share no trace either, so [Policy.Tie] says of them that they are not each other's. That they share
// one proves nothing.
type Handles struct {
	// Strong are ids, addresses and usernames; Names are full names and parts of them, which many people share.
	Strong, Names []string
}

// RecordHandles are the handles of an HR record of the person with a key.
func (p *Policy) RecordHandles(key string, r identity.Record) Handles {
	var h Handles
	h.strong("key", key)
	h.strong("key", r.Source+"-"+r.EmployeeID)
	h.strong("id", r.EmployeeID)
	id := strings.ToLower(strings.TrimSpace(r.EmployeeID))
	h.strong("number", id)
	h.strong("number", strings.TrimLeft(id, "0"))
	h.strong("at", identity.FoldAddress(r.WorkEmail))
	h.strong("at", identity.FoldAddress(r.PersonalEmail))
	for _, local := range p.localParts(r) {
		h.strong("as", local)
	}
	for _, first := range []string{r.FirstName, r.PreferredName} {
		h.name(first, r.LastName)
	}
	return h.compact()
}

// AccountHandles are the handles of an account.
func (p *Policy) AccountHandles(a identity.Account) Handles {
	var h Handles
	for _, n := range p.Anchors(a.ExternalID) {
		h.strong("key", n.Key)
		h.strong("id", n.EmployeeID)
		if n.Source != "" && n.EmployeeID != "" {
			h.strong("key", n.Source+"-"+n.EmployeeID)
		}
	}
	for _, address := range []string{a.Email, a.Username, a.UserPrincipalName} {
		h.strong("at", identity.FoldAddress(address))
		h.strong("at", identity.FoldAddress(identity.WithoutTag(address)))
		h.strong("as", localPart(identity.WithoutTag(address)))
		h.strong("as", withoutAdmin(localPart(address)))
		h.number(localPart(address))
	}
	sam := accountName(a.SAMAccountName)
	h.strong("as", sam)
	h.strong("as", withoutAdmin(sam))
	h.number(sam)
	h.name(a.FirstName, a.LastName)
	return h.compact()
}

func (h *Handles) strong(kind, value string) {
	if value != "" {
		h.Strong = append(h.Strong, kind+"\x00"+value)
	}
}

// number adds a field that should hold a name, in case it holds an employee id.
func (h *Handles) number(field string) {
	h.strong("number", field)
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	digits := strings.TrimLeft(strings.TrimFunc(field, func(r rune) bool { return !isDigit(r) }), "0")
	if len(digits) >= leastNumber {
		h.strong("number", digits)
	}
}

// name adds a full name: as a whole in either order, by its words, and by each pair of a word of the first and one of the
// last name.
func (h *Handles) name(first, last string) {
	add := func(kind, value string) {
		if value != "" {
			h.Names = append(h.Names, kind+"\x00"+value)
		}
	}
	add("name", identity.NameTrace(first, last))
	add("name", identity.NameTrace(last, first))
	for _, spell := range []func(string) string{spellUmlauts, identity.Plain} {
		if words := nameWords(spell(first + " " + last)); len(words) > 1 {
			slices.Sort(words)
			add("words", strings.Join(words, " "))
		}
	}
	for _, x := range nameWords(spellUmlauts(last)) {
		for _, y := range nameWords(spellUmlauts(first)) {
			add("pair", x+" "+y)
		}
	}
}

func (h *Handles) compact() Handles {
	slices.Sort(h.Strong)
	slices.Sort(h.Names)
	return Handles{Strong: slices.Compact(h.Strong), Names: slices.Compact(h.Names)}
}
