package ldap

import (
	"slices"
	"strings"
)

// The operations of a modification (RFC 4511 4.6).
const (
	opAdd = iota
	opDelete
	opReplace
)

// change is one part of a modification.
type change struct {
	op     int64
	name   string
	values []string
}

// minPassword is how long the policy wants passwords to be.
const minPassword = 12

// modify changes an entry, whole or not at all.
func (t *tree) modify(d dn, changes []change, by string) *refusal {
	old := t.get(d)
	if old == nil {
		return t.missing(d)
	}
	e, password, unlocked := old.clone(), false, false
	for _, c := range changes {
		name := strings.ToLower(c.name)
		a, known := types[name]
		switch {
		case !known:
			return refuse(undefinedAttributeType, "%s: attribute type undefined", c.name)
		case a.fixed:
			return refuse(constraintViolation, "%s: no user modification allowed", a.name)
		}
		name = strings.ToLower(a.name)
		if r := e.apply(c, name); r != nil {
			return r
		}
		if name == "userpassword" {
			password = true
			if r := quality(c); r != nil {
				return r
			}
		}
		unlocked = unlocked || name == "pwdaccountlockedtime" && c.op == opDelete
	}
	for _, part := range e.dn[0] {
		if name := strings.ToLower(types[strings.ToLower(part.name)].name); !e.has(name, part.value) {
			return refuse(namingViolation, "value of naming attribute '%s' is not present in entry", part.name)
		}
	}
	if len(e.attrs["objectclass"]) > 0 && e.structural() != old.structural() {
		return refuse(classModsProhibited, "structural object class modification not allowed")
	}
	if r := e.check(); r != nil {
		return r
	}
	for name, values := range e.attrs {
		if types[name].single && len(values) > 1 {
			return refuse(constraintViolation, "attribute '%s' cannot have multiple values", types[name].name)
		}
	}
	if password {
		if r := t.trivial(e); r != nil {
			return r
		}
		t.newPassword(e, !unlocked)
	}
	t.touch(e, by)
	t.entries[d.normal()] = e
	return nil
}

// apply makes one change.
func (e *entry) apply(c change, name string) *refusal {
	a := types[name]
	if r := checkValues(name, c.values); r != nil && (c.op != opDelete || r.code == invalidAttributeSyntax) {
		return r
	}
	switch c.op {
	case opAdd:
		if len(c.values) == 0 {
			return refuse(protocolError, "modify/add: %s: no values given", a.name)
		}
		for _, v := range c.values {
			if e.has(name, v) {
				return refuse(attributeOrValueExists, "modify/add: %s: value #0 already exists", a.name)
			}
		}
		e.attrs[name] = append(e.attrs[name], c.values...)
	case opDelete:
		if len(e.attrs[name]) == 0 {
			return refuse(noSuchAttribute, "modify/delete: %s: no such attribute", a.name)
		}
		if len(c.values) == 0 {
			delete(e.attrs, name)
			return nil
		}
		for _, v := range c.values {
			if !e.has(name, v) {
				return refuse(noSuchAttribute, "modify/delete: %s: no such value", a.name)
			}
			e.attrs[name] = slices.DeleteFunc(e.attrs[name], func(there string) bool { return a.normal(there) == a.normal(v) })
		}
	case opReplace:
		e.attrs[name] = slices.Clone(c.values)
	default:
		return refuse(protocolError, "unrecognized modify operation")
	}
	if len(e.attrs[name]) == 0 {
		delete(e.attrs, name)
	}
	return nil
}

// quality holds a new password against the policy, which wants to see it.
func quality(c change) *refusal {
	for _, v := range c.values {
		if c.op != opDelete && (len(v) < minPassword || strings.HasPrefix(v, "{")) {
			return refuse(constraintViolation, "Password fails quality checking policy")
		}
	}
	return nil
}

// named are the attributes that a password must not be made from. Source: 389 Directory Server, ldap/servers/slapd/pw.c,
// check_pw_syntax_ext and check_trivial_words.
var named = []string{"uid", "cn", "sn", "givenname", "ou", "mail"}

