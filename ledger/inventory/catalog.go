package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/ledger/engine"
)

// CatalogKind is what a system has a name for.
type CatalogKind string

// The kinds of named things.
const (
	CatalogRole  CatalogKind = "role"
	CatalogGroup CatalogKind = "group"
	CatalogApp   CatalogKind = "app"
)

// Named is a role, a group or an app by its id in the system. Names need not be unique.
type Named struct{ ID, Name string }

// RoleApp says that a role carries an app, by their ids.
type RoleApp struct{ Role, App string }

// Catalog is what the roles, groups and apps of a system are called, and which role carries which app.
type Catalog struct {
	Roles, Groups, Apps []Named
	RoleApps            []RoleApp
}

// RoleWithApps is a role with all apps that it carries, by name.
type RoleWithApps struct {
	Named
	Apps []Named
}

// CatalogReadAt tells when the catalog of a system was last read, zero if never.
func (s Store) CatalogReadAt(ctx context.Context, system string) (time.Time, error) {
	var at int64
	_, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT read_at FROM catalogs WHERE system = $1", []any{system}, &at)
	return engine.Instant(at), engine.Wrapf(err, "read when the catalog of %s was read", system)
}

// PutCatalog replaces the catalog of a system with what was asked for at requestedAt, unless a later one is there. One that says
// the same costs a row.
func (s Store) PutCatalog(ctx context.Context, system string, requestedAt time.Time, c Catalog) error {
	names, carried := c.rows(system)
	content := s.db.ExactDigest(fmt.Appendf(nil, "%q %q", names, carried))
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		var at int64
		var had string
		found, err := engine.QueryRow(ctx, q, "SELECT read_at, content FROM catalogs WHERE system = $1", []any{system}, &at, &had)
		if err != nil || found && at > engine.Micros(requestedAt) {
			return err
		}
		if _, err := q.ExecContext(ctx, `INSERT INTO catalogs (system, read_at, content) VALUES ($1, $2, $3)
			ON CONFLICT (system) DO UPDATE SET read_at = excluded.read_at, content = excluded.content`,
			system, engine.Micros(requestedAt), content); err != nil || had == content {
			return err
		}
		for _, table := range []string{"catalog_names", "role_apps"} {
			if _, err := q.ExecContext(ctx, "DELETE FROM "+table+" WHERE system = $1", system); err != nil {
				return err
			}
		}
		if err := engine.InsertRows(ctx, q, "INSERT INTO catalog_names (system, kind, item_id, name)", "", names); err != nil {
			return err
		}
		if err := engine.InsertRows(ctx, q, "INSERT INTO role_apps (system, role_id, app_id)", "", carried); err != nil {
			return err
		}
		_, err = q.ExecContext(ctx, `DELETE FROM role_reads WHERE system = $1 AND role_id NOT IN (
			SELECT item_id FROM catalog_names WHERE system = $1 AND kind = 'role')`, system)
		return err
	})
	return engine.Wrapf(err, "put the catalog of %s", system)
}

// rows are those of catalog_names and of role_apps, each once.
func (c Catalog) rows(system string) (names, carried [][]any) {
	unique, pairs := map[string][]any{}, map[string][]any{}
	for _, part := range []struct {
		kind  CatalogKind
		items []Named
	}{{CatalogRole, c.Roles}, {CatalogGroup, c.Groups}, {CatalogApp, c.Apps}} {
		for _, item := range part.items {
			unique[string(part.kind)+"/"+item.ID] = []any{system, string(part.kind), item.ID, item.Name}
		}
	}
	for _, p := range c.RoleApps {
		pairs[p.Role+"/"+p.App] = []any{system, p.Role, p.App}
	}
	return engine.Sorted(unique), engine.Sorted(pairs)
}

// Named returns the roles, groups or apps that have a name or an id, by id: several where a name is not unique.
func (s Store) Named(ctx context.Context, system string, kind CatalogKind, nameOrID string) ([]Named, error) {
	found, err := s.named(ctx, "SELECT item_id, name FROM catalog_names WHERE system = $1 AND kind = $2 AND name = $3 ORDER BY item_id",
		system, string(kind), nameOrID)
	if err == nil && len(found) == 0 {
		found, err = s.named(ctx, "SELECT item_id, name FROM catalog_names WHERE system = $1 AND kind = $2 AND item_id = $3",
			system, string(kind), strings.TrimPrefix(nameOrID, "#"))
	}
	return found, engine.Wrapf(err, "find a %s of %s by name", kind, system)
}

