package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// ReviewAccess is an account of a campaign with what was found out about it and the roles it has, by ascending role id.
type ReviewAccess struct {
	ReviewUser
	Verdict ReviewVerdict
	Members []ReviewMember
}

const reviewUserColumns = `u.user_id, u.included, u.status, u.group_id, u.manager_id, u.last_login, u.created_at, u.sealed,
	COALESCE(v.person_key, ''), COALESCE(v.hr, ''), COALESCE(v.mfa, ''), COALESCE(v.protected, '')`

const reviewUserFrom = ` FROM review_users u LEFT JOIN review_verdicts v ON v.campaign = u.campaign AND v.user_id = u.user_id `

func (l *Ledger) reviewUsers(ctx context.Context, key, where string, args ...any) ([]ReviewAccess, error) {
	var users []ReviewAccess
	err := each(ctx, l.db.Reader(), "SELECT "+reviewUserColumns+reviewUserFrom+where, append([]any{key}, args...),
		func(scan func(...any) error) error {
			var a ReviewAccess
			var included, login, created int64
			var stored []byte
			if err := scan(&a.ID, &included, &a.Status, &a.GroupID, &a.ManagerID, &login, &created, &stored,
				&a.Verdict.PersonKey, &a.Verdict.HR, &a.Verdict.MFA, &a.Verdict.Protected); err != nil {
				return err
			}
			a.Included, a.LastLogin, a.CreatedAt, a.Verdict.UserID = included == 1, instant(login), instant(created), a.ID
			var err error
			a.ReviewIdentity, err = l.openIdentity(key, a.ID, stored)
			users = append(users, a)
			return err
		})
	return users, err
}

func (l *Ledger) openIdentity(key string, id int64, stored []byte) (ReviewIdentity, error) {
	var identity ReviewIdentity
	plain, err := l.db.Open(place("review_users.sealed", key, strconv.FormatInt(id, 10)), stored)
	if err == nil && len(plain) > 0 {
		err = json.Unmarshal(plain, &identity)
	}
	return identity, err
}

// ReviewAccounts returns up to limit accounts under review with their roles, by ascending id, those after an id.
func (l *Ledger) ReviewAccounts(ctx context.Context, key string, after int64, limit int) ([]ReviewAccess, error) {
	users, err := l.reviewUsers(ctx, key, "WHERE u.campaign = $1 AND u.user_id > $2 AND u.included = 1 "+
		"ORDER BY u.user_id LIMIT $3", after, limit)
	if err == nil {
		err = l.addMembers(ctx, key, users)
	}
	if err != nil {
		return nil, fmt.Errorf("read accounts of campaign %s: %w", key, err)
	}
	return users, nil
}

// addMembers adds the roles of accounts that stand in the order of their ids.
func (l *Ledger) addMembers(ctx context.Context, key string, users []ReviewAccess) error {
	if len(users) == 0 {
		return nil
	}
	i := 0
	return each(ctx, l.db.Reader(), `SELECT user_id, role_id, added_at, added_by FROM review_members
		WHERE campaign = $1 AND user_id >= $2 AND user_id <= $3 ORDER BY user_id, role_id`,
		[]any{key, users[0].ID, users[len(users)-1].ID}, func(scan func(...any) error) error {
			var m ReviewMember
			var at int64
			if err := scan(&m.UserID, &m.RoleID, &at, &m.AddedBy); err != nil {
				return err
			}
			m.AddedAt = instant(at)
			for i < len(users)-1 && users[i].ID < m.UserID {
				i++
			}
			if users[i].ID == m.UserID {
				users[i].Members = append(users[i].Members, m)
			}
			return nil
		})
}

