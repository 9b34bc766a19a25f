package onelogin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// listPage is the page size for lists other than users. Roles allow up to 650 and apps 1000, but their sub-lists are
// verified with 100 only. Source: developers.onelogin.com, 2/roles and 2/apps/list-users.
const listPage = "100"

func listQuery() url.Values { return url.Values{"limit": {listPage}} }

func rolePath(id int64, of string) string {
	return "/api/2/roles/" + strconv.FormatInt(id, 10) + "/" + of
}

// AddRoles gives a user roles, all in one call. Roles that the user has already are left alone. An empty list sends
// nothing. It may be repeated. Source: developers.onelogin.com, 1/users/assign-role-to-user.
func (c *Client) AddRoles(ctx context.Context, id int64, roleIDs []int64) error {
	return c.changeRoles(ctx, id, roleIDs, "add roles to", "add_roles")
}

// RemoveRoles takes roles from a user, all in one call. Roles that the user does not have are left alone. An empty list
// sends nothing. It may be repeated. Source: developers.onelogin.com, 1/users/remove-role-from-user.
func (c *Client) RemoveRoles(ctx context.Context, id int64, roleIDs []int64) error {
	return c.changeRoles(ctx, id, roleIDs, "remove roles from", "remove_roles")
}

func (c *Client) changeRoles(ctx context.Context, id int64, roleIDs []int64, doing, verb string) error {
	if len(roleIDs) == 0 {
		return nil
	}
	return c.write(ctx, id, request{
		op: fmt.Sprintf("%s user %d", doing, id), method: http.MethodPut, path: userPathV1(id, verb),
		body: map[string]any{"role_id_array": roleIDs},
	})
}

// UserRoleIDs returns the ids of a user's roles. Source: developers.onelogin.com, 1/users/get-roles-for-user.
func (c *Client) UserRoleIDs(ctx context.Context, id int64) ([]int64, error) {
	op := fmt.Sprintf("read roles of user %d", id)
	var reply struct {
		Data []json.RawMessage `json:"data"`
	}
	if _, err := c.call(ctx, request{op: op, method: http.MethodGet, path: userPathV1(id, "roles")}, &reply); err != nil {
		return nil, err
	}
	// The list of ids comes wrapped in a list of one.
	var ids []int64
	for _, raw := range reply.Data {
		var inner []httpx.Int
		if json.Unmarshal(raw, &inner) == nil {
			ids = append(ids, ints(inner)...)
			continue
		}
		var one httpx.Int
		if err := json.Unmarshal(raw, &one); err != nil || one.Null {
			return nil, connectors.Malformed(system, op, http.StatusOK, errors.New("a role id is not a number"))
		}
		ids = append(ids, one.Value)
	}
	return ids, nil
}

type wireNamed struct {
	ID   httpx.Int  `json:"id"`
	Name httpx.Text `json:"name"`
}

// Roles lists all roles. Source: developers.onelogin.com, 2/roles/list-roles.
func (c *Client) Roles(ctx context.Context) ([]Role, error) {
	r := request{op: "list roles", method: http.MethodGet, path: "/api/2/roles", query: listQuery()}
	return collect(pages[wireNamed](ctx, c, r), func(w wireNamed) Role {
		return Role{ID: w.ID.Value, Name: string(w.Name)}
	})
}

type wireRoleUser struct {
	wireNamed
	Username httpx.Text `json:"username"`
	AddedAt  httpx.Time `json:"added_at"`
	AddedBy  wireNamed  `json:"added_by"`
}

func (w wireRoleUser) roleUser() RoleUser {
	return RoleUser{
		ID: w.ID.Value, Name: string(w.Name), Username: string(w.Username),
		AddedAt: w.AddedAt.Time, AddedByID: w.AddedBy.ID.Value,
	}
}

// RoleUsers lists the members of a role, since when and by whom. Source: developers.onelogin.com, 2/roles/get-role-users.
func (c *Client) RoleUsers(ctx context.Context, roleID int64) ([]RoleUser, error) {
	r := request{
		op: fmt.Sprintf("list users of role %d", roleID), method: http.MethodGet, path: rolePath(roleID, "users"),
		query: listQuery(),
	}
	return collect(pages[wireRoleUser](ctx, c, r), wireRoleUser.roleUser)
}

// AddRoleUsers gives a role to users. One protected account refuses the whole call. The body is a bare array.
// Source: developers.onelogin.com, 2/roles/add-role-users.
func (c *Client) AddRoleUsers(ctx context.Context, roleID int64, userIDs []int64) error {
	return c.changeRoleUsers(ctx, roleID, userIDs, "add users to", http.MethodPost)
}

// RemoveRoleUsers takes a role from users. One protected account refuses the whole call. The body is a bare array, in a
// DELETE. Source: onelogin-python-sdk CHANGELOG 4.0.1.
func (c *Client) RemoveRoleUsers(ctx context.Context, roleID int64, userIDs []int64) error {
	return c.changeRoleUsers(ctx, roleID, userIDs, "remove users from", http.MethodDelete)
}

func (c *Client) changeRoleUsers(ctx context.Context, roleID int64, userIDs []int64, doing, method string) error {
	if len(userIDs) == 0 {
		return nil
	}
	op := fmt.Sprintf("%s role %d", doing, roleID)
	if err := c.guardAll(ctx, op, userIDs); err != nil {
		return err
	}
	_, err := c.call(ctx, request{op: op, method: method, path: rolePath(roleID, "users"), body: userIDs}, nil)
	return err
}

// Groups lists all groups. Source: developers.onelogin.com, 1/groups/get-groups.
func (c *Client) Groups(ctx context.Context) ([]Group, error) {
	list, err := pagesV1[wireNamed](ctx, c, request{op: "list groups", method: http.MethodGet, path: "/api/1/groups"})
	if err != nil {
		return nil, err
	}
	var groups []Group
	for _, w := range list {
		groups = append(groups, Group{ID: w.ID.Value, Name: string(w.Name)})
	}
	return groups, nil
}
