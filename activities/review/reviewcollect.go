package review

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/reviews"
)

// listPlace is where a list goes on.
type listPlace struct {
	// Cursor is OneLogin's, empty at the beginning.
	Cursor string `json:"cursor,omitempty"`
	Seen   int64  `json:"seen"`
	// Role is the role whose members are being read, Strays says that members nobody saw in the list of users are.
	Role   int64 `json:"role,omitempty"`
	Strays bool  `json:"strays,omitempty"`
	After  int64 `json:"after,omitempty"`
}

// CollectUsers reads all users, a page at a time.
func (r *Review) CollectUsers(ctx context.Context, in api.ReviewInput) (api.ReviewCount, error) {
	n, err := r.collectUsers(ctx, in.Campaign)
	return api.ReviewCount{Items: n}, err
}

func (r *Review) collectUsers(ctx context.Context, campaign string) (int64, error) {
	client := r.OneLogin.For(onelogin.Sweep)
	for {
		at, done, err := r.Ledger.Review().Step(ctx, campaign, stepUsers)
		if err != nil {
			return 0, err
		}
		var place listPlace
		if err := step.ReadPlace(at, &place); err != nil || done {
			return place.Seen, err
		}
		step.Beat(ctx, place.Seen)
		users, next, err := client.UserPage(ctx, place.Cursor)
		if err != nil {
			return 0, err
		}
		place.Cursor, place.Seen = next, place.Seen+int64(len(users))
		move, err := moveTo(stepUsers, at, place, next == "")
		if err != nil {
			return 0, err
		}
		if frozen, err := r.stage(ctx, campaign, move, userRows(users)); frozen || err != nil {
			return place.Seen, err
		}
	}
}

// userRows stages users with the roles that the list gives them. Since when they have them is learnt from the roles.
func userRows(users []onelogin.User) reviews.Rows {
	var rows reviews.Rows
	for _, u := range users {
		rows.Users = append(rows.Users, reviews.User{
			ID: u.ID, Included: underReview(identity.AccountStatus(u.Status)), Status: u.Status, GroupID: u.GroupID, ManagerID: u.ManagerUserID,
			LastLogin: u.LastLogin, CreatedAt: u.CreatedAt,
			Identity: reviews.Identity{
				Username: u.Username, Email: u.Email, Name: strings.TrimSpace(u.FirstName + " " + u.LastName),
				Title: u.Title, Department: u.Department, ExternalID: u.ExternalID,
			},
		})
		for _, role := range u.RoleIDs {
			rows.Members = append(rows.Members, reviews.Member{UserID: u.ID, RoleID: role})
		}
	}
	return rows
}

// underReview: whoever can sign in, or could without an administrator's doing. A lock, an expired password and a
// pending one all end by themselves or by the person.
func underReview(status identity.AccountStatus) bool {
	switch status {
	case identity.AccountSuspended, identity.AccountUnactivated:
		return false
	case identity.AccountActive, identity.AccountLocked, identity.AccountPasswordExpired, identity.AccountAwaitingReset,
		identity.AccountPasswordPending, identity.AccountSecurityQuestions:
		return true
	}
	return true
}

// CollectRoles reads the members of every role with since when and by whom, and then the users whom the list of users
// did not show.
func (r *Review) CollectRoles(ctx context.Context, in api.ReviewInput) (api.ReviewCount, error) {
	n, err := r.collectRoles(ctx, in.Campaign)
	return api.ReviewCount{Items: n}, err
}

func (r *Review) collectRoles(ctx context.Context, campaign string) (int64, error) {
	roles, err := r.roleIDs(ctx, campaign)
	if err != nil {
		return 0, err
	}
	for {
		at, done, err := r.Ledger.Review().Step(ctx, campaign, stepRoles)
		if err != nil {
			return 0, err
		}
		var place listPlace
		if err := step.ReadPlace(at, &place); err != nil || done {
			return place.Seen, err
		}
		step.Beat(ctx, place.Seen)
		rows, next, done, err := r.nextMembers(ctx, campaign, place, roles)
		if err != nil {
			return 0, err
		}
		move, err := moveTo(stepRoles, at, next, done)
		if err != nil {
			return 0, err
		}
		if frozen, err := r.stage(ctx, campaign, move, rows); frozen || err != nil {
			return next.Seen, err
		}
	}
}

