package match

import (
	"regexp"
	"slices"
	"strings"

	"gatehouse/identity"
)

// marks are the words that stand beside a name in accounts and say nothing about whose it is: what sets a second account
// apart, what somebody outside the company carries, titles, and what comes after the name of a son.
var marks = func() map[string]bool {
	all := map[string]bool{}
	for _, list := range []string{
		"admin admins administrator administrators adm priv privileged pam root da ea sa su pa super superuser superadmin tier t elevated",
		"user users account accounts acct acc konto kto compte cuenta login id profile name",
		"ext extern externe externer external extranet contractor contract consultant consulting vendor partner guest gast freelancer freelance",
		"old alt new neu test tst tester testing dev prod srv svc service server cloud aws azure gcp vpn mfa local domain dom ad remote",
		"sec secondary second zweit zwei two backup bak spare emergency temp tmp temporary legacy mig migrated inactive disabled deactivated",
		"former ex left leaver archive archived deleted onelogin sso saml api ops it support helpdesk intern trainee",
		"dr prof professor mr mrs ms miss mx sir herr frau ing dipl mag phd md mba msc bsc jr sr junior senior ii iii iv esq",
	} {
		for word := range strings.FieldsSeq(list) {
			all[identity.NameWords(word)[0]] = true
		}
	}
	return all
}()

// administrators are the marks of an account with more power than the daily one.
var administrators = func() map[string]bool {
	all := map[string]bool{}
	for _, word := range []string{
		"admin", "admins", "administrator", "administrators", "adm", "priv", "privileged", "pam", "root", "da", "ea", "sa", "su", "pa",
		"super", "superuser", "superadmin", "tier", "t", "a", "p", "elevated",
	} {
		all[word] = true
	}
	return all
}()

const (
	// leastGlued is how long a name has to be for a mark to be seen that stands before or after it without anything between.
	leastGlued = 3
	// leastOneWord is how long two names in one word have to be for that word to be taken for them.
	leastOneWord = 5
)

// called is how a person is called, word by word.
type called struct {
	// firsts are the first names by which they go, last is the last name.
	firsts [][]string
	last   []string
	// glued says that marks may stand before and after a name without anything between, as in usernames.
	glued bool
	// aside are further words that are no name: those of the company's domain.
	aside []string
}

func (m Matcher) called(r identity.Record) called {
	c := called{last: identity.NameWords(r.LastName)}
	for _, first := range []string{r.FirstName, r.PreferredName} {
		if words := identity.NameWords(first); len(words) > 0 {
			c.firsts = append(c.firsts, words)
		}
	}
	_, work, _ := strings.Cut(r.WorkEmail, "@")
	for _, domain := range []string{work, m.policy.Domain()} {
		company, _, _ := strings.Cut(domain, ".")
		c.aside = append(c.aside, identity.NameWords(company)...)
	}
	return c
}

// agreement is how the words of a text agree with how a person is called.
type agreement struct {
	// whole says that they are the first and the last name, in any order and beside nothing but marks and initials; initial
	// that they are the last name with the initial of the first; part that they are a part of the name.
	whole, initial, part bool
	// marked and admin say that marks, or an administrator's, stand beside them.
	marked, admin bool
	// foreign says that there is a word that is neither the person's nor a mark.
	foreign bool
}

// agree compares words with how a person is called.
func (c called) agree(words []string) agreement {
	best, firsts := agreement{foreign: true}, c.firsts
	if len(firsts) == 0 {
		firsts = [][]string{nil}
	}
	for _, first := range firsts {
		if a := c.agreeBy(first, words); a.rank() > best.rank() || a.rank() == best.rank() && !a.foreign {
			best = a
		}
	}
	return best
}

func (a agreement) rank() int {
	switch {
	case a.whole:
		return 3
	case a.initial:
		return 2
	case a.part:
		return 1
	}
	return 0
}

