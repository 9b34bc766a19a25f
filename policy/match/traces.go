package match

import (
	"slices"
	"strings"

	"gatehouse/identity"
)

// traces are the ways in which an account agrees with a human.
type traces struct {
	named, bare, address, private, name, username, admin bool
	// tagged says that an address is the work or private address with a tag, as in ada+vpn@acme.example.
	tagged bool
	// further says that a further address of the account is theirs. Addresses are handed over, so that it proves nothing.
	further bool
	// directory says that the directory's account name is theirs, number that their employee id stands where a name should,
	// numbered that it is a whole number in the external id.
	directory, number, numbered bool
	// marked says that the full name stands there in another spelling or beside titles and marks; part that only a part of the
	// name agrees, like one of two last names; foreign that the account carries another name.
	marked, part, foreign bool
	// alias says that a username is made of their name, initial that it is the last name with an initial.
	// clear says of the former that no number sets it apart.
	alias, initial, clear bool
	// first says that the first name agrees, firm that a username that agrees is one of the company's own.
	first, firm bool
	// kin says that it agrees with a record that may be the same human's.
	kin bool
}

// likely reports that somebody has to say whether the account is theirs. Named says that the account has the full name of
// somebody employed. A username under another name counts for little: in another domain it is another person's.
func (t traces) likely(named bool) bool {
	beside := t.private || t.username || t.alias || t.initial || t.directory || t.number
	switch {
	case t.named, t.bare, t.address, t.admin, t.tagged, t.further, t.kin, t.numbered, (t.name || t.marked) && beside:
		return true
	case !t.foreign:
		return beside
	}
	return !named && (t.directory || (t.username || t.clear) && (t.firm || t.first) || t.initial && t.first)
}

// nameOnly reports that nothing but the name, or a part of it, agrees.
func (t traces) nameOnly() bool { return t.name || t.marked || t.part }

// slight reports that what agrees is so little that one sign of somebody employed outweighs it. A further address is as little: a
// leaver's mail is given to whoever takes over.
func (t traces) slight() bool {
	return !t.name && !t.marked && !t.private && !t.tagged && !t.admin && !t.username && !t.directory && !t.kin
}

// traces compares an account with every record of a human.
func (m Matcher) traces(a identity.Account, c Claim) traces { return m.look(a).traces(c) }

// looked is an account as it is compared, however many people it is compared with.
type looked struct {
	m         Matcher
	a         identity.Account
	anchors   []Anchor
	mailboxes []mailbox
	aliases   []mailbox
	numbers   []string
	display   []string
	names     []ownName
	// full are the sorted words of the full name in each of the two spellings.
	full [2][]string
	// judged says that it is known whether the account is privileged.
	judged, privileged bool
}

// ownName is a username, an address or an id of an account, without what is not its owner's.
type ownName struct {
	own, bare, domain       string
	words                   []string
	external, sam, domained bool
	// counted says that a number ends it. Under another name, what a number sets apart is a namesake's.
	counted bool
}

func (m Matcher) look(a identity.Account) *looked {
	l := &looked{
		m: m, a: a, anchors: m.Anchors(a.ExternalID), mailboxes: mailboxesOf(a), aliases: boxesOf(a.Aliases), numbers: numbersIn(a.ExternalID),
		display: identity.NameWords(a.FirstName + " " + a.LastName),
	}
	for i, spell := range spellings() {
		l.full[i] = nameWords(spell(a.FirstName + " " + a.LastName))
		slices.Sort(l.full[i])
	}
	for _, name := range []string{a.Username, a.Email, a.UserPrincipalName, a.SAMAccountName, a.ExternalID} {
		n := ownName{own: ownPart(name), external: name == a.ExternalID, sam: name == a.SAMAccountName}
		if n.own == "" || n.external && machine.MatchString(name) {
			continue
		}
		n.bare, n.words, n.counted = ownPart(identity.WithoutTag(name)), identity.NameWords(n.own), isDigit(rune(n.own[len(n.own)-1]))
		_, n.domain, n.domained = strings.Cut(identity.FoldAddress(name), "@")
		l.names = append(l.names, n)
	}
	return l
}

// isPrivileged is [Policy.Privileged] of the account, found out when it is first asked for.
func (l *looked) isPrivileged() bool {
	if !l.judged {
		l.judged, l.privileged = true, l.m.policy.Privileged(l.a)
	}
	return l.privileged
}