// roleIDs are the roles whose members are read, ascending. The apps step has put them into the stage.
func (r *Review) roleIDs(ctx context.Context, campaign string) ([]int64, error) {
	catalog, err := r.Ledger.Review().Catalog(ctx, campaign)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(catalog.Names[reviews.NameRole])), nil
}

// nextMembers reads one page: of a role's members, or of the strays once all roles are read.
func (r *Review) nextMembers(ctx context.Context, campaign string, at listPlace, roles []int64) (reviews.Rows, listPlace, bool, error) {
	client := r.OneLogin.For(onelogin.Sweep)
	if at.Strays {
		return r.nextStrays(ctx, campaign, at)
	}
	if at.Cursor == "" {
		i := 0
		for i < len(roles) && roles[i] <= at.Role {
			i++
		}
		if i == len(roles) {
			at.Strays = true
			return reviews.Rows{}, at, false, nil
		}
		at.Role = roles[i]
	}
	members, next, err := client.RoleUserPage(ctx, at.Role, at.Cursor)
	if step.IsNotFound(err) {
		members, next, err = nil, "", nil
	}
	var rows reviews.Rows
	for _, m := range members {
		rows.Members = append(rows.Members, reviews.Member{UserID: m.ID, RoleID: at.Role, AddedAt: m.AddedAt, AddedBy: m.AddedByID})
	}
	at.Cursor, at.Seen = next, at.Seen+int64(len(members))
	return rows, at, false, err
}

// straysPage is how many users are read by their ids in one call.
const straysPage = 100

func (r *Review) nextStrays(ctx context.Context, campaign string, at listPlace) (reviews.Rows, listPlace, bool, error) {
	ids, err := r.Ledger.Review().Strays(ctx, campaign, at.After, straysPage)
	if err != nil || len(ids) == 0 {
		return reviews.Rows{}, at, true, err
	}
	users, err := r.OneLogin.For(onelogin.Sweep).UsersByID(ctx, ids)
	at.After = ids[len(ids)-1]
	return userRows(users), at, false, err
}

// CollectApps reads the names of roles, groups and apps, and which role carries which app. OneLogin gives apps through
// roles only, so that everybody's apps follow from their roles. Apps that an administrator added to a single login by
// hand are not read: that would take a call per app and thousand users.
func (r *Review) CollectApps(ctx context.Context, in api.ReviewInput) (api.ReviewCount, error) {
	n, err := r.collectApps(ctx, in.Campaign)
	return api.ReviewCount{Items: n}, err
}

func (r *Review) collectApps(ctx context.Context, campaign string) (int64, error) {
	at, done, err := r.Ledger.Review().Step(ctx, campaign, stepApps)
	if err != nil {
		return 0, err
	}
	var place listPlace
	if err := step.ReadPlace(at, &place); err != nil || done {
		return place.Seen, err
	}
	rows, err := r.names(ctx)
	if err != nil {
		return 0, err
	}
	place.Seen = int64(len(rows.Names))
	move, err := moveTo(stepApps, at, place, true)
	if err != nil {
		return 0, err
	}
	_, err = r.stage(ctx, campaign, move, rows)
	return place.Seen, err
}

func (r *Review) names(ctx context.Context) (rows reviews.Rows, err error) {
	client := r.OneLogin.For(onelogin.Sweep)
	step.Beat(ctx, "roles")
	roles, err := client.Roles(ctx)
	if err != nil {
		return rows, fmt.Errorf("read the names of roles: %w", err)
	}
	for _, role := range roles {
		rows.Names = append(rows.Names, reviews.Name{Kind: reviews.NameRole, ID: role.ID, Name: role.Name})
	}
	groups, err := client.Groups(ctx)
	if err != nil {
		return rows, fmt.Errorf("read the names of groups: %w", err)
	}
	for _, g := range groups {
		rows.Names = append(rows.Names, reviews.Name{Kind: reviews.NameGroup, ID: g.ID, Name: g.Name})
	}
	step.Beat(ctx, "apps")
	apps, err := client.Apps(ctx)
	if err != nil {
		return rows, fmt.Errorf("read the apps: %w", err)
	}
	for _, app := range apps {
		rows.Names = append(rows.Names, reviews.Name{Kind: reviews.NameApp, ID: app.ID, Name: app.Name})
		for _, role := range app.RoleIDs {
			rows.RoleApps = append(rows.RoleApps, reviews.RoleApp{RoleID: role, AppID: app.ID})
		}
	}
	return rows, nil
}
