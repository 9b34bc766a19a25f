package onelogin

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"gatehouse/connectors"
)

// defaultUserPage is the documented maximum of a page of users. Source: developers.onelogin.com, 2/users/list-users.
const defaultUserPage = 50

// userFields are asked for in lists, which leave out role_ids and custom_attributes otherwise.
const userFields = "id,username,email,firstname,lastname,title,department,company,external_id,samaccountname,userprincipalname,status,state," +
	"group_id,manager_user_id,role_ids,created_at,updated_at,last_login,activated_at,invitation_sent_at," +
	"locked_until,custom_attributes"

func userPath(id int64) string { return "/api/2/users/" + strconv.FormatInt(id, 10) }

// User reads a user in full. The error is of KindNotFound when it does not exist (any more).
// Source: developers.onelogin.com, 2/users/get-user.
func (c *Client) User(ctx context.Context, id int64) (User, error) {
	op := fmt.Sprintf("read user %d", id)
	if id <= 0 {
		return User{}, invalid(op, "a user id is a positive number")
	}
	return c.callUser(ctx, id, request{op: op, method: http.MethodGet, path: userPath(id)})
}

// callUser sends a request whose reply is one user: the one with this id, or any if id is 0. What GET returns is the
// whole user; a reply to a write is judged only if it shows roles and group.
func (c *Client) callUser(ctx context.Context, id int64, r request) (User, error) {
	var w wireUser
	if _, err := c.call(ctx, r, &w); err != nil {
		return User{}, err
	}
	if w.ID.Value <= 0 || id != 0 && w.ID.Value != id {
		return User{}, connectors.Malformed(system, r.op, http.StatusOK, errors.New("the reply is not about this user"))
	}
	u := w.user()
	if r.method == http.MethodGet || w.complete() {
		c.judge(u)
	}
	return u, nil
}

// UsersByExternalID returns the users whose external id is exactly this one.
func (c *Client) UsersByExternalID(ctx context.Context, externalID string) ([]User, error) {
	return c.find(ctx, "external_id", externalID, func(u User) bool { return u.ExternalID == externalID })
}

// UsersByEmail returns the users with this e-mail address, in whatever case.
func (c *Client) UsersByEmail(ctx context.Context, email string) ([]User, error) {
	return c.find(ctx, "email", email, func(u User) bool { return strings.EqualFold(u.Email, email) })
}

// UsersByUsername returns the users with this username, in whatever case.
func (c *Client) UsersByUsername(ctx context.Context, username string) ([]User, error) {
	return c.find(ctx, "username", username, func(u User) bool { return strings.EqualFold(u.Username, username) })
}

// UsersByName returns the users with this first and last name, in whatever case.
func (c *Client) UsersByName(ctx context.Context, first, last string) ([]User, error) {
	const op = "find users by name"
	if unsearchable(first) || unsearchable(last) {
		return nil, invalid(op, unsearchableText)
	}
	return c.search(ctx, op, url.Values{"firstname": {first}, "lastname": {last}}, func(u User) bool {
		return strings.EqualFold(u.FirstName, first) && strings.EqualFold(u.LastName, last)
	})
}

// UsersWithNameIn returns the users whose username holds a text, in whatever case: "adm-viktor.petrov@example.com" holds
// "viktor.petrov". Source: developers.onelogin.com, 2/users/list-users, for the wildcard.
func (c *Client) UsersWithNameIn(ctx context.Context, text string) ([]User, error) {
	const op = "find users by part of the username"
	if unsearchable(text) {
		return nil, invalid(op, unsearchableText)
	}
	return c.search(ctx, op, url.Values{"username": {"*" + text + "*"}}, func(u User) bool {
		return strings.Contains(strings.ToLower(u.Username), strings.ToLower(text))
	})
}

// UsersByAccountName returns the users whom a directory knows by this account name, in whatever case.
func (c *Client) UsersByAccountName(ctx context.Context, name string) ([]User, error) {
	return c.find(ctx, "samaccountname", name, func(u User) bool { return strings.EqualFold(u.SAMAccountName, name) })
}

// UsersWithEmailIn returns the users whose e-mail address holds a text, in whatever case: "viktor.petrov+ol@example.com"
// holds "viktor.petrov".
func (c *Client) UsersWithEmailIn(ctx context.Context, text string) ([]User, error) {
	const op = "find users by part of the e-mail address"
	if unsearchable(text) {
		return nil, invalid(op, unsearchableText)
	}
	return c.search(ctx, op, url.Values{"email": {"*" + text + "*"}}, func(u User) bool {
		return strings.Contains(strings.ToLower(u.Email), strings.ToLower(text))
	})
}

// UsersWithNamesIn returns the users whose first name begins with one text and whose last name holds another, in whatever
// case: "Leon Moreau-Diaz" for "Leon" and "Moreau".
func (c *Client) UsersWithNamesIn(ctx context.Context, first, last string) ([]User, error) {
	const op = "find users by parts of the name"
	if unsearchable(first) || unsearchable(last) {
		return nil, invalid(op, unsearchableText)
	}
	return c.search(ctx, op, url.Values{"firstname": {first + "*"}, "lastname": {"*" + last + "*"}}, func(u User) bool {
		return strings.HasPrefix(strings.ToLower(u.FirstName), strings.ToLower(first)) &&
			strings.Contains(strings.ToLower(u.LastName), strings.ToLower(last))
	})
}

