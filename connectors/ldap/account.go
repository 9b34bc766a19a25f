package ldap

import (
	"strconv"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// attributes are those that an account is made of.
func (t *Target) attributes() []string {
	f := t.flavour
	all := []string{"objectClass", f.key.name, f.username, "cn", t.client.o.ExternalID, f.created, f.changed}
	for _, attribute := range f.names {
		all = append(all, attribute)
	}
	if f.lastLogin != "" {
		all = append(all, f.lastLogin)
	}
	if t.client.o.Kind == ActiveDirectory {
		all = append(all, "userPrincipalName", proxyAddresses)
	}
	return append(all, f.status...)
}

// surroundings say of an entry what stands in others: the groups that hold it, and whose a DN is.
type surroundings interface {
	// memberships are the ids of the groups that hold an entry. Shown is false if the directory shows no group at all.
	memberships(e *goldap.Entry) (ids []string, shown bool, err error)
	// keyOf is the key of the entry with a DN, "" if there is none to be seen.
	keyOf(dn string) (string, error)
}

// account is an entry as an account of the system, with the groups that it is in.
func (s session) account(e *goldap.Entry) (target.Account, error) { return s.accountIn(e, s) }

func (s session) accountIn(e *goldap.Entry, around surroundings) (target.Account, error) {
	f := s.t.flavour
	first := e.GetEqualFoldAttributeValue
	a := target.Account{
		Ref: identity.Ref{System: System, ID: f.key.of(e)},
		Document: identity.Account{
			Username: first(f.username), Email: first("mail"), FirstName: first("givenName"), LastName: first("sn"),
			Title: first("title"), Department: first(f.names[target.AttributeDepartment]),
			Company: first(f.names[target.AttributeCompany]), ExternalID: first(s.t.client.o.ExternalID),
			Phone: first("telephoneNumber"), Mobile: first(f.names[target.AttributeMobile]),
			DisplayName: first(f.names[target.AttributeDisplayName]), Location: first(f.names[target.AttributeLocation]),
			CreatedAt: readTime(first(f.created)), LastLogin: readTime(first(f.lastLogin)),
		},
	}
	if s.t.client.o.Kind == ActiveDirectory {
		a.Document.SAMAccountName, a.Document.UserPrincipalName = first("sAMAccountName"), first("userPrincipalName")
	}
	a.Document.Aliases = identity.Aliases(a.Document, addressesOf(e))
	var known, shown bool
	a.Document.Status, a.Document.LockedUntil, known = f.lock.status(e, s.t.client.o.Clock())
	_, a.Container = splitDN(e.DN)
	var err error
	if a.Memberships, shown, err = around.memberships(e); err != nil && !s.closing {
		return target.Account{}, err
	}
	a.Whole = known && shown && a.Ref.ID != "" && a.Document.Username != "" && first("objectClass") != ""
	if manager := first("manager"); manager != "" {
		if a.Manager, err = around.keyOf(manager); err != nil && !s.closing {
			return target.Account{}, err
		}
	}
	return a, nil
}

// proxyAddresses are the addresses that Exchange delivers an entry's mail under, each after its kind. Upper case says which one it
// answers from. Source: MS-ADA3 2.169.
const proxyAddresses = "proxyAddresses"

// addressesOf are all addresses of mail that an entry has, in no order: a directory keeps none.
func addressesOf(e *goldap.Entry) []string {
	all := e.GetEqualFoldAttributeValues("mail")
	for _, value := range e.GetEqualFoldAttributeValues(proxyAddresses) {
		if kind, address, _ := strings.Cut(value, ":"); strings.EqualFold(kind, "smtp") {
			all = append(all, address)
		}
	}
	return all
}

func (s session) keyOf(dn string) (string, error) {
	e, err := s.one(dn, []string{s.t.flavour.key.name})
	if err != nil || e == nil {
		return "", err
	}
	return s.t.flavour.key.of(e), nil
}

// readTime reads a time in any of the forms that directories write: "20261129T…Z" without the T (RFC 4517 3.3.13), or the
// hundreds of nanoseconds since 1601 of Active Directory. It is zero if there is none.
func readTime(text string) time.Time {
	if ticks, err := strconv.ParseInt(text, 10, 64); err == nil && ticks > 0 && len(text) > 14 {
		return fileTime(ticks)
	}
	for _, form := range []string{"20060102150405Z", "20060102150405.0Z", "20060102150405.000000Z"} {
		if at, err := time.Parse(form, strings.TrimSpace(text)); err == nil {
			return at
		}
	}
	return time.Time{}
}

// fileTime is a time of Active Directory (MS-ADTS 3.1.1.2.2.2.13).
func fileTime(ticks int64) time.Time {
	const between = 11644473600 // Seconds from 1601 to 1970.
	return time.Unix(ticks/10_000_000-between, ticks%10_000_000*100).UTC()
}
