package onelogin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gatehouse/connectors"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

// inventoryFields are what the inventory of accounts keeps of a user: without custom_attributes, of which a tenant may
// have many.
const inventoryFields = "id,username,email,firstname,lastname,title,department,company,external_id,samaccountname,userprincipalname,status,state," +
	"group_id,manager_user_id,role_ids,created_at,updated_at,last_login,activated_at,invitation_sent_at," +
	"locked_until,directory_id,trusted_idp_id"

// Inventory reads one page of all users, or of those who were changed after since if that is not zero, with everything the
// inventory keeps. The first page has the cursor "". A cursor stays good over restarts: it holds a position, not a session
// and no filter, so a user who is deleted between two pages moves the others up by one and one of them is not shown. Where
// pages of 100 are refused, 50 are asked for.
// Source: developers.onelogin.com, 2/users/list-users; terraform-provider-onelogin issue 196; the headers of lists from
// onelogin-python-sdk docs/RolesApi.md.
func (c *Client) Inventory(ctx context.Context, since time.Time, cursor string) (UserList, error) {
	list, err := c.inventory(ctx, since, cursor, reviewPage)
	if cursor == "" && connectors.IsKind(err, connectors.KindInvalid) {
		list, err = c.inventory(ctx, since, cursor, defaultUserPage)
	}
	return list, err
}

func (c *Client) inventory(ctx context.Context, since time.Time, cursor string, limit int) (UserList, error) {
	const op = "list users for the inventory"
	query := url.Values{"fields": {inventoryFields}, "limit": {strconv.Itoa(limit)}}
	if !since.IsZero() {
		query.Set("updated_since", since.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	var page []wireUser
	header, err := c.call(ctx, request{op: op, method: http.MethodGet, path: "/api/2/users", query: pageQuery(query, cursor)}, &page)
	if err != nil {
		return UserList{}, err
	}
	list := UserList{Next: header.Get("After-Cursor"), Total: total(header)}
	if len(page) == 0 {
		list.Next = ""
	}
	if err := onward(op, cursor, list.Next); err != nil {
		return UserList{}, err
	}
	for _, w := range page {
		if w.ID.Value <= 0 {
			return UserList{}, connectors.Malformed(system, op, http.StatusOK, errors.New("a user in the list has no id"))
		}
		u := w.user()
		if w.complete() {
			c.judge(u)
		}
		list.Users = append(list.Users, u)
	}
	return list, nil
}

// InventoryOf reads up to 100 users by their ids, as Inventory does. Those who do not exist are left out, and so is whoever
// OneLogin leaves out for another reason: what is not there proves nothing yet.
func (c *Client) InventoryOf(ctx context.Context, ids []int64) ([]User, error) {
	if len(ids) > reviewPage {
		return nil, invalid("list users by id", "more than 100 ids do not fit on a page")
	}
	return c.usersByID(ctx, ids, inventoryFields)
}

// total reads how many items a list has altogether.
func total(header http.Header) int {
	n, err := strconv.Atoi(strings.TrimSpace(header.Get("Total-Count")))
	if err != nil || n < 0 {
		return NotStated
	}
	return n
}

type wireMapping struct {
	wireNamed
	Enabled    *bool      `json:"enabled"`
	Match      httpx.Text `json:"match"`
	Conditions []struct {
		Source   httpx.Text `json:"source"`
		Operator httpx.Text `json:"operator"`
		Value    httpx.Text `json:"value"`
	} `json:"conditions"`
	Actions []struct {
		Action httpx.Text `json:"action"`
		Value  wireValues `json:"value"`
	} `json:"actions"`
}

// wireValues are the values of an action: a list, or one value by itself.
type wireValues []httpx.Text

// UnmarshalJSON implements json.Unmarshaler.
func (v *wireValues) UnmarshalJSON(b []byte) error {
	var list []httpx.Text
	if json.Unmarshal(b, &list) == nil {
		*v = list
		return nil
	}
	var one httpx.Text
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*v = wireValues{one}
	return nil
}

// Mappings lists the enabled mappings of the tenant in the order in which they run. The credential needs Manage All: with
// less the error is of KindUnauthorized. Source: developers.onelogin.com, 2/user-mappings/list-mappings, which has no pages.
func (c *Client) Mappings(ctx context.Context) ([]identity.Mapping, error) {
	const op = "list mappings"
	var list []wireMapping
	if _, err := c.call(ctx, request{op: op, method: http.MethodGet, path: "/api/2/mappings"}, &list); err != nil {
		return nil, err
	}
	var mappings []identity.Mapping
	for _, w := range list {
		if w.ID.Value <= 0 {
			return nil, connectors.Malformed(system, op, http.StatusOK, errors.New("a mapping in the list has no id"))
		}
		if w.Enabled != nil && !*w.Enabled {
			continue
		}
		m := identity.Mapping{ID: strconv.FormatInt(w.ID.Value, 10), Name: string(w.Name), Match: string(w.Match)}
		for _, condition := range w.Conditions {
			m.Conditions = append(m.Conditions, identity.MappingCondition{
				Source: string(condition.Source), Operator: string(condition.Operator), Value: string(condition.Value),
			})
		}
		for _, action := range w.Actions {
			a := identity.MappingAction{Action: string(action.Action)}
			for _, v := range action.Value {
				a.Values = append(a.Values, string(v))
			}
			m.Actions = append(m.Actions, a)
		}
		mappings = append(mappings, m)
	}
	return mappings, nil
}
