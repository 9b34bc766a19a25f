package onelogin

import (
	"gatehouse/internal/httpx"
)

// wireUser is a user as OneLogin writes it. The vendor's own libraries disagree about the types of several fields, so
// numbers are read from strings as well. Sources: onelogin-python-sdk docs/User.md, onelogin-go-sdk models/user.go.
type wireUser struct {
	ID               httpx.Int      `json:"id"`
	Username         httpx.Text     `json:"username"`
	Email            httpx.Text     `json:"email"`
	FirstName        httpx.Text     `json:"firstname"`
	LastName         httpx.Text     `json:"lastname"`
	Title            httpx.Text     `json:"title"`
	Department       httpx.Text     `json:"department"`
	Company          httpx.Text     `json:"company"`
	ExternalID       httpx.Text     `json:"external_id"`
	Phone            httpx.Text     `json:"phone"`
	SAMAccountName   httpx.Text     `json:"samaccountname"`
	PrincipalName    httpx.Text     `json:"userprincipalname"`
	Status           httpx.Int      `json:"status"`
	State            httpx.Int      `json:"state"`
	GroupID          httpx.Int      `json:"group_id"`
	ManagerUserID    httpx.Int      `json:"manager_user_id"`
	DirectoryID      httpx.Int      `json:"directory_id"`
	TrustedIDP       httpx.Int      `json:"trusted_idp_id"`
	RoleIDs          *[]httpx.Int   `json:"role_ids"`
	CreatedAt        httpx.Time     `json:"created_at"`
	UpdatedAt        httpx.Time     `json:"updated_at"`
	LastLogin        httpx.Time     `json:"last_login"`
	ActivatedAt      httpx.Time     `json:"activated_at"`
	InvitationSentAt httpx.Time     `json:"invitation_sent_at"`
	LockedUntil      httpx.Time     `json:"locked_until"`
	CustomAttributes map[string]any `json:"custom_attributes"`
}

// complete reports whether the reply says enough to judge the account: lists may leave out roles and group.
func (w wireUser) complete() bool { return w.RoleIDs != nil && w.GroupID.Sent }

func (w wireUser) user() User {
	u := User{
		ID:             w.ID.Value,
		Username:       string(w.Username),
		Email:          string(w.Email),
		FirstName:      string(w.FirstName),
		LastName:       string(w.LastName),
		Title:          string(w.Title),
		Department:     string(w.Department),
		Company:        string(w.Company),
		ExternalID:     string(w.ExternalID),
		Phone:          string(w.Phone),
		SAMAccountName: string(w.SAMAccountName), UserPrincipalName: string(w.PrincipalName),
		Status:           stated(w.Status),
		State:            stated(w.State),
		GroupID:          w.GroupID.Value,
		ManagerUserID:    w.ManagerUserID.Value,
		DirectoryID:      w.DirectoryID.Value,
		TrustedIDP:       w.TrustedIDP.Value,
		CreatedAt:        w.CreatedAt.Time,
		UpdatedAt:        w.UpdatedAt.Time,
		LastLogin:        w.LastLogin.Time,
		ActivatedAt:      w.ActivatedAt.Time,
		InvitationSentAt: w.InvitationSentAt.Time,
		LockedUntil:      w.LockedUntil.Time,
		CustomAttributes: w.CustomAttributes,
		Whole:            w.complete() && w.Status.Sent && !w.Status.Null,
	}
	if w.RoleIDs != nil {
		u.RoleIDs = ints(*w.RoleIDs)
	}
	return u
}

// stated keeps a missing status from reading as 0, which is a status of its own.
func stated(i httpx.Int) int {
	if !i.Sent || i.Null {
		return NotStated
	}
	return int(i.Value)
}

func ints(in []httpx.Int) []int64 {
	var out []int64
	for _, i := range in {
		out = append(out, i.Value)
	}
	return out
}

// body holds only what is set, so that nothing is overwritten with a zero value.
func (n NewUser) body() map[string]any {
	b := map[string]any{}
	texts := map[string]string{
		"username": n.Username, "email": n.Email, "firstname": n.FirstName, "lastname": n.LastName,
		"title": n.Title, "department": n.Department, "company": n.Company, "external_id": n.ExternalID, "phone": n.Phone,
	}
	for name, value := range texts {
		if value != "" {
			b[name] = value
		}
	}
	if n.GroupID != 0 {
		b["group_id"] = n.GroupID
	}
	if n.ManagerUserID != 0 {
		b["manager_user_id"] = n.ManagerUserID
	}
	if n.Status != nil {
		b["status"] = *n.Status
	}
	if n.State != nil {
		b["state"] = *n.State
	}
	if len(n.RoleIDs) > 0 {
		b["role_ids"] = n.RoleIDs
	}
	return b
}

// asUser is what the new user would look like, for the check whether it would be protected.
func (n NewUser) asUser() User {
	u := User{
		Username: n.Username, Email: n.Email, FirstName: n.FirstName, LastName: n.LastName, Title: n.Title,
		Department: n.Department, Company: n.Company, ExternalID: n.ExternalID, Phone: n.Phone,
		GroupID: n.GroupID, ManagerUserID: n.ManagerUserID, RoleIDs: n.RoleIDs,
		Status: NotStated, State: NotStated,
	}
	if n.Status != nil {
		u.Status = *n.Status
	}
	if n.State != nil {
		u.State = *n.State
	}
	return u
}

func (ch UserChange) body() map[string]any {
	b := map[string]any{}
	texts := map[string]*string{
		"username": ch.Username, "email": ch.Email, "firstname": ch.FirstName, "lastname": ch.LastName,
		"title": ch.Title, "department": ch.Department, "company": ch.Company, "external_id": ch.ExternalID, "phone": ch.Phone,
	}
	for name, value := range texts {
		if value != nil {
			b[name] = *value
		}
	}
	for name, value := range map[string]*int{"status": ch.Status, "state": ch.State} {
		if value != nil {
			b[name] = *value
		}
	}
	for name, value := range map[string]*int64{"group_id": ch.GroupID, "manager_user_id": ch.ManagerUserID} {
		switch {
		case value == nil:
		case *value == 0:
			b[name] = nil
		default:
			b[name] = *value
		}
	}
	return b
}

// verb names the change in errors.
func (ch UserChange) verb() string {
	if ch.Status == nil || len(ch.body()) != 1 {
		return "update"
	}
	switch *ch.Status {
	case StatusActive:
		return "activate"
	case StatusSuspended:
		return "suspend"
	}
	return "update"
}
