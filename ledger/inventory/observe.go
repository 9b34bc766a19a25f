package inventory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/persons"
)

// maxObserved bounds how many accounts are observed at a time, and observedAtOnce how many of them are written in one
// transaction: whoever comes in the middle of it waits for its end.
const (
	maxObserved    = 100
	observedAtOnce = 25
)

// Observe takes in what a sweep was shown by a request that was made at requestedAt: the document, the directory
// and the identity provider of at most 100 accounts of one system. Only what has changed is written, a little at a time
// and behind all other work, and nothing that was read later is overwritten. An account that is new is nobody's. It returns
// how many were written.
func (s Store) Observe(ctx context.Context, requestedAt time.Time, accounts []Account) (written int, err error) {
	return s.observeSome(ctx, requestedAt, accounts, false)
}

// Reread is Observe for accounts that were asked for by name: that they were read now is kept too where
// nothing has changed.
func (s Store) Reread(ctx context.Context, requestedAt time.Time, accounts []Account) (written int, err error) {
	return s.observeSome(ctx, requestedAt, accounts, true)
}

func (s Store) observeSome(ctx context.Context, requestedAt time.Time, accounts []Account, all bool) (written int, err error) {
	if len(accounts) > maxObserved {
		return 0, fmt.Errorf("observe accounts: %d at a time are too many: %d at most", len(accounts), maxObserved)
	}
	rows, err := s.changed(ctx, requestedAt, accounts, all)
	if err != nil {
		return 0, fmt.Errorf("observe %d accounts: %w", len(accounts), err)
	}
	for part := range slices.Chunk(rows, observedAtOnce) {
		err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			if err := engine.InsertRows(ctx, q, observeHead, observeTail, part); err != nil {
				return err
			}
			return s.keepAddresses(ctx, q, requestedAt, part, accounts)
		})
		if err != nil {
			return written, fmt.Errorf("observe %d accounts: %w", len(accounts), err)
		}
		written += len(part)
	}
	return written, nil
}

// Differ returns, by id, which accounts the ledger does not have as a request made at requestedAt was shown them, of at most 100 of
// one system: those that Observe would write.
func (s Store) Differ(ctx context.Context, requestedAt time.Time, accounts []Account) (ids []string, err error) {
	rows, err := s.changed(ctx, requestedAt, accounts, false)
	for _, row := range rows {
		ids = append(ids, row[1].(string))
	}
	return ids, engine.Wrapf(err, "compare %d accounts", len(accounts))
}

// NoteAccount takes in what was read of one account by a request that was made at requestedAt, as Observe does,
// but together with other work. It is for what Gatehouse has just written or been told of.
func (s Store) NoteAccount(ctx context.Context, requestedAt time.Time, a Account) error {
	row, err := s.observed(requestedAt, a)
	if err == nil {
		err = s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
			if err := engine.InsertRows(ctx, q, observeHead, observeTail, [][]any{row}); err != nil {
				return err
			}
			return s.keepAddresses(ctx, q, requestedAt, [][]any{row}, []Account{a})
		})
	}
	if err != nil {
		return fmt.Errorf("note account %s: %w", a.Ref, err)
	}
	return nil
}

const observeHead = `INSERT INTO accounts (system, account_id, external_digest, email_digest, username_digest, name_digest,
	directory_id, trusted_idp, status, last_login, observed_at, content, document, group_id)`

const observeTail = `ON CONFLICT (system, account_id) DO UPDATE SET external_digest = excluded.external_digest,
	email_digest = excluded.email_digest, username_digest = excluded.username_digest, name_digest = excluded.name_digest,
	directory_id = excluded.directory_id, trusted_idp = excluded.trusted_idp, status = excluded.status,
	last_login = excluded.last_login, observed_at = excluded.observed_at, content = excluded.content,
	document = excluded.document, group_id = excluded.group_id, missing_since = 0, open_hint = CASE WHEN excluded.status = 2 THEN '' ELSE accounts.open_hint END WHERE accounts.observed_at <= excluded.observed_at`

// observed is a row of observeHead. Its content is a digest of all that is read, and so tells whether any of it is new.
func (s Store) observed(at time.Time, a Account) ([]any, error) {
	if err := checkRef(a.Ref); err != nil {
		return nil, err
	}
	document, err := json.Marshal(a.Document)
	if err != nil {
		return nil, err
	}
	d := s.AccountDigests(a.Document)
	content := s.db.ExactDigest(fmt.Appendf(nil, "%d %d %s", a.DirectoryID, a.TrustedIDP, document))
	return []any{
		a.Ref.System, a.Ref.ID, d.ExternalID, d.Email, d.Username, d.Name, a.DirectoryID, a.TrustedIDP, int64(a.Document.Status),
		engine.Micros(a.Document.LastLogin), engine.Micros(at), content, s.db.Seal(engine.Place("accounts.document", a.Ref.System, a.Ref.ID), document),
		groupOf(a),
	}, nil
}

