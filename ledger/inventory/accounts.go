package inventory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Account is an entry of the inventory: an account in some system, and whose it is.
type Account struct {
	Ref identity.Ref
	// Person is the key of who it is linked to or disputed with, or may belong to as a candidate; empty if it is nobody's.
	Person string
	State  identity.AccountLinkState
	Kind   identity.AccountKind
	Use    identity.AccountUse
	// Owner and Purpose belong to what is no person's; Ends is when it is not needed any more, zero if nobody said.
	Owner, Purpose string
	Ends           time.Time
	// MatchedBy says how it was recognised, DecidedBy who said so; empty if nobody did.
	MatchedBy string
	MatchedAt time.Time
	DecidedBy string
	Digests   AccountDigests
	// DirectoryID and TrustedIDP say where the account comes from and who signs it in, 0 if that is OneLogin itself.
	DirectoryID, TrustedIDP int64
	Status                  identity.AccountStatus
	// CreatedByUs says that Gatehouse made the account, SuspendedByUs that its suspension is ours to lift.
	CreatedByUs, SuspendedByUs bool
	// SuspendedFor is the suspend order that our suspension carries out, LockedFor the lock order whose lock may be on.
	SuspendedFor, LockedFor string
	// ContainedAt is when its containment was confirmed in the person's present episode.
	ContainedAt time.Time
	// Lifted says that two people have lifted its protection for the person's present episode.
	Lifted bool
	// ObservedAt is when what is known of it was asked for, zero if it was never read: a complete sweep that began later
	// found the same. MissingSince is the beginning of the first complete sweep that did not see it any more.
	LastLogin, ObservedAt, MissingSince time.Time
	// Document is what was read; only Account and Find fill it.
	Document identity.Account
	// Roles are those that the last sweep of roles found; only Account fills them.
	Roles []Role

	containedIn, liftedIn string
	// linkedAs is the key it is stored under: Person is who that stands for now.
	linkedAs string
}

// AccountDigests are what an account is recognised by, as [Store.AccountDigests] makes them.
type AccountDigests struct{ ExternalID, Email, Username, Name string }

// Role is a role that an account holds, and who gave it when, as far as the system says.
type Role struct {
	Name    string
	AddedBy string
	AddedAt time.Time
	// SeenAt is from when the account was seen with it as it is: what was read of the account later says more.
	SeenAt time.Time
}

// Belongs reports that the account is a person's: linked, or linked and in dispute.
func (a Account) Belongs() bool {
	return a.State == identity.AccountLinked || a.State == identity.AccountDisputed
}

// AccountDigests makes what an account can be found by from what was read of it.
func (s Store) AccountDigests(a identity.Account) AccountDigests {
	return AccountDigests{
		ExternalID: s.ExternalIDDigest(a.ExternalID), Email: s.AddressDigest(a.Email),
		Username: s.AddressDigest(a.Username), Name: s.NameDigest(a.FirstName, a.LastName),
	}
}

// ExternalIDDigest makes an external id comparable.
func (s Store) ExternalIDDigest(id string) string { return s.db.Digest(id) }

// AddressDigest makes an e-mail address or a username comparable.
func (s Store) AddressDigest(address string) string {
	return s.db.Digest(identity.FoldAddress(address))
}

// NameDigest makes a full name comparable by its [identity.NameTrace].
func (s Store) NameDigest(first, last string) string {
	return s.db.Digest(identity.NameTrace(first, last))
}

// accountDetail is what people wrote about an account, and so may hold personal data.
type accountDetail struct {
	Owner     string `json:"owner,omitempty"`
	Purpose   string `json:"purpose,omitempty"`
	DecidedBy string `json:"decided_by,omitempty"`
}

