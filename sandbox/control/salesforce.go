package control

import (
	"context"
	"net/http"
)

// CRMUser is a user of Salesforce as the sandbox shows one.
type CRMUser struct {
	ID           string   `json:"id"`
	Username     string   `json:"username"`
	Email        string   `json:"email"`
	Name         string   `json:"name"`
	Title        string   `json:"title"`
	Phone        string   `json:"phone"`
	Department   string   `json:"department"`
	ManagerID    string   `json:"manager_id"`
	FederationID string   `json:"federation_id"`
	ExternalID   string   `json:"external_id"`
	Profile      string   `json:"profile"`
	Active       bool     `json:"active"`
	Frozen       bool     `json:"frozen"`
	CanSignIn    bool     `json:"can_sign_in"`
	Sets         []string `json:"sets"`
	SetIDs       []string `json:"set_ids"`
	Sessions     int      `json:"sessions"`
	Passwords    int      `json:"passwords"`
}

// CRM is the org: its users and its licences.
type CRM struct {
	Users    []CRMUser `json:"users"`
	Licences []struct {
		Name  string `json:"name"`
		Total int    `json:"total"`
		Used  int    `json:"used"`
	} `json:"licences"`
}

// CRM shows Salesforce.
func (c *Client) CRM(ctx context.Context) (CRM, error) {
	var out CRM
	_, err := c.call(ctx, http.MethodGet, "/sandbox/salesforce", nil, &out)
	return out, err
}

// CRMSettings are Salesforce's limits and lies, by their names in the sandbox. They take the place of those before.
func (c *Client) CRMSettings(ctx context.Context, settings Fields) error {
	return c.post(ctx, "/sandbox/salesforce", settings, nil)
}

// CRMHand does something in Salesforce by hand, and returns the id of a user who was added or why a sign-in was refused.
func (c *Client) CRMHand(ctx context.Context, order Fields) (result string, err error) {
	var out struct {
		Result string `json:"result"`
	}
	err = c.post(ctx, "/sandbox/salesforce/hand", order, &out)
	return out.Result, err
}
