package salesforce

import (
	"fmt"
	"net/http"
	"net/mail"
	"slices"
	"strings"

	"gatehouse/sandbox/tenant"
)

// byUsername finds a user by the name they sign in with, in whatever case. The lock must be held.
func (s *Salesforce) byUsername(username string) record {
	return s.tables[User].first(func(r record) bool { return strings.EqualFold(r.text("Username"), username) })
}

// loginOf is how a user may sign in. The lock must be held.
func (s *Salesforce) loginOf(user string) record {
	return s.tables[UserLogin].first(func(r record) bool { return r.text("UserId") == user })
}

// newUser creates a user, with what every user has. The lock must be held.
func (s *Salesforce) newUser(who *caller, values record) (record, *fault) {
	var missing []string
	for _, f := range s.tables[User].object.fields {
		if f.required && values[f.name] == nil {
			missing = append(missing, f.name)
		}
	}
	if len(missing) > 0 {
		return nil, refused("REQUIRED_FIELD_MISSING", fmt.Sprintf("Required fields are missing: [%s]", strings.Join(missing, ", ")), missing...)
	}
	if _, said := values["IsActive"]; !said {
		values["IsActive"] = true
	}
	if wrong := s.checkUser(who, record{}, values); wrong != nil {
		return nil, wrong
	}
	if values["CommunityNickname"] == nil {
		values["CommunityNickname"] = fmt.Sprintf("User%d", s.serial)
	}
	for name, value := range values {
		if value == nil {
			delete(values, name)
		}
	}
	values["UserType"] = "Standard"
	row := s.insert(User, values)
	s.insert(UserLogin, record{"UserId": row.id(), "IsFrozen": false, "IsPasswordLocked": false})
	s.followProfile(row.id())
	return row, nil
}

// checkUser judges what is to become of a user; row is empty for one who is being created.
func (s *Salesforce) checkUser(who *caller, row, values record) *fault {
	if who != nil && !s.may(who, ManageUsers) {
		return noAccess()
	}
	for name, value := range values {
		f := s.tables[User].object.field(name)
		if value == nil && f.required {
			return refused("REQUIRED_FIELD_MISSING", fmt.Sprintf("Required fields are missing: [%s]", f.name), f.name)
		}
		text, _ := value.(string)
		if value == nil {
			continue
		}
		if f.name == "Username" || f.name == "Email" {
			if at, err := mail.ParseAddress(text); err != nil || at.Address != text {
				return refused("INVALID_EMAIL_ADDRESS", fmt.Sprintf("%s: invalid email address: %s", f.name, text), f.name)
			}
		}
		if f.to != "" && s.tables[f.to].rows[text] == nil {
			return refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", f.name)
		}
		if f.name == "ManagerId" && text == row.id() {
			return refused("CIRCULAR_DEPENDENCY", "a user cannot be their own manager", f.name)
		}
		if f.unique && (f.name != ExternalID || !s.settings.LooseIDs) {
			if other := s.other(row, f.name, text); other != nil {
				return refused("DUPLICATE_VALUE", fmt.Sprintf("duplicate value found: %s duplicates value on record with id: %s", f.name, other.id()[:15]))
			}
		}
	}
	if name := values.text("Username"); name != "" && (s.elsewhere[strings.ToLower(name)] || s.other(row, "Username", name) != nil) {
		return refused("DUPLICATE_USERNAME", "Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address). ", "Username")
	}
	return s.checkActive(row, values)
}

// other finds another user who has a value.
func (s *Salesforce) other(row record, name, value string) record {
	return s.tables[User].first(func(r record) bool { return r.id() != row.id() && strings.EqualFold(r.text(name), value) })
}