// trivial refuses a new password with a part of a name, whatever its case.
func (t *tree) trivial(e *entry) *refusal {
	for _, password := range e.attrs["userpassword"] {
		if t.token <= 0 || strings.HasPrefix(password, hashed) {
			continue
		}
		password = strings.ToLower(password)
		for _, name := range named {
			for _, value := range e.attrs[name] {
				letters := []rune(strings.ToLower(value))
				for i := range len(letters) - t.token + 1 {
					if strings.Contains(password, string(letters[i:i+t.token])) {
						return refuse(constraintViolation, "invalid password syntax - password based off of user entry")
					}
				}
			}
		}
	}
	return nil
}

// newPassword does what the overlay does with every change of a password: it is hashed, and what locks the account goes, unless
// the request sees to the lock itself.
func (t *tree) newPassword(e *entry, unlock bool) {
	hashPasswords(e)
	e.attrs["pwdchangedtime"] = []string{t.stamp()}
	delete(e.attrs, "pwdfailuretime")
	if unlock {
		delete(e.attrs, "pwdaccountlockedtime")
	}
}

// remove deletes an entry that has none below it.
func (t *tree) remove(d dn) *refusal {
	if t.get(d) == nil {
		return t.missing(d)
	}
	if len(t.children(d)) > 0 {
		return refuse(notAllowedOnNonLeaf, "subordinate objects must be deleted first")
	}
	delete(t.entries, d.normal())
	return nil
}

// rename gives an entry another name, or another place, and takes what is below along.
func (t *tree) rename(d dn, own rdn, deleteOld bool, above dn, by string) *refusal {
	e := t.get(d)
	if e == nil {
		return t.missing(d)
	}
	parent := d.parent()
	if above != nil {
		parent = above
		if t.get(parent) == nil {
			return refuse(noSuchObject, "new superior not found")
		}
		if parent.below(d) {
			return refuse(unwillingToPerform, "new superior is below the entry")
		}
		parent = t.get(parent).dn
	}
	next := append(dn{own}, parent...)
	if next.normal() != d.normal() && t.get(next) != nil {
		return refuse(entryAlreadyExists, "")
	}
	named := e.clone()
	if r := named.renamed(own, deleteOld); r != nil {
		return r
	}
	moving := []*entry{}
	for _, below := range t.entries {
		if below.dn.below(d) {
			moving = append(moving, below)
		}
	}
	for _, below := range moving {
		delete(t.entries, below.dn.normal())
		keep := len(below.dn) - len(d)
		if keep == 0 {
			below = named
		}
		below.dn = append(slices.Clone(below.dn[:keep]), next...)
		t.entries[below.dn.normal()] = below
	}
	t.touch(named, by)
	return nil
}

// renamed changes the values that name an entry.
func (e *entry) renamed(own rdn, deleteOld bool) *refusal {
	kept := func(p ava) bool {
		return slices.ContainsFunc(own, func(n ava) bool { return rdn{n}.normal() == rdn{p}.normal() })
	}
	if deleteOld {
		for _, p := range e.dn[0] {
			if kept(p) {
				continue
			}
			name := strings.ToLower(types[strings.ToLower(p.name)].name)
			if r := e.apply(change{op: opDelete, values: []string{p.value}}, name); r != nil {
				return r
			}
		}
	}
	for _, p := range own {
		name := strings.ToLower(types[strings.ToLower(p.name)].name)
		if !e.has(name, p.value) {
			if r := e.apply(change{op: opAdd, values: []string{p.value}}, name); r != nil {
				return r
			}
		}
	}
	return e.check()
}

// maxFailures is how many wrong passwords lock an account.
const maxFailures = 3

// signIn tries a password. A locked account answers as a wrong password does.
func (t *tree) signIn(d dn, password string) bool {
	e := t.get(d)
	if e == nil || len(e.attrs["pwdaccountlockedtime"]) > 0 {
		return false
	}
	if slices.Contains(e.attrs["userpassword"], hash(password)) {
		delete(e.attrs, "pwdfailuretime")
		return true
	}
	if len(e.attrs["userpassword"]) == 0 {
		return false
	}
	e.attrs["pwdfailuretime"] = append(e.attrs["pwdfailuretime"], t.now().UTC().Format("20060102150405.000000Z"))
	if len(e.attrs["pwdfailuretime"]) >= maxFailures {
		e.attrs["pwdaccountlockedtime"] = []string{t.stamp()}
	}
	return false
}