func (c called) agreeBy(first, words []string) agreement {
	gone, got := make([]bool, len(words)), agreement{}
	firsts, lasts := c.hits(first, words, gone, &got), c.hits(c.last, words, gone, &got)
	one := ""
	if len(first) > 0 && len(c.last) > 0 {
		one = c.inOne(first, words, gone, &got)
	}
	left := c.left(words, gone, &got)
	switch {
	case one == oneWhole, firsts.all() && lasts.all():
		got.whole, got.part = left == 0, left > 0
	case firsts.long > 0 && lasts.long > 0:
		got.part = left == 0
	case one == oneInitial, lasts.all() && len(first) > 0 && slices.Contains(words, initial(first)):
		got.initial = left == 0
	}
	got.foreign = left > 0
	return got
}

// hit says how many of some names are among some words: found and missing, initials apart, and how many long ones.
type hit struct{ found, missing, long int }

func (h hit) all() bool { return h.found > 0 && h.missing == 0 }

// hits looks for names among words and notes which words they are.
func (c called) hits(names, words []string, gone []bool, got *agreement) (h hit) {
	for _, name := range names {
		at := slices.IndexFunc(words, func(w string) bool { return c.is(w, name) })
		switch {
		case at >= 0:
			gone[at] = true
			got.note(words[at], name)
			h.found++
			if len(name) > 2 || len(names) == 1 {
				h.long++
			}
		case len(name) > 1:
			h.missing++
		}
	}
	return h
}

// initial is the first letter of a name.
func initial(words []string) string {
	for _, r := range words[0] {
		return string(r)
	}
	return ""
}

// note keeps which marks a word carries besides a name.
func (a *agreement) note(word, name string) {
	if rest := strings.Replace(word, name, "", 1); rest != "" {
		a.marked = true
		a.admin = a.admin || administrators[rest]
	}
}

const (
	oneWhole   = "whole"
	oneInitial = "initial"
)

// inOne looks for the name in fewer or more words than it has, such as leonmoreau, lmoreau or vanderberg.
func (c called) inOne(first, words []string, gone []bool, got *agreement) string {
	given, last := strings.Join(first, ""), strings.Join(c.last, "")
	take := func(name string) bool {
		at := slices.IndexFunc(words, func(w string) bool { return c.is(w, name) || c.glued && len(w) == len(name)+1 && w[1:] == name })
		if at < 0 || len(name) < leastOneWord {
			return false
		}
		gone[at] = true
		got.note(words[at], name)
		return true
	}
	if take(given+last) || take(last+given) {
		return oneWhole
	}
	core := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return marks[w] && !slices.Contains(c.last, w) && !slices.Contains(first, w) })
	if all := strings.Join(core, ""); len(core) > 1 && (all == given+last || all == last+given) {
		for i, w := range words {
			gone[i] = gone[i] || slices.Contains(core, w)
		}
		return oneWhole
	}
	has := func(name string, names []string) bool {
		return take(name) || len(names) == 1 && slices.ContainsFunc(words, func(w string) bool { return c.is(w, name) })
	}
	if len(first)+len(c.last) > 2 && has(last, c.last) && has(given, first) {
		return oneWhole
	}
	for _, name := range []string{initial(first) + last, last + initial(first)} {
		at := slices.IndexFunc(words, func(w string) bool { return c.is(w, name) })
		if at >= 0 && len(name) >= leastOneWord {
			gone[at] = true
			got.note(words[at], name)
			return oneInitial
		}
	}
	return ""
}

// left counts the words that are neither the person's, nor marks, nor initials.
func (c called) left(words []string, gone []bool, got *agreement) int {
	n := 0
	for i, word := range words {
		switch {
		case gone[i]:
		case marks[word]:
			got.marked = true
			got.admin = got.admin || administrators[word]
		case len(word) == 1:
			got.marked = true
			got.admin = got.admin || administrators[word] && !c.startsWith(word)
		case slices.Contains(c.aside, word):
		default:
			n++
		}
	}
	return n
}

// startsWith reports that a letter is an initial of the person's.
func (c called) startsWith(letter string) bool {
	for _, names := range append([][]string{c.last}, c.firsts...) {
		if slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, letter) }) {
			return true
		}
	}
	return false
}

