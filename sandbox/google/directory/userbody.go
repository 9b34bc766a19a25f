package directory

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// list is a field of a user that takes a list of objects.
type list struct {
	most int
	into func() any
}

// lists are those fields with their sizes. Source: the discovery document of directory_v1.
var lists = map[string]list{
	"addresses":     {10 << 10, func() any { return &[]admin.UserAddress{} }},
	"emails":        {10 << 10, func() any { return &[]admin.UserEmail{} }},
	"externalIds":   {2 << 10, func() any { return &[]admin.UserExternalId{} }},
	"ims":           {2 << 10, func() any { return &[]admin.UserIm{} }},
	"keywords":      {1 << 10, func() any { return &[]admin.UserKeyword{} }},
	"languages":     {1 << 10, func() any { return &[]admin.UserLanguage{} }},
	"locations":     {10 << 10, func() any { return &[]admin.UserLocation{} }},
	"organizations": {10 << 10, func() any { return &[]admin.UserOrganization{} }},
	"phones":        {1 << 10, func() any { return &[]admin.UserPhone{} }},
	"relations":     {2 << 10, func() any { return &[]admin.UserRelation{} }},
	"websites":      {2 << 10, func() any { return &[]admin.UserWebsite{} }},
}

// userBody is a user in a request: typed, and with what was named in it.
type userBody struct {
	admin.User
	raw map[string]json.RawMessage
}

// names reports that a field is in the request; cleared that it is there as null.
func (b *userBody) names(field string) bool { return b.raw[field] != nil }

func (b *userBody) cleared(field string) bool { return string(b.raw[field]) == "null" }

// readUser reads a user of a request strictly.
func readUser(c *tenant.Call) (*userBody, *tenant.Reply) {
	b := &userBody{}
	err := c.JSON(&b.User)
	if err == nil {
		err = json.Unmarshal(c.Body, &b.raw)
	}
	if err != nil {
		r := wire.Malformed(err)
		return nil, &r
	}
	if b.names("customSchemas") {
		r := invalid("custom_schema")
		return nil, &r
	}
	for field, l := range lists {
		if !b.names(field) || b.cleared(field) {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(b.raw[field]))
		dec.DisallowUnknownFields()
		if dec.Decode(l.into()) != nil || len(b.raw[field]) > l.most {
			r := invalid(field)
			return nil, &r
		}
	}
	return b, nil
}

