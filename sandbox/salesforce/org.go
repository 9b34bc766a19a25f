package salesforce

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Profiles of the org.
const (
	ProfileAdministrator = "System Administrator"
	ProfileStandard      = "Standard User"
	ProfileSales         = "Sales User"
	ProfilePlatform      = "Standard Platform User"
	ProfileIntegration   = "Minimum Access - API Only Integrations"
)

// PermissionSets are the labels of the org's permission sets.
var PermissionSets = []string{"Edit Opportunities", "Export Reports", "Manage Campaigns", "Sales Cloud Einstein", "View Forecasts"}

// furnish makes what every org has, and the users that clients run as.
func (s *Salesforce) furnish() {
	licences := map[string]string{}
	for _, l := range []struct {
		name  string
		total int
	}{{"Salesforce", 100}, {"Salesforce Platform", 25}, {"Salesforce Integration", 5}} {
		row := s.insert(UserLicense, record{
			"Name": l.name, "MasterLabel": l.name, "LicenseDefinitionKey": strings.ToUpper(strings.ReplaceAll(l.name, " ", "_")),
			"Status": "Active", "TotalLicenses": l.total,
		})
		licences[l.name] = row.id()
	}
	for _, p := range [][2]string{
		{ProfileAdministrator, "Salesforce"},
		{ProfileStandard, "Salesforce"},
		{ProfileSales, "Salesforce"},
		{ProfilePlatform, "Salesforce Platform"},
		{ProfileIntegration, "Salesforce Integration"},
	} {
		profile := s.insert(Profile, record{"Name": p[0], "UserLicenseId": licences[p[1]], "UserType": "Standard"})
		s.insert(PermissionSet, record{
			"Name": "X00e" + profile.id()[3:15], "Label": profile.id(), "IsOwnedByProfile": true, "ProfileId": profile.id(), "Type": "Profile",
		})
	}
	for _, label := range PermissionSets {
		s.insert(PermissionSet, record{"Name": strings.ReplaceAll(label, " ", "_"), "Label": label, "IsOwnedByProfile": false, "Type": "Regular"})
	}
	top := s.insert(UserRole, record{"Name": "CEO"})
	s.insert(UserRole, record{"Name": "Sales", "ParentRoleId": top.id()})
	for username, profile := range map[string]string{Administrator: ProfileAdministrator} {
		s.mustAdd(Person{Username: username, LastName: "Administrator", Profile: profile})
	}
	s.mustAdd(Person{Username: Integration, LastName: "Gatehouse", Profile: ProfileIntegration})
	s.mustAdd(Person{Username: ReadOnlyUser, LastName: "Auditor", Profile: ProfileIntegration})
}

func (s *Salesforce) mustAdd(p Person) {
	if _, wrong := s.add(p); wrong != nil {
		// The org is what this package makes it.
		panic(wrong.message)
	}
}

// Person is a user as somebody in the org's setup types one in.
type Person struct {
	Username     string   `json:"username"`
	Email        string   `json:"email"`
	FirstName    string   `json:"first_name"`
	LastName     string   `json:"last_name"`
	Title        string   `json:"title"`
	Department   string   `json:"department"`
	FederationID string   `json:"federation_id"`
	ExternalID   string   `json:"external_id"`
	LegacyID     string   `json:"legacy_id"`
	Profile      string   `json:"profile"`
	Sets         []string `json:"sets"`
}

// AddUser makes a user by hand and returns the id.
func (s *Salesforce) AddUser(p Person) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row, wrong := s.add(p)
	if wrong != nil {
		return "", fmt.Errorf("salesforce: %s", wrong.message)
	}
	return row.id(), nil
}

// profile finds a profile by its name.
func (s *Salesforce) profile(name string) record {
	return s.tables[Profile].first(func(r record) bool { return r.text("Name") == name })
}

