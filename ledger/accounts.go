package ledger

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
	// Document is what was read; only Account and FindAccounts fill it.
	Document identity.Account
	// Roles are those that the last sweep of roles found; only Account fills them.
	Roles []AccountRole

	containedIn, liftedIn string
	// linkedAs is the key it is stored under: Person is who that stands for now.
	linkedAs string
}

// AccountDigests are what an account is recognised by, as [Ledger.AccountDigests] makes them.
type AccountDigests struct{ ExternalID, Email, Username, Name string }

// AccountRole is a role that an account holds, and who gave it when, as far as the system says.
type AccountRole struct {
	Name    string
	AddedBy string
	AddedAt time.Time
}

// Belongs reports that the account is a person's: linked, or linked and in dispute.
func (a Account) Belongs() bool {
	return a.State == identity.AccountLinked || a.State == identity.AccountDisputed
}

// AccountDigests makes what an account can be found by from what was read of it.
func (l *Ledger) AccountDigests(a identity.Account) AccountDigests {
	return AccountDigests{
		ExternalID: l.ExternalIDDigest(a.ExternalID), Email: l.AddressDigest(a.Email),
		Username: l.AddressDigest(a.Username), Name: l.NameDigest(a.FirstName, a.LastName),
	}
}

// ExternalIDDigest makes an external id comparable.
func (l *Ledger) ExternalIDDigest(id string) string { return l.db.Digest(id) }

// AddressDigest makes an e-mail address or a username comparable.
func (l *Ledger) AddressDigest(address string) string {
	return l.db.Digest(identity.FoldAddress(address))
}

// NameDigest makes a full name comparable by its [identity.NameTrace].
func (l *Ledger) NameDigest(first, last string) string {
	return l.db.Digest(identity.NameTrace(first, last))
}

// accountDetail is what people wrote about an account, and so may hold personal data.
type accountDetail struct {
	Owner     string `json:"owner,omitempty"`
	Purpose   string `json:"purpose,omitempty"`
	DecidedBy string `json:"decided_by,omitempty"`
}

// The columns that make an Account, of the table a: accountTexts, accountInts, detail.
var (
	accountTexts = []string{
		"a.system", "a.account_id", "a.person_key", "a.state", "a.kind", "a.used_as", "a.matched_by", "a.external_digest",
		"a.email_digest", "a.username_digest", "a.name_digest", "a.suspended_for", "a.locked_for", "a.contained_in",
		"a.lifted_in",
	}
	accountInts = []string{
		"a.ends_at", "a.matched_at", "a.directory_id", "a.trusted_idp", "a.status", "a.created_by_us",
		"a.suspended_by_us", "a.contained_at", "a.last_login", "a.observed_at", "a.missing_since",
	}
)

