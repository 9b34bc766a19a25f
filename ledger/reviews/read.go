package reviews

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"gatehouse/ledger/engine"
)

// Access is an account of a campaign with what was found out about it and the roles it has, by ascending role id.
type Access struct {
	User
	Verdict Verdict
	Members []Member
}

const reviewUserColumns = `u.user_id, u.included, u.status, u.group_id, u.manager_id, u.last_login, u.created_at, u.sealed,
	COALESCE(v.person_key, ''), COALESCE(v.hr, ''), COALESCE(v.mfa, ''), COALESCE(v.protected, ''), COALESCE(v.owner, '')`

const reviewUserFrom = ` FROM review_users u LEFT JOIN review_verdicts v ON v.campaign = u.campaign AND v.user_id = u.user_id `

func (s Store) reviewUsers(ctx context.Context, key, where string, args ...any) ([]Access, error) {
	var users []Access
	err := engine.Each(ctx, s.db.Reader(), "SELECT "+reviewUserColumns+reviewUserFrom+where, append([]any{key}, args...),
		func(scan func(...any) error) error {
			var a Access
			var included, login, created int64
			var stored []byte
			if err := scan(&a.ID, &included, &a.Status, &a.GroupID, &a.ManagerID, &login, &created, &stored,
				&a.Verdict.PersonKey, &a.Verdict.HR, &a.Verdict.MFA, &a.Verdict.Protected, &a.Verdict.Owner); err != nil {
				return err
			}
			a.Included, a.LastLogin, a.CreatedAt, a.Verdict.UserID = included == 1, engine.Instant(login), engine.Instant(created), a.ID
			var err error
			a.Identity, err = s.openIdentity(key, a.ID, stored)
			users = append(users, a)
			return err
		})
	return users, err
}

func (s Store) openIdentity(key string, id int64, stored []byte) (Identity, error) {
	var identity Identity
	plain, err := s.db.Open(engine.Place("review_users.sealed", key, strconv.FormatInt(id, 10)), stored)
	if err == nil && len(plain) > 0 {
		err = json.Unmarshal(plain, &identity)
	}
	return identity, err
}

// addMembers adds the roles of accounts.
func (s Store) addMembers(ctx context.Context, key string, users []Access) error {
	at, ids := make(map[int64]int, len(users)), make([]int64, len(users))
	for i, u := range users {
		at[u.ID], ids[i] = i, u.ID
	}
	return engine.IDChunks(ids, func(part []any) error {
		return engine.Each(ctx, s.db.Reader(), `SELECT user_id, role_id, added_at, added_by FROM review_members
			WHERE campaign = $1 AND user_id IN `+engine.List(2, len(part))+` ORDER BY user_id, role_id`, append([]any{key}, part...),
			func(scan func(...any) error) error {
				var m Member
				var added int64
				if err := scan(&m.UserID, &m.RoleID, &added, &m.AddedBy); err != nil {
					return err
				}
				m.AddedAt = engine.Instant(added)
				u := &users[at[m.UserID]]
				u.Members = append(u.Members, m)
				return nil
			})
	})
}