var (
	addressForm = regexp.MustCompile(`^[A-Za-z0-9'_-]+([.A-Za-z0-9'_-]*[A-Za-z0-9'_-])?@[A-Za-z0-9.-]+$`)
	phoneForm   = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

// problem is what Google does not take of the values of a request, "" if it takes all.
func (b *userBody) problem() string {
	if b.Name != nil && (len([]rune(b.Name.GivenName)) > 60 || len([]rune(b.Name.FamilyName)) > 60) {
		return "name"
	}
	if b.RecoveryPhone != "" && !phoneForm.MatchString(b.RecoveryPhone) {
		return "recovery_phone"
	}
	if b.RecoveryEmail != "" && !addressForm.MatchString(b.RecoveryEmail) {
		return "recovery_email"
	}
	return ""
}

// place refuses an address that is not of the company's domain, or is somebody's.
func (d *Directory) place(address, owner string) *tenant.Reply {
	var r tenant.Reply
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	switch holder := d.addresses[strings.ToLower(address)]; {
	case !addressForm.MatchString(address) || strings.Contains(address, ".."):
		r = invalid("primary_user_email")
	case domain != d.domain:
		r = wire.Failure(http.StatusNotFound, "notFound", "Domain not found.")
	case holder != "" && holder != owner:
		r = duplicate()
	default:
		return nil
	}
	return &r
}

// apply writes what a request names into a user. patch cannot clear lists. It refuses before it writes.
func (d *Directory) apply(u *user, b *userBody, patch bool) *tenant.Reply {
	if b.names("password") && (len(b.Password) < 8 || len(b.Password) > 100) {
		r := wire.Failure(http.StatusBadRequest, "invalid", "Invalid Password")
		return &r
	}
	if what := b.problem(); what != "" {
		r := invalid(what)
		return &r
	}
	if b.PrimaryEmail != "" {
		if refused := d.place(b.PrimaryEmail, u.id); refused != nil {
			return refused
		}
	}
	if b.OrgUnitPath != "" && d.unitAt(b.OrgUnitPath) == nil {
		r := invalid("INVALID_OU_ID")
		return &r
	}
	if refused := d.stand(u, b); refused != nil {
		return refused
	}
	d.applyNames(u, b)
	for field := range lists {
		if !b.names(field) {
			continue
		}
		var value any
		if err := json.Unmarshal(b.raw[field], &value); err != nil {
			r := wire.Malformed(err)
			return &r
		}
		items, _ := value.([]any)
		if len(items) == 0 && patch {
			continue // PATCH is unable to clear fields of repeated objects, as Google's own description says.
		}
		if len(items) == 0 {
			value = nil
		}
		u.set(field, value)
	}
	u.changed()
	return nil
}

// stand writes whether a user is suspended or archived, where that may be.
func (d *Directory) stand(u *user, b *userBody) *tenant.Reply {
	if b.names("archived") && b.Archived && !u.archived {
		n := 0
		for _, other := range d.users {
			if other.archived {
				n++
			}
		}
		if n >= d.settings.ArchiveSeats {
			r := unmet("Insufficient archived user licenses")
			return &r
		}
	}
	if b.names("suspended") && !b.Suspended && u.suspended && u.reason == "ABUSE" {
		r := unmet("Cannot restore a user suspended for abuse.")
		return &r
	}
	if b.names("archived") {
		u.archived = b.Archived
	}
	if b.names("suspended") && b.Suspended != u.suspended {
		u.suspended, u.reason, u.suspendedSince = b.Suspended, "", d.t.Now()
		if u.suspended {
			u.reason = "ADMIN"
		}
	}
	return nil
}

// applyNames writes names, addresses, place and password. The old primary address stays as an alias.
func (d *Directory) applyNames(u *user, b *userBody) {
	if b.Name != nil {
		var given struct {
			Name map[string]json.RawMessage `json:"name"`
		}
		_ = json.Unmarshal([]byte(`{"name":`+string(b.raw["name"])+`}`), &given) // It has been read once already.
		for field, into := range map[string]*string{"givenName": &u.given, "familyName": &u.family, "displayName": &u.display} {
			if raw, named := given.Name[field]; named {
				*into = ""
				_ = json.Unmarshal(raw, into)
			}
		}
	}
	if b.PrimaryEmail != "" && !strings.EqualFold(b.PrimaryEmail, u.primary) {
		d.rename(u, strings.ToLower(b.PrimaryEmail))
	}
	if b.OrgUnitPath != "" {
		u.unit = b.OrgUnitPath
	}
	if b.names("password") {
		u.password++
		u.secret, u.own = b.Password, false
	}
	if b.names("changePasswordAtNextLogin") {
		u.changing = b.ChangePasswordAtNextLogin
	}
	if b.names("includeInGlobalAddressList") {
		u.hidden = !b.IncludeInGlobalAddressList
	}
	if b.names("recoveryEmail") {
		u.recoveryEmail = b.RecoveryEmail
	}
	if b.names("recoveryPhone") {
		u.recoveryPhone = b.RecoveryPhone
	}
}

// rename gives a user another primary address.
func (d *Directory) rename(u *user, address string) {
	var aliases []string
	if u.primary != "" {
		aliases = append(aliases, u.primary)
	}
	for _, a := range u.aliases {
		if a != address {
			aliases = append(aliases, a)
		}
	}
	u.primary, u.aliases = address, aliases
	d.addresses[address] = u.id
}