// traces compares the account with every record of a human.
func (l *looked) traces(c Claim) traces {
	var t traces
	for _, key := range c.Keys {
		t.named = t.named || slices.ContainsFunc(l.anchors, func(n Anchor) bool { return n.Key == key })
	}
	foreign := len(c.Records) > 0
	for _, r := range c.Records {
		key := r.Source + "-" + r.EmployeeID
		for _, n := range l.anchors {
			t.named = t.named || n.Key == key || n.EmployeeID == r.EmployeeID && n.Source == r.Source
			t.bare = t.bare || n.EmployeeID == r.EmployeeID && n.Source == ""
		}
		workBox, privateBox := foldMailbox(r.WorkEmail), foldMailbox(r.PersonalEmail)
		for _, box := range l.mailboxes {
			work, private := box.is(workBox), box.is(privateBox)
			t.address, t.private = t.address || work, t.private || private
			t.tagged = t.tagged || !work && !private && (box.tagOf(workBox) || box.tagOf(privateBox))
		}
		for _, box := range l.aliases {
			t.further = t.further || box.is(workBox) || box.is(privateBox) || box.tagOf(workBox) || box.tagOf(privateBox)
		}
		t.addNames(r, l)
		by := l.m.called(r)
		shown := by.agree(l.display)
		t.marked, t.part = t.marked || shown.whole, t.part || shown.part || shown.initial
		foreign = foreign && shown.foreign
		by.glued = true
		t.addLocals(l, r, by)
		t.number = t.number || carriesNumber(l.a, r.EmployeeID)
		id := bareNumber(r.EmployeeID)
		t.numbered = t.numbered || id != "" && slices.Contains(l.numbers, id) && (len(id) >= leastNumber || len(l.numbers) == 1)
	}
	t.marked = t.marked && !t.name
	t.foreign = !t.name && !t.marked && !t.part && foreign && len(l.display) > 0
	return t
}

// addNames compares the names. Which of the two is the first name, people and directories get wrong, and some keep both in
// one field.
func (t *traces) addNames(r identity.Record, l *looked) {
	last, lastPart := sameName(r.LastName, l.a.LastName), partOf(r.LastName, l.a.LastName)
	for _, first := range []string{r.FirstName, r.PreferredName} {
		same := sameName(first, l.a.FirstName)
		t.first = t.first || same
		t.name = t.name || last && same || first != "" && r.LastName != "" && l.sameWords(first+" "+r.LastName)
		t.part = t.part || lastPart && partOf(first, l.a.FirstName)
	}
}

// spellings are the two ways in which names are written where people cannot type an umlaut.
func spellings() [2]func(string) string { return [2]func(string) string{spellUmlauts, identity.Plain} }

// sameWords reports that a name has the words of the account's full name in any order.
func (l *looked) sameWords(name string) bool {
	for i, spell := range spellings() {
		if len(l.full[i]) < 2 {
			continue
		}
		words := nameWords(spell(name))
		slices.Sort(words)
		if slices.Equal(words, l.full[i]) {
			return true
		}
	}
	return false
}

// addLocals compares usernames with those by which the person goes, and with how they are called.
func (t *traces) addLocals(l *looked, r identity.Record, by called) {
	locals := slices.DeleteFunc(l.m.localParts(r), func(local string) bool { return local == "" })
	_, work, _ := strings.Cut(identity.FoldAddress(r.WorkEmail), "@")
	for _, n := range l.names {
		// In no domain or in one of the company's.
		home := !n.domained || n.domain == work || strings.EqualFold(n.domain, l.m.policy.Domain())
		firm := home && !n.counted
		for _, local := range locals {
			found, admin := beside(n.own, local)
			t.username = t.username || n.bare == local && !n.sam
			t.directory = t.directory || n.bare == local && n.sam
			t.firm = t.firm || n.bare == local && home
			t.admin = t.admin || admin || n.external && n.bare == local
			t.alias, t.clear = t.alias || found, t.clear || found && !n.counted
			t.firm = t.firm || found && firm
		}
		if slices.Contains(locals, n.bare) {
			continue
		}
		words := by.agree(n.words)
		t.admin = t.admin || words.whole && words.admin
		t.alias, t.clear = t.alias || words.whole, t.clear || words.whole && !n.counted
		t.firm = t.firm || words.whole && firm
		t.initial = t.initial || words.initial && !n.external
	}
}

// leastNumber is how long an employee id has to be to say something by itself: short numbers stand in names by chance.
const leastNumber = 4

// carriesNumber reports that a field which should hold a name holds an employee id, alone or with letters around it.
func carriesNumber(a identity.Account, id string) bool {
	id = strings.ToLower(strings.TrimSpace(id))
	if id == "" || !strings.ContainsAny(id, "0123456789") {
		return false
	}
	bare := strings.TrimLeft(id, "0")
	for _, field := range []string{ownPart(a.Username), ownPart(a.Email), ownPart(a.UserPrincipalName), ownPart(a.SAMAccountName)} {
		if field == id {
			return true
		}
		digits := strings.TrimLeft(strings.TrimFunc(field, func(r rune) bool { return !isDigit(r) }), "0")
		if len(bare) >= leastNumber && digits == bare {
			return true
		}
	}
	return false
}

