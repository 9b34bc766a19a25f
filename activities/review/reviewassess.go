package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/mfa"
	"gatehouse/ledger/reviews"
	"gatehouse/policy"
)

// What an account's HR and second factor columns say.
const (
	mfaYes       = "yes"
	mfaNo        = "none"
	mfaUnknown   = "unknown"
	hrWorksHere  = "works here"
	hrLeft       = "left"
	hrNoRecord   = "no record"
	hrUnknown    = "unknown"
	hrNotAPerson = "not a person"
)

// maxKinds is how many characters of a list of factors a finding has.
const maxKinds = 500

// assessPage is how many accounts are judged between two commits.
const assessPage = 500

// assessPlace is where the assessment goes on, and the policy and the readings of HR that it goes by.
type assessPlace struct {
	After        int64                `json:"after"`
	Seen         int64                `json:"seen"`
	Policy       string               `json:"policy"`
	DormantAfter time.Duration        `json:"dormant_after"`
	HRRead       map[string]time.Time `json:"hr_read,omitempty"`
	// Systems are those beside OneLogin. They follow once everybody in OneLogin is Judged.
	Systems []systemPlace `json:"systems,omitempty"`
	Judged  bool          `json:"judged,omitempty"`
}

// Assess judges every account under review. All of them are judged by one policy: if the file changes halfway, the
// assessment begins again.
func (r *Review) Assess(ctx context.Context, in api.ReviewInput) (api.ReviewCount, error) {
	n, err := r.assess(ctx, in.Campaign)
	return api.ReviewCount{Items: n}, err
}

func (r *Review) assess(ctx context.Context, campaign string) (int64, error) {
	state, _, err := r.Ledger.Review().Campaign(ctx, campaign)
	if err != nil {
		return 0, err
	}
	catalog, err := r.Ledger.Review().Catalog(ctx, campaign)
	if err != nil {
		return 0, err
	}
	for {
		at, done, err := r.Ledger.Review().Step(ctx, campaign, stepAssess)
		if err != nil {
			return 0, err
		}
		p := r.Policy()
		place := assessPlace{Policy: p.Hash(), DormantAfter: p.Review().DormantAfter}
		if err := step.ReadPlace(at, &place); err != nil || done {
			return place.Seen, err
		}
		if place.Policy != p.Hash() {
			if err := r.Ledger.Review().Restart(ctx, campaign, stepAssess); err != nil {
				return 0, err
			}
			continue
		}
		step.Beat(ctx, place.Seen)
		j := judge{policy: p, catalog: catalog, now: state.StartedAt}
		next := r.nextAccounts
		if place.Judged {
			next = r.nextSystem
		}
		rows, last, err := next(ctx, campaign, j, &place)
		if err != nil {
			return 0, err
		}
		move, err := moveTo(stepAssess, at, place, last)
		if err != nil {
			return 0, err
		}
		if frozen, err := r.stage(ctx, campaign, move, rows); frozen || err != nil {
			return place.Seen, err
		}
	}
}

// nextAccounts judges a page of the accounts in OneLogin. Done says that there is nothing to judge after them.
func (r *Review) nextAccounts(ctx context.Context, campaign string, j judge, place *assessPlace) (rows reviews.Rows, done bool, err error) {
	accounts, err := r.Ledger.Review().Unjudged(ctx, campaign, place.After, assessPage)
	if err != nil {
		return rows, false, err
	}
	if rows, err = r.judge(ctx, j, accounts); err != nil {
		return rows, false, err
	}
	if place.After == 0 {
		rows.Names = j.roles()
		if place.HRRead, err = r.hrRead(ctx); err != nil {
			return rows, false, err
		}
		systems, beside, err := r.cover(ctx, j)
		if err != nil {
			return rows, false, err
		}
		place.Systems, rows.Systems = systems, beside.Systems
		rows.Findings = append(rows.Findings, beside.Findings...)
	}
	if n := len(accounts); n > 0 {
		place.After, place.Seen = accounts[n-1].ID, place.Seen+int64(n)
	}
	done = len(accounts) < assessPage
	place.Judged = done && len(place.Systems) > 0
	return rows, done && !place.Judged, nil
}