// The columns that make an Account, of the table a: accountTexts, accountInts, detail.
var (
	Texts = []string{
		"a.system", "a.account_id", "a.person_key", "a.state", "a.kind", "a.used_as", "a.matched_by", "a.external_digest",
		"a.email_digest", "a.username_digest", "a.name_digest", "a.suspended_for", "a.locked_for", "a.contained_in",
		"a.lifted_in",
	}
	Ints = []string{
		"a.ends_at", "a.matched_at", "a.directory_id", "a.trusted_idp", "a.status", "a.created_by_us",
		"a.suspended_by_us", "a.contained_at", "a.last_login", "a.observed_at", "a.missing_since",
	}
)

// AccountFrom reads an Account from the values of accountTexts, accountInts and detail.
func (s Store) AccountFrom(t []string, n []int64, detail []byte) (Account, error) {
	a := Account{
		Ref: identity.Ref{System: t[0], ID: t[1]}, Person: t[2], State: identity.AccountLinkState(t[3]),
		Kind: identity.AccountKind(t[4]), Use: identity.AccountUse(t[5]), MatchedBy: t[6],
		Digests:      AccountDigests{ExternalID: t[7], Email: t[8], Username: t[9], Name: t[10]},
		SuspendedFor: t[11], LockedFor: t[12], containedIn: t[13], liftedIn: t[14], linkedAs: t[2],
		Ends: engine.Instant(n[0]), MatchedAt: engine.Instant(n[1]), DirectoryID: n[2], TrustedIDP: n[3],
		Status: identity.AccountStatus(n[4]), CreatedByUs: n[5] == 1, SuspendedByUs: n[6] == 1,
		ContainedAt: engine.Instant(n[7]), LastLogin: engine.Instant(n[8]), ObservedAt: engine.Instant(n[9]), MissingSince: engine.Instant(n[10]),
	}
	plain, err := s.db.Open(engine.Place("accounts.detail", t[0], t[1]), detail)
	if err != nil || len(plain) == 0 {
		return a, err
	}
	var d accountDetail
	if err := json.Unmarshal(plain, &d); err != nil {
		return a, fmt.Errorf("read account %s: %w", a.Ref, err)
	}
	a.Owner, a.Purpose, a.DecidedBy = d.Owner, d.Purpose, d.DecidedBy
	return a, nil
}

// As sees an account as that of the person who stands for whom it was linked to: a containment counts in the episode it
// was confirmed in, and only the account on record is the primary one.
func (a *Account) As(key string, episode int, primary int64) {
	a.Person = key
	if a.containedIn != containedIn(key, episode) {
		a.ContainedAt = time.Time{}
	}
	a.Lifted = a.liftedIn != "" && a.liftedIn == containedIn(key, episode)
	if a.Use == identity.UsePrimary && a.Ref.System == identity.SystemOneLogin && a.Ref != identity.OneLoginRef(primary) {
		a.Use = identity.UseSecondary
	}
}

func containedIn(key string, episode int) string { return fmt.Sprintf("%s/%d", key, episode) }

// accountFrom joins an account with its person: p is whom it was linked to, o who stands for them if they are forwarded.
const accountFrom = ` FROM accounts a LEFT JOIN people p ON p.person_key = a.person_key
	LEFT JOIN people o ON p.forward <> '' AND o.person_key = p.forward`

var accountSelect = "SELECT " + strings.Join(slices.Concat(Texts, Ints), ", ") + `, a.detail, a.document,
	COALESCE(o.person_key, a.person_key), COALESCE(o.episode, p.episode, 0), COALESCE(o.account_id, p.account_id, 0)` +
	accountFrom