func (s *Salesforce) add(p Person) (record, *fault) {
	if p.Email == "" {
		p.Email = strings.TrimSuffix(p.Username, ".crm")
	}
	if p.Profile == "" {
		p.Profile = ProfileStandard
	}
	alias := strings.ToLower(p.FirstName + p.LastName)
	values := record{
		"Username": p.Username, "Email": p.Email, "LastName": p.LastName, "Alias": string([]rune(alias)[:min(8, len([]rune(alias)))]), "ProfileId": s.profile(p.Profile).id(),
		"TimeZoneSidKey": "Europe/Berlin", "LocaleSidKey": "en_GB", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US",
	}
	for name, value := range map[string]string{
		"FirstName": p.FirstName, "Title": p.Title, "Department": p.Department, "FederationIdentifier": p.FederationID,
		ExternalID: p.ExternalID, LegacyID: p.LegacyID,
	} {
		if value != "" {
			values[name] = value
		}
	}
	row, wrong := s.newUser(nil, values)
	if wrong != nil {
		return nil, wrong
	}
	for _, label := range p.Sets {
		if set := s.tables[PermissionSet].first(func(r record) bool { return r.text("Label") == label }); set != nil {
			s.insert(PermissionSetAssignment, record{"AssigneeId": row.id(), "PermissionSetId": set.id()})
		}
	}
	return row, nil
}

// Edit changes fields of a user by hand.
func (s *Salesforce) Edit(id string, values map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.tables[User].rows[id]
	if row == nil {
		return fmt.Errorf("salesforce: no user has the id %q", id)
	}
	read, wrong := s.values(s.tables[User].object, values, false)
	if wrong == nil {
		wrong = s.checkUser(nil, row, read)
	}
	if wrong != nil {
		return fmt.Errorf("salesforce: %s", wrong.message)
	}
	s.change(User, id, read)
	s.followProfile(id)
	return nil
}

// Vanish takes a user out of the org. Salesforce deletes none: it is what a copy of the org that was made anew looks like.
func (s *Salesforce) Vanish(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if login := s.loginOf(id); login != nil {
		s.remove(UserLogin, login.id())
	}
	for _, object := range []string{PermissionSetAssignment, AuthSession} {
		for _, row := range s.ofUser(object, id) {
			s.remove(object, row.id())
		}
	}
	s.remove(User, id)
}

// ofUser lists the records of an object that are a user's.
func (s *Salesforce) ofUser(object, user string) (rows []record) {
	by := map[string]string{PermissionSetAssignment: "AssigneeId", AuthSession: "UsersId"}[object]
	s.tables[object].each(func(r record) bool {
		if r.text(by) == user {
			rows = append(rows, r)
		}
		return true
	})
	return rows
}

// SetLicences sets how many licences of a kind the org has.
func (s *Salesforce) SetLicences(name string, total int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.tables[UserLicense].first(func(r record) bool { return r.text("Name") == name })
	if row == nil || total < 0 {
		return fmt.Errorf("salesforce: there is no licence %q, or a negative number of it", name)
	}
	s.change(UserLicense, row.id(), record{"TotalLicenses": total})
	return nil
}

// TakeElsewhere has another org use a username.
func (s *Salesforce) TakeElsewhere(username string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.elsewhere[strings.ToLower(username)] = true
}

// begin makes a session of a user and returns its id. The lock must be held.
func (s *Salesforce) begin(user, kind string) string {
	return s.insert(AuthSession, record{
		"UsersId": user, "SessionType": kind, "LoginType": "Application", "SourceIp": "192.0.2.7",
		"NumSecondsValid": int(s.sessionLife() / time.Second),
	}).id()
}

// SignIn has a user sign in with a browser, and says why they cannot.
func (s *Salesforce) SignIn(username string) (reason string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.byUsername(username)
	switch {
	case user == nil:
		return "", fmt.Errorf("salesforce: no user is called %q", username)
	case !user.is("IsActive"):
		return "inactive", nil
	case s.loginOf(user.id()).is("IsFrozen"):
		return "frozen", nil
	}
	s.begin(user.id(), "UI")
	s.change(User, user.id(), record{"LastLoginDate": s.t.Now()})
	return "", nil
}

// TryPassword reports that a password lets a user in.
func (s *Salesforce) TryPassword(id, password string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.tables[User].rows[id]
	return user != nil && s.canSignIn(user) && password != "" && s.passwords[id] == password
}

