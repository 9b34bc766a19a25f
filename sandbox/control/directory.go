package control

import (
	"context"
	"net/http"
)

// GoogleUser is a user of Google Workspace as the sandbox shows it.
type GoogleUser struct {
	ID        string   `json:"id"`
	Email     string   `json:"email"`
	Name      string   `json:"name"`
	Aliases   []string `json:"aliases"`
	Unit      string   `json:"unit"`
	Suspended bool     `json:"suspended"`
	CanSignIn bool     `json:"can_sign_in"`
	// OwnPassword says that the person knows the password, Passwords how many were set by API.
	OwnPassword   bool           `json:"own_password"`
	Passwords     int            `json:"passwords"`
	RecoveryEmail string         `json:"recovery_email"`
	RecoveryPhone string         `json:"recovery_phone"`
	Sessions      int            `json:"sessions"`
	Apps          []string       `json:"apps"`
	AppPasswords  []string       `json:"app_passwords"`
	Codes         int            `json:"codes"`
	Roles         []string       `json:"roles"`
	Licences      []string       `json:"licences"`
	Groups        []string       `json:"groups"`
	GroupIDs      []string       `json:"group_ids"`
	ExternalID    string         `json:"external_id"`
	Fields        map[string]any `json:"fields"`
}

// GoogleGroup is a group with the ids of its members.
type GoogleGroup struct {
	ID      string   `json:"id"`
	Email   string   `json:"email"`
	Members []string `json:"members"`
}

// GoogleTransfer hands files or calendars over.
type GoogleTransfer struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	To     string `json:"to"`
	Status string `json:"status"`
	Apps   int    `json:"apps"`
}

// GoogleMailbox is what is set in a mailbox.
type GoogleMailbox struct {
	Mailbox   string   `json:"mailbox"`
	AutoReply bool     `json:"auto_reply"`
	Subject   string   `json:"subject"`
	Reply     string   `json:"reply"`
	Delegates []string `json:"delegates"`
	Forwarded string   `json:"forwarded"`
}

// GoogleDirectory is the company's directory.
type GoogleDirectory struct {
	Users     []GoogleUser     `json:"users"`
	Groups    []GoogleGroup    `json:"groups"`
	Units     []string         `json:"units"`
	Transfers []GoogleTransfer `json:"transfers"`
	Mailboxes []GoogleMailbox  `json:"mailboxes"`
}

// User returns a user by id or address; nil if there is none.
func (d GoogleDirectory) User(key string) *GoogleUser {
	for i := range d.Users {
		if d.Users[i].ID == key || d.Users[i].Email == key {
			return &d.Users[i]
		}
	}
	return nil
}

// GooglePerson is a user to add by hand.
type GooglePerson struct {
	Email      string   `json:"email"`
	Given      string   `json:"given"`
	Family     string   `json:"family"`
	ExternalID string   `json:"external_id,omitempty"`
	Groups     []string `json:"groups,omitempty"`
}

// GoogleOrder is something that somebody does by hand: sandbox/google/directory has the list of it.
type GoogleOrder struct {
	Do     string       `json:"do"`
	User   string       `json:"user"`
	Value  string       `json:"value"`
	Person GooglePerson `json:"person"`
}

// DirectorySettings are the limits of the directory, and what its lists lie about. A zero value is the default.
type DirectorySettings struct {
	PerMinute        int               `json:"per_minute"`
	LimitStatus      int               `json:"limit_status"`
	LimitReason      string            `json:"limit_reason"`
	InsertsPerSecond int               `json:"inserts_per_second"`
	CreationLagMS    int               `json:"creation_lag_ms"`
	ListLagMS        int               `json:"list_lag_ms"`
	TransferMS       int               `json:"transfer_ms"`
	Seats            map[string]int    `json:"seats"`
	ArchiveSeats     int               `json:"archive_seats"`
	Lies             map[string]string `json:"lies"`
}

// GoogleDirectory reads the directory.
func (c *Client) GoogleDirectory(ctx context.Context) (GoogleDirectory, error) {
	var out GoogleDirectory
	_, err := c.call(ctx, http.MethodGet, "/sandbox/google/directory", nil, &out)
	return out, err
}

// Directory sets limits and lies of the directory.
func (c *Client) Directory(ctx context.Context, s DirectorySettings) error {
	return c.post(ctx, "/sandbox/google/directory", s, nil)
}

// GoogleHand does something by hand and returns the user's id.
func (c *Client) GoogleHand(ctx context.Context, o GoogleOrder) (string, error) {
	var out struct {
		ID string `json:"id"`
	}
	err := c.post(ctx, "/sandbox/google/directory/hand", o, &out)
	return out.ID, err
}

// GoogleDelegating says whether the Admin console lets users have delegates.
func (c *Client) GoogleDelegating(ctx context.Context, allowed bool) error {
	return c.post(ctx, "/sandbox/google/directory/delegating", map[string]bool{"allowed": allowed}, nil)
}