// readAccounts runs accountSelect with a condition. Documents are opened only if they are asked for.
func (s Store) readAccounts(ctx context.Context, q engine.Querier, documents bool, where string, args ...any) ([]Account, error) {
	rows, err := q.QueryContext(ctx, accountSelect+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Account
	for rows.Next() {
		t, n := make([]string, len(Texts)), make([]int64, len(Ints))
		var detail, document []byte
		var key string
		var episode int
		var primary int64
		if err := rows.Scan(append(Dests(t, n), &detail, &document, &key, &episode, &primary)...); err != nil {
			return nil, err
		}
		a, err := s.AccountFrom(t, n, detail)
		if err != nil {
			return nil, err
		}
		a.As(key, episode, primary)
		if documents {
			if err := s.openDocument(&a, document); err != nil {
				return nil, err
			}
		}
		found = append(found, a)
	}
	return found, rows.Err()
}

// Dests are where the columns of a row are scanned to.
func Dests(texts []string, ints []int64) []any {
	out := make([]any, 0, len(texts)+len(ints)+5)
	for i := range texts {
		out = append(out, &texts[i])
	}
	for i := range ints {
		out = append(out, &ints[i])
	}
	return out
}

func (s Store) openDocument(a *Account, stored []byte) error {
	plain, err := s.db.Open(engine.Place("accounts.document", a.Ref.System, a.Ref.ID), stored)
	if err != nil || len(plain) == 0 {
		return err
	}
	if err := json.Unmarshal(plain, &a.Document); err != nil {
		return fmt.Errorf("read account %s: %w", a.Ref, err)
	}
	a.Document.Status = a.Status // A mark may be newer than the document.
	return nil
}

// Account returns an account of the inventory in full.
func (s Store) Account(ctx context.Context, ref identity.Ref) (Account, bool, error) {
	found, err := s.readAccounts(ctx, s.db.Reader(), true, " WHERE a.system = $1 AND a.account_id = $2", ref.System, ref.ID)
	if err != nil {
		return Account{}, false, fmt.Errorf("read account %s: %w", ref, err)
	}
	if len(found) == 0 {
		return Account{}, false, nil
	}
	a := found[0]
	if a.Roles, err = s.accountRoles(ctx, ref); err != nil {
		return Account{}, false, fmt.Errorf("read the roles of account %s: %w", ref, err)
	}
	return a, true, nil
}

func (s Store) accountRoles(ctx context.Context, ref identity.Ref) ([]Role, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT role, added_by, added_at, seen_at FROM account_roles
		WHERE system = $1 AND account_id = $2 ORDER BY role`, ref.System, ref.ID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var roles []Role
	for rows.Next() {
		var r Role
		var added, seen int64
		if err := rows.Scan(&r.Name, &r.AddedBy, &added, &seen); err != nil {
			return nil, err
		}
		r.AddedAt, r.SeenAt = engine.Instant(added), engine.Instant(seen)
		roles = append(roles, r)
	}
	return roles, rows.Err()
}

const accountsOf = ` WHERE a.state IN ('linked', 'disputed') AND a.person_key <> '' AND a.person_key IN (
	SELECT CAST($1 AS TEXT) UNION ALL SELECT person_key FROM people WHERE forward <> '' AND forward = $1)`

// AccountsOf returns the accounts that are linked to a person or disputed, those of records forwarded to them included:
// primary ones first.
func (s Store) AccountsOf(ctx context.Context, key string) ([]Account, error) {
	found, err := s.readAccounts(ctx, s.db.Reader(), false, accountsOf, key)
	if err != nil {
		return nil, fmt.Errorf("read the accounts of %s: %w", key, err)
	}
	Sort(found)
	return found, nil
}

// Sort puts primary accounts first, and the rest in the same order on both engines.
func Sort(accounts []Account) {
	rank := func(a Account) int {
		if a.Use == identity.UsePrimary {
			return 0
		}
		return 1
	}
	slices.SortFunc(accounts, func(a, b Account) int {
		return cmp.Or(rank(a)-rank(b), strings.Compare(a.Ref.System, b.Ref.System),
			len(a.Ref.ID)-len(b.Ref.ID), strings.Compare(a.Ref.ID, b.Ref.ID))
	})
}

// Traces are digests by which accounts are looked for.
type Traces struct {
	ExternalIDs, Emails, Usernames, Names []string
	// Further are addresses that accounts have beside the one they go by.
	Further []string
}

// Find returns the accounts of the inventory that share any trace, whoever's they are, with their documents.
func (s Store) Find(ctx context.Context, traces Traces) ([]Account, error) {
	found := map[identity.Ref]Account{}
	column := func(name string) string { return " WHERE a." + name + " <> '' AND a." + name + " IN " }
	for _, by := range []struct {
		where, end string
		values     []string
	}{
		{column("external_digest"), "", traces.ExternalIDs},
		{column("email_digest"), "", traces.Emails},
		{column("username_digest"), "", traces.Usernames},
		{column("name_digest"), "", traces.Names},
		{furtherHave, ")", traces.Further},
	} {
		values := slices.DeleteFunc(slices.Clone(by.values), func(v string) bool { return v == "" })
		err := engine.Chunks(values, func(part []string) error {
			args := make([]any, len(part))
			for i, v := range part {
				args[i] = v
			}
			accounts, err := s.readAccounts(ctx, s.db.Reader(), true, by.where+engine.List(1, len(part))+by.end, args...)
			for _, a := range accounts {
				found[a.Ref] = a
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("find accounts by their traces: %w", err)
		}
	}
	out := make([]Account, 0, len(found))
	for _, a := range found {
		out = append(out, a)
	}
	Sort(out)
	return out, nil
}

// Filter narrows List. Empty fields do not.
type Filter struct {
	System string
	State  identity.AccountLinkState
	Kind   identity.AccountKind
	Person string
	// Text finds an account by its id, or by its exact address, a further one of its addresses, or its username.
	Text string
	// Missing leaves only accounts that a complete sweep has not seen.
	Missing bool
}

// Page is a part of a list of accounts: at most Limit of them, after the one called After.
type Page struct {
	After identity.Ref
	Limit int
}

// maxAccountPage bounds a page of accounts.
const maxAccountPage = 500

// List returns accounts with their documents in a fixed order. The next page begins after the last of them; there
// is none after a page that is not full.
func (s Store) List(ctx context.Context, f Filter, page Page) ([]Account, error) {
	if page.Limit <= 0 || page.Limit > maxAccountPage {
		page.Limit = maxAccountPage
	}
	where, args := []string{"(a.system > $1 OR (a.system = $1 AND a.account_id > $2))"}, []any{page.After.System, page.After.ID}
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, strings.ReplaceAll(condition, "$?", fmt.Sprintf("$%d", len(args))))
	}
	if f.System != "" {
		add("a.system = $?", f.System)
	}
	if f.State != "" {
		add("a.state = $?", string(f.State))
	}
	if f.Kind != "" {
		add("a.kind = $?", string(f.Kind))
	}
	if f.Person != "" {
		add("(a.person_key = $? OR p.forward = $?)", f.Person)
	}
	if f.Missing {
		where = append(where, "a.missing_since <> 0")
	}
	if f.Text != "" {
		add("a.account_id = $?", f.Text)
		id := where[len(where)-1]
		add(`(a.email_digest = $? OR a.username_digest = $? OR EXISTS (SELECT 1 FROM account_addresses d
			WHERE d.system = a.system AND d.account_id = a.account_id AND d.digest = $?))`, s.AddressDigest(f.Text))
		where = append(where[:len(where)-2], "("+id+" OR "+where[len(where)-1]+")")
	}
	found, err := s.readAccounts(ctx, s.db.Reader(), true, fmt.Sprintf(" WHERE %s ORDER BY a.system, a.account_id LIMIT %d",
		strings.Join(where, " AND "), page.Limit), args...)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return found, nil
}

// errNoRef is the answer to a write about no account.
var errNoRef = errors.New("it needs the system and the id of an account")

func checkRef(ref identity.Ref) error {
	if ref.System == "" || ref.ID == "" {
		return errNoRef
	}
	return nil
}
