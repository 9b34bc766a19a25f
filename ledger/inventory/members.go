package inventory

import (
	"context"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// RoleRead says when all members of a role were last read, and what it was called then: the inventory knows its members by that name.
type RoleRead struct {
	ID, Name string
	At       time.Time
}

// NoteRoleRead notes that all members of a role were read by requests from r.At on.
func (s Store) NoteRoleRead(ctx context.Context, system string, r RoleRead) error {
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO role_reads (system, role_id, role, read_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (system, role_id) DO UPDATE SET role = excluded.role, read_at = excluded.read_at WHERE role_reads.read_at <= excluded.read_at`,
			system, r.ID, r.Name, engine.Micros(r.At))
		return err
	})
	return engine.Wrapf(err, "note that the members of a role of %s were read", system)
}

// RoleReadOf tells when the members of a role were last read, if ever.
func (s Store) RoleReadOf(ctx context.Context, system, id string) (r RoleRead, found bool, err error) {
	var at int64
	found, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT role_id, role, read_at FROM role_reads WHERE system = $1 AND role_id = $2",
		[]any{system, id}, &r.ID, &r.Name, &at)
	r.At = engine.Instant(at)
	return r, found, engine.Wrapf(err, "read when the members of a role of %s were read", system)
}

const (
	roleMembers  = "SELECT account_id FROM account_roles WHERE system = $1 AND role = $2"
	groupMembers = "SELECT account_id FROM accounts WHERE system = $1 AND group_id = $2 AND group_id > 0"
	ungrouped    = "SELECT COUNT(*) FROM accounts WHERE system = $1 AND group_id < 0"
)

// MembersOfRole returns the accounts that were seen with a role, by the name that it had then.
func (s Store) MembersOfRole(ctx context.Context, system, role string) ([]string, error) {
	ids, err := engine.Texts(ctx, s.db.Reader(), roleMembers, system, role)
	return ids, engine.Wrapf(err, "read the members of a role of %s", system)
}

// MembersOfGroup returns the accounts in a group, and of how many accounts the group is not known.
func (s Store) MembersOfGroup(ctx context.Context, system string, group int64) (ids []string, unknown int, err error) {
	ids, err = engine.Texts(ctx, s.db.Reader(), groupMembers, system, group)
	if err == nil {
		_, err = engine.QueryRow(ctx, s.db.Reader(), ungrouped, []any{system}, &unknown)
	}
	return ids, unknown, engine.Wrapf(err, "read the members of a group of %s", system)
}

// AccountsOfPeople returns the accounts of some people with what was read of them, those of records forwarded to them included, by
// key and primary ones first. Roles that only a reading of roles has shown are left out.
func (s Store) AccountsOfPeople(ctx context.Context, keys []string) (map[string][]Account, error) {
	all := make(map[string][]Account, len(keys))
	err := engine.Chunks(keys, func(part []string) error {
		part = engine.Padded(part)
		found, err := s.readAccounts(ctx, s.db.Reader(), true, ` WHERE a.state IN ('linked', 'disputed') AND a.person_key <> '' AND a.person_key IN (
			SELECT person_key FROM people WHERE person_key IN `+engine.List(1, len(part))+`
			UNION ALL SELECT person_key FROM people WHERE forward <> '' AND forward IN `+engine.List(1, len(part))+")", engine.Anys(part)...)
		for _, a := range found {
			all[a.Person] = append(all[a.Person], a)
		}
		return err
	})
	for _, accounts := range all {
		Sort(accounts)
	}
	return all, engine.Wrapf(err, "read the accounts of %d people", len(keys))
}

// AccountsIn is AccountsOfPeople for some systems, with those that are candidates of theirs. Documents are opened only if they are
// asked for.
func (s Store) AccountsIn(ctx context.Context, systems, keys []string, documents bool) (map[string][]Account, error) {
	all := make(map[string][]Account, len(keys))
	if len(systems) == 0 {
		return all, nil
	}
	err := engine.Chunks(keys, func(part []string) error {
		part = engine.Padded(part)
		found, err := s.readAccounts(ctx, s.db.Reader(), documents, inSystems(len(systems), len(part)), append(engine.Anys(systems), engine.Anys(part)...)...)
		for _, a := range found {
			all[a.Person] = append(all[a.Person], a)
		}
		return err
	})
	for _, accounts := range all {
		Sort(accounts)
	}
	return all, engine.Wrapf(err, "read the accounts of %d people in %d systems", len(keys), len(systems))
}

// inSystems are the accounts of some people in some systems. Every assessment asks for them: the system stands in an expression because
// its index leads over all accounts there.
func inSystems(systems, people int) string {
	in := engine.List(systems+1, people)
	return ` WHERE a.system || '' IN ` + engine.List(1, systems) + ` AND a.state IN ('linked', 'disputed', 'candidate')
		AND a.person_key <> '' AND a.person_key IN (SELECT person_key FROM people WHERE person_key IN ` + in + `
		UNION ALL SELECT person_key FROM people WHERE forward <> '' AND forward IN ` + in + ")"
}

// groupOf is the group column of an account: what is no OneLogin account is in none.
func groupOf(a Account) int64 {
	if a.Ref.System != identity.SystemOneLogin {
		return 0
	}
	return max(0, a.Document.GroupID)
}