// judge reads what the ledger knows about a page of accounts, and judges each.
func (r *Review) judge(ctx context.Context, j judge, accounts []reviews.Access) (reviews.Rows, error) {
	traces, ids := make([]reviews.AccountTrace, len(accounts)), make([]int64, len(accounts))
	for i, a := range accounts {
		ids[i] = a.ID
		traces[i] = reviews.AccountTrace{AccountID: a.ID, ExternalID: a.ExternalID, WorkDigest: r.Ledger.Digest(a.Email)}
	}
	standings, err := r.Ledger.Review().Standings(ctx, traces)
	if err != nil {
		return reviews.Rows{}, err
	}
	factors, err := r.Ledger.MFA().FactorsOf(ctx, ids)
	if err != nil {
		return reviews.Rows{}, err
	}
	inventoried, err := r.inventoried(ctx, ids)
	if err != nil {
		return reviews.Rows{}, err
	}
	var rows reviews.Rows
	for _, a := range accounts {
		standing, found := standings[a.ID]
		verdict, findings, err := j.account(a, standing, found, factors[a.ID], inventoried[a.ID])
		if err != nil {
			return reviews.Rows{}, err
		}
		rows.Verdicts = append(rows.Verdicts, verdict)
		rows.Findings = append(rows.Findings, findings...)
	}
	return rows, nil
}

// judge is what accounts are judged by.
type judge struct {
	policy  *policy.Policy
	catalog reviews.Catalog
	// now is when the campaign was begun, so that a page judged later is judged alike.
	now time.Time
}

func (j judge) account(a reviews.Access, standing reviews.HRStanding, found bool, factor mfa.Known, row inventory.Account) (reviews.Verdict, []reviews.Finding, error) {
	account := j.asAccount(a)
	v := reviews.Verdict{
		UserID: a.ID, Manager: a.ManagerID, PersonKey: standing.PersonKey, HR: hrOf(standing, found), MFA: mfaOf(factor.Factor),
		Protected: j.policy.Protected(account),
	}
	service := j.policy.ReviewService(account)
	if !found && service != "" {
		v.HR = hrNotAPerson
	}
	entry, is, doubtful := people.NonPersonal(j.policy, account, row)
	if is {
		v.HR, v.Owner, v.PersonKey = entry.Kind.Title(), entry.Owner, ""
	}
	var all []reviews.Finding
	var failed error
	add := func(kind, item string, v findingView) {
		detail, err := foundText(kind, v)
		failed = errors.Join(failed, err)
		all = append(all, reviews.Finding{Severity: severityOf(kind), Kind: kind, UserID: a.ID, Item: item, Detail: detail})
	}
	switch v.HR {
	case hrLeft:
		add(findingLeft, "", findingView{Status: account.Status.String()})
	case hrNoRecord:
		add(findingOrphan, "", findingView{})
	}
	if v.MFA == mfaNo {
		add(findingNoMFA, "", findingView{Kinds: step.Listed(factor.Uncounted, ", ", maxKinds)})
	}
	if kind, since := j.use(a); kind != "" {
		add(kind, "", findingView{Since: since.UTC().Format(time.DateOnly)})
	}
	if rule := cmp.Or(service, v.Protected); rule != "" || is || doubtful {
		add(findingNotAPerson, "", findingView{Rule: rule, Kind: entry.Kind.Title(), Entry: entry.Name, Owner: entry.Owner, Doubtful: doubtful})
	}
	for _, role := range j.unmanaged(account.Roles) {
		add(findingPrivileged, role, findingView{})
	}
	for _, c := range j.policy.ConflictsOf(account.Roles) {
		add(findingConflict, strings.Join(c.Roles, " + "), findingView{Rule: c.Name})
	}
	return v, all, failed
}