// partOf reports that all words of one name are among those of the other: "Moreau" and "Moreau-Diaz".
func partOf(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	if sameName(a, b) {
		return true
	}
	x, y := nameWords(spellUmlauts(a)), nameWords(spellUmlauts(b))
	if len(x) > len(y) {
		x, y = y, x
	}
	for _, word := range x {
		if !slices.Contains(y, word) {
			return false
		}
	}
	return slices.ContainsFunc(x, func(word string) bool { return len(word) > 2 })
}

func nameWords(name string) []string {
	var words []string
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' || r == '\u00a0' || r == ',' }) {
		if folded := identity.FoldName(word); folded != "" {
			words = append(words, folded)
		}
	}
	return words
}

// localParts are the usernames by which a person of this record goes: that of the work address, and the first one that
// the naming rule would give.
func (m Matcher) localParts(r identity.Record) []string {
	parts := []string{localPart(r.WorkEmail)}
	if r.FirstName != "" && r.LastName != "" {
		if name := m.policy.Username(r); name != "" {
			parts = append(parts, strings.ToLower(name))
		}
	}
	return parts
}

func (t traces) reasons() []string {
	var out []string
	for _, r := range []struct {
		found  bool
		reason string
	}{
		{t.named, ReasonNamedAnchor},
		{t.bare && !t.named, ReasonBareAnchor},
		{t.address, ReasonWorkAddress},
		{t.private, ReasonPrivateAddress},
		{t.tagged && !t.address, ReasonTaggedAddress},
		{t.further && !t.address && !t.private, ReasonFurtherAddress},
		{t.name, ReasonName},
		{t.marked, ReasonMarkedName},
		{t.part && !t.name && !t.marked, ReasonPartOfName},
		{t.username && !t.address, ReasonUsername},
		{t.directory, ReasonDirectoryName},
		{t.number && !t.named && !t.bare, ReasonNumber},
		{t.numbered && !t.named && !t.bare, ReasonNumberInAnchor},
		{t.admin, ReasonAdminName},
		{(t.alias || t.initial) && !t.admin && !t.username && !t.directory, ReasonNameInUsername},
	} {
		if r.found {
			out = append(out, r.reason)
		}
	}
	return out
}

// points weigh what agrees, so that of two people the one who explains an account better is known.
func (t traces) points() int {
	n := 0
	for _, w := range []struct {
		found bool
		worth int
	}{
		{t.named, 8},
		{t.bare, 4},
		{t.address, 8},
		{t.private, 4},
		{t.tagged, 4},
		{t.further, 4},
		{t.name, 3},
		{t.marked, 3},
		{t.part && !t.name && !t.marked, 1},
		{t.username, 2},
		{t.directory, 2},
		{t.number, 2},
		{t.numbered && !t.named && !t.bare, 4},
		{t.admin, 1},
		{t.alias && !t.username, 1},
		{(t.alias || t.initial) && !t.admin, 1},
	} {
		if w.found {
			n += w.worth
		}
	}
	return n
}

// Resembles reports that so much of an account agrees with a human that it has to be compared with everything known.
func (m Matcher) Resembles(a identity.Account, c Claim) bool {
	t := m.traces(a, c)
	return t.likely(false) || t.nameOnly()
}

// mailbox is an address of an account as it compares, and what it is without a tag.
type mailbox struct{ whole, untagged string }

func (m mailbox) is(folded string) bool { return folded != "" && folded == m.whole }

func (m mailbox) tagOf(folded string) bool { return folded != "" && folded == m.untagged }

// mailboxesOf are the addresses that an account carries as its own anywhere.
func mailboxesOf(a identity.Account) []mailbox {
	return boxesOf(append([]string{a.Email, a.Username, a.UserPrincipalName, guestAddress(a.Username), guestAddress(a.UserPrincipalName)},
		addressesIn(a.ExternalID)...))
}

func boxesOf(addresses []string) []mailbox {
	var found []mailbox
	for _, address := range addresses {
		m := mailbox{foldMailbox(address), foldMailbox(identity.WithoutTag(address))}
		if m.whole != "" && !slices.Contains(found, m) {
			found = append(found, m)
		}
	}
	return found
}

// foldMailbox is an address as it compares. Google's mailboxes have two domains, and dots in their names mean nothing.
func foldMailbox(address string) string {
	address = identity.FoldAddress(address)
	if local, domain, _ := strings.Cut(address, "@"); domain == "gmail.com" || domain == "googlemail.com" {
		return strings.ReplaceAll(local, ".", "") + "@gmail.com"
	}
	return address
}

func localPart(address string) string {
	local, _, _ := strings.Cut(identity.FoldAddress(address), "@")
	return local
}