// unsearchable reports that a value would list everybody, or holds "*", which is OneLogin's wildcard and has no escape.
// Source: developers.onelogin.com, 2/users/list-users.
func unsearchable(value string) bool {
	return strings.TrimSpace(value) == "" || strings.Contains(value, "*")
}

const unsearchableText = `the value is empty or holds "*", which OneLogin takes for a wildcard`

// find lists the users with one value in a field and keeps those that match indeed.
func (c *Client) find(ctx context.Context, field, value string, matches func(User) bool) ([]User, error) {
	op := "find users by " + field
	if unsearchable(value) {
		return nil, invalid(op, unsearchableText)
	}
	return c.search(ctx, op, url.Values{field: {value}}, matches)
}

func (c *Client) search(ctx context.Context, op string, query url.Values, matches func(User) bool) ([]User, error) {
	var found []User
	for u, err := range c.listUsers(ctx, op, query, defaultUserPage) {
		if err != nil {
			return nil, err
		}
		if matches(u) {
			found = append(found, u)
		}
	}
	return found, nil
}

// Users walks the users that the filter leaves, page by page as the caller goes on. An error ends the walk.
// Source: developers.onelogin.com, 2/users/list-users; group_id as sent by baton-onelogin.
func (c *Client) Users(ctx context.Context, f UserFilter) iter.Seq2[User, error] {
	query := url.Values{}
	if !f.UpdatedSince.IsZero() {
		query.Set("updated_since", f.UpdatedSince.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	if f.GroupID != 0 {
		query.Set("group_id", strconv.FormatInt(f.GroupID, 10))
	}
	limit := f.Limit
	if limit <= 0 {
		limit = defaultUserPage
	}
	return c.listUsers(ctx, "list users", query, limit)
}

func (c *Client) listUsers(ctx context.Context, op string, query url.Values, limit int) iter.Seq2[User, error] {
	query.Set("fields", userFields)
	query.Set("limit", strconv.Itoa(limit))
	r := request{op: op, method: http.MethodGet, path: "/api/2/users", query: query}
	return func(yield func(User, error) bool) {
		for w, err := range pages[wireUser](ctx, c, r) {
			if err == nil && w.ID.Value <= 0 {
				err = connectors.Malformed(system, op, http.StatusOK, errors.New("a user in the list has no id"))
			}
			if err != nil {
				yield(User{}, err)
				return
			}
			u := w.user()
			if w.complete() {
				c.judge(u)
			}
			if !yield(u, nil) {
				return
			}
		}
	}
}

// CreateUser creates a user without a password; OneLogin sends no invitation. It is not safe to repeat: a repetition
// after a lost reply fails with KindConflict and CodeUsernameTaken, and so does a username that somebody else has.
// A user that would be protected is refused. Source: developers.onelogin.com, 2/users/create-user.
func (c *Client) CreateUser(ctx context.Context, n NewUser) (User, error) {
	const op = "create user"
	if c.protected != nil {
		if err := refusal(op, c.protected(n.asUser())); err != nil {
			return User{}, err
		}
	}
	return c.callUser(ctx, 0, request{
		op: op, method: http.MethodPost, path: "/api/2/users", query: writeQuery(), body: n.body(),
	})
}

// UpdateUser sets the fields that the change names and returns the user afterwards. An empty change writes nothing and
// returns the user as it is. Roles are changed with AddRoles and RemoveRoles. It may be repeated.
// Source: developers.onelogin.com, 2/users/update-user.
func (c *Client) UpdateUser(ctx context.Context, id int64, change UserChange) (User, error) {
	body := change.body()
	if len(body) == 0 {
		return c.User(ctx, id)
	}
	op := fmt.Sprintf("%s user %d", change.verb(), id)
	if err := c.guard(ctx, op, id); err != nil {
		return User{}, err
	}
	return c.callUser(ctx, id, request{op: op, method: http.MethodPut, path: userPath(id), query: writeQuery(), body: body})
}

// writeQuery keeps OneLogin's own mappings from changing what is written, and checks password policy as OneLogin does by
// default.
func writeQuery() url.Values {
	return url.Values{"mappings": {"disabled"}, "validate_policy": {"true"}}
}

// DeleteUser removes a user for good. A user that is gone already is success.
// Source: developers.onelogin.com, 2/users/delete-user.
func (c *Client) DeleteUser(ctx context.Context, id int64) error {
	op := fmt.Sprintf("delete user %d", id)
	err := c.guard(ctx, op, id)
	if err == nil {
		_, err = c.call(ctx, request{op: op, method: http.MethodDelete, path: userPath(id)}, nil)
	}
	if connectors.IsKind(err, connectors.KindNotFound) {
		return nil
	}
	return err
}