// account reads an Account from the values of accountTexts, accountInts and detail.
func (l *Ledger) account(t []string, n []int64, detail []byte) (Account, error) {
	a := Account{
		Ref: identity.Ref{System: t[0], ID: t[1]}, Person: t[2], State: identity.AccountLinkState(t[3]),
		Kind: identity.AccountKind(t[4]), Use: identity.AccountUse(t[5]), MatchedBy: t[6],
		Digests:      AccountDigests{ExternalID: t[7], Email: t[8], Username: t[9], Name: t[10]},
		SuspendedFor: t[11], LockedFor: t[12], containedIn: t[13], liftedIn: t[14], linkedAs: t[2],
		Ends: instant(n[0]), MatchedAt: instant(n[1]), DirectoryID: n[2], TrustedIDP: n[3],
		Status: identity.AccountStatus(n[4]), CreatedByUs: n[5] == 1, SuspendedByUs: n[6] == 1,
		ContainedAt: instant(n[7]), LastLogin: instant(n[8]), ObservedAt: instant(n[9]), MissingSince: instant(n[10]),
	}
	plain, err := l.db.Open(place("accounts.detail", t[0], t[1]), detail)
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

// of sees an account as that of the person who stands for whom it was linked to: a containment counts in the episode it
// was confirmed in, and only the account on record is the primary one.
func (a *Account) of(key string, episode int, primary int64) {
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

var accountSelect = "SELECT " + strings.Join(slices.Concat(accountTexts, accountInts), ", ") + `, a.detail, a.document,
	COALESCE(o.person_key, a.person_key), COALESCE(o.episode, p.episode, 0), COALESCE(o.account_id, p.account_id, 0)` +
	accountFrom

// readAccounts runs accountSelect with a condition. Documents are opened only if they are asked for.
func (l *Ledger) readAccounts(ctx context.Context, q querier, documents bool, where string, args ...any) ([]Account, error) {
	rows, err := q.QueryContext(ctx, accountSelect+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Account
	for rows.Next() {
		t, n := make([]string, len(accountTexts)), make([]int64, len(accountInts))
		var detail, document []byte
		var key string
		var episode int
		var primary int64
		if err := rows.Scan(append(dests(t, n), &detail, &document, &key, &episode, &primary)...); err != nil {
			return nil, err
		}
		a, err := l.account(t, n, detail)
		if err != nil {
			return nil, err
		}
		a.of(key, episode, primary)
		if documents {
			if err := l.openDocument(&a, document); err != nil {
				return nil, err
			}
		}
		found = append(found, a)
	}
	return found, rows.Err()
}

func dests(texts []string, ints []int64) []any {
	out := make([]any, 0, len(texts)+len(ints)+5)
	for i := range texts {
		out = append(out, &texts[i])
	}
	for i := range ints {
		out = append(out, &ints[i])
	}
	return out
}

func (l *Ledger) openDocument(a *Account, stored []byte) error {
	plain, err := l.db.Open(place("accounts.document", a.Ref.System, a.Ref.ID), stored)
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
func (l *Ledger) Account(ctx context.Context, ref identity.Ref) (Account, bool, error) {
	found, err := l.readAccounts(ctx, l.db.Reader(), true, " WHERE a.system = $1 AND a.account_id = $2", ref.System, ref.ID)
	if err != nil {
		return Account{}, false, fmt.Errorf("read account %s: %w", ref, err)
	}
	if len(found) == 0 {
		return Account{}, false, nil
	}
	a := found[0]
	if a.Roles, err = l.accountRoles(ctx, ref); err != nil {
		return Account{}, false, fmt.Errorf("read the roles of account %s: %w", ref, err)
	}
	return a, true, nil
}

func (l *Ledger) accountRoles(ctx context.Context, ref identity.Ref) ([]AccountRole, error) {
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT role, added_by, added_at FROM account_roles
		WHERE system = $1 AND account_id = $2 ORDER BY role`, ref.System, ref.ID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var roles []AccountRole
	for rows.Next() {
		var r AccountRole
		var added int64
		if err := rows.Scan(&r.Name, &r.AddedBy, &added); err != nil {
			return nil, err
		}
		r.AddedAt = instant(added)
		roles = append(roles, r)
	}
	return roles, rows.Err()
}

const accountsOf = ` WHERE a.state IN ('linked', 'disputed') AND a.person_key <> '' AND a.person_key IN (
	SELECT CAST($1 AS TEXT) UNION ALL SELECT person_key FROM people WHERE forward <> '' AND forward = $1)`

// AccountsOf returns the accounts that are linked to a person or disputed, those of records forwarded to them included:
// primary ones first.
func (l *Ledger) AccountsOf(ctx context.Context, key string) ([]Account, error) {
	found, err := l.readAccounts(ctx, l.db.Reader(), false, accountsOf, key)
	if err != nil {
		return nil, fmt.Errorf("read the accounts of %s: %w", key, err)
	}
	sortAccounts(found)
	return found, nil
}

// sortAccounts puts primary accounts first, and the rest in the same order on both engines.
func sortAccounts(accounts []Account) {
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

// AccountTraces are digests by which accounts are looked for.
type AccountTraces struct{ ExternalIDs, Emails, Usernames, Names []string }

// FindAccounts returns the accounts of the inventory that share any trace, whoever's they are, with their documents.
func (l *Ledger) FindAccounts(ctx context.Context, traces AccountTraces) ([]Account, error) {
	found := map[identity.Ref]Account{}
	for _, by := range []struct {
		column string
		values []string
	}{
		{"external_digest", traces.ExternalIDs},
		{"email_digest", traces.Emails},
		{"username_digest", traces.Usernames},
		{"name_digest", traces.Names},
	} {
		values := slices.DeleteFunc(slices.Clone(by.values), func(v string) bool { return v == "" })
		err := chunks(values, func(part []string) error {
			args := make([]any, len(part))
			for i, v := range part {
				args[i] = v
			}
			accounts, err := l.readAccounts(ctx, l.db.Reader(), true,
				" WHERE a."+by.column+" <> '' AND a."+by.column+" IN "+list(1, len(part)), args...)
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
	sortAccounts(out)
	return out, nil
}

// AccountFilter narrows ListAccounts. Empty fields do not.
type AccountFilter struct {
	System string
	State  identity.AccountLinkState
	Kind   identity.AccountKind
	Person string
	// Text finds an account by its id, or by its exact address or username.
	Text string
	// Missing leaves only accounts that a complete sweep has not seen.
	Missing bool
}

// AccountPage is a part of a list of accounts: at most Limit of them, after the one called After.
type AccountPage struct {
	After identity.Ref
	Limit int
}

// maxAccountPage bounds a page of accounts.
const maxAccountPage = 500

// ListAccounts returns accounts with their documents in a fixed order. The next page begins after the last of them; there
// is none after a page that is not full.
func (l *Ledger) ListAccounts(ctx context.Context, f AccountFilter, page AccountPage) ([]Account, error) {
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
		add("(a.email_digest = $? OR a.username_digest = $?)", l.AddressDigest(f.Text))
		where = append(where[:len(where)-2], "("+id+" OR "+where[len(where)-1]+")")
	}
	found, err := l.readAccounts(ctx, l.db.Reader(), true, fmt.Sprintf(" WHERE %s ORDER BY a.system, a.account_id LIMIT %d",
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
