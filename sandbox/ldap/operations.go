package ldap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// write carries out a request that changes something.
func (s *session) write(req request) func() bool {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	r := req.unsupported()
	var d dn
	var id string
	switch {
	case r != nil:
	case !s.encrypted:
		r = refuse(confidentialityRequired, "TLS confidentiality required")
	default:
		d, id, r = s.change(req)
	}
	if e := s.server.tree.get(d); id == "" && e != nil {
		id = e.attrs["entryuuid"][0]
	}
	s.server.note(names[req.op.Tag], id, codeOf(r), r == nil, modified(req)...)
	return s.result(req, r, nil)
}

// modified are the attributes that a request is to modify.
func modified(req request) (names []string) {
	if req.op.Tag != tagModifyRequest || len(req.op.Children) < 2 {
		return nil
	}
	changes, _ := changesOf(req.op.Children[1])
	for _, c := range changes {
		names = append(names, c.name)
	}
	return names
}

// change makes a change to the tree, and names the entry.
func (s *session) change(req request) (d dn, id string, r *refusal) {
	name := text(req.op)
	switch int(req.op.Tag) {
	case tagExtendedRequest:
		return s.setPassword(req)
	case tagDeleteRequest:
	default:
		if len(req.op.Children) < 2 {
			return nil, "", refuse(protocolError, "")
		}
		name = text(req.op.Children[0])
	}
	d, ok := parseDN(name)
	if !ok || len(d) == 0 {
		return nil, "", refuse(invalidDNSyntax, "invalid DN")
	}
	t := s.server.tree
	switch {
	case s.bound == nil:
		return d, "", refuse(strongerAuthRequired, "modifications require authentication")
	case !s.mayRead() && (t.get(d) != nil || req.op.Tag == tagAddRequest):
		return d, "", refuse(insufficientAccessRights, "")
	case !s.mayRead():
		return d, "", t.missing(d)
	}
	by := s.bound.String()
	if e := t.get(d); e != nil {
		id = e.attrs["entryuuid"][0]
	}
	switch int(req.op.Tag) {
	case tagAddRequest:
		attrs, r := attributesOf(req.op.Children[1])
		if r != nil {
			return d, id, r
		}
		for _, v := range attrs["userpassword"] {
			if r := quality(change{op: opAdd, values: []string{v}}); r != nil {
				return d, id, r
			}
		}
		if r := t.trivial(&entry{attrs: attrs}); r != nil {
			return d, id, r
		}
		return d, id, t.add(d, attrs, by)
	case tagModifyRequest:
		changes, r := changesOf(req.op.Children[1])
		if r != nil {
			return d, id, r
		}
		return d, id, t.modify(d, changes, by)
	case tagDeleteRequest:
		return d, id, t.remove(d)
	}
	return d, id, s.rename(d, req)
}

func attributesOf(p *ber.Packet) (map[string][]string, *refusal) {
	attrs := map[string][]string{}
	for _, a := range p.Children {
		if len(a.Children) != 2 || len(a.Children[1].Children) == 0 {
			return nil, refuse(protocolError, "no values")
		}
		name := strings.ToLower(text(a.Children[0]))
		t, known := types[name]
		if !known {
			return nil, refuse(undefinedAttributeType, "%s: attribute type undefined", name)
		}
		for _, v := range a.Children[1].Children {
			attrs[strings.ToLower(t.name)] = append(attrs[strings.ToLower(t.name)], text(v))
		}
	}
	return attrs, nil
}

func changesOf(p *ber.Packet) (all []change, r *refusal) {
	for _, c := range p.Children {
		if len(c.Children) != 2 || len(c.Children[1].Children) != 2 {
			return nil, refuse(protocolError, "")
		}
		op, _ := c.Children[0].Value.(int64)
		one := change{op: op, name: text(c.Children[1].Children[0])}
		for _, v := range c.Children[1].Children[1].Children {
			one.values = append(one.values, text(v))
		}
		all = append(all, one)
	}
	return all, nil
}

func (s *session) rename(d dn, req request) *refusal {
	if len(req.op.Children) < 3 {
		return refuse(protocolError, "")
	}
	own, ok := parseDN(text(req.op.Children[1]))
	if !ok || len(own) != 1 {
		return refuse(invalidDNSyntax, "invalid new RDN")
	}
	deleteOld, _ := req.op.Children[2].Value.(bool)
	var above dn
	if len(req.op.Children) > 3 {
		if above, ok = parseDN(text(req.op.Children[3])); !ok || len(above) == 0 {
			return refuse(invalidDNSyntax, "invalid new superior")
		}
	}
	return s.server.tree.rename(d, own[0], deleteOld, above, s.bound.String())
}

