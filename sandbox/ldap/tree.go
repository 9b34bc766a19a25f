package ldap

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// LDAP's results that the server gives (RFC 4511 appendix A).
const (
	success                  = 0
	protocolError            = 2
	sizeLimitExceeded        = 4
	authMethodNotSupported   = 7
	strongerAuthRequired     = 8
	unavailableCritical      = 12
	confidentialityRequired  = 13
	noSuchAttribute          = 16
	undefinedAttributeType   = 17
	constraintViolation      = 19
	attributeOrValueExists   = 20
	invalidAttributeSyntax   = 21
	noSuchObject             = 32
	invalidDNSyntax          = 34
	inappropriateAuth        = 48
	invalidCredentials       = 49
	insufficientAccessRights = 50
	unavailable              = 52
	unwillingToPerform       = 53
	namingViolation          = 64
	objectClassViolation     = 65
	notAllowedOnNonLeaf      = 66
	notAllowedOnRDN          = 67
	entryAlreadyExists       = 68
	classModsProhibited      = 69
	otherError               = 80
)

// refusal is a result that is no success.
type refusal struct {
	code    int
	text    string
	matched string
}

func refuse(code int, format string, args ...any) *refusal {
	return &refusal{code: code, text: fmt.Sprintf(format, args...)}
}

// entry is an entry. Values stand in the order in which they came.
type entry struct {
	dn    dn
	attrs map[string][]string
	order int
}

func (e *entry) clone() *entry {
	c := &entry{dn: slices.Clone(e.dn), attrs: map[string][]string{}, order: e.order}
	for name, values := range e.attrs {
		c.attrs[name] = slices.Clone(values)
	}
	return c
}

func (e *entry) has(name, value string) bool {
	t := types[name]
	return slices.ContainsFunc(e.attrs[name], func(v string) bool { return t.normal(v) == t.normal(value) })
}

func (e *entry) is(class string) bool {
	for _, name := range e.attrs["objectclass"] {
		for _, c := range chain(name) {
			if strings.EqualFold(c.name, class) {
				return true
			}
		}
	}
	return false
}

// tree is all entries. Only its server locks it.
type tree struct {
	suffix  dn
	entries map[string]*entry
	made    int
	changes int
	now     func() time.Time
	// token is how many characters of a name a password must not have, 0 for any number.
	token int
}

func (t *tree) clone() *tree {
	c := *t
	c.entries = map[string]*entry{}
	for name, e := range t.entries {
		c.entries[name] = e.clone()
	}
	return &c
}

func (t *tree) get(d dn) *entry { return t.entries[d.normal()] }

// missing is the refusal of a name that is not there, with the nearest that is.
func (t *tree) missing(d dn) *refusal {
	r := refuse(noSuchObject, "")
	for up := d.parent(); len(up) > 0; up = up.parent() {
		if e := t.get(up); e != nil {
			r.matched = e.dn.String()
			break
		}
	}
	return r
}

func (t *tree) children(d dn) (all []*entry) {
	for _, e := range t.entries {
		if len(e.dn) == len(d)+1 && e.dn.below(d) {
			all = append(all, e)
		}
	}
	return all
}

// deepest is how long the longest name is.
func (t *tree) deepest() (most int) {
	for _, e := range t.entries {
		most = max(most, len(e.dn))
	}
	return most
}

// sorted are all entries in the order in which they were made.
func (t *tree) sorted() []*entry {
	return slices.SortedFunc(maps.Values(t.entries), inOrder)
}

func inOrder(a, b *entry) int { return cmp.Compare(a.order, b.order) }

func (t *tree) stamp() string { return t.now().UTC().Format("20060102150405Z") }

