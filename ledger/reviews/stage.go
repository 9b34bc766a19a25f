package reviews

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// User is an account as a campaign saw it.
type User struct {
	ID int64
	// Included says that the account is under review: it can sign in, or could without an administrator.
	Included  bool
	Status    int
	GroupID   int64
	ManagerID int64
	LastLogin time.Time
	CreatedAt time.Time
	Identity
}

// Identity is what is personal about an account. It is sealed when stored.
type Identity struct {
	Username   string `json:"u,omitempty"`
	Email      string `json:"e,omitempty"`
	Name       string `json:"n,omitempty"`
	Title      string `json:"t,omitempty"`
	Department string `json:"d,omitempty"`
	ExternalID string `json:"x,omitempty"`
}

// Name is the name of a role, an app or a group.
type Name struct {
	// Kind is one of the constants below.
	Kind string
	ID   int64
	Name string
}

// The kinds of Name.
const (
	NameRole  = "role"
	NameApp   = "app"
	NameGroup = "group"
	// NameManaged and NamePrivileged are roles once more: those that the policy manages, and those it calls privileged.
	NameManaged    = "managed"
	NamePrivileged = "privileged"
)

// RoleApp says that a role carries an app.
type RoleApp struct{ RoleID, AppID int64 }

// Member is a role that an account has; AddedAt is zero and AddedBy 0 where OneLogin did not say.
type Member struct {
	UserID, RoleID int64
	AddedAt        time.Time
	AddedBy        int64
}

// Verdict is what was found out about an account.
type Verdict struct {
	UserID int64
	// PersonKey is the person behind the account, empty if there is none.
	PersonKey string
	// HR and MFA are words of the assessment.
	HR, MFA string
	// Protected is the rule that keeps Gatehouse from touching the account, empty if there is none.
	Protected string
	// Manager is the account's manager. Owner is the address of whoever reviews an account that is no person's own in their place.
	Manager int64
	Owner   string
}

// Finding is something that a reviewer has to look at.
type Finding struct {
	// Severity orders findings, the most urgent being 1.
	Severity int
	Kind     string
	UserID   int64
	// Ref is the account if it is one of a system beside OneLogin, or the system alone; UserID is 0 then.
	Ref identity.Ref
	// Item tells several findings of one kind about one account apart, Detail says what was found. It is sealed.
	Item, Detail string
}

// Rows are rows to be added to a campaign.
type Rows struct {
	Users    []User
	Names    []Name
	RoleApps []RoleApp
	Members  []Member
	Verdicts []Verdict
	Findings []Finding
	// Systems and Accounts are of the systems beside OneLogin.
	Systems  []System
	Accounts []SystemAccount
}

// Stage adds rows to a campaign and moves a step on, in one transaction. Rows that are there are replaced; a
// member about whom OneLogin said since when is not overwritten by one about whom it did not. ErrFrozen and ErrMoved
// say that nothing was written.
func (s Store) Stage(ctx context.Context, key string, m StepMove, rows Rows) error {
	inserts, err := s.reviewInserts(key, rows)
	if err == nil {
		var beside []reviewInsert
		beside, err = s.systemInserts(key, rows)
		inserts = append(inserts, beside...)
	}
	if err != nil {
		return fmt.Errorf("stage rows of campaign %s: %w", key, err)
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.unfrozen(ctx, q, key); err != nil {
			return err
		}
		if err := s.moveStep(ctx, q, key, m); err != nil {
			return err
		}
		for _, in := range inserts {
			if err := engine.InsertRows(ctx, q, in.head, in.tail, engine.Sorted(in.rows)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("stage step %s of campaign %s: %w", m.Step, key, err)
	}
	return nil
}

// Restart takes a step back to its beginning and forgets what it found, because the rules it went by have changed.
func (s Store) Restart(ctx context.Context, key, step string) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.unfrozen(ctx, q, key); err != nil {
			return err
		}
		for _, table := range []string{"review_verdicts", "review_findings", "review_accounts", "review_systems"} {
			if _, err := q.ExecContext(ctx, "DELETE FROM "+table+" WHERE campaign = $1", key); err != nil {
				return err
			}
		}
		if _, err := q.ExecContext(ctx, "DELETE FROM review_names WHERE campaign = $1 AND kind IN ($2, $3)", key, NameManaged,
			NamePrivileged); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, "DELETE FROM review_steps WHERE campaign = $1 AND step = $2", key, step)
		return err
	})
	if err != nil {
		return fmt.Errorf("restart step %s of campaign %s: %w", step, key, err)
	}
	return nil
}