// inventoried returns what is known of accounts from the inventory, by their ids.
func (r *Review) inventoried(ctx context.Context, ids []int64) (map[int64]inventory.Account, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = identity.OneLoginRef(id).ID
	}
	rows, err := r.Ledger.Inventory().AccountDocuments(ctx, identity.SystemOneLogin, texts)
	known := make(map[int64]inventory.Account, len(rows))
	for _, row := range rows {
		if id, ok := row.Ref.OneLogin(); ok {
			known[id] = row
		}
	}
	return known, err
}

// asAccount is the account as the conditions of a policy see it.
func (j judge) asAccount(a reviews.Access) identity.Account {
	account := identity.Account{
		ID: a.ID, Username: a.Username, Email: a.Email, ExternalID: a.ExternalID, Status: identity.AccountStatus(a.Status),
		Group: j.catalog.Names[reviews.NameGroup][a.GroupID], LastLogin: a.LastLogin,
	}
	for _, m := range a.Members {
		account.Roles = append(account.Roles, j.roleName(m.RoleID))
	}
	slices.Sort(account.Roles)
	return account
}

func (j judge) roleName(id int64) string { return nameOf(j.catalog, reviews.NameRole, id) }

// nameOf is what a role, app or group is called, "#42" if it was not in the list.
func nameOf(c reviews.Catalog, kind string, id int64) string {
	if name := c.Names[kind][id]; name != "" {
		return name
	}
	return fmt.Sprintf("#%d", id)
}

// hrOf believes a departure that was carried out, by the last day of work or by an order, before the last list of HR, in
// which a person may still stand for a while.
func hrOf(s reviews.HRStanding, found bool) string {
	switch {
	case !found:
		return hrNoRecord
	case s.Left:
		return hrLeft
	case s.Active:
		return hrWorksHere
	case s.Records:
		return hrLeft
	}
	return hrUnknown
}

func mfaOf(f mfa.Factor) string {
	switch f {
	case mfa.FactorSome:
		return mfaYes
	case mfa.FactorNone:
		return mfaNo
	case mfa.FactorUnknown:
	}
	return mfaUnknown
}

// use says whether an account is not used, and since when. Whoever was made less than that long ago has time.
func (j judge) use(a reviews.Access) (kind string, since time.Time) {
	edge := j.now.Add(-j.policy.Review().DormantAfter)
	switch {
	case !a.LastLogin.IsZero() && a.LastLogin.Before(edge):
		return findingDormant, a.LastLogin
	case a.LastLogin.IsZero() && !a.CreatedAt.IsZero() && a.CreatedAt.Before(edge):
		return findingNeverUsed, a.CreatedAt
	}
	return "", time.Time{}
}

// roles says which roles the policy manages and which are privileged, for whoever shows them later.
func (j judge) roles() []reviews.Name {
	managed := j.policy.ManagedRoles()
	var names []reviews.Name
	for id, name := range j.catalog.Names[reviews.NameRole] {
		if slices.Contains(managed, name) {
			names = append(names, reviews.Name{Kind: reviews.NameManaged, ID: id, Name: name})
		}
		if j.privileged(name) {
			names = append(names, reviews.Name{Kind: reviews.NamePrivileged, ID: id, Name: name})
		}
	}
	return names
}

// privileged reports whether the policy calls a role privileged, for access or for reviews.
func (j judge) privileged(role string) bool {
	return slices.Contains(j.policy.PrivilegedRoles(), role) || slices.Contains(j.policy.Review().Privileged, role)
}

// unmanaged are the privileged roles among these that the policy neither gives nor takes.
func (j judge) unmanaged(roles []string) []string {
	managed := j.policy.ManagedRoles()
	var found []string
	for _, role := range roles {
		if j.privileged(role) && !slices.Contains(managed, role) {
			found = append(found, role)
		}
	}
	return found
}
