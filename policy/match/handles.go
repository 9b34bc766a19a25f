package match

import (
	"slices"
	"strings"

	"gatehouse/identity"
)

// mostWords is how many words of one text are paired: nobody's name has more.
const mostWords = 6

// handles are what accounts and people are found by among many: each is a short text, and an account that resembles
// somebody shares one with them at least. They find whom to compare and prove nothing.
type handles struct {
	list []string
	seen map[string]bool
}

func (h *handles) add(kind, value string) {
	if key := kind + value; value != "" && !h.seen[key] {
		h.seen[key] = true
		h.list = append(h.list, key)
	}
}

func (h *handles) pair(a, b string) {
	if a > b {
		a, b = b, a
	}
	h.add("p:", a+" "+b)
}

// HandlesOf are the handles of a human.
func (m Matcher) HandlesOf(c Claim) []string {
	h := &handles{seen: map[string]bool{}}
	for _, key := range c.Keys {
		h.add("x:", strings.ToLower(key))
	}
	for _, r := range c.Records {
		h.add("x:", strings.ToLower(r.EmployeeID))
		h.add("x:", strings.ToLower(r.Source+"-"+r.EmployeeID))
		for _, external := range m.policy.ExternalIDs(r.Source+"-"+r.EmployeeID, r) {
			h.add("x:", strings.ToLower(external))
		}
		h.add("n:", bareNumber(r.EmployeeID))
		for _, address := range []string{r.WorkEmail, r.PersonalEmail} {
			h.add("e:", foldMailbox(address))
		}
		for _, local := range m.localParts(r) {
			h.add("l:", local)
		}
		by := m.called(r)
		for _, first := range by.firsts {
			h.named(first, by.last)
		}
	}
	return h.list
}

// SlightHandlesOf are the handles of a human that say something only of an account that carries no name: the last name with
// an initial.
func (m Matcher) SlightHandlesOf(c Claim) []string {
	h := &handles{seen: map[string]bool{}}
	for _, r := range c.Records {
		by := m.called(r)
		family := strings.Join(by.last, "")
		for _, first := range by.firsts {
			if family == "" {
				continue
			}
			for _, l := range append(slices.Clone(by.last), family) {
				h.pair(initial(first), l)
			}
			h.add("c:", initial(first)+family)
			h.add("c:", family+initial(first))
		}
	}
	return h.list
}

// NameHandle reports that a handle is made of names alone, which many people share.
func NameHandle(handle string) bool {
	return strings.HasPrefix(handle, "p:") || strings.HasPrefix(handle, "c:")
}

// UsernameHandle returns the username that a handle stands for, if it stands for one.
func UsernameHandle(handle string) (local string, ok bool) { return strings.CutPrefix(handle, "l:") }

// Nameless reports that an account carries no name of anybody: none at all, or marks and initials only.
func (m Matcher) Nameless(a identity.Account) bool { return marked(a.FirstName + " " + a.LastName) }

// named adds the ways in which a name is written.
func (h *handles) named(first, last []string) {
	given, family := strings.Join(first, ""), strings.Join(last, "")
	if given == "" || family == "" {
		return
	}
	for _, f := range append(slices.Clone(first), given) {
		for _, l := range append(slices.Clone(last), family) {
			if len(f) > 1 && len(l) > 1 {
				h.pair(f, l)
			}
		}
	}
	h.add("c:", given+family)
	h.add("c:", family+given)
}