// checkActive judges whether there is a licence for who is to be active, and whether the org can do without who is not to be.
func (s *Salesforce) checkActive(row, values record) *fault {
	after := record{"IsActive": row["IsActive"], "ProfileId": row["ProfileId"]}
	for name := range after {
		if value, said := values[name]; said {
			after[name] = value
		}
	}
	licence := s.tables[Profile].rows[after.text("ProfileId")].text("UserLicenseId")
	if after.is("IsActive") {
		used, total := licenceUse(s.tables, licence), s.tables[UserLicense].rows[licence]["TotalLicenses"].(int)
		if row.is("IsActive") && s.tables[Profile].rows[row.text("ProfileId")].text("UserLicenseId") == licence {
			return nil
		}
		if used >= total {
			return refused("LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded", "ProfileId")
		}
		return nil
	}
	if !row.is("IsActive") {
		return nil
	}
	code := s.settings.RefusalCode
	if code == "" {
		code = "FIELD_INTEGRITY_EXCEPTION"
	}
	for _, why := range s.holds[row.id()] {
		return refused(code, refusals[why])
	}
	if s.lastAdministrator(row) {
		return refused("CANNOT_DISABLE_LAST_ADMIN", "You cannot deactivate the last active administrator.", "IsActive")
	}
	return nil
}

func (s *Salesforce) lastAdministrator(row record) bool {
	if s.tables[Profile].rows[row.text("ProfileId")].text("Name") != ProfileAdministrator {
		return false
	}
	return s.tables[User].first(func(r record) bool {
		return r.id() != row.id() && r.is("IsActive") && r.text("ProfileId") == row.text("ProfileId")
	}) == nil
}

// refusals are why a user cannot be deactivated, in the vendor's words where they are known. Sources: see the package.
var refusals = map[string]string{
	"default lead owner":     "You cannot deactivate this user. You cannot deactivate a user who is the default owner of leads.",
	"default case owner":     "You cannot deactivate this user. You cannot deactivate a user who is the default owner of cases.",
	"default workflow user":  "You cannot deactivate the Default Workflow User",
	"web-to-lead creator":    "You cannot disable the Web to Lead Default Creator.",
	"approver":               "You cannot deactivate this user. The user is an approver or a delegated approver in an active approval process.",
	"email alert recipient":  "You cannot deactivate this user. The user is the only recipient of a workflow email alert.",
	"hierarchy field":        "Cannot inactivate user that is the value of a hierarchy field:Mentor__c",
	"assignment rule":        "You cannot deactivate this user. The user is used in an active assignment rule.",
	"something undocumented": "This user, Ada Lovelace <ada@acme.example>, is referenced elsewhere.",
}

// Hold has the org need a user, so that deactivation is refused; without reasons it does without them again.
func (s *Salesforce) Hold(username string, why ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.byUsername(username)
	if user == nil {
		return fmt.Errorf("salesforce: no user is called %q", username)
	}
	for _, w := range why {
		if refusals[w] == "" {
			return fmt.Errorf("salesforce: a user is not needed for %q", w)
		}
	}
	s.holds[user.id()] = slices.Clone(why)
	return nil
}

// Lock has the next writes to a user, or to how they sign in, find the row locked.
func (s *Salesforce) Lock(username string, times int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.byUsername(username)
	if user == nil {
		return fmt.Errorf("salesforce: no user is called %q", username)
	}
	s.locks[user.id()] = times
	return nil
}

// licenceUse counts the active users of a licence, frozen ones too.
func licenceUse(from tables, licence string) (n int) {
	of := map[string]bool{}
	from[Profile].each(func(r record) bool {
		of[r.id()] = r.text("UserLicenseId") == licence
		return true
	})
	from[User].each(func(r record) bool {
		if r.is("IsActive") && of[r.text("ProfileId")] {
			n++
		}
		return true
	})
	return n
}

// followProfile gives a user the permission set of their profile, and takes that of another. The lock must be held.
func (s *Salesforce) followProfile(user string) {
	profile := s.tables[User].rows[user].text("ProfileId")
	own := s.tables[PermissionSet].first(func(r record) bool { return r.is("IsOwnedByProfile") && r.text("ProfileId") == profile })
	held := s.tables[PermissionSetAssignment].first(func(r record) bool {
		return r.text("AssigneeId") == user && s.tables[PermissionSet].rows[r.text("PermissionSetId")].is("IsOwnedByProfile")
	})
	switch {
	case held == nil:
	case held.text("PermissionSetId") == own.id():
		return
	default:
		s.remove(PermissionSetAssignment, held.id())
	}
	s.insert(PermissionSetAssignment, record{"AssigneeId": user, "PermissionSetId": own.id()})
}

