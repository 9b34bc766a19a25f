package review

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/reviews"
)

// beside returns rows of the accounts in the systems beside OneLogin.
func (w *writer) beside(ctx context.Context, after reviews.SystemPlace) ([][]any, reviews.SystemPlace, error) {
	accounts, err := w.Ledger.Review().SystemAccounts(ctx, w.campaign.Key, after, writePage)
	if err != nil || len(accounts) == 0 {
		return nil, after, err
	}
	var managers []int64
	for _, a := range accounts {
		managers = append(managers, a.Manager)
	}
	who, err := w.who(ctx, managers)
	if err != nil {
		return nil, after, err
	}
	var rows [][]any
	for _, a := range accounts {
		if len(a.Holds) == 0 {
			rows = append(rows, w.besideRow(a, nil, who))
		}
		for _, h := range a.Holds {
			rows = append(rows, w.besideRow(a, &h, who))
		}
	}
	return rows, accounts[len(accounts)-1].Place(), nil
}

// besideRow is one row in the order of besideColumns.
func (w *writer) besideRow(a reviews.SystemAccount, h *reviews.Hold, who func(int64) string) []any {
	kind, access, by, policy := "", "nothing", "", ""
	flags := a.Flags
	if a.Unread {
		access = "not known"
	}
	if h != nil {
		kind, access, by, policy = h.Kind, h.Name, "not by Gatehouse", "outside the policy"
		if h.Given {
			by = "Gatehouse"
		}
		if len(h.Rules) > 0 {
			policy = "managed: " + step.Listed(h.Rules, ", ", maxList)
		}
		if h.Privileged {
			flags = append(flags[:len(flags):len(flags)], "privileged")
		}
	}
	return []any{
		a.Ref.System, besideAccount(a), a.Name, a.Department, a.PersonKey, a.HR, identity.AccountStatus(a.Status).String(), kind, access, by, policy,
		besideSignIn(a), besideManager(a, who), w.readText(a.Ref.System), strings.Join(flags, ", "),
	}
}

// besideAccount is what an account is called in its system.
func besideAccount(a reviews.SystemAccount) string { return cmp.Or(a.Username, a.Email, a.Ref.ID) }

// besideManager is who answers for an account.
func besideManager(a reviews.SystemAccount, who func(int64) string) string {
	return cmp.Or(a.Owner, who(a.Manager), a.ManagerName)
}

// besideSignIn says when an account was last used. A system that never tells is not taken to mean that nobody uses it.
func besideSignIn(a reviews.SystemAccount) string {
	if a.NoSignIns {
		return "not told"
	}
	return signIn(a.LastLogin)
}

// readText says since when a system is known.
func (w *writer) readText(system string) string {
	for _, y := range w.campaign.Counts.Systems {
		if y.System.System == system {
			return cmp.Or(instantText(y.ReadAt), "never")
		}
	}
	return ""
}

// besideFindingRow is one row in the order of findingColumns, about an account of a system beside OneLogin or about the system.
func besideFindingRow(f reviews.Finding, a reviews.SystemAccount, who func(int64) string) []any {
	account, status := f.Ref.System, ""
	if f.Ref.ID != "" {
		account, status = f.Ref.System+": "+besideAccount(a), identity.AccountStatus(a.Status).String()
	}
	return []any{
		f.Severity, findingTitle(f.Kind), account, a.Name, a.Department, a.PersonKey, besideThing(f), f.Detail, status, besideManager(a, who),
	}
}

// besideThing is what a finding is about beside its account, empty if that is all.
func besideThing(f reviews.Finding) string {
	_, thing, _ := strings.Cut(f.Item, f.Ref.String()+" ")
	return thing
}

// group are accounts in systems beside OneLogin that somebody is asked about, the first of so many.
type group struct {
	accounts []reviews.SystemAccount
	total    int
}

// addOthers adds what people have in systems beside OneLogin to the table of an e-mail.
func (w *writer) addOthers(ctx context.Context, table [][]string, others group, v *view) ([][]string, error) {
	if others.total == 0 {
		return table, nil
	}
	if v.Others = others.total; others.total > len(others.accounts) {
		v.OthersListed = len(others.accounts)
	}
	refs := make([]identity.Ref, len(others.accounts))
	for i, a := range others.accounts {
		refs[i] = a.Ref
	}
	findings, err := w.Ledger.Review().SystemFindingsOf(ctx, w.campaign.Key, refs)
	if err != nil {
		return nil, err
	}
	for _, a := range others.accounts {
		var held, found []string
		for _, h := range a.Holds {
			held = append(held, h.Kind+" "+h.Name)
		}
		for _, f := range findings[a.Ref] {
			found = append(found, strings.TrimSuffix(findingTitle(f.Kind)+": "+besideThing(f), ": "))
		}
		table = append(table, []string{
			a.Name, a.Ref.System + ": " + besideAccount(a), step.Listed(held, ", ", maxTold), "", besideSignIn(a), step.Listed(found, "; ", maxTold),
		})
	}
	return table, nil
}

// systemLines are what there is to count in the systems beside OneLogin.
func systemLines(c reviews.Counts) (lines []api.Line) {
	for _, y := range c.Systems {
		value := fmt.Sprint(y.Accounts)
		if y.Stale {
			value += ", not read in time"
		}
		lines = append(lines, api.Line{Label: y.System.System, Value: value})
	}
	return lines
}

// spanText writes a time without the units that it has none of.
func spanText(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return d.String()
}