// ReviewIdentities returns who accounts are, under review or not. Ids that the campaign does not have are left out.
func (l *Ledger) ReviewIdentities(ctx context.Context, key string, ids []int64) (map[int64]ReviewIdentity, error) {
	found := map[int64]ReviewIdentity{}
	err := idChunks(ids, func(part []any) error {
		return each(ctx, l.db.Reader(), "SELECT user_id, sealed FROM review_users WHERE campaign = $1 AND user_id IN "+
			list(2, len(part)), append([]any{key}, part...), func(scan func(...any) error) error {
			var id int64
			var stored []byte
			err := scan(&id, &stored)
			if err == nil {
				found[id], err = l.openIdentity(key, id, stored)
			}
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read who accounts of campaign %s are: %w", key, err)
	}
	return found, nil
}

// idChunks calls do with parts of a list of ids that fit in one statement.
func idChunks(ids []int64, do func(part []any) error) error {
	const size = maxArgs - 2
	for start := 0; start < len(ids); start += size {
		chunk := ids[start:min(start+size, len(ids))]
		part := make([]any, len(chunk))
		for i, id := range chunk {
			part[i] = id
		}
		if err := do(part); err != nil {
			return err
		}
	}
	return nil
}

// ReviewCatalog is the names of a campaign by kind and id, and the ids of the apps that each role carries, ascending.
type ReviewCatalog struct {
	Names    map[string]map[int64]string
	RoleApps map[int64][]int64
}

// ReviewCatalog returns the names of roles, apps and groups of a campaign.
func (l *Ledger) ReviewCatalog(ctx context.Context, key string) (ReviewCatalog, error) {
	c := ReviewCatalog{
		Names:    map[string]map[int64]string{NameRole: {}, NameApp: {}, NameGroup: {}, NameManaged: {}, NamePrivileged: {}},
		RoleApps: map[int64][]int64{},
	}
	err := each(ctx, l.db.Reader(), "SELECT kind, id, name FROM review_names WHERE campaign = $1", []any{key},
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
		err = each(ctx, l.db.Reader(), "SELECT role_id, app_id FROM review_role_apps WHERE campaign = $1 "+
			"ORDER BY role_id, app_id", []any{key}, func(scan func(...any) error) error {
			var role, app int64
			err := scan(&role, &app)
			c.RoleApps[role] = append(c.RoleApps[role], app)
			return err
		})
	}
	if err != nil {
		return ReviewCatalog{}, fmt.Errorf("read the names of campaign %s: %w", key, err)
	}
	return c, nil
}

// ReviewStrays returns up to limit ids of members whom no page of the list of users showed: OneLogin pages by position,
// so a deletion while the list is read hides whoever moves up across a page's edge.
func (l *Ledger) ReviewStrays(ctx context.Context, key string, after int64, limit int) ([]int64, error) {
	var ids []int64
	err := each(ctx, l.db.Reader(), `SELECT DISTINCT m.user_id FROM review_members m WHERE m.campaign = $1
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

// ReviewFindings returns up to limit findings after a place, the most urgent first, then by kind and account.
func (l *Ledger) ReviewFindings(ctx context.Context, key string, after FindingPlace, limit int) ([]ReviewFinding, error) {
	found, err := l.findings(ctx, key, `AND (severity, kind, user_id, item) > ($2, $3, $4, $5)
		ORDER BY severity, kind, user_id, item LIMIT $6`, after.Severity, after.Kind, after.UserID, after.Item, limit)
	if err != nil {
		return nil, fmt.Errorf("read findings of campaign %s: %w", key, err)
	}
	return found, nil
}

// FindingsOf returns the findings about accounts, in the same order, by account.
func (l *Ledger) FindingsOf(ctx context.Context, key string, ids []int64) (map[int64][]ReviewFinding, error) {
	byUser := map[int64][]ReviewFinding{}
	err := idChunks(ids, func(part []any) error {
		found, err := l.findings(ctx, key, "AND user_id IN "+list(2, len(part))+" ORDER BY severity, kind, user_id, item", part...)
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

func (l *Ledger) findings(ctx context.Context, key, where string, args ...any) ([]ReviewFinding, error) {
	var found []ReviewFinding
	err := each(ctx, l.db.Reader(), "SELECT severity, kind, user_id, item, sealed FROM review_findings "+
		"WHERE campaign = $1 "+where, append([]any{key}, args...), func(scan func(...any) error) error {
		var f ReviewFinding
		var stored []byte
		err := scan(&f.Severity, &f.Kind, &f.UserID, &f.Item, &stored)
		if err == nil {
			f.Detail, err = l.db.OpenText(place("review_findings.sealed", key, f.Kind, strconv.FormatInt(f.UserID, 10), f.Item), stored)
		}
		found = append(found, f)
		return err
	})
	return found, err
}

// answers holds for a manager m who can be asked about an account u: somebody else, whose own account is under review and
// who has not left. The parameter is the HR verdict of whoever has left.
func answers(parameter int) string {
	return fmt.Sprintf(`m.included = 1 AND m.user_id <> u.user_id AND NOT EXISTS (SELECT 1 FROM review_verdicts w
		WHERE w.campaign = m.campaign AND w.user_id = m.user_id AND w.hr = $%d)`, parameter)
}

// ReviewManagers returns up to limit ids of accounts that can be asked about others under review, whose manager they are,
// by ascending id, those after an id. Left is the HR verdict of a manager who has left: nobody asks them.
func (l *Ledger) ReviewManagers(ctx context.Context, key, left string, after int64, limit int) ([]int64, error) {
	var ids []int64
	err := each(ctx, l.db.Reader(), `SELECT DISTINCT u.manager_id FROM review_users u
		JOIN review_users m ON m.campaign = u.campaign AND m.user_id = u.manager_id
		WHERE u.campaign = $1 AND u.manager_id > $2 AND u.included = 1 AND `+answers(4)+`
		ORDER BY u.manager_id LIMIT $3`, []any{key, after, limit, left}, func(scan func(...any) error) error {
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

// ReviewReports returns up to limit accounts under review whose manager an account is, by ascending id, and how many
// there are in all. Nobody reports to themselves.
func (l *Ledger) ReviewReports(ctx context.Context, key string, manager int64, limit int) ([]ReviewAccess, int, error) {
	return l.reviewGroup(ctx, key, "u.manager_id = $2 AND u.user_id <> $2", []any{manager}, limit)
}

// ReviewUnmanaged returns up to limit accounts under review about whom no manager can be asked, and how many there are in
// all. Left is as in ReviewManagers: together the two name every account under review once.
func (l *Ledger) ReviewUnmanaged(ctx context.Context, key, left string, limit int) ([]ReviewAccess, int, error) {
	return l.reviewGroup(ctx, key, `NOT EXISTS (SELECT 1 FROM review_users m WHERE m.campaign = u.campaign
		AND m.user_id = u.manager_id AND `+answers(2)+`)`, []any{left}, limit)
}

func (l *Ledger) reviewGroup(ctx context.Context, key, which string, args []any, limit int) ([]ReviewAccess, int, error) {
	where := "WHERE u.campaign = $1 AND u.included = 1 AND " + which
	var total int
	_, err := queryRow(ctx, l.db.Reader(), "SELECT COUNT(*) FROM review_users u "+where, append([]any{key}, args...), &total)
	var users []ReviewAccess
	if err == nil {
		users, err = l.reviewUsers(ctx, key, where+fmt.Sprintf(" ORDER BY u.user_id LIMIT %d", limit), args...)
	}
	for i := range users {
		if err == nil {
			err = l.addMembers(ctx, key, users[i:i+1])
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read people of campaign %s: %w", key, err)
	}
	return users, total, nil
}

// ReviewAccountsByID returns accounts by their ids, without their roles.
func (l *Ledger) ReviewAccountsByID(ctx context.Context, key string, ids []int64) (map[int64]ReviewAccess, error) {
	found := map[int64]ReviewAccess{}
	err := idChunks(ids, func(part []any) error {
		users, err := l.reviewUsers(ctx, key, "WHERE u.campaign = $1 AND u.user_id IN "+list(2, len(part)), part...)
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