// setPassword is the operation of RFC 3062.
func (s *session) setPassword(req request) (d dn, id string, r *refusal) {
	if len(req.op.Children) < 2 || text(req.op.Children[0]) != oidPassword {
		return nil, "", refuse(protocolError, "unsupported extended operation")
	}
	if s.bound == nil {
		return nil, "", refuse(strongerAuthRequired, "modifications require authentication")
	}
	parsed, err := ber.DecodePacketErr([]byte(text(req.op.Children[1])))
	if err != nil {
		return nil, "", refuse(protocolError, "password modify: cannot decode")
	}
	var name, password string
	for _, part := range parsed.Children {
		switch int(part.Tag) {
		case 0:
			name = text(part)
		case 2:
			password = text(part)
		}
	}
	d, ok := parseDN(name)
	if !ok || len(d) == 0 {
		return nil, "", refuse(invalidAttributeSyntax, "Invalid DN")
	}
	e := s.server.tree.get(d)
	if !s.mayRead() || e == nil {
		return d, "", refuse(noSuchObject, "")
	}
	return d, e.attrs["entryuuid"][0], s.server.tree.modify(d, []change{{op: opReplace, name: "userPassword", values: []string{password}}}, s.bound.String())
}

// query is a search as it was asked.
type query struct {
	base       dn
	scope      int64
	size       int64
	typesOnly  bool
	filter     *ber.Packet
	attributes []string
	paged      bool
	pageSize   int
	cookie     string
}

func readQuery(req request) (q query, r *refusal) {
	c := req.op.Children
	if len(c) != 8 {
		return q, refuse(protocolError, "")
	}
	var ok bool
	if q.base, ok = parseDN(text(c[0])); !ok {
		return q, refuse(invalidDNSyntax, "invalid DN")
	}
	q.scope, _ = c[1].Value.(int64)
	q.size, _ = c[3].Value.(int64)
	q.typesOnly, _ = c[5].Value.(bool)
	q.filter = c[6]
	for _, a := range c[7].Children {
		name := strings.ToLower(text(a))
		q.attributes = append(q.attributes, cmp.Or(strings.ToLower(types[name].name), name))
	}
	for _, one := range req.controls {
		if one.oid != oidPaging {
			continue
		}
		value, err := ber.DecodePacketErr([]byte(one.value))
		if err != nil || len(value.Children) != 2 {
			return q, refuse(protocolError, "paged results control could not be decoded")
		}
		size, _ := value.Children[0].Value.(int64)
		q.paged, q.pageSize, q.cookie = true, int(size), text(value.Children[1])
	}
	return q, req.unsupported(oidPaging)
}

// search answers a search.
func (s *session) search(req request) func() bool {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	q, r := readQuery(req)
	var found []*entry
	next := ""
	if r == nil {
		found, next, r = s.find(q)
	}
	s.server.note("search", "", codeOf(r), false)
	var packets []*ber.Packet
	for _, e := range found {
		packets = append(packets, show(e, q))
	}
	if s.server.lie == Doubled && q.paged {
		packets = append(packets, packets...)
	}
	var more func(*ber.Packet)
	if q.paged && (r == nil || r.code == sizeLimitExceeded) {
		more = func(m *ber.Packet) { m.AppendChild(pageControl(next)) }
	}
	done := s.result(req, r, more)
	return func() bool {
		for _, p := range packets {
			if !s.send(req, p, nil) {
				return false
			}
		}
		return done()
	}
}

// find is what a search shows, and the cookie of its next page.
func (s *session) find(q query) (found []*entry, next string, r *refusal) {
	if len(q.base) == 0 && q.scope == 0 {
		return []*entry{rootDSE()}, "", nil
	}
	t := s.server.tree
	if s.server.stale != nil {
		t = s.server.stale
	}
	switch {
	case !s.encrypted:
		return nil, "", refuse(confidentialityRequired, "TLS confidentiality required")
	case !s.mayRead():
		return nil, "", refuse(noSuchObject, "")
	case q.paged && q.cookie != "" && q.cookie != s.cookie:
		return nil, "", refuse(unwillingToPerform, "paged results cookie is invalid or old")
	case q.paged && q.cookie != "":
		found = s.rest
	case t.get(q.base) == nil:
		return nil, "", t.missing(q.base)
	default:
		if _, ok := (&entry{}).matches(q.filter); !ok {
			return nil, "", refuse(protocolError, "bad search filter")
		}
		deepest := t.deepest()
		for _, e := range t.searched(q) {
			if !q.inScope(e) || s.hidden(e) {
				continue
			}
			if match, _ := e.matches(q.filter); match == yes {
				found = append(found, t.shown(e, deepest))
			}
		}
	}
	return s.cut(q, found)
}