// unfrozen takes the campaign's lock and refuses one that was frozen.
func (s Store) unfrozen(ctx context.Context, q engine.Querier, key string) error {
	if err := s.db.Lock(ctx, q, "review/"+key); err != nil {
		return err
	}
	var frozen int64
	found, err := engine.QueryRow(ctx, q, "SELECT frozen_at FROM campaigns WHERE campaign = $1", []any{key}, &frozen)
	switch {
	case err != nil:
		return err
	case !found:
		return engine.ErrNotFound
	case frozen != 0:
		return ErrFrozen
	}
	return nil
}

// reviewInsert is a multi-row insert; rows are keyed so that none comes twice, which PostgreSQL refuses.
type reviewInsert struct {
	head, tail string
	rows       map[string][]any
}

// Long because each table of a review has its statement here.
func (s Store) reviewInserts(key string, in Rows) ([]reviewInsert, error) {
	users := map[string][]any{}
	for _, u := range in.Users {
		who, err := json.Marshal(u.Identity)
		if err != nil {
			return nil, fmt.Errorf("write an account down as JSON: %w", err)
		}
		id := strconv.FormatInt(u.ID, 10)
		users[id] = []any{
			key, u.ID, engine.Flag(u.Included), u.Status, u.GroupID, u.ManagerID, engine.Micros(u.LastLogin), engine.Micros(u.CreatedAt),
			s.db.Seal(engine.Place("review_users.sealed", key, id), who),
		}
	}
	names, apps, members := map[string][]any{}, map[string][]any{}, map[string][]any{}
	for _, n := range in.Names {
		names[fmt.Sprint(n.Kind, "/", n.ID)] = []any{key, n.Kind, n.ID, n.Name}
	}
	for _, a := range in.RoleApps {
		apps[fmt.Sprint(a.RoleID, "/", a.AppID)] = []any{key, a.RoleID, a.AppID}
	}
	for _, m := range in.Members {
		members[fmt.Sprint(m.UserID, "/", m.RoleID)] = []any{key, m.UserID, m.RoleID, engine.Micros(m.AddedAt), m.AddedBy}
	}
	verdicts, findings := map[string][]any{}, map[string][]any{}
	for _, v := range in.Verdicts {
		verdicts[fmt.Sprint(v.UserID)] = []any{key, v.UserID, v.PersonKey, v.HR, v.MFA, v.Protected, v.UserID, v.Manager, v.Owner}
	}
	for _, f := range in.Findings {
		id := strconv.FormatInt(f.UserID, 10)
		findings[f.Kind+"/"+id+"/"+f.Item] = []any{
			key, f.Severity, f.Kind, f.UserID, f.Item, f.Ref.System, f.Ref.ID,
			s.db.Seal(engine.Place("review_findings.sealed", key, f.Kind, id, f.Item), []byte(f.Detail)),
		}
	}
	return []reviewInsert{
		{
			`INSERT INTO review_users (campaign, user_id, included, status, group_id, manager_id, last_login, created_at, sealed)`,
			`ON CONFLICT (campaign, user_id) DO UPDATE SET included = excluded.included, status = excluded.status,
			group_id = excluded.group_id, manager_id = excluded.manager_id, last_login = excluded.last_login,
			created_at = excluded.created_at, sealed = excluded.sealed`, users,
		},
		{
			`INSERT INTO review_names (campaign, kind, id, name)`,
			`ON CONFLICT (campaign, kind, id) DO UPDATE SET name = excluded.name`, names,
		},
		{
			`INSERT INTO review_role_apps (campaign, role_id, app_id)`,
			`ON CONFLICT (campaign, role_id, app_id) DO NOTHING`, apps,
		},
		{
			`INSERT INTO review_members (campaign, user_id, role_id, added_at, added_by)`,
			`ON CONFLICT (campaign, user_id, role_id) DO UPDATE SET added_at = excluded.added_at, added_by = excluded.added_by
			WHERE excluded.added_at <> 0`, members,
		},
		{
			`INSERT INTO review_verdicts (campaign, user_id, person_key, hr, mfa, protected, lead, lead_manager, owner)`,
			`ON CONFLICT (campaign, user_id) DO UPDATE SET person_key = excluded.person_key, hr = excluded.hr,
			mfa = excluded.mfa, protected = excluded.protected, lead = excluded.lead, lead_manager = excluded.lead_manager,
			owner = excluded.owner`, verdicts,
		},
		{
			`INSERT INTO review_findings (campaign, severity, kind, user_id, item, system, account_id, sealed)`,
			`ON CONFLICT (campaign, severity, kind, user_id, item) DO UPDATE SET sealed = excluded.sealed`, findings,
		},
	}, nil
}

