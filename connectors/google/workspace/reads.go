package workspace

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/connectors/target"
)

// maxPage is the most users of a page.
const maxPage = 500

// user reads one user by the id.
func (t *Target) user(ctx context.Context, op, id string) (*admin.User, error) {
	if err := named(op, id); err != nil {
		return nil, err
	}
	return call(ctx, t, op, func(ctx context.Context) (*admin.User, error) {
		u, err := t.directory.Users.Get(id).Projection("full").Context(ctx).Do()
		if err == nil && u.Id != id {
			return nil, malformed(op, "Google answered with another user")
		}
		return u, err
	})
}

// Read implements target.System. The manager is read with the account alone, because Google has it by address.
func (t *Target) Read(ctx context.Context, in target.ReadRequest) (target.Account, error) {
	u, err := t.user(ctx, "read user "+in.ID, in.ID)
	if err != nil {
		return target.Account{}, err
	}
	groups, err := t.groupsOf(ctx, in.ID)
	if err != nil {
		return target.Account{}, err
	}
	return t.managed(ctx, u, t.account(u, groups, true))
}

// groupsOf are the ids of the groups that a user is in directly.
func (t *Target) groupsOf(ctx context.Context, id string) (ids []string, err error) {
	op := "read the groups of user " + id
	token := ""
	for {
		page, err := call(ctx, t, op, func(ctx context.Context) (*admin.Groups, error) {
			return t.directory.Groups.List().UserKey(id).MaxResults(200).PageToken(token).Context(ctx).Do()
		})
		if err != nil {
			return nil, err
		}
		for _, g := range page.Groups {
			if slices.Contains(ids, g.Id) {
				return nil, malformed(op, "a group came twice")
			}
			ids = append(ids, g.Id)
		}
		if page.NextPageToken == "" {
			return ids, nil
		}
		if page.NextPageToken == token {
			return nil, malformed(op, "a page leads to itself")
		}
		token = page.NextPageToken
	}
}

// Find implements target.Finder. Memberships are not among what it finds.
func (t *Target) Find(ctx context.Context, in target.FindRequest) ([]target.Account, error) {
	const op = "search for users"
	field, want := "email", in.Email
	switch {
	case in.ExternalID != "":
		field, want = "externalId", in.ExternalID
	case in.Email == "":
		want = in.Username
	}
	if want = strings.TrimSpace(want); want == "" || strings.Contains(want, "*") {
		return nil, invalid(op, "Google searches for one whole value, without a wildcard")
	}
	query := field + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(want) + "'"
	var found []target.Account
	token := ""
	for {
		page, err := call(ctx, t, op, func(ctx context.Context) (*admin.Users, error) {
			return t.directory.Users.List().Customer(everybody).Query(query).Projection("full").MaxResults(maxPage).PageToken(token).Context(ctx).Do()
		})
		if err != nil {
			return nil, err
		}
		for _, u := range page.Users {
			if a := t.account(u, nil, false); t.carries(u, in, want) && !slices.ContainsFunc(found, func(b target.Account) bool { return b.Ref == a.Ref }) {
				found = append(found, a)
			}
		}
		if page.NextPageToken == "" || page.NextPageToken == token {
			return found, nil
		}
		token = page.NextPageToken
	}
}

// carries reports that a user has exactly what was searched for: Google finds more.
func (t *Target) carries(u *admin.User, in target.FindRequest, want string) bool {
	switch {
	case in.ExternalID != "":
		return t.externalID(u) == want
	case in.Email == "":
		return strings.EqualFold(u.PrimaryEmail, want)
	}
	return goesBy(u, want) || slices.ContainsFunc(items[admin.UserEmail](u.Emails), func(e admin.UserEmail) bool { return strings.EqualFold(e.Address, want) })
}

// goesBy reports that an address is a user's own or one of their aliases.
func goesBy(u *admin.User, address string) bool {
	same := func(other string) bool { return strings.EqualFold(other, address) }
	return same(u.PrimaryEmail) || slices.ContainsFunc(u.Aliases, same) || slices.ContainsFunc(u.NonEditableAliases, same)
}

// place is a cursor: Google's token, and the first and last user of the page before, who must not come again.
type place struct {
	Token string `json:"t"`
	First string `json:"f"`
	Last  string `json:"l"`
}

// List implements target.Lister. Accounts come without their memberships, so that none is whole: Groups and Members have those.
func (t *Target) List(ctx context.Context, in target.ListRequest) (target.ListResponse, error) {
	const op = "list users"
	var at place
	if in.Cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(in.Cursor)
		if err != nil || json.Unmarshal(raw, &at) != nil || at.Token == "" {
			return target.ListResponse{}, invalid(op, "the cursor is of no list of users: begin the list anew")
		}
	}
	if in.Since != (time.Time{}) {
		return target.ListResponse{}, invalid(op, "Google does not list what was changed: list all users")
	}
	page, err := t.usersPage(ctx, op, at.Token, "ASCENDING", t.o.PageSize)
	if err != nil {
		return target.ListResponse{}, err
	}
	out := target.ListResponse{Total: -1}
	for _, u := range page.Users {
		if u.Id == at.First || u.Id == at.Last {
			return target.ListResponse{}, malformed(op, "a page came twice")
		}
		out.Accounts = append(out.Accounts, t.account(u, nil, false))
	}
	if len(page.Users) == 0 && at.Token == "" {
		return target.ListResponse{}, malformed(op, "Google shows a company of nobody, although there is the administrator who asks")
	}
	if page.NextPageToken == "" {
		return out, t.ends(ctx, op, page.Users, at)
	}
	next := place{Token: page.NextPageToken}
	if len(page.Users) > 0 {
		next.First, next.Last = page.Users[0].Id, page.Users[len(page.Users)-1].Id
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return target.ListResponse{}, malformed(op, "the page token cannot be kept")
	}
	if out.Next = base64.RawURLEncoding.EncodeToString(raw); next.Token == at.Token {
		return target.ListResponse{}, malformed(op, "a page leads to itself")
	}
	return out, nil
}

func (t *Target) usersPage(ctx context.Context, op, token, order string, size int) (*admin.Users, error) {
	return call(ctx, t, op, func(ctx context.Context) (*admin.Users, error) {
		return t.directory.Users.List().Customer(everybody).Projection("full").OrderBy("email").SortOrder(order).
			MaxResults(int64(size)).PageToken(token).Context(ctx).Do()
	})
}

// ends looks at the end of a list from the other side. Google counts nothing, so that a list that stops early would look complete.
func (t *Target) ends(ctx context.Context, op string, shown []*admin.User, at place) error {
	last := at.Last
	if len(shown) > 0 {
		last = shown[len(shown)-1].Id
	}
	page, err := t.usersPage(ctx, op, "", "DESCENDING", 5)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(page.Users, func(u *admin.User) bool { return u.Id == last }) {
		return malformed(op, "the list ended before its end: list again")
	}
	return nil
}
