package reviews

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// System is how well a campaign knows a system beside OneLogin.
type System struct {
	System string `json:"system"`
	// ReadAt is when the last reading began that showed all of it, zero if none did. Stale says that it is older than MaxAge.
	ReadAt time.Time     `json:"read_at,omitzero"`
	MaxAge time.Duration `json:"max_age"`
	Stale  bool          `json:"stale,omitempty"`
	// Excluded counts accounts that are not under review, because they cannot sign in.
	Excluded int64 `json:"excluded"`
}

// SystemCount is what a campaign has collected of a system.
type SystemCount struct {
	System
	// Accounts are those under review, Rows the rows that show them.
	Accounts int64 `json:"accounts"`
	Rows     int64 `json:"rows"`
}

// SystemRows are the rows that show the accounts of all systems beside OneLogin.
func (c Counts) SystemRows() (n int64) {
	for _, s := range c.Systems {
		n += s.Rows
	}
	return n
}

// SystemAccount is an account of a system beside OneLogin as a campaign saw it.
type SystemAccount struct {
	Ref identity.Ref
	// PersonKey is the person behind it, empty if there is none, and HR a word of the assessment.
	PersonKey, HR string
	// Manager is the OneLogin account of the person's manager, Lead the person's own, 0 if nobody knows. Owner is the address of whoever
	// reviews an account that is no person's own in a manager's place.
	Manager, Lead int64
	Owner         string
	Status        int
	LastLogin     time.Time
	SystemDetail
}

// SystemDetail is what is personal about an account, and what it holds. It is sealed when stored.
type SystemDetail struct {
	Username   string `json:"u,omitempty"`
	Email      string `json:"e,omitempty"`
	Name       string `json:"n,omitempty"`
	Department string `json:"d,omitempty"`
	// ManagerName is what the manager is called there, if nobody knows their OneLogin account.
	ManagerName string `json:"m,omitempty"`
	// NoSignIns says that the system does not tell when accounts were used.
	NoSignIns bool `json:"s,omitempty"`
	// Flags are words of the assessment.
	Flags []string `json:"f,omitempty"`
	// Unread says that nobody knows what the account holds.
	Unread bool   `json:"x,omitempty"`
	Holds  []Hold `json:"h,omitempty"`
}

// Hold is something that an account holds.
type Hold struct {
	// Kind is what it is, Given says that Gatehouse gave it.
	Kind  string `json:"k"`
	Name  string `json:"n"`
	Given bool   `json:"g,omitempty"`
	// Rules are the rules of the policy that give it.
	Rules      []string `json:"r,omitempty"`
	Privileged bool     `json:"p,omitempty"`
}

// rows is how many rows of the sheet show the account.
func (a SystemAccount) rows() int { return max(1, len(a.Holds)) }

func (s Store) systemInserts(key string, in Rows) ([]reviewInsert, error) {
	systems, accounts := map[string][]any{}, map[string][]any{}
	for _, y := range in.Systems {
		systems[y.System] = []any{key, y.System, engine.Micros(y.ReadAt), y.MaxAge.Microseconds(), engine.Flag(y.Stale), y.Excluded}
	}
	for _, a := range in.Accounts {
		detail, err := json.Marshal(a.SystemDetail)
		if err != nil {
			return nil, fmt.Errorf("write an account down as JSON: %w", err)
		}
		accounts[a.Ref.String()] = []any{
			key, a.Ref.System, a.Ref.ID, a.PersonKey, a.HR, a.Owner, a.Manager, a.Lead, a.Status, engine.Micros(a.LastLogin), a.rows(),
			s.db.Seal(engine.Place("review_accounts.sealed", key, a.Ref.System, a.Ref.ID), detail),
		}
	}
	return []reviewInsert{
		{
			`INSERT INTO review_systems (campaign, system, read_at, max_age, stale, excluded)`,
			`ON CONFLICT (campaign, system) DO UPDATE SET read_at = excluded.read_at, max_age = excluded.max_age, stale = excluded.stale,
			excluded = excluded.excluded`, systems,
		},
		{
			`INSERT INTO review_accounts (campaign, system, account_id, person_key, hr, owner, manager_id, lead, status, last_login, row_count, sealed)`,
			`ON CONFLICT (campaign, system, account_id) DO UPDATE SET person_key = excluded.person_key, hr = excluded.hr, owner = excluded.owner,
			manager_id = excluded.manager_id, lead = excluded.lead, status = excluded.status, last_login = excluded.last_login,
			row_count = excluded.row_count, sealed = excluded.sealed`, accounts,
		},
	}, nil
}

// countSystems counts what a campaign has collected of the systems beside OneLogin.
func countSystems(ctx context.Context, q engine.Querier, key string) (counts []SystemCount, err error) {
	return counts, engine.Each(ctx, q, `SELECT y.system, y.read_at, y.max_age, y.stale, y.excluded, COUNT(a.account_id), CAST(COALESCE(SUM(a.row_count), 0) AS BIGINT)
		FROM review_systems y LEFT JOIN review_accounts a ON a.campaign = y.campaign AND a.system = y.system WHERE y.campaign = $1
		GROUP BY y.system, y.read_at, y.max_age, y.stale, y.excluded ORDER BY y.system`, []any{key}, func(scan func(...any) error) error {
		var c SystemCount
		var read, age, stale int64
		err := scan(&c.System.System, &read, &age, &stale, &c.Excluded, &c.Accounts, &c.Rows)
		c.ReadAt, c.MaxAge, c.Stale = engine.Instant(read), time.Duration(age)*time.Microsecond, stale == 1
		counts = append(counts, c)
		return err
	})
}