// changed returns the rows, ordered by id, of the accounts that the ledger does not have as they are, or of all that it
// does not have newer.
func (s Store) changed(ctx context.Context, at time.Time, accounts []Account, all bool) ([][]any, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	system := accounts[0].Ref.System
	args := []any{system}
	for _, a := range accounts {
		if a.Ref.System != system {
			return nil, errors.New("they are of several systems")
		}
		args = append(args, a.Ref.ID)
	}
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT account_id, content, observed_at, missing_since, status, group_id FROM accounts
		WHERE system = $1 AND account_id IN `+engine.List(2, len(accounts)), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	type known struct {
		content                         string
		observed, missing, state, group int64
	}
	have := map[string]known{}
	for rows.Next() {
		var id string
		var k known
		if err := rows.Scan(&id, &k.content, &k.observed, &k.missing, &k.state, &k.group); err != nil {
			return nil, err
		}
		have[id] = k
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	news := map[string][]any{}
	for _, a := range accounts {
		row, err := s.observed(at, a)
		if err != nil {
			return nil, err
		}
		k, there := have[a.Ref.ID]
		same := k.content == row[11] && k.missing == 0 && k.state == row[8] && k.group == row[13]
		if !there || (all || !same) && k.observed <= engine.Micros(at) {
			news[a.Ref.ID] = row
		}
	}
	return engine.Sorted(news), nil
}

// ObservedAt tells when accounts of a system were last asked for, of those that the ledger has.
func (s Store) ObservedAt(ctx context.Context, refs []identity.Ref) (map[identity.Ref]time.Time, error) {
	found := map[identity.Ref]time.Time{}
	for part := range slices.Chunk(refs, maxObserved) {
		args := []any{part[0].System}
		for _, r := range part {
			args = append(args, r.ID)
		}
		err := engine.Each(ctx, s.db.Reader(), "SELECT account_id, observed_at FROM accounts WHERE system = $1 AND account_id IN "+
			engine.List(2, len(part)), args, func(scan func(...any) error) error {
			var id string
			var at int64
			err := scan(&id, &at)
			found[identity.Ref{System: part[0].System, ID: id}] = engine.Instant(at)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read when %d accounts were read: %w", len(refs), err)
		}
	}
	return found, nil
}

// MissAccount notes that an account was asked for by its id at an instant, and that its system said that it does not exist. Nothing is
// forgotten by that: whoever has lost sight of it for a moment is told the same.
func (s Store) MissAccount(ctx context.Context, ref identity.Ref, at time.Time) error {
	_, err := s.db.Change(ctx, `UPDATE accounts SET missing_since = $3 WHERE system = $1 AND account_id = $2 AND missing_since = 0
		AND observed_at <= $3`, ref.System, ref.ID, engine.Micros(at))
	return engine.Wrapf(err, "note that account %s is missing", ref)
}

// DropAccount forgets an account that does not exist any more, with its roles and refusals. Whose it was and what was done
// to it stands in the evidence; who it is the primary account of goes on to be known. Its names stay its person's.
func (s Store) DropAccount(ctx context.Context, ref identity.Ref) error {
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error { return s.dropAccount(ctx, q, ref) })
	if err != nil {
		return fmt.Errorf("drop account %s: %w", ref, err)
	}
	return nil
}

func (s Store) dropAccount(ctx context.Context, q engine.Querier, ref identity.Ref) error {
	if err := s.reserveNames(ctx, q, ref); err != nil {
		return err
	}
	for _, table := range []string{"account_roles", "account_refusals", "account_addresses", "kept_values", "system_accounts", "system_debts", "accounts"} {
		if _, err := q.ExecContext(ctx, "DELETE FROM "+table+" WHERE system = $1 AND account_id = $2", ref.System, ref.ID); err != nil {
			return err
		}
	}
	return nil
}

// reserveNames keeps what somebody's account was called, and its addresses, for them: mail to those still comes in.
func (s Store) reserveNames(ctx context.Context, q engine.Querier, ref identity.Ref) error {
	found, err := s.readAccounts(ctx, q, true, " WHERE a.system = $1 AND a.account_id = $2", ref.System, ref.ID)
	if err != nil || len(found) == 0 || !found[0].Belongs() {
		return err
	}
	db, doc := s.db.In(q), found[0].Document
	for _, name := range slices.Concat([]string{doc.Username, doc.Email, doc.UserPrincipalName}, doc.Aliases) {
		if s.db.Digest(name) == "" {
			continue
		}
		if _, err := persons.New(&db).ReserveUsername(ctx, name, found[0].Person); err != nil {
			return err
		}
	}
	return nil
}

// RoleMembers is a part of a role's members as a request at RequestedAt was shown them.
type RoleMembers struct {
	System, Role string
	RequestedAt  time.Time
	Members      []RoleMember
}

// RoleMember is an account that holds a role, since when and by whom.
type RoleMember struct {
	ID      string
	AddedBy string
	AddedAt time.Time
}

// ObserveRole takes in at most 100 members of a role, as Observe does. Those who are not among them keep the role.
func (s Store) ObserveRole(ctx context.Context, m RoleMembers) (written int, err error) {
	if len(m.Members) > maxObserved {
		return 0, fmt.Errorf("observe role members: %d at a time are too many: %d at most", len(m.Members), maxObserved)
	}
	rows := make(map[string][]any, len(m.Members))
	args := []any{m.System, m.Role}
	for _, member := range m.Members {
		rows[member.ID] = []any{m.System, member.ID, m.Role, member.AddedBy, engine.Micros(member.AddedAt), engine.Micros(m.RequestedAt)}
		args = append(args, member.ID)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	if err := s.dropSame(ctx, rows, args); err != nil {
		return 0, fmt.Errorf("observe %d members of a role: %w", len(m.Members), err)
	}
	for part := range slices.Chunk(engine.Sorted(rows), observedAtOnce) {
		err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			return engine.InsertRows(ctx, q, "INSERT INTO account_roles (system, account_id, role, added_by, added_at, seen_at)",
				`ON CONFLICT (system, account_id, role) DO UPDATE SET added_by = excluded.added_by, added_at = excluded.added_at,
				seen_at = excluded.seen_at WHERE account_roles.seen_at <= excluded.seen_at`, part)
		})
		if err != nil {
			return written, fmt.Errorf("observe %d members of a role: %w", len(m.Members), err)
		}
		written += len(part)
	}
	return written, nil
}

// dropSame takes out of rows the members that the ledger has as they are.
func (s Store) dropSame(ctx context.Context, rows map[string][]any, args []any) error {
	found, err := s.db.Reader().QueryContext(ctx, `SELECT account_id, added_by, added_at FROM account_roles
		WHERE system = $1 AND role = $2 AND account_id IN `+engine.List(3, len(args)-2), args...)
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }() // Close repeats the error that Err reports.
	for found.Next() {
		var id, by string
		var at int64
		if err := found.Scan(&id, &by, &at); err != nil {
			return err
		}
		if row := rows[id]; row != nil && row[3] == by && row[4] == at {
			delete(rows, id)
		}
	}
	return found.Err()
}

// KeepRoleMembers takes a role from the accounts that a complete reading of its members, begun at since, has not shown:
// those who are not in members and were not seen with it later.
func (s Store) KeepRoleMembers(ctx context.Context, system, role string, since time.Time, members map[string]bool) (dropped int, err error) {
	ids, err := engine.Texts(ctx, s.db.Reader(), "SELECT account_id FROM account_roles WHERE system = $1 AND role = $2 AND seen_at < $3",
		system, role, engine.Micros(since))
	if err != nil {
		return 0, fmt.Errorf("read the members of a role: %w", err)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return members[id] })
	for part := range slices.Chunk(ids, maxObserved) {
		err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
			args := []any{system, role, engine.Micros(since)}
			for _, id := range part {
				args = append(args, id)
			}
			_, err := q.ExecContext(ctx, `DELETE FROM account_roles WHERE system = $1 AND role = $2 AND seen_at < $3
				AND account_id IN `+engine.List(4, len(part)), args...)
			return err
		})
		if err != nil {
			return dropped, fmt.Errorf("take a role from %d accounts: %w", len(ids), err)
		}
		dropped += len(part)
	}
	return dropped, nil
}

// KeepRoles takes the roles that a system does not have any more from whoever was seen with them before since.
func (s Store) KeepRoles(ctx context.Context, system string, since time.Time, names []string) error {
	known, err := engine.Texts(ctx, s.db.Reader(), "SELECT DISTINCT role FROM account_roles WHERE system = $1", system)
	if err != nil {
		return fmt.Errorf("read the roles of %s: %w", system, err)
	}
	for _, role := range known {
		if slices.Contains(names, role) {
			continue
		}
		if _, err := s.KeepRoleMembers(ctx, system, role, since, nil); err != nil {
			return err
		}
	}
	return nil
}

// byNumber orders ids as numbers, and others behind them.
func byNumber(a, b string) int {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// RoleHolders counts the accounts that hold each role, by the inventory.
func (s Store) RoleHolders(ctx context.Context, system string) (map[string]int, error) {
	rows, err := s.db.Reader().QueryContext(ctx, "SELECT role, COUNT(*) FROM account_roles WHERE system = $1 GROUP BY role", system)
	if err != nil {
		return nil, fmt.Errorf("count the holders of roles: %w", err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	counts := map[string]int{}
	for rows.Next() {
		var role string
		var n int
		if err := rows.Scan(&role, &n); err != nil {
			return nil, fmt.Errorf("count the holders of roles: %w", err)
		}
		counts[role] = n
	}
	return counts, engine.Wrapf(rows.Err(), "count the holders of roles")
}
