package ldap

import (
	"bytes"
	"context"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
)

// session is one call to the directory, over one connection.
type session struct {
	t    *Target
	conn *goldap.Conn
	op   string
	// closing says that somebody's sign-in is being ended: an account is then shown as far as it can be read.
	closing bool
}

// call carries out a call that is named op in errors.
func (t *Target) call(ctx context.Context, op string, work func(session) error) error {
	return t.client.request(ctx, op, func(conn *goldap.Conn) error { return work(session{t: t, conn: conn, op: op}) })
}

// none asks for no attribute (RFC 4511 4.5.1.8).
var none = []string{"1.1"}

// search reads all entries below a base, page by page, each once. What comes before a failure is not used.
func (s session) search(base, filter string, attributes []string, size int) ([]*goldap.Entry, error) {
	var all []*goldap.Entry
	seen := map[string]bool{}
	err := s.each(base, filter, attributes, size, func(e *goldap.Entry) error {
		if !seen[e.DN] {
			seen[e.DN] = true
			all = append(all, e)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// each hands over all entries below a base as their pages come, so that nobody has to keep them. A page that the server shows twice is
// handed over twice.
func (s session) each(base, filter string, attributes []string, size int, take func(*goldap.Entry) error) error {
	paging := goldap.NewControlPaging(uint32(size))
	req := goldap.NewSearchRequest(base, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, filter, attributes, []goldap.Control{paging})
	for pages, shown := 0, 0; ; pages++ {
		page, err := s.conn.Search(req)
		if is(err, goldap.LDAPResultNoSuchObject) {
			return s.nothing()
		}
		if err != nil {
			return fault(s.op, err)
		}
		for _, e := range page.Entries {
			if err := take(e); err != nil {
				return err
			}
		}
		shown += len(page.Entries)
		answer, ok := goldap.FindControl(page.Controls, goldap.ControlTypePaging).(*goldap.ControlPaging)
		if !ok || len(answer.Cookie) == 0 {
			return nil
		}
		if pages > 10+3*shown/size || bytes.Equal(answer.Cookie, paging.Cookie) && len(page.Entries) == 0 {
			return refused(s.op, connectors.KindMalformed, "", "the directory's list has no end")
		}
		paging.SetCookie(answer.Cookie)
	}
}

// one reads a single entry by its DN, nil if it is not there or not shown.
func (s session) one(dn string, attributes []string) (*goldap.Entry, error) {
	return s.oneOf(dn, "(objectClass=*)", attributes)
}

// oneOf reads a single entry if it matches a filter.
func (s session) oneOf(dn, filter string, attributes []string) (*goldap.Entry, error) {
	found, err := s.conn.Search(goldap.NewSearchRequest(
		dn, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil))
	switch {
	case is(err, goldap.LDAPResultNoSuchObject, goldap.LDAPResultReferral, goldap.LDAPResultInvalidDNSyntax):
		return nil, nil
	case err != nil:
		return nil, fault(s.op, err)
	case len(found.Entries) == 0:
		return nil, nil
	}
	return found.Entries[0], nil
}

func (s session) nothing() error {
	return refused(s.op, connectors.KindUnavailable, CodeNothingVisible,
		"the directory shows nothing at all below the configured DN: check that DN, the rights of the bind account, and which server answers")
}

// visible reports whether the directory shows any entry of this kind.
func (s session) visible(base, filter string) (bool, error) {
	found, err := s.conn.Search(goldap.NewSearchRequest(
		base, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 1, 0, false, filter, none, nil))
	if found != nil && len(found.Entries) > 0 && (err == nil || is(err, goldap.LDAPResultSizeLimitExceeded)) {
		return true, nil
	}
	if is(err, goldap.LDAPResultNoSuchObject) {
		return false, nil
	}
	return false, fault(s.op, err)
}

// people finds accounts. That there is none is believed only where the directory shows others, and when it has said so twice.
func (s session) people(filter string, attributes []string) ([]*goldap.Entry, error) {
	base, every := s.t.client.o.People, s.t.flavour.people
	filter = "(&" + every + filter + ")"
	found, err := s.search(base, filter, attributes, s.t.client.o.PageSize)
	if err != nil || len(found) > 0 {
		return found, err
	}
	shown, err := s.visible(base, every)
	if err != nil {
		return nil, err
	}
	if !shown {
		return nil, s.nothing()
	}
	return s.search(base, filter, attributes, s.t.client.o.PageSize)
}

// entry reads an account's entry by its key.
func (s session) entry(id string) (*goldap.Entry, error) {
	if !s.t.flavour.key.valid(id) {
		return nil, refused(s.op, connectors.KindInvalid, "", "an account's id is its "+s.t.flavour.key.name+", in lower case")
	}
	found, err := s.people(s.t.flavour.key.filter(id), s.t.attributes())
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(e *goldap.Entry) bool { return s.t.flavour.key.of(e) != id })
	switch len(found) {
	case 0:
		return nil, &connectors.Error{System: System, Op: s.op, Kind: connectors.KindNotFound}
	case 1:
		return found[0], nil
	}
	return nil, refused(s.op, connectors.KindMalformed, CodeAmbiguous, "more than one entry answers to one "+s.t.flavour.key.name)
}

// swap replaces a value by another in one request, which does nothing where the old value is not there any more.
type swap struct{ attribute, from, to string }

func (w swap) add(req *goldap.ModifyRequest) {
	if w.from != "" {
		req.Delete(w.attribute, []string{w.from})
	}
	if w.to != "" {
		req.Add(w.attribute, []string{w.to})
	}
}

// normalDN is a DN as it is compared: without regard to case, and to how it is written.
func normalDN(dn string) string {
	parsed, err := goldap.ParseDN(dn)
	if err != nil {
		return strings.ToLower(dn)
	}
	return strings.ToLower(parsed.String())
}

// below reports whether a DN is another one or under it.
func below(dn, top string) bool {
	return strings.HasSuffix(","+normalDN(dn), ","+normalDN(top))
}

// splitDN parts an entry's own name from the DN above it. Both are as the server writes them.
func splitDN(dn string) (own, parent string) {
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',':
			return dn[:i], strings.TrimLeft(dn[i+1:], " ")
		}
	}
	return dn, ""
}