func (s Store) named(ctx context.Context, query string, args ...any) (found []Named, err error) {
	err = engine.Each(ctx, s.db.Reader(), query, args, func(scan func(...any) error) error {
		var n Named
		err := scan(&n.ID, &n.Name)
		found = append(found, n)
		return err
	})
	return found, err
}

// ErrAmbiguous says that several things of a kind have the name.
var ErrAmbiguous = errors.New("several have this name: name one by its id")

// RolesOfApp returns the roles that carry an app, named by its name or id, each with all apps that it carries, and when that was read:
// zero if the catalog was never read. ErrNotFound says that the system has no such app, ErrAmbiguous that it has several.
func (s Store) RolesOfApp(ctx context.Context, system, app string) (it Named, roles []RoleWithApps, readAt time.Time, err error) {
	if readAt, err = s.CatalogReadAt(ctx, system); err != nil || readAt.IsZero() {
		return it, nil, readAt, err
	}
	apps, err := s.Named(ctx, system, CatalogApp, app)
	switch {
	case err != nil:
		return it, nil, readAt, err
	case len(apps) == 0:
		return it, nil, readAt, engine.ErrNotFound
	case len(apps) > 1:
		return it, nil, readAt, ErrAmbiguous
	}
	roles, err = s.carrying(ctx, "r.item_id IN (SELECT role_id FROM role_apps WHERE system = $1 AND app_id = $2)", system, apps[0].ID)
	return apps[0], roles, readAt, engine.Wrapf(err, "read the roles that carry an app of %s", system)
}

// AppsOfRoles returns what roles carry, by the names or ids ("#42") given, and when that was read: zero if the catalog was never
// read. A name that the catalog does not have is not in the answer: what such a role carries is not known. Roles of one name are
// all meant.
func (s Store) AppsOfRoles(ctx context.Context, system string, names []string) (map[string][]RoleWithApps, time.Time, error) {
	readAt, err := s.CatalogReadAt(ctx, system)
	if err != nil || readAt.IsZero() {
		return nil, readAt, err
	}
	found := map[string][]RoleWithApps{}
	err = engine.Chunks(names, func(part []string) error {
		values := slices.Clone(part)
		for _, name := range part {
			values = append(values, strings.TrimPrefix(name, "#"))
		}
		roles, err := s.carrying(ctx, "(r.name IN "+engine.List(2, len(part))+" OR r.item_id IN "+engine.List(2+len(part), len(part))+")",
			append([]any{system}, engine.Anys(values)...)...)
		for _, role := range roles {
			for _, name := range part {
				if name == role.Name || name == "#"+role.ID {
					found[name] = append(found[name], role)
				}
			}
		}
		return err
	})
	return found, readAt, engine.Wrapf(err, "read what %d roles of %s carry", len(names), system)
}

// carrying reads roles with what they carry, by name.
func (s Store) carrying(ctx context.Context, where string, args ...any) ([]RoleWithApps, error) {
	var roles []RoleWithApps
	at := map[string]int{}
	err := engine.Each(ctx, s.db.Reader(), `SELECT r.item_id, r.name, COALESCE(a.item_id, ''), COALESCE(a.name, '') FROM catalog_names r
		LEFT JOIN role_apps c ON c.system = r.system AND c.role_id = r.item_id
		LEFT JOIN catalog_names a ON a.system = c.system AND a.kind = 'app' AND a.item_id = c.app_id
		WHERE r.system = $1 AND r.kind = 'role' AND `+where, args, func(scan func(...any) error) error {
		var role, app Named
		err := scan(&role.ID, &role.Name, &app.ID, &app.Name)
		i, known := at[role.ID]
		if !known {
			i = len(roles)
			at[role.ID], roles = i, append(roles, RoleWithApps{Named: role})
		}
		if app.ID != "" {
			roles[i].Apps = append(roles[i].Apps, app)
		}
		return err
	})
	byName := func(a, b Named) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID)) }
	for _, r := range roles {
		slices.SortFunc(r.Apps, byName)
	}
	slices.SortFunc(roles, func(a, b RoleWithApps) int { return byName(a.Named, b.Named) })
	return roles, err
}