// UserState is a user as the sandbox shows one.
type UserState struct {
	ID           string `json:"id"`
	Username     string `json:"username"`
	Email        string `json:"email"`
	Name         string `json:"name"`
	Title        string `json:"title"`
	Phone        string `json:"phone"`
	Department   string `json:"department"`
	ManagerID    string `json:"manager_id"`
	FederationID string `json:"federation_id"`
	ExternalID   string `json:"external_id"`
	Profile      string `json:"profile"`
	Active       bool   `json:"active"`
	Frozen       bool   `json:"frozen"`
	CanSignIn    bool   `json:"can_sign_in"`
	// Sets are the labels and SetIDs the ids of the permission sets, without that of the profile.
	Sets     []string `json:"sets"`
	SetIDs   []string `json:"set_ids"`
	Sessions int      `json:"sessions"`
	// Passwords counts how often the password was set, Needed says what the org needs the user for.
	Passwords int      `json:"passwords"`
	Needed    []string `json:"needed"`
	// Changed is when the user, or how they may sign in, was changed last.
	Changed time.Time `json:"changed"`
}

// LicenceState is a licence and how many are in use.
type LicenceState struct {
	Name  string `json:"name"`
	Total int    `json:"total"`
	Used  int    `json:"used"`
}

// State is the whole org.
type State struct {
	Users    []UserState    `json:"users"`
	Licences []LicenceState `json:"licences"`
	Used     int            `json:"requests_used"`
	Daily    int            `json:"requests_daily"`
}

// State shows the org.
func (s *Salesforce) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := State{Users: []UserState{}, Licences: []LicenceState{}, Used: s.used, Daily: s.daily()}
	s.tables[User].each(func(r record) bool {
		out.Users = append(out.Users, s.state(r))
		return true
	})
	s.tables[UserLicense].each(func(r record) bool {
		total, _ := r["TotalLicenses"].(int)
		out.Licences = append(out.Licences, LicenceState{r.text("Name"), total, licenceUse(s.tables, r.id())})
		return true
	})
	return out
}

// ByID shows a user.
func (s *Salesforce) ByID(id string) (UserState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.tables[User].rows[id]
	if r == nil {
		return UserState{}, false
	}
	return s.state(r), true
}

func (s *Salesforce) state(r record) UserState {
	u := UserState{
		ID: r.id(), Username: r.text("Username"), Email: r.text("Email"), Name: strings.TrimSpace(r.text("FirstName") + " " + r.text("LastName")),
		Title: r.text("Title"), Phone: r.text("Phone"), Department: r.text("Department"), ManagerID: r.text("ManagerId"), FederationID: r.text("FederationIdentifier"),
		ExternalID: r.text(ExternalID), Profile: s.tables[Profile].rows[r.text("ProfileId")].text("Name"),
		Active: r.is("IsActive"), Frozen: s.loginOf(r.id()).is("IsFrozen"), CanSignIn: s.canSignIn(r), Sets: []string{}, SetIDs: []string{},
		Sessions: len(s.ofUser(AuthSession, r.id())), Passwords: s.resets[r.id()], Needed: append([]string{}, s.holds[r.id()]...),
	}
	for _, changed := range []record{r, s.loginOf(r.id())} {
		if at, ok := changed["LastModifiedDate"].(time.Time); ok && at.After(u.Changed) {
			u.Changed = at
		}
	}
	for _, a := range s.ofUser(PermissionSetAssignment, r.id()) {
		if set := s.tables[PermissionSet].rows[a.text("PermissionSetId")]; !set.is("IsOwnedByProfile") {
			u.Sets, u.SetIDs = append(u.Sets, set.text("Label")), append(u.SetIDs, set.id())
		}
	}
	slices.Sort(u.Sets)
	return u
}

// ProfileID is the id of a profile.
func (s *Salesforce) ProfileID(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile(name).id()
}

// SetIDs are the ids of the permission sets by label.
func (s *Salesforce) SetIDs() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]string{}
	s.tables[PermissionSet].each(func(r record) bool {
		if !r.is("IsOwnedByProfile") {
			out[r.text("Label")] = r.id()
		}
		return true
	})
	return out
}

// AddPermissionSet makes a permission set by hand, of a package if that is named.
func (s *Salesforce) AddPermissionSet(namespace, name, label string) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	values := record{"Name": name, "Label": label, "IsOwnedByProfile": false, "Type": "Regular"}
	if namespace != "" {
		values["NamespacePrefix"] = namespace
	}
	return s.insert(PermissionSet, values).id()
}

// Freeze freezes a user by hand.
func (s *Salesforce) Freeze(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	login := s.loginOf(id)
	if login == nil {
		return fmt.Errorf("salesforce: no user has the id %q", id)
	}
	s.change(UserLogin, login.id(), record{"IsFrozen": true})
	return nil
}