// Handles are the handles of an account.
func (m Matcher) Handles(a identity.Account) []string {
	h := &handles{seen: map[string]bool{}}
	h.add("x:", strings.ToLower(strings.TrimSpace(a.ExternalID)))
	for _, n := range m.Anchors(a.ExternalID) {
		h.add("x:", strings.ToLower(n.EmployeeID))
		h.add("x:", strings.ToLower(n.Key))
	}
	for _, number := range numbersIn(a.ExternalID) {
		h.add("n:", number)
	}
	h.words(identity.NameWords(a.FirstName + " " + a.LastName))
	addresses := append([]string{a.Email, a.Username, a.UserPrincipalName, guestAddress(a.Username), guestAddress(a.UserPrincipalName)},
		addressesIn(a.ExternalID)...)
	for _, address := range append(addresses, a.Aliases...) {
		if strings.Contains(address, "@") {
			h.add("e:", foldMailbox(address))
			h.add("e:", foldMailbox(identity.WithoutTag(address)))
		}
	}
	for _, name := range []string{a.Username, a.Email, a.UserPrincipalName, a.SAMAccountName, a.ExternalID} {
		if name == a.ExternalID && machine.MatchString(name) {
			continue
		}
		own := ownPart(name)
		for _, number := range digitRuns.FindAllString(own, -1) {
			h.add("n:", strings.TrimLeft(number, "0"))
		}
		h.words(identity.NameWords(own))
		for _, local := range without(own) {
			h.add("l:", local)
		}
	}
	return h.list
}

// words adds the pairs of words, each of them by itself, and all of them in one.
func (h *handles) words(words []string) {
	var core []string
	for _, w := range words {
		bare := unglued(w)
		if len(words) > 1 && marks[w] && len(core)+1 >= mostWords {
			continue
		}
		core = append(core, w)
		for _, b := range bare {
			h.add("c:", b)
		}
	}
	core = core[:min(len(core), mostWords)]
	for i, a := range core {
		for _, b := range core[i+1:] {
			for _, x := range unglued(a) {
				for _, y := range unglued(b) {
					h.pair(x, y)
				}
			}
		}
	}
	h.add("c:", strings.Join(core, ""))
	h.add("c:", strings.Join(slices.DeleteFunc(slices.Clone(core), func(w string) bool { return marks[w] }), ""))
}

// unglued are a word and what is left of it without a mark that is glued to it.
func unglued(word string) []string {
	out := []string{word}
	if len(word) <= leastGlued {
		return out
	}
	for at := 1; at < len(word); at++ {
		if marks[word[:at]] && len(word)-at >= leastGlued || at == 1 && len(word)-at >= leastOneWord {
			out = append(out, word[at:])
		}
		if marks[word[at:]] && at >= leastGlued {
			out = append(out, word[:at])
		}
	}
	return out
}

// without are a username and what is left of it without the marks, initials and digits at its ends.
func without(own string) []string {
	found := []string{own}
	for i := 0; i < len(found) && i < 24; i++ {
		for _, rest := range shorter(found[i]) {
			if rest != "" && !slices.Contains(found, rest) {
				found = append(found, rest)
			}
		}
	}
	return found
}

// shorter are a username without one mark or number at its beginning or its end.
func shorter(own string) []string {
	var out []string
	separator := func(r rune) bool { return r < 0x80 && !isAlphanumeric(byte(r)) }
	if at := strings.IndexFunc(own, separator); at >= 0 {
		if marked(own[:at]) {
			out = append(out, strings.TrimLeftFunc(own[at:], separator))
		}
		at = strings.LastIndexFunc(own, separator)
		if marked(own[at:]) {
			out = append(out, strings.TrimRightFunc(own[:at], separator))
		}
	}
	if rest := strings.TrimRight(own, "0123456789"); len(rest) >= leastPrefix {
		out = append(out, rest)
	}
	for at := 2; at < len(own); at++ {
		if len(own)-at >= leastPrefix && marks[own[:at]] {
			out = append(out, own[at:])
		}
		if at >= leastPrefix && len(own)-at >= 2 && marks[own[at:]] {
			out = append(out, own[:at])
		}
	}
	return out
}

// marked reports that a text is marks, initials and digits only.
func marked(text string) bool {
	return !slices.ContainsFunc(identity.NameWords(text), func(w string) bool { return len(w) > 1 && !marks[w] })
}