// Identities returns who accounts are, under review or not. Ids that the campaign does not have are left out.
func (s Store) Identities(ctx context.Context, key string, ids []int64) (map[int64]Identity, error) {
	found := map[int64]Identity{}
	err := engine.IDChunks(ids, func(part []any) error {
		return engine.Each(ctx, s.db.Reader(), "SELECT user_id, sealed FROM review_users WHERE campaign = $1 AND user_id IN "+
			engine.List(2, len(part)), append([]any{key}, part...), func(scan func(...any) error) error {
			var id int64
			var stored []byte
			err := scan(&id, &stored)
			if err == nil {
				found[id], err = s.openIdentity(key, id, stored)
			}
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read who accounts of campaign %s are: %w", key, err)
	}
	return found, nil
}

// Catalog is the names of a campaign by kind and id, and the ids of the apps that each role carries, ascending.
type Catalog struct {
	Names    map[string]map[int64]string
	RoleApps map[int64][]int64
}

// Catalog returns the names of roles, apps and groups of a campaign.
func (s Store) Catalog(ctx context.Context, key string) (Catalog, error) {
	c := Catalog{
		Names:    map[string]map[int64]string{NameRole: {}, NameApp: {}, NameGroup: {}, NameManaged: {}, NamePrivileged: {}},
		RoleApps: map[int64][]int64{},
	}
	err := engine.Each(ctx, s.db.Reader(), "SELECT kind, id, name FROM review_names WHERE campaign = $1", []any{key},
		func(scan func(...any) error) error {
			var kind, name string
			var id int64
			if err := scan(&kind, &id, &name); err != nil {
				return err
			}
			c.Names[kind][id] = name
			return nil
		})
	if err == nil {
		err = engine.Each(ctx, s.db.Reader(), "SELECT role_id, app_id FROM review_role_apps WHERE campaign = $1 "+
			"ORDER BY role_id, app_id", []any{key}, func(scan func(...any) error) error {
			var role, app int64
			err := scan(&role, &app)
			c.RoleApps[role] = append(c.RoleApps[role], app)
			return err
		})
	}
	if err != nil {
		return Catalog{}, fmt.Errorf("read the names of campaign %s: %w", key, err)
	}
	return c, nil
}

// Strays returns up to limit ids of members whom no page of the list of users showed: OneLogin pages by position,
// so a deletion while the list is read hides whoever moves up across a page's edge.
func (s Store) Strays(ctx context.Context, key string, after int64, limit int) ([]int64, error) {
	var ids []int64
	err := engine.Each(ctx, s.db.Reader(), `SELECT DISTINCT m.user_id FROM review_members m WHERE m.campaign = $1
		AND m.user_id > $2 AND NOT EXISTS (SELECT 1 FROM review_users u WHERE u.campaign = m.campaign
		AND u.user_id = m.user_id) ORDER BY m.user_id LIMIT $3`, []any{key, after, limit},
		func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read members of campaign %s who are no users: %w", key, err)
	}
	return ids, nil
}

// FindingPlace is where a list of findings goes on; the zero value is its beginning.
type FindingPlace struct {
	Severity int
	Kind     string
	UserID   int64
	Item     string
}

// Findings returns up to limit findings after a place, the most urgent first, then by kind and account.
func (s Store) Findings(ctx context.Context, key string, after FindingPlace, limit int) ([]Finding, error) {
	found, err := s.findings(ctx, key, `AND (severity, kind, user_id, item) > ($2, $3, $4, $5)
		ORDER BY severity, kind, user_id, item LIMIT $6`, after.Severity, after.Kind, after.UserID, after.Item, limit)
	if err != nil {
		return nil, fmt.Errorf("read findings of campaign %s: %w", key, err)
	}
	return found, nil
}

// FindingsOf returns the findings about accounts, in the same order, by account.
func (s Store) FindingsOf(ctx context.Context, key string, ids []int64) (map[int64][]Finding, error) {
	byUser := map[int64][]Finding{}
	err := engine.IDChunks(ids, func(part []any) error {
		found, err := s.findings(ctx, key, "AND user_id IN "+engine.List(2, len(part))+" ORDER BY severity, kind, user_id, item", part...)
		for _, f := range found {
			byUser[f.UserID] = append(byUser[f.UserID], f)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read findings of campaign %s: %w", key, err)
	}
	return byUser, nil
}

func (s Store) findings(ctx context.Context, key, where string, args ...any) ([]Finding, error) {
	var found []Finding
	err := engine.Each(ctx, s.db.Reader(), "SELECT severity, kind, user_id, item, system, account_id, sealed FROM review_findings "+
		"WHERE campaign = $1 "+where, append([]any{key}, args...), func(scan func(...any) error) error {
		var f Finding
		var stored []byte
		err := scan(&f.Severity, &f.Kind, &f.UserID, &f.Item, &f.Ref.System, &f.Ref.ID, &stored)
		if err == nil {
			f.Detail, err = s.db.OpenText(engine.Place("review_findings.sealed", key, f.Kind, strconv.FormatInt(f.UserID, 10), f.Item), stored)
		}
		found = append(found, f)
		return err
	})
	return found, err
}

// unowned holds for an account u that nobody but a manager reviews.
const unowned = "NOT EXISTS (SELECT 1 FROM review_verdicts o WHERE o.campaign = u.campaign AND o.user_id = u.user_id AND o.owner <> '')"

// Owners returns the addresses of those who review accounts that are no person's own.
func (s Store) Owners(ctx context.Context, key string) ([]string, error) {
	var owners []string
	err := engine.Each(ctx, s.db.Reader(), `SELECT o.owner FROM review_verdicts o JOIN review_users u ON u.campaign = o.campaign
		AND u.user_id = o.user_id WHERE o.campaign = $1 AND o.owner <> '' AND u.included = 1
		UNION SELECT owner FROM review_accounts WHERE campaign = $1 AND owner <> '' ORDER BY 1`, []any{key}, func(scan func(...any) error) error {
		var owner string
		err := scan(&owner)
		owners = append(owners, owner)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the owners of campaign %s: %w", key, err)
	}
	return owners, nil
}

// Owned returns up to limit accounts under review that somebody reviews in a manager's place, and how many there are in all.
func (s Store) Owned(ctx context.Context, key, owner string, limit int) ([]Access, int, error) {
	return s.reviewGroup(ctx, key, `EXISTS (SELECT 1 FROM review_verdicts o WHERE o.campaign = u.campaign AND o.user_id = u.user_id
		AND o.owner = $2)`, []any{owner}, limit)
}

// answers holds for a manager m who can be asked about an account: somebody else than whose own account it is, whose account is under
// review and who has not left. The parameter is the HR verdict of whoever has left.
func answers(own string, parameter int) string {
	return fmt.Sprintf(`m.included = 1 AND m.user_id <> %s AND NOT EXISTS (SELECT 1 FROM review_verdicts w
		WHERE w.campaign = m.campaign AND w.user_id = m.user_id AND w.hr = $%d)`, own, parameter)
}

// Managers returns up to limit ids of accounts that can be asked about others under review, whose manager they are, in any system,
// by ascending id, those after an id. Left is the HR verdict of a manager who has left: nobody asks them.
func (s Store) Managers(ctx context.Context, key, left string, after int64, limit int) ([]int64, error) {
	var ids []int64
	err := engine.Each(ctx, s.db.Reader(), `SELECT u.manager_id FROM review_users u
		JOIN review_users m ON m.campaign = u.campaign AND m.user_id = u.manager_id
		WHERE u.campaign = $1 AND u.manager_id > $2 AND u.included = 1 AND `+unowned+` AND `+answers("u.user_id", 4)+`
		UNION SELECT a.manager_id FROM review_accounts a JOIN review_users m ON m.campaign = a.campaign AND m.user_id = a.manager_id
		WHERE a.campaign = $1 AND a.manager_id > $2 AND a.owner = '' AND `+answers("a.lead", 4)+`
		ORDER BY 1 LIMIT $3`, []any{key, after, limit, left}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the managers of campaign %s: %w", key, err)
	}
	return ids, nil
}

// Reports returns up to limit accounts under review whose manager an account is, in the order of the sheet, and how many
// there are in all. Nobody reports to themselves.
func (s Store) Reports(ctx context.Context, key string, manager int64, limit int) ([]Access, int, error) {
	return s.reviewGroup(ctx, key, "u.manager_id = $2 AND u.user_id <> $2 AND "+unowned, []any{manager}, limit)
}

// Unmanaged returns up to limit accounts under review about whom neither a manager nor an owner can be asked, and how many there are
// in all. Left is as in Managers: together with Owners the three name every account under review once.
func (s Store) Unmanaged(ctx context.Context, key, left string, limit int) ([]Access, int, error) {
	return s.reviewGroup(ctx, key, unowned+` AND NOT EXISTS (SELECT 1 FROM review_users m WHERE m.campaign = u.campaign
		AND m.user_id = u.manager_id AND `+answers("u.user_id", 2)+`)`, []any{left}, limit)
}

func (s Store) reviewGroup(ctx context.Context, key, which string, args []any, limit int) ([]Access, int, error) {
	where := "WHERE u.campaign = $1 AND u.included = 1 AND " + which
	var total int
	_, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT COUNT(*) FROM review_users u "+where, append([]any{key}, args...), &total)
	var users []Access
	if err == nil {
		users, err = s.reviewUsers(ctx, key, where+fmt.Sprintf(" ORDER BY "+reviewOrder+" LIMIT %d", limit), args...)
	}
	if err == nil {
		err = s.addMembers(ctx, key, users)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read people of campaign %s: %w", key, err)
	}
	return users, total, nil
}

// AccountsByID returns accounts by their ids, without their roles.
func (s Store) AccountsByID(ctx context.Context, key string, ids []int64) (map[int64]Access, error) {
	found := map[int64]Access{}
	err := engine.IDChunks(ids, func(part []any) error {
		users, err := s.reviewUsers(ctx, key, "WHERE u.campaign = $1 AND u.user_id IN "+engine.List(2, len(part)), part...)
		for _, u := range users {
			found[u.ID] = u
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read accounts of campaign %s: %w", key, err)
	}
	return found, nil
}