// is reports that a word is a name, or, in usernames, a name with a mark glued to it.
func (c called) is(word, name string) bool {
	if word == name {
		return true
	}
	if !c.glued || len(name) < leastGlued || len(word) <= len(name) {
		return false
	}
	if before, ok := strings.CutSuffix(word, name); ok && marks[before] && len(before) > 1 {
		return true
	}
	after, ok := strings.CutPrefix(word, name)
	return ok && marks[after] && len(after) > 2
}

// beside reports that a username is another one with marks, initials or digits before or after it, and whether an
// administrator's are among them. It is for usernames that are not made of a name.
func beside(own, local string) (found, admin bool) {
	at := strings.Index(own, local)
	if local == "" || at < 0 || own == local {
		return false, false
	}
	before, after := own[:at], own[at+len(local):]
	plain := true
	for i, rest := range []string{before, after} {
		words := identity.NameWords(rest)
		if rest == "" {
			continue
		}
		edge := rest[len(rest)-1]
		if i == 1 {
			edge = rest[0]
		}
		glued := isAlphanumeric(edge)
		digits := strings.Trim(rest, "0123456789") == ""
		switch {
		case glued && digits:
			// 2 after a name is another account of that name; after a number it is another number, and before it too.
			if i == 0 || isDigit(rune(local[len(local)-1])) || len(local) < leastPrefix {
				return false, false
			}
		case glued && (len(words) != 1 || len(words[0]) < 2 || len(local) < leastPrefix):
			return false, false
		}
		for _, word := range words {
			if !marks[word] && (len(word) > 1 || glued) {
				return false, false
			}
			admin = admin || administrators[word]
		}
		plain = plain && len(words) == 0
	}
	if len(local) < leastPrefix && plain {
		return false, false
	}
	return true, admin
}

// leastPrefix is how long a username has to be for something glued to it to make no other username of it.
const leastPrefix = 4

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isAlphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// ownPart is what of a username or address is somebody's own: without the domain of either kind and without what directories
// append to guests.
func ownPart(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	name = name[strings.LastIndex(name, `\`)+1:]
	if guest, _, found := strings.Cut(name, "#ext#"); found {
		if at := strings.LastIndex(guest, "_"); at > 0 && strings.Contains(guest[at:], ".") {
			guest = guest[:at]
		}
		return guest
	}
	name, _, _ = strings.Cut(identity.FoldAddress(name), "@")
	return name
}

// guestAddress is the address that a directory's name of a guest stands for, "" if it is none.
func guestAddress(name string) string {
	guest, _, found := strings.Cut(strings.ToLower(strings.TrimSpace(name)), "#ext#")
	at := strings.LastIndex(guest, "_")
	if !found || at <= 0 || !strings.Contains(guest[at:], ".") {
		return ""
	}
	return guest[:at] + "@" + guest[at+1:]
}

// machine are ids that programs make: digits in them are no employee's number.
var machine = regexp.MustCompile(`(?i)^\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$|^s-1-[0-9-]+$|^[0-9a-f]{24,}$`)

var digitRuns = regexp.MustCompile(`[0-9]+`)

// numbersIn are the whole numbers in an external id, without leading zeros; none if a program made it.
func numbersIn(external string) []string {
	external = strings.TrimSpace(external)
	if machine.MatchString(external) {
		return nil
	}
	var numbers []string
	for _, run := range digitRuns.FindAllString(external, -1) {
		numbers = append(numbers, strings.TrimLeft(run, "0"))
	}
	return numbers
}

// bareNumber is an employee id without leading zeros, "" if it is no number.
func bareNumber(id string) string {
	id = strings.TrimSpace(id)
	if id == "" || strings.Trim(id, "0123456789") != "" {
		return ""
	}
	return strings.TrimLeft(id, "0")
}

// addressesIn are the e-mail addresses in a text, folded.
func addressesIn(text string) []string {
	if !strings.Contains(text, "@") {
		return nil
	}
	var found []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t<>()[]{},;:|\"'=/\\", r) }) {
		if strings.Contains(word, "@") {
			found = append(found, identity.FoldAddress(word))
		}
	}
	return found
}