// countReview counts what a campaign has collected.
func countReview(ctx context.Context, q engine.Querier, key string) (Counts, error) {
	c := Counts{Excluded: map[int]int64{}, ByKind: map[string]int64{}, ByMFA: map[string]int64{}}
	// Somebody may have been deleted while the review was read.
	if _, err := q.ExecContext(ctx, `DELETE FROM review_members WHERE campaign = $1 AND NOT EXISTS (SELECT 1
		FROM review_users u WHERE u.campaign = $1 AND u.user_id = review_members.user_id)`, key); err != nil {
		return c, err
	}
	err := engine.Each(ctx, q, "SELECT included, status, COUNT(*) FROM review_users WHERE campaign = $1 GROUP BY included, status",
		[]any{key}, func(scan func(...any) error) error {
			var included, n int64
			var status int
			if err := scan(&included, &status, &n); err != nil {
				return err
			}
			if included == 1 {
				c.Users += n
			} else {
				c.Excluded[status] += n
			}
			return nil
		})
	if err != nil {
		return c, err
	}
	var bare int64
	for query, into := range map[string]*int64{
		`SELECT COUNT(*) FROM review_members m JOIN review_users u ON u.campaign = m.campaign AND u.user_id = m.user_id
			WHERE m.campaign = $1 AND u.included = 1`: &c.Memberships,
		`SELECT COUNT(*) FROM review_users u WHERE u.campaign = $1 AND u.included = 1 AND NOT EXISTS (SELECT 1
			FROM review_members m WHERE m.campaign = u.campaign AND m.user_id = u.user_id)`: &bare,
		"SELECT COUNT(*) FROM review_names WHERE campaign = $1 AND kind = 'role'": &c.Roles,
		"SELECT COUNT(*) FROM review_names WHERE campaign = $1 AND kind = 'app'":  &c.Apps,
		"SELECT COUNT(*) FROM review_findings WHERE campaign = $1":                &c.Findings,
	} {
		if _, err := engine.QueryRow(ctx, q, query, []any{key}, into); err != nil {
			return c, err
		}
	}
	c.Access = c.Memberships + bare
	if c.Systems, err = countSystems(ctx, q, key); err != nil {
		return c, err
	}
	for query, into := range map[string]map[string]int64{
		"SELECT kind, COUNT(*) FROM review_findings WHERE campaign = $1 GROUP BY kind": c.ByKind,
		"SELECT mfa, COUNT(*) FROM review_verdicts WHERE campaign = $1 GROUP BY mfa":   c.ByMFA,
	} {
		err := engine.Each(ctx, q, query, []any{key}, func(scan func(...any) error) error {
			var word string
			var n int64
			err := scan(&word, &n)
			into[word] = n
			return err
		})
		if err != nil {
			return c, err
		}
	}
	return c, nil
}