// searched are the entries among which a search finds what it is for, in the order in which they were made.
func (t *tree) searched(q query) []*entry {
	if q.scope == 0 {
		return []*entry{t.get(q.base)}
	}
	ids := idsIn(q.filter)
	if ids == nil {
		return t.sorted()
	}
	var some []*entry
	for _, e := range t.entries {
		if ids[e.attrs["entryuuid"][0]] {
			some = append(some, e)
		}
	}
	slices.SortFunc(some, inOrder)
	return some
}

// shown is a copy of an entry, with what is worked out when somebody looks. Entries as deep as the deepest have nothing below them.
func (t *tree) shown(e *entry, deepest int) *entry {
	c := e.clone()
	c.attrs["hassubordinates"], c.attrs["subschemasubentry"] = []string{"FALSE"}, []string{"cn=Subschema"}
	if len(e.dn) < deepest && len(t.children(e.dn)) > 0 {
		c.attrs["hassubordinates"] = []string{"TRUE"}
	}
	return c
}

// hidden reports whether a lie keeps an entry from being shown.
func (s *session) hidden(e *entry) bool {
	group := e.is("groupOfNames") || e.is("groupOfUniqueNames") || e.is("posixGroup")
	return s.server.lie == Empty || s.server.lie == NoGroups && group
}

// cut parts what was found into pages.
func (s *session) cut(q query, found []*entry) (page []*entry, next string, r *refusal) {
	if q.paged && q.pageSize > 0 {
		s.cookie, s.rest = "", nil
		page, rest := found[:min(q.pageSize, len(found))], found[min(q.pageSize, len(found)):]
		if len(rest) > 0 && s.server.lie != FirstPage {
			s.pages++
			s.cookie, s.rest = "page-"+strconv.Itoa(s.pages), rest
		}
		return page, s.cookie, nil
	}
	limit := sizeLimit
	if q.size > 0 {
		limit = min(limit, int(q.size))
	}
	if len(found) > limit {
		return found[:limit], "", refuse(sizeLimitExceeded, "")
	}
	return found, "", nil
}

func (q query) inScope(e *entry) bool {
	switch q.scope {
	case 0:
		return e.dn.normal() == q.base.normal()
	case 1:
		return len(e.dn) == len(q.base)+1 && e.dn.below(q.base)
	}
	return e.dn.below(q.base)
}

func rootDSE() *entry {
	return &entry{attrs: map[string][]string{
		"objectclass": {"top"}, "namingcontexts": {Suffix}, "supportedldapversion": {"3"}, "supportedcontrol": {oidPaging},
		"supportedextension": {oidStartTLS, oidPassword},
	}}
}

// show is an entry as the search wants it.
func show(e *entry, q query) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tagSearchEntry, nil, "")
	op.AppendChild(octetString(e.dn.String()))
	list := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	for _, name := range sortedKeys(e.attrs) {
		a := types[name]
		asked := len(q.attributes) == 0 && !a.operational || slices.Contains(q.attributes, name) ||
			slices.Contains(q.attributes, "*") && !a.operational || slices.Contains(q.attributes, "+") && a.operational
		if !asked || len(e.attrs[name]) == 0 {
			continue
		}
		one := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		one.AppendChild(octetString(cmp.Or(a.name, name)))
		values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range e.attrs[name] {
			if !q.typesOnly {
				values.AppendChild(octetString(v))
			}
		}
		one.AppendChild(values)
		list.AppendChild(one)
	}
	op.AppendChild(list)
	return op
}

func sortedKeys(m map[string][]string) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// pageControl says which page is next, and nothing of how many there are.
func pageControl(next string) *ber.Packet {
	value := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, int64(0), ""))
	value.AppendChild(octetString(next))
	one := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	one.AppendChild(octetString(oidPaging))
	one.AppendChild(octetString(string(value.Bytes())))
	all := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
	all.AppendChild(one)
	return all
}
