// Package profile is what the API shows of a user: the fields of one, how they are written, and how users are searched and sorted
// by them.
package profile

import (
	"slices"
	"time"

	"gatehouse/sandbox/onelogin/wire"
)

// Profile is a user as the v2 API shows it. Source: onelogin-python-sdk docs/User.md.
type Profile struct {
	ID                   int64              `json:"id"`
	Username             *string            `json:"username"`
	Email                string             `json:"email"`
	Firstname            *string            `json:"firstname"`
	Lastname             *string            `json:"lastname"`
	Title                *string            `json:"title"`
	Department           *string            `json:"department"`
	Company              *string            `json:"company"`
	Comment              *string            `json:"comment"`
	Phone                *string            `json:"phone"`
	GroupID              *int64             `json:"group_id"`
	RoleIDs              []int64            `json:"role_ids"`
	State                int                `json:"state"`
	Status               int                `json:"status"`
	DirectoryID          *int64             `json:"directory_id"`
	TrustedIDPID         *int64             `json:"trusted_idp_id"`
	ManagerADID          *int64             `json:"manager_ad_id"`
	ManagerUserID        *int64             `json:"manager_user_id"`
	Samaccountname       *string            `json:"samaccountname"`
	MemberOf             *string            `json:"member_of"`
	Userprincipalname    *string            `json:"userprincipalname"`
	DistinguishedName    *string            `json:"distinguished_name"`
	ExternalID           *string            `json:"external_id"`
	ActivatedAt          *time.Time         `json:"activated_at"`
	LastLogin            *time.Time         `json:"last_login"`
	InvitationSentAt     *time.Time         `json:"invitation_sent_at"`
	UpdatedAt            *time.Time         `json:"updated_at"`
	CreatedAt            *time.Time         `json:"created_at"`
	PreferredLocaleCode  *string            `json:"preferred_locale_code"`
	InvalidLoginAttempts int                `json:"invalid_login_attempts"`
	LockedUntil          *time.Time         `json:"locked_until"`
	PasswordChangedAt    *time.Time         `json:"password_changed_at"`
	CustomAttributes     map[string]*string `json:"custom_attributes"`
}

// HasRole reports that the user holds a role.
func (u *Profile) HasRole(id int64) bool {
	_, found := slices.BinarySearch(u.RoleIDs, id)
	return found
}

// Text finds a text field that the API can write and clear.
func Text(u *Profile, name string) **string {
	switch name {
	case "username":
		return &u.Username
	case "firstname":
		return &u.Firstname
	case "lastname":
		return &u.Lastname
	case "title":
		return &u.Title
	case "department":
		return &u.Department
	case "company":
		return &u.Company
	case "comment":
		return &u.Comment
	case "phone":
		return &u.Phone
	case "samaccountname":
		return &u.Samaccountname
	case "member_of":
		return &u.MemberOf
	case "userprincipalname":
		return &u.Userprincipalname
	case "distinguished_name":
		return &u.DistinguishedName
	case "external_id":
		return &u.ExternalID
	case "preferred_locale_code":
		return &u.PreferredLocaleCode
	}
	return nil
}

// ID finds an id field that the API can write and clear.
func ID(u *Profile, name string) **int64 {
	switch name {
	case "group_id":
		return &u.GroupID
	case "manager_user_id":
		return &u.ManagerUserID
	case "manager_ad_id":
		return &u.ManagerADID
	case "directory_id":
		return &u.DirectoryID
	case "trusted_idp_id":
		return &u.TrustedIDPID
	}
	return nil
}

// Changed are the names of the fields of the profile in which two versions of a user differ.
func Changed(old, u *Profile, attributes []string) []string {
	var names []string
	if old.Email != u.Email {
		names = append(names, "email")
	}
	for _, name := range []string{
		"username", "firstname", "lastname", "title", "department", "company", "comment", "phone", "samaccountname",
		"member_of", "userprincipalname", "distinguished_name", "external_id", "preferred_locale_code",
	} {
		if wire.TextOf(*Text(old, name)) != wire.TextOf(*Text(u, name)) {
			names = append(names, name)
		}
	}
	for _, name := range []string{"manager_user_id", "manager_ad_id", "directory_id", "trusted_idp_id"} {
		if wire.Number(*ID(old, name)) != wire.Number(*ID(u, name)) {
			names = append(names, name)
		}
	}
	for _, name := range attributes {
		if wire.TextOf(old.CustomAttributes[name]) != wire.TextOf(u.CustomAttributes[name]) {
			names = append(names, "custom_attributes."+name)
		}
	}
	return names
}