// add makes an entry.
func (t *tree) add(d dn, attrs map[string][]string, by string) *refusal {
	if !d.below(t.suffix) {
		return refuse(unwillingToPerform, "no global superior knowledge")
	}
	for name, values := range attrs {
		a, known := types[name]
		if known && a.fixed {
			return refuse(constraintViolation, "%s: no user modification allowed", a.name)
		}
		if r := checkValues(name, values); r != nil {
			return r
		}
	}
	e := &entry{dn: d, attrs: attrs}
	for _, a := range d[0] {
		name := strings.ToLower(types[strings.ToLower(a.name)].name)
		if !e.has(name, a.value) {
			e.attrs[name] = append(e.attrs[name], a.value)
		}
	}
	if r := e.check(); r != nil {
		return r
	}
	if t.get(d) != nil {
		return refuse(entryAlreadyExists, "")
	}
	if len(d) > len(t.suffix) && t.get(d.parent()) == nil {
		return t.missing(d)
	}
	t.made++
	e.order = t.made
	e.attrs["entryuuid"] = []string{newUUID()}
	e.attrs["createtimestamp"], e.attrs["creatorsname"] = []string{t.stamp()}, []string{by}
	hashPasswords(e)
	t.touch(e, by)
	t.entries[d.normal()] = e
	return nil
}

func (t *tree) touch(e *entry, by string) {
	e.attrs["modifytimestamp"], e.attrs["modifiersname"] = []string{t.stamp()}, []string{by}
	e.attrs["entrydn"] = []string{e.dn.String()}
	e.attrs["structuralobjectclass"] = []string{e.structural()}
	t.changes++
	e.attrs["entrycsn"] = []string{fmt.Sprintf("%s#%06x#000#000000", t.now().UTC().Format("20060102150405.000000Z"), t.changes)}
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // It never fails (crypto/rand).
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

const hashed = "{SANDBOX}"

func hash(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hashed + hex.EncodeToString(sum[:])
}

func hashPasswords(e *entry) {
	for i, v := range e.attrs["userpassword"] {
		if !strings.HasPrefix(v, hashed) {
			e.attrs["userpassword"][i] = hash(v)
		}
	}
}

// checkValues holds values against the attribute's type.
func checkValues(name string, values []string) *refusal {
	a, known := types[name]
	if !known {
		return refuse(undefinedAttributeType, "%s: attribute type undefined", name)
	}
	seen := map[string]bool{}
	for _, v := range values {
		if !a.valid(v) {
			return refuse(invalidAttributeSyntax, "%s: value #0 invalid per syntax", a.name)
		}
		if seen[a.normal(v)] {
			return refuse(attributeOrValueExists, "%s: value #1 provided more than once", a.name)
		}
		seen[a.normal(v)] = true
	}
	if a.single && len(values) > 1 {
		return refuse(constraintViolation, "attribute '%s' cannot have multiple values", a.name)
	}
	return nil
}

// structural is the most special of an entry's structural classes.
func (e *entry) structural() string {
	best, depth := "", 0
	for _, name := range e.attrs["objectclass"] {
		c := chain(name)
		if len(c) > depth && c[0].kind == structural {
			best, depth = c[0].name, len(c)
		}
	}
	return best
}

// check holds an entry against its object classes.
func (e *entry) check() *refusal {
	names := e.attrs["objectclass"]
	if len(names) == 0 {
		return refuse(objectClassViolation, "no objectClass attribute")
	}
	for _, name := range names {
		if _, ok := classes[strings.ToLower(name)]; !ok {
			return refuse(invalidAttributeSyntax, "objectClass: value #0 invalid per syntax")
		}
	}
	main := chain(e.structural())
	if len(main) == 0 {
		return refuse(objectClassViolation, "no structural object class provided")
	}
	allowed := map[string]bool{}
	for _, name := range names {
		all := chain(name)
		if all[0].kind == structural && !slices.ContainsFunc(main, func(c class) bool { return c.name == all[0].name }) {
			return refuse(objectClassViolation, "invalid structural object class chain (%s/%s)", main[0].name, all[0].name)
		}
		for _, c := range all {
			for _, must := range c.must {
				allowed[must] = true
				if len(e.attrs[must]) == 0 {
					return refuse(objectClassViolation, "object class '%s' requires attribute '%s'", c.name, types[must].name)
				}
			}
			for _, may := range c.may {
				allowed[may] = true
			}
		}
	}
	for name, values := range e.attrs {
		if len(values) > 0 && !allowed[name] && !types[name].operational {
			return refuse(objectClassViolation, "attribute '%s' not allowed", types[name].name)
		}
	}
	return nil
}
