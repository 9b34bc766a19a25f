package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

// user is a user as queries show one. What a reply leaves out stays nil.
type user struct {
	ID          string      `json:"Id"`
	Username    *httpx.Text `json:"Username"`
	Email       httpx.Text  `json:"Email"`
	Name        httpx.Text  `json:"Name"`
	FirstName   httpx.Text  `json:"FirstName"`
	LastName    httpx.Text  `json:"LastName"`
	Title       httpx.Text  `json:"Title"`
	Department  httpx.Text  `json:"Department"`
	Company     httpx.Text  `json:"CompanyName"`
	Phone       httpx.Text  `json:"Phone"`
	Mobile      httpx.Text  `json:"MobilePhone"`
	City        httpx.Text  `json:"City"`
	Federation  httpx.Text  `json:"FederationIdentifier"`
	Manager     httpx.Text  `json:"ManagerId"`
	Profile     httpx.Text  `json:"ProfileId"`
	IsActive    *bool       `json:"IsActive"`
	CreatedDate httpx.Time  `json:"CreatedDate"`
	LastLogin   httpx.Time  `json:"LastLoginDate"`
	// external is our id of the person, from the field that the options name.
	external string
}

var userFields = []string{
	"Id", "Username", "Email", "Name", "FirstName", "LastName", "Title", "Department", "CompanyName", "Phone", "MobilePhone", "City",
	"FederationIdentifier", "ManagerId", "ProfileId", "IsActive", "CreatedDate", "LastLoginDate",
}

func (c *Client) fields() string {
	return strings.Join(append(slices.Clone(userFields), c.external), ",")
}

// row is a user before it is decoded, which takes knowing the name of our field.
type row struct {
	id  string
	raw json.RawMessage
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *row) UnmarshalJSON(b []byte) error {
	var named struct {
		ID string `json:"Id"`
	}
	if err := json.Unmarshal(b, &named); err != nil {
		return err
	}
	r.id, r.raw = named.ID, slices.Clone(b)
	return nil
}

// readUser decodes a user.
func (c *Client) readUser(op string, raw json.RawMessage) (user, error) {
	var u user
	var rest map[string]json.RawMessage
	if json.Unmarshal(raw, &u) != nil || json.Unmarshal(raw, &rest) != nil {
		return user{}, malformed(op, "a user is not of the form that it has to have")
	}
	if !isID(u.ID, prefixUser) {
		return user{}, malformed(op, "a user has no id")
	}
	var external *string
	if raw, sent := rest[c.external]; sent && json.Unmarshal(raw, &external) == nil && external != nil {
		u.external = *external
	}
	return u, nil
}

// user reads one user.
func (c *Client) user(ctx context.Context, op, id string) (user, error) {
	if !isID(id, prefixUser) {
		// What is no id may be anything, so that the error does not show it.
		return user{}, invalid(strings.TrimSuffix(op, " "+id), "a user's id has 18 letters and begins with 005")
	}
	var raw json.RawMessage
	r := request{op: op, method: http.MethodGet, path: []string{"sobjects", "User", id}, query: url.Values{"fields": {c.fields()}}}
	if _, err := c.call(ctx, r, &raw); err != nil {
		return user{}, sight(err)
	}
	u, err := c.readUser(op, raw)
	if err == nil && u.ID != id {
		err = malformed(op, "the reply is another user's")
	}
	return u, err
}

// login is how a user may sign in. Source: Object Reference, UserLogin.
type login struct {
	ID       string `json:"Id"`
	UserID   string `json:"UserId"`
	IsFrozen *bool  `json:"IsFrozen"`
}

// assignment is a permission set that a user has.
type assignment struct {
	ID     string `json:"Id"`
	UserID string `json:"AssigneeId"`
	SetID  string `json:"PermissionSetId"`
	Set    struct {
		IsOwnedByProfile *bool `json:"IsOwnedByProfile"`
	} `json:"PermissionSet"`
}

// ofProfile reports that the permission set is the profile itself.
func (a assignment) ofProfile() bool { return a.Set.IsOwnedByProfile == nil || *a.Set.IsOwnedByProfile }

// rights are what stands beside a user: how they may sign in, and what they may do.
type rights struct {
	login       *login
	assignments []assignment
}

// assignmentsOf has profiles come last: where the end of the answer is missing, so are they, and nobody is believed to have less
// than they have.
const assignmentsOf = "SELECT Id, AssigneeId, PermissionSetId, PermissionSet.IsOwnedByProfile FROM PermissionSetAssignment " +
	"WHERE AssigneeId IN %s ORDER BY PermissionSet.IsOwnedByProfile, Id"

// logins reads how users may sign in.
func (c *Client) logins(ctx context.Context, op string, ids []string) ([]login, error) {
	const soql = "SELECT Id, UserId, IsFrozen FROM UserLogin WHERE UserId IN "
	return all(ctx, c, op, soql+quotedList(ids), func(l login) string { return l.ID })
}

// rightsOf reads what stands beside users, who are 200 at most.
func (c *Client) rightsOf(ctx context.Context, op string, ids []string) (map[string]*rights, error) {
	out := map[string]*rights{}
	for _, id := range ids {
		out[id] = &rights{}
	}
	if len(ids) == 0 {
		return out, nil
	}
	logins, err := c.logins(ctx, op, ids)
	if err != nil {
		return nil, err
	}
	held, err := all(ctx, c, op, fmt.Sprintf(assignmentsOf, quotedList(ids)), func(a assignment) string { return a.ID })
	if err != nil {
		return nil, err
	}
	for _, l := range logins {
		if r := out[l.UserID]; r != nil {
			r.login = &l
		}
	}
	for _, a := range held {
		if r := out[a.UserID]; r != nil {
			r.assignments = append(r.assignments, a)
		}
	}
	return out, nil
}

// account is a user with what stands beside them. It is whole if Salesforce showed status and sign-in, and of an active user the
// profile among the permission sets: everybody has one, so that without it none would be believed.
func account(u user, r *rights) target.Account {
	a := target.Account{
		Ref: identity.Ref{System: System, ID: u.ID}, Manager: string(u.Manager), Profile: string(u.Profile), Memberships: []string{},
		Document: identity.Account{
			Email: string(u.Email), FirstName: string(u.FirstName), LastName: string(u.LastName), Title: string(u.Title),
			Department: string(u.Department), Company: string(u.Company), Phone: string(u.Phone), ExternalID: u.external,
			DisplayName: string(u.Name), Mobile: string(u.Mobile), Location: string(u.City),
			UserPrincipalName: string(u.Federation), CreatedAt: u.CreatedDate.Time, LastLogin: u.LastLogin.Time,
		},
	}
	if u.Username != nil {
		a.Document.Username = string(*u.Username)
	}
	profile := false
	for _, held := range r.assignments {
		if held.ofProfile() {
			profile = true
		} else {
			a.Memberships = append(a.Memberships, held.SetID)
		}
	}
	slices.Sort(a.Memberships)
	active := u.IsActive != nil && *u.IsActive
	frozen := r.login != nil && r.login.IsFrozen != nil && *r.login.IsFrozen
	a.Whole = u.IsActive != nil && u.Username != nil && r.login != nil && r.login.IsFrozen != nil && (profile || !active)
	a.Document.Status, a.Document.Frozen = identity.AccountSuspended, active && frozen
	if active && !frozen {
		// A password that was typed wrong too often locks only the password: single sign-on still lets its person in.
		a.Document.Status = identity.AccountActive
	}
	return a
}
