package control

import (
	"context"
)

// Open is an account by which somebody who has left gets in, or would: the sandbox goes by the human, and not by what
// the account says of itself.
type Open struct {
	Human     string   `json:"human"`
	Key       string   `json:"key"`
	AccountID int64    `json:"account_id"`
	Username  string   `json:"username"`
	Status    int      `json:"status"`
	CanSignIn bool     `json:"can_sign_in"`
	Roles     []string `json:"roles"`
	Sessions  int      `json:"sessions"`
}

// LeftWithAccess lists those accounts.
func (c *Client) LeftWithAccess(ctx context.Context) ([]Open, error) {
	var out []Open
	_, err := c.call(ctx, "GET", "/sandbox/state/left-with-access", nil, &out)
	return out, err
}

// Accounts lists every account.
func (c *Client) Accounts(ctx context.Context) ([]Person, error) {
	var state struct {
		OneLogin struct {
			Users []Person `json:"users"`
		} `json:"onelogin"`
	}
	err := c.State(ctx, &state)
	return state.OneLogin.Users, err
}

// byHand has an administrator do something to an account in the portal. Quiet leaves out the event, as if it had been
// done before anybody watched.
func (c *Client) byHand(ctx context.Context, action string, id int64, f Fields, quiet bool) (Person, error) {
	var p Person
	body := map[string]any{"action": action, "quiet": quiet}
	if id != 0 {
		body["id"] = id
	}
	if len(f) > 0 {
		body["fields"] = f
	}
	err := c.post(ctx, "/sandbox/onelogin/account", body, &p)
	return p, err
}

// EditAccount sets any field of an account by hand: those of the API, and group, roles, owner, kind, last_login.
func (c *Client) EditAccount(ctx context.Context, id int64, f Fields) (Person, error) {
	return c.byHand(ctx, "edit", id, f, false)
}

// AgeAccount is EditAccount for what has been so since before Gatehouse: no event tells of it.
func (c *Client) AgeAccount(ctx context.Context, id int64, f Fields) (Person, error) {
	return c.byHand(ctx, "edit", id, f, true)
}

// CreateAccount makes an account by hand, active and with a password unless the fields say otherwise.
func (c *Client) CreateAccount(ctx context.Context, f Fields) (Person, error) {
	return c.byHand(ctx, "create", 0, f, true)
}

// CopyAccount makes a second account for the human who has another: same names, address, title and group, the username
// with "adm-" before it, no external id and no roles. Fields replace what was copied.
func (c *Client) CopyAccount(ctx context.Context, id int64, f Fields) (Person, error) {
	return c.byHand(ctx, "copy", id, f, true)
}

// DeleteAccount deletes an account by hand.
func (c *Client) DeleteAccount(ctx context.Context, id int64) error {
	_, err := c.byHand(ctx, "delete", id, nil, false)
	return err
}

// RecreateAccount deletes an account and makes it anew under another id, with what fields say changed.
func (c *Client) RecreateAccount(ctx context.Context, id int64, f Fields) (Person, error) {
	return c.byHand(ctx, "recreate", id, f, false)
}

// OwnedBy lists the accounts of a human, by the owner that any of them shows.
func (c *Client) OwnedBy(ctx context.Context, owner string) ([]Person, error) {
	all, err := c.Accounts(ctx)
	var out []Person
	for i := range all {
		if all[i].Owner == owner {
			out = append(out, all[i])
		}
	}
	return out, err
}

// Mapping is a rule of OneLogin's that changes the accounts it matches; roles and groups go by name.
type Mapping struct {
	Name       string             `json:"name"`
	Match      string             `json:"match,omitempty"`
	Conditions []MappingCondition `json:"conditions,omitempty"`
	Actions    []MappingAction    `json:"actions"`
}

// MappingCondition compares a field; the operators are =, !=, ~ (contains) and !~.
type MappingCondition struct {
	Source   string `json:"source"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// MappingAction is set_role, add_role, remove_role, set_status or set_group.
type MappingAction struct {
	Action string   `json:"action"`
	Value  []string `json:"value"`
}

// AddMapping has an administrator make a mapping.
func (c *Client) AddMapping(ctx context.Context, m Mapping) error {
	return c.post(ctx, "/sandbox/onelogin/mappings", m, nil)
}

// EnableMappings turns all mappings that were made by hand on or off.
func (c *Client) EnableMappings(ctx context.Context, enabled bool) error {
	return c.post(ctx, "/sandbox/onelogin/mappings/enable", map[string]bool{"enabled": enabled}, nil)
}

// RunMappings is a night: every mapping runs for every account. It returns how many accounts changed.
func (c *Client) RunMappings(ctx context.Context) (changed int, err error) {
	var out struct {
		Changed int `json:"changed"`
	}
	err = c.post(ctx, "/sandbox/onelogin/run-mappings", nil, &out)
	return out.Changed, err
}

// DirectoryEntry is what a directory has about an account. Enabled there, it gives sign-in back at every
// synchronisation; its fields are set again.
type DirectoryEntry struct {
	Directory int64  `json:"directory_id"`
	ID        int64  `json:"id"`
	Disabled  bool   `json:"disabled,omitempty"`
	Fields    Fields `json:"fields,omitempty"`
}

// SetDirectoryEntry makes an account one of a directory's.
func (c *Client) SetDirectoryEntry(ctx context.Context, e DirectoryEntry) error {
	return c.post(ctx, "/sandbox/onelogin/directory-entry", e, nil)
}

// SyncDirectory is a night: the directory makes each of its accounts what its entry says.
func (c *Client) SyncDirectory(ctx context.Context, directory int64) (changed int, err error) {
	var out struct {
		Changed int `json:"changed"`
	}
	err = c.post(ctx, "/sandbox/onelogin/directory-sync", map[string]int64{"directory_id": directory}, &out)
	return out.Changed, err
}

// DisableCredential switches Gatehouse's API credential of OneLogin off, or on again.
func (c *Client) DisableCredential(ctx context.Context, disabled bool) error {
	return c.post(ctx, "/sandbox/onelogin/credential", map[string]bool{"disabled": disabled}, nil)
}
