package policy

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
	// directory says that the directory's account name is theirs, number that their employee id stands where a name should.
	directory, number bool
	// part says that only a part of the name agrees, like one of two last names; foreign that the account carries another name.
	part, foreign bool
	// first says that the first name agrees, firm that a username that agrees is one of the company's own.
	first, firm bool
	// kin says that it agrees with a record that may be the same human's.
	kin bool
}

// likely reports that somebody has to say whether the account is theirs. Named says that the account has the full name of
// somebody employed. A username under another name counts for little: in another domain it is another person's.
func (t traces) likely(named bool) bool {
	switch {
	case t.named, t.bare, t.address, t.admin, t.tagged, t.kin, t.name && (t.private || t.username || t.directory || t.number):
		return true
	case !t.foreign:
		return t.private || t.username || t.directory || t.number
	}
	return !named && (t.directory || t.username && (t.firm || t.first))
}

// traces compares an account with every record of a human.
func (p *Policy) traces(a identity.Account, c Claim) traces {
	var t traces
	anchors := p.Anchors(a.ExternalID)
	for _, key := range c.Keys {
		t.named = t.named || slices.ContainsFunc(anchors, func(n Anchor) bool { return n.Key == key })
	}
	addresses := []string{a.Email, a.Username, a.UserPrincipalName}
	for _, r := range c.Records {
		key := r.Source + "-" + r.EmployeeID
		for _, n := range anchors {
			t.named = t.named || n.Key == key || n.EmployeeID == r.EmployeeID && n.Source == r.Source
			t.bare = t.bare || n.EmployeeID == r.EmployeeID && n.Source == ""
		}
		for _, address := range addresses {
			work, private := sameAddress(r.WorkEmail, address), sameAddress(r.PersonalEmail, address)
			t.address, t.private = t.address || work, t.private || private
			t.tagged = t.tagged || !work && !private &&
				(sameAddress(r.WorkEmail, identity.WithoutTag(address)) || sameAddress(r.PersonalEmail, identity.WithoutTag(address)))
		}
		t.addNames(r, a)
		t.addLocals(p, r, a)
		t.number = t.number || carriesNumber(a, r.EmployeeID)
	}
	t.foreign = !t.name && !t.part && identity.FoldName(a.LastName) != ""
	return t
}

// addNames compares the names. Which of the two is the first name, people and directories get wrong, and some keep both in
// one field.
func (t *traces) addNames(r identity.Record, a identity.Account) {
	for _, first := range []string{r.FirstName, r.PreferredName} {
		t.first = t.first || sameName(first, a.FirstName)
		t.name = t.name || sameName(r.LastName, a.LastName) && sameName(first, a.FirstName) ||
			first != "" && r.LastName != "" && sameWords(first+" "+r.LastName, a.FirstName+" "+a.LastName)
		t.part = t.part || partOf(r.LastName, a.LastName) && partOf(first, a.FirstName)
	}
}

// sameWords reports that two names have the same words in any order.
func sameWords(a, b string) bool {
	for _, spell := range []func(string) string{spellUmlauts, identity.Plain} {
		x, y := nameWords(spell(a)), nameWords(spell(b))
		slices.Sort(x)
		slices.Sort(y)
		if len(x) > 1 && slices.Equal(x, y) {
			return true
		}
	}
	return false
}

// addLocals compares usernames with those by which the person goes.
func (t *traces) addLocals(p *Policy, r identity.Record, a identity.Account) {
	for _, local := range p.localParts(r) {
		if local == "" {
			continue
		}
		for _, address := range []string{a.Username, a.Email, a.UserPrincipalName} {
			own := localPart(identity.WithoutTag(address))
			t.username = t.username || own == local
			t.firm = t.firm || own == local && p.ownDomain(r, address)
			t.admin = t.admin || localPart(address) != local && withoutAdmin(localPart(address)) == local
		}
		sam := accountName(a.SAMAccountName)
		t.directory = t.directory || sam == local
		t.admin = t.admin || sam != local && withoutAdmin(sam) == local
	}
}

// ownDomain reports that a username is in no domain or in one of the company's.
func (p *Policy) ownDomain(r identity.Record, address string) bool {
	_, domain, found := strings.Cut(identity.FoldAddress(address), "@")
	_, work, _ := strings.Cut(identity.FoldAddress(r.WorkEmail), "@")
	return !found || domain == work || strings.EqualFold(domain, p.Domain())
}

// accountName is a directory's account name without the domain before it, in lower case.
func accountName(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	return name[strings.LastIndex(name, `\`)+1:]
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
	for _, field := range []string{localPart(a.Username), localPart(a.Email), localPart(a.UserPrincipalName), accountName(a.SAMAccountName)} {
		if field == id {
			return true
		}
		isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
		digits := strings.TrimLeft(strings.TrimFunc(field, func(r rune) bool { return !isDigit(r) }), "0")
		if len(bare) >= leastNumber && digits == bare {
			return true
		}
	}
	return false
}

// partOf reports that all words of one name are among those of the other: "Moreau" and "Moreau-Diaz".
func partOf(a, b string) bool {
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
func (p *Policy) localParts(r identity.Record) []string {
	parts := []string{localPart(r.WorkEmail)}
	if r.FirstName != "" && r.LastName != "" {
		if names := p.Usernames(r); len(names) > 0 {
			parts = append(parts, strings.ToLower(names[0]))
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
		{t.name, ReasonName},
		{t.part && !t.name, ReasonPartOfName},
		{t.username && !t.address, ReasonUsername},
		{t.directory, ReasonDirectoryName},
		{t.number && !t.named && !t.bare, ReasonNumber},
		{t.admin, ReasonAdminName},
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
		{t.name, 3},
		{t.part && !t.name, 1},
		{t.username, 2},
		{t.directory, 2},
		{t.number, 2},
		{t.admin, 1},
	} {
		if w.found {
			n += w.worth
		}
	}
	return n
}

// Closeness weighs what an account and a human have in common. It says who of two explains an account better, and never
// whose it is.
func (p *Policy) Closeness(a identity.Account, c Claim) int { return p.traces(a, c).points() }

// SameName reports whether two spellings of a full name agree, whatever the case, the accents, the spaces and hyphens.
func SameName(first, last, otherFirst, otherLast string) bool {
	return sameName(first, otherFirst) && sameName(last, otherLast)
}

func sameAddress(a, b string) bool {
	a, b = identity.FoldAddress(a), identity.FoldAddress(b)
	return a != "" && a == b
}

func localPart(address string) string {
	local, _, _ := strings.Cut(identity.FoldAddress(address), "@")
	return local
}

// withoutAdmin takes the prefix or suffix off by which companies mark an administrator's second account.
func withoutAdmin(local string) string {
	for _, mark := range []string{"admin", "adm", "priv", "root", "da", "sa", "a", "t0", "t1", "t2"} {
		for _, sep := range []string{"-", ".", "_"} {
			if rest, ok := strings.CutPrefix(local, mark+sep); ok {
				return rest
			}
			if rest, ok := strings.CutSuffix(local, sep+mark); ok {
				return rest
			}
		}
	}
	if rest, ok := strings.CutSuffix(local, "+admin"); ok {
		return rest
	}
	return local
}

// AdminMarks are the affixes that second accounts are searched by, applied to a username.
func AdminMarks(local string) []string {
	if local == "" {
		return nil
	}
	return []string{"adm-" + local, "admin-" + local, "adm." + local, "a-" + local, local + "-adm", local + "-admin", local + ".admin"}
}
