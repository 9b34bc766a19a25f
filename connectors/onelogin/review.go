package onelogin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"gatehouse/connectors"
)

// The page sizes of a review. The documentation of the user list says 50 and the vendor's SDK says 100; where 100 is
// refused, 50 is asked for. The members of a role are verified with 100. Sources: developers.onelogin.com,
// 2/users/list-users; onelogin-python-sdk UsersV2Api; terraform-provider-onelogin ol_schema/role/role.go.
const reviewPage = 100

// reviewFields are what a review shows or judges by: a third of what a user has.
const reviewFields = "id,username,email,firstname,lastname,title,department,external_id,status,state,group_id," +
	"manager_user_id,role_ids,created_at,last_login"

// UserPage reads one page of all users with the fields that a review needs, and returns the cursor of the next page, ""
// after the last. The first page has the cursor "". A cursor stays good over restarts: it holds a position, not a
// session, so a user who is deleted between two pages moves the others up by one and one of them is not shown.
// Source: developers.onelogin.com, 2/users/list-users; terraform-provider-onelogin issue 196.
func (c *Client) UserPage(ctx context.Context, cursor string) ([]User, string, error) {
	users, next, err := c.userPage(ctx, cursor, reviewPage)
	if cursor == "" && connectors.IsKind(err, connectors.KindInvalid) {
		users, next, err = c.userPage(ctx, cursor, defaultUserPage)
	}
	if err == nil {
		err = onward("list users for a review", cursor, next)
	}
	return users, next, err
}

func (c *Client) userPage(ctx context.Context, cursor string, limit int) ([]User, string, error) {
	query := url.Values{"fields": {reviewFields}, "limit": {strconv.Itoa(limit)}}
	return c.readUsers(ctx, pageQuery(query, cursor))
}

// UsersByID reads up to 100 users by their ids. Those who do not exist are left out.
// Source: developers.onelogin.com, 2/users/list-users.
func (c *Client) UsersByID(ctx context.Context, ids []int64) ([]User, error) {
	if len(ids) > reviewPage {
		return nil, invalid("list users by id", "more than 100 ids do not fit on a page")
	}
	return c.usersByID(ctx, ids, reviewFields)
}

func (c *Client) usersByID(ctx context.Context, ids []int64, fields string) ([]User, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = strconv.FormatInt(id, 10)
	}
	var found []User
	for cursor := ""; ; {
		query := url.Values{"fields": {fields}, "limit": {strconv.Itoa(defaultUserPage)}, "user_ids": {strings.Join(list, ",")}}
		users, next, err := c.readUsers(ctx, pageQuery(query, cursor))
		if err != nil {
			return nil, err
		}
		found = append(found, users...)
		if next == "" || len(found) >= len(ids) {
			return found, nil
		}
		cursor = next
	}
}

func (c *Client) readUsers(ctx context.Context, query url.Values) ([]User, string, error) {
	const op = "list users for a review"
	page, next, err := onePage[wireUser](ctx, c, request{op: op, method: http.MethodGet, path: "/api/2/users", query: query})
	if err != nil {
		return nil, "", err
	}
	users := make([]User, len(page))
	for i, w := range page {
		if w.ID.Value <= 0 {
			return nil, "", connectors.Malformed(system, op, http.StatusOK, errors.New("a user in the list has no id"))
		}
		users[i] = w.user()
	}
	return users, next, nil
}

// onward refuses a page that leads to itself: whoever keeps the cursor between two pages would never see the end.
func onward(op, cursor, next string) error {
	if next != "" && next == cursor {
		return connectors.Malformed(system, op, http.StatusOK, errRepeatedCursor)
	}
	return nil
}

// RoleUserPage reads one page of a role's members, and returns the cursor of the next page, "" after the last. The first
// page has the cursor "". A role that does not exist any more is an error of KindNotFound.
// Source: developers.onelogin.com, 2/roles/get-role-users.
func (c *Client) RoleUserPage(ctx context.Context, roleID int64, cursor string) ([]RoleUser, string, error) {
	op := fmt.Sprintf("list users of role %d", roleID)
	page, next, err := onePage[wireRoleUser](ctx, c, request{
		op: op, method: http.MethodGet, path: rolePath(roleID, "users"), query: pageQuery(listQuery(), cursor),
	})
	if err == nil {
		err = onward(op, cursor, next)
	}
	members := make([]RoleUser, len(page))
	for i, w := range page {
		members[i] = w.roleUser()
	}
	return members, next, err
}

// pageQuery is the query of the first page, or of the one that a cursor stands for.
func pageQuery(first url.Values, cursor string) url.Values {
	if cursor == "" {
		return first
	}
	return nextQuery(first, cursor)
}
