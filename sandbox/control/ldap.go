package control

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// LDAPServer is where the company's directory is, and how to sign in to it.
type LDAPServer struct {
	URL      string `json:"url"`
	BindDN   string `json:"bind_dn"`
	Password string `json:"password"`
	People   string `json:"people"`
	Groups   string `json:"groups"`
	// CA is the certificate that the server's is to be checked against, in PEM.
	CA string `json:"ca"`
}

// LDAPFault makes an operation of the directory go wrong: sandbox/ldap has the list of them.
type LDAPFault struct {
	Op    string `json:"op"`
	Code  int    `json:"code"`
	After bool   `json:"after,omitempty"`
	Hang  bool   `json:"hang,omitempty"`
	Times int    `json:"times,omitempty"`
	// Skip lets the first so many pass. URL is called when it happens.
	Skip int    `json:"skip,omitempty"`
	URL  string `json:"url,omitempty"`
}

// LDAP says where the directory is.
func (c *Client) LDAP(ctx context.Context) (LDAPServer, error) {
	var out LDAPServer
	_, err := c.call(ctx, http.MethodGet, "/sandbox/ldap", nil, &out)
	return out, err
}

// LDAPEntry shows an entry: its values by attribute, in lower case.
func (c *Client) LDAPEntry(ctx context.Context, dn string) (map[string][]string, error) {
	var out map[string][]string
	_, err := c.call(ctx, http.MethodGet, "/sandbox/ldap/entry?dn="+url.QueryEscape(dn), nil, &out)
	return out, err
}

// LDAPHand has an administrator of the directory replace the values of an attribute; none takes it away.
func (c *Client) LDAPHand(ctx context.Context, dn, attribute string, values ...string) error {
	return c.post(ctx, "/sandbox/ldap/entry", map[string]any{"dn": dn, "attribute": attribute, "values": values}, nil)
}

// LDAPFail makes something go wrong in the directory.
func (c *Client) LDAPFail(ctx context.Context, f LDAPFault) error {
	return c.post(ctx, "/sandbox/ldap/faults", f, nil)
}

// LDAPLie has the directory answer wrongly with success, until it is told "".
func (c *Client) LDAPLie(ctx context.Context, lie string) error {
	return c.post(ctx, "/sandbox/ldap/lie", map[string]string{"lie": lie}, nil)
}

// LDAPCall is a line of the directory's journal.
type LDAPCall struct {
	At     time.Time `json:"at"`
	Op     string    `json:"op"`
	ID     string    `json:"id"`
	Code   int       `json:"code"`
	Effect bool      `json:"effect"`
	// Attributes are those that were to be modified.
	Attributes []string `json:"attributes"`
}

// LDAPJournal is what the directory was asked, and what of it changed something.
func (c *Client) LDAPJournal(ctx context.Context) ([]LDAPCall, error) {
	var out []LDAPCall
	_, err := c.call(ctx, http.MethodGet, "/sandbox/ldap/journal", nil, &out)
	return out, err
}