// SystemPlace is where a list of accounts of the systems beside OneLogin goes on; the zero value is its beginning.
type SystemPlace struct {
	Manager int64  `json:"manager,omitempty"`
	Person  string `json:"person,omitempty"`
	System  string `json:"system,omitempty"`
	Account string `json:"account,omitempty"`
}

// Place is where a list goes on after the account.
func (a SystemAccount) Place() SystemPlace {
	return SystemPlace{Manager: a.Manager, Person: a.PersonKey, System: a.Ref.System, Account: a.Ref.ID}
}

// systemOrder is the order of a sheet: by manager, then by person.
const systemOrder = "a.manager_id, a.person_key, a.system, a.account_id"

// SystemAccounts returns up to limit accounts of the systems beside OneLogin in the order of the sheet, those after a place.
func (s Store) SystemAccounts(ctx context.Context, key string, after SystemPlace, limit int) ([]SystemAccount, error) {
	found, err := s.systemAccounts(ctx, key, "AND ("+systemOrder+") > ($2, $3, $4, $5) ORDER BY "+systemOrder+" LIMIT $6",
		after.Manager, after.Person, after.System, after.Account, limit)
	return found, engine.Wrapf(err, "read accounts of other systems of campaign %s", key)
}

// SystemAccountsByRef returns accounts of the systems beside OneLogin by what they are called.
func (s Store) SystemAccountsByRef(ctx context.Context, key string, refs []identity.Ref) (map[identity.Ref]SystemAccount, error) {
	found := map[identity.Ref]SystemAccount{}
	err := bySystem(refs, func(system string, part []string) error {
		accounts, err := s.systemAccounts(ctx, key, "AND a.system = $2 AND a.account_id IN "+engine.List(3, len(part)), engine.Args(system, part)...)
		for _, a := range accounts {
			found[a.Ref] = a
		}
		return err
	})
	return found, engine.Wrapf(err, "read accounts of other systems of campaign %s", key)
}

// SystemFindingsOf returns the findings about accounts of the systems beside OneLogin, the most urgent first, by account.
func (s Store) SystemFindingsOf(ctx context.Context, key string, refs []identity.Ref) (map[identity.Ref][]Finding, error) {
	by := map[identity.Ref][]Finding{}
	err := bySystem(refs, func(system string, part []string) error {
		found, err := s.findings(ctx, key, "AND system <> '' AND system = $2 AND account_id IN "+engine.List(3, len(part))+
			" ORDER BY severity, kind, user_id, item", engine.Args(system, part)...)
		for _, f := range found {
			by[f.Ref] = append(by[f.Ref], f)
		}
		return err
	})
	return by, engine.Wrapf(err, "read findings of campaign %s", key)
}

// bySystem hands over the ids of accounts by their systems, as many as a statement takes.
func bySystem(refs []identity.Ref, do func(system string, part []string) error) error {
	ids := map[string][]string{}
	for _, r := range refs {
		ids[r.System] = append(ids[r.System], r.ID)
	}
	for system, of := range ids {
		if err := engine.Chunks(of, func(part []string) error { return do(system, engine.Padded(part)) }); err != nil {
			return err
		}
	}
	return nil
}

// SystemReports is Reports for the systems beside OneLogin.
func (s Store) SystemReports(ctx context.Context, key string, manager int64, limit int) ([]SystemAccount, int, error) {
	return s.systemGroup(ctx, key, "a.owner = '' AND a.manager_id = $2 AND a.lead <> $2", []any{manager}, limit)
}

// SystemOwned is Owned for the systems beside OneLogin.
func (s Store) SystemOwned(ctx context.Context, key, owner string, limit int) ([]SystemAccount, int, error) {
	return s.systemGroup(ctx, key, "a.owner = $2", []any{owner}, limit)
}

// SystemUnmanaged is Unmanaged for the systems beside OneLogin.
func (s Store) SystemUnmanaged(ctx context.Context, key, left string, limit int) ([]SystemAccount, int, error) {
	return s.systemGroup(ctx, key, `a.owner = '' AND NOT EXISTS (SELECT 1 FROM review_users m WHERE m.campaign = a.campaign
		AND m.user_id = a.manager_id AND `+answers("a.lead", 2)+`)`, []any{left}, limit)
}

func (s Store) systemGroup(ctx context.Context, key, which string, args []any, limit int) (found []SystemAccount, total int, err error) {
	_, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT COUNT(*) FROM review_accounts a WHERE a.campaign = $1 AND "+which, append([]any{key}, args...), &total)
	if err == nil && total > 0 {
		found, err = s.systemAccounts(ctx, key, "AND "+which+fmt.Sprintf(" ORDER BY "+systemOrder+" LIMIT %d", limit), args...)
	}
	return found, total, engine.Wrapf(err, "read people's accounts in other systems of campaign %s", key)
}

func (s Store) systemAccounts(ctx context.Context, key, where string, args ...any) (found []SystemAccount, err error) {
	return found, engine.Each(ctx, s.db.Reader(), `SELECT a.system, a.account_id, a.person_key, a.hr, a.owner, a.manager_id, a.lead, a.status,
		a.last_login, a.sealed FROM review_accounts a WHERE a.campaign = $1 `+where, append([]any{key}, args...), func(scan func(...any) error) error {
		var a SystemAccount
		var login int64
		var stored []byte
		if err := scan(&a.Ref.System, &a.Ref.ID, &a.PersonKey, &a.HR, &a.Owner, &a.Manager, &a.Lead, &a.Status, &login, &stored); err != nil {
			return err
		}
		a.LastLogin = engine.Instant(login)
		plain, err := s.db.Open(engine.Place("review_accounts.sealed", key, a.Ref.System, a.Ref.ID), stored)
		if err == nil {
			err = json.Unmarshal(plain, &a.SystemDetail)
		}
		found = append(found, a)
		return err
	})
}