// newAssignment gives a user a permission set.
func (s *Salesforce) newAssignment(who *caller, values record) (record, *fault) {
	if !s.may(who, AssignPermissionSets) {
		return nil, noAccess()
	}
	for _, name := range []string{"AssigneeId", "PermissionSetId"} {
		f := s.tables[PermissionSetAssignment].object.field(name)
		switch {
		case values[name] == nil:
			return nil, refused("REQUIRED_FIELD_MISSING", fmt.Sprintf("Required fields are missing: [%s]", name), name)
		case s.tables[f.to].rows[values.text(name)] == nil:
			return nil, refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", name)
		}
	}
	if s.tables[PermissionSet].rows[values.text("PermissionSetId")].is("IsOwnedByProfile") {
		return nil, refused("INVALID_CROSS_REFERENCE_KEY", "a profile's permission set cannot be assigned", "PermissionSetId")
	}
	if s.assignment(values.text("AssigneeId"), values.text("PermissionSetId")) != nil {
		return nil, refused("DUPLICATE_VALUE", "duplicate value found: <unknown> duplicates value on record with id: <unknown>")
	}
	return s.insert(PermissionSetAssignment, values), nil
}

// assignment is the record by which a user has a permission set, nil if they have not.
func (s *Salesforce) assignment(user, set string) record {
	return s.tables[PermissionSetAssignment].first(func(r record) bool {
		return r.text("AssigneeId") == user && r.text("PermissionSetId") == set
	})
}

// checkLogin judges a change of how a user may sign in. Source: Object Reference, UserLogin.
func (s *Salesforce) checkLogin(who *caller, values record) *fault {
	switch {
	case !s.may(who, ManageUsers):
		return noAccess()
	case values.is("IsPasswordLocked"):
		return refused("INVALID_FIELD_FOR_INSERT_UPDATE", "IsPasswordLocked can be set to false, but not to true", "IsPasswordLocked")
	}
	for name, value := range values {
		if value == nil {
			return refused("REQUIRED_FIELD_MISSING", fmt.Sprintf("Required fields are missing: [%s]", name), name)
		}
	}
	return nil
}

// leastPassword is how short a password may be. Source: help.salesforce.com, password policies (the default).
const leastPassword = 8

// password tells, sets or resets a user's password. Source: REST API Developer Guide, sObject User Password.
func (s *Salesforce) password(r *request) tenant.Reply {
	user, wrong := s.forWrite(r, s.tables[User], r.path[2])
	if wrong != nil {
		return wrong.reply()
	}
	if !s.may(r.who, ResetPasswords) {
		return plain(http.StatusForbidden, "INSUFFICIENT_ACCESS", "You do not have permission to view this record.").reply()
	}
	switch r.method {
	case http.MethodGet:
		return tenant.JSON(http.StatusOK, map[string]bool{"isExpired": false})
	case http.MethodDelete:
		s.passwords[user.id()] = s.t.Secret()
		s.resets[user.id()]++
		r.c.Effect("password reset, and mailed")
		return tenant.JSON(http.StatusOK, map[string]string{"NewPassword": s.passwords[user.id()]})
	}
	in := map[string]string{}
	if wrong := strict(r.body, &in); wrong != nil {
		return wrong.reply()
	}
	next := in["NewPassword"]
	if len(in) != 1 || len(next) < leastPassword || !strings.ContainsAny(next, "0123456789") || !strings.ContainsFunc(next, isLetter) {
		return refused("INVALID_NEW_PASSWORD", "Your password must have a mix of letters and numbers.").reply()
	}
	s.passwords[user.id()] = next
	s.resets[user.id()]++
	r.c.Effect("password set")
	return tenant.Empty(http.StatusNoContent)
}

func isLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
