package onelogin

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

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
