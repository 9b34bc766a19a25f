package ldap

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf16"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/password"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// Create implements target.Creator. In OpenLDAP and 389 Directory Server an account has no password until ResetPassword; in
// Active Directory, which lets nobody in without one, it has one that nobody knows.
func (t *Target) Create(ctx context.Context, in target.CreateRequest) (out target.CreateResponse, err error) {
	d := in.Document
	if d.ExternalID == "" || d.Username == "" || d.LastName == "" {
		return out, refused("create account", connectors.KindInvalid, "", "an external id, a username and a last name are required")
	}
	if in.Profile != "" {
		return out, refused("create account", connectors.KindInvalid, "", "a directory has no kinds of user")
	}
	err = t.call(ctx, "create account", func(s session) error {
		if there, err := s.made(d.ExternalID); err != nil || there != nil {
			if err == nil {
				out.Account, err = s.account(there)
			}
			return err
		}
		if in.Container != "" {
			if err := s.canHold(in.Container); err != nil {
				return err
			}
		}
		taken, err := s.people("(|"+equals(t.flavour.username, d.Username)+t.mailOf(d)+")", none)
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			return refused(s.op, connectors.KindConflict, "username_taken", "another account has the username or the address")
		}
		if err = s.conn.Add(t.newEntry(in)); err != nil {
			return err
		}
		there, err := s.made(d.ExternalID)
		if err == nil && there == nil {
			err = refused(s.op, connectors.KindUnavailable, "", "the new account cannot be read yet")
		}
		if err == nil {
			out.Created = true
			out.Account, err = s.account(there)
		}
		return err
	})
	return out, err
}

func (t *Target) mailOf(d identity.Account) string {
	if d.Email == "" {
		return ""
	}
	return t.address(d.Email)
}

// made is the entry with an external id, nil if there is none.
func (s session) made(external string) (*goldap.Entry, error) {
	found, err := s.people(equals(s.t.client.o.ExternalID, external), s.t.attributes())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if len(found) > 1 {
		return nil, refused(s.op, connectors.KindConflict, CodeAmbiguous, "more than one entry has the external id")
	}
	return found[0], nil
}

func (t *Target) newEntry(in target.CreateRequest) *goldap.AddRequest {
	d, naming := in.Document, "uid"
	if t.client.o.Kind == ActiveDirectory {
		naming = "cn"
	}
	req := goldap.NewAddRequest(naming+"="+goldap.EscapeDN(d.Username)+","+cmp.Or(in.Container, t.client.o.CreateIn), nil)
	full := strings.TrimSpace(d.FirstName + " " + d.LastName)
	values := map[string]string{
		t.flavour.username: d.Username, t.client.o.ExternalID: d.ExternalID, "sn": d.LastName,
		"givenName": d.FirstName, "mail": d.Email, "title": d.Title, "telephoneNumber": d.Phone,
		t.flavour.names[target.AttributeDisplayName]: cmp.Or(d.DisplayName, full),
		t.flavour.names[target.AttributeMobile]:      d.Mobile, t.flavour.names[target.AttributeLocation]: d.Location,
		t.flavour.names[target.AttributeDepartment]: d.Department, t.flavour.names[target.AttributeCompany]: d.Company,
	}
	switch t.client.o.Kind {
	case ActiveDirectory:
		control := controlNormal
		if in.Suspended {
			control |= controlDisabled
		}
		values["cn"], values[controlAttribute] = d.Username, strconv.Itoa(control)
		values["userPrincipalName"] = cmp.Or(d.UserPrincipalName, d.Email)
		values["unicodePwd"] = quoted(password.Unknown())
	case OpenLDAP:
		values["cn"] = full
		if in.Suspended {
			values[lockedTime] = forGood
		}
	case DirectoryServer:
		values["cn"] = full
		if in.Suspended {
			values[accountLock] = "true"
		}
	}
	req.Attribute("objectClass", t.flavour.classes)
	for name, value := range values {
		if value != "" {
			req.Attribute(name, []string{value})
		}
	}
	return req
}

// quoted is a password as Active Directory takes it (MS-ADTS 3.1.1.3.1.5.1).
func quoted(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(`"` + text + `"`)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

// ResetPassword implements target.CredentialResetter. OpenLDAP and 389 Directory Server hash what they are given by the
// operation of RFC 3062; written to the attribute, it would stand there in clear.
func (t *Target) ResetPassword(ctx context.Context, in target.ResetRequest) error {
	next := in.Password
	if next == "" {
		next = password.Unknown()
	}
	return t.call(ctx, t.named("reset the password of account", in.ID), func(s session) error {
		e, _, err := s.writable(in.Write)
		if err != nil {
			return err
		}
		if t.client.o.Kind == ActiveDirectory {
			return policyFault(s.op, s.resetTwice(e.DN, next, in.Change))
		}
		if t.client.o.Kind == OpenLDAP && e.GetEqualFoldAttributeValue(lockedTime) == forGood {
			return policyFault(s.op, s.resetLocked(e.DN, in))
		}
		if _, err := s.conn.PasswordModify(goldap.NewPasswordModifyRequest(e.DN, "", next)); err != nil {
			return policyFault(s.op, err)
		}
		if !in.Change || t.client.o.Kind != OpenLDAP {
			return nil
		}
		req := goldap.NewModifyRequest(e.DN, nil)
		req.Replace("pwdReset", []string{"TRUE"})
		return s.conn.Modify(req)
	})
}

// resetTwice sets a password of Active Directory, which takes the one before for an hour more: after two resets, the one before
// is one that nobody knows. Where the new one is refused, the account is left with that.
func (s session) resetTwice(dn, next string, change bool) error {
	for _, p := range []string{password.Unknown(), next} {
		req := goldap.NewModifyRequest(dn, nil)
		req.Replace("unicodePwd", []string{quoted(p)})
		if change && p == next {
			req.Replace("pwdLastSet", []string{"0"})
		}
		if err := s.conn.Modify(req); err != nil {
			return err
		}
	}
	return nil
}

// resetLocked sets the password of an account that OpenLDAP's ppolicy has locked for good. A new password would lift the lock:
// the overlay removes it with every change of a password, unless the request does so itself, and then the request may set it
// again. A password that nobody has to know is a hash of none; where the policy insists on seeing passwords, it is one in
// clear, which the directory hashes if it is set up to.
func (s session) resetLocked(dn string, in target.ResetRequest) error {
	values := []string{in.Password}
	if in.Password == "" {
		digest := make([]byte, sha1Salted)
		_, _ = rand.Read(digest) // It never fails.
		values = []string{"{SSHA}" + base64.StdEncoding.EncodeToString(digest), password.Unknown()}
	}
	var err error
	for _, value := range values {
		req := goldap.NewModifyRequest(dn, nil)
		req.Delete(lockedTime, []string{forGood})
		req.Replace("userPassword", []string{value})
		req.Add(lockedTime, []string{forGood})
		if in.Change {
			req.Replace("pwdReset", []string{"TRUE"})
		}
		if err = s.conn.Modify(req); !is(err, goldap.LDAPResultConstraintViolation) {
			return err
		}
	}
	return err
}

// sha1Salted is how many bytes a hash of the form {SSHA} has, with four of salt.
const sha1Salted = 24
