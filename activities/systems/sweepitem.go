package systems

import (
	"context"
	"embed"
	"slices"

	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/internal/wording"
	books "gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
)

// The classes of the items of a reading: each has one item per system.
const (
	itemNotBelieved = "system_not_believed"
	itemWhose       = "system_accounts_whose"
	itemLeavers     = "system_accounts_of_leavers"
)

// unreachable is the evidence of an item about a system that does not answer: any reading that comes through closes it.
const unreachable = "unreachable"

// maxListed is how many characters of a list of accounts an item has.
const maxListed = 400

// sweepFiles are the words of those items.
//
//go:embed items/system_not_believed.tmpl items/system_accounts_whose.tmpl items/system_accounts_of_leavers.tmpl items/system_owners_left.tmpl items/system_heirs_left.tmpl items/system_accounts_gone.tmpl items/system_names_unknown.tmpl
var sweepFiles embed.FS

var sweepWords = wording.Must(sweepFiles, "items", wording.Marked, sweepView{}, sweepView{Unreachable: true, Accounts: 1, Names: 1}, sweepView{Asking: true})

// sweepView is what those words may say. Listed are ids of accounts, and Reasons why they may be somebody's.
type sweepView struct {
	System, Why string
	Unreachable bool
	// Asking says that an operator may say that the reading is right.
	Asking bool
	// Left are those of the accounts that are of people who have left, Others the rest.
	Accounts, Left, Others int
	Listed, Reasons        string
	// Names is how many names of the policy the system does not know, and Problems says of each what is wrong.
	Names    int
	Problems string
}

// tell raises the item of a reading that is quarantined, and closes it after one that is.
func (sw *sweep) tell(ctx context.Context) error {
	work := sw.Ledger.Worklist()
	if sw.at.Why == "" {
		if sw.rec.Kind != books.SweepFull {
			open, err := work.Items(ctx, worklist.ItemFilter{System: sw.name, Class: itemNotBelieved})
			if err != nil || !slices.ContainsFunc(open, func(i worklist.Item) bool { return i.Evidence == unreachable }) {
				return err
			}
		}
		return work.ClearItem(ctx, sw.name, itemNotBelieved, "")
	}
	item := worklist.Item{System: sw.name, Class: itemNotBelieved, Severity: worklist.SeverityWarning, Owner: "it", Evidence: "incomplete", Deadline: sw.Clock().Add(answerWithin)}
	if sw.at.Unreachable {
		item.Evidence = unreachable
	}
	var err error
	item.Text, item.Next, err = sweepWords.Pair(itemNotBelieved, sweepView{System: sw.name, Why: sw.at.Why, Unreachable: sw.at.Unreachable, Asking: sw.at.Asking})
	if err != nil {
		return err
	}
	return work.RaiseItem(ctx, item)
}

// ask keeps the items about whose accounts are, and who looks after them, in step.
func (sw *sweep) ask(ctx context.Context) error {
	if err := sw.askWhose(ctx, sw.name); err != nil {
		return err
	}
	if err := sw.askOwners(ctx, sw.name, ""); err != nil {
		return err
	}
	return sw.askHeirs(ctx, sw.name, "")
}

// askWhose keeps the items about accounts that may be somebody's in step: one about those of people who have left, one about the others.
func (s *Systems) askWhose(ctx context.Context, system string) error {
	var asked []books.Account
	page := books.Page{Limit: matchPage}
	for {
		rows, err := s.Ledger.Inventory().List(ctx, books.Filter{System: system, State: identity.AccountCandidate}, page)
		if err != nil {
			return err
		}
		asked = append(asked, rows...)
		if len(rows) < page.Limit {
			break
		}
		page.After = rows[len(rows)-1].Ref
	}
	var keys []string
	for _, a := range asked {
		keys = append(keys, a.Person)
	}
	people, err := s.Ledger.People().Some(ctx, keys)
	if err != nil {
		return err
	}
	left := func(a books.Account) bool {
		p, known := people.People[a.Person]
		return known && !p.Employed && p.Episode > 0 && a.Status != identity.AccountSuspended
	}
	of := map[string][]books.Account{}
	for _, a := range asked {
		if left(a) {
			of[itemLeavers] = append(of[itemLeavers], a)
		} else {
			of[itemWhose] = append(of[itemWhose], a)
		}
	}
	if err := s.tellWhose(ctx, system, itemLeavers, worklist.SeverityCritical, "security", of[itemLeavers]); err != nil {
		return err
	}
	return s.tellWhose(ctx, system, itemWhose, worklist.SeverityWarning, "it", of[itemWhose])
}

// tellWhose raises the item about some accounts that may be somebody's, or closes it where there are none.
func (s *Systems) tellWhose(ctx context.Context, system, class string, severity worklist.Severity, owner string, accounts []books.Account) error {
	if len(accounts) == 0 {
		return s.Ledger.Worklist().ClearItem(ctx, system, class, "")
	}
	var refs, reasons []string
	for _, a := range accounts {
		refs = append(refs, a.Ref.String())
		reasons = append(reasons, a.MatchedBy)
	}
	slices.Sort(reasons)
	text, next, err := sweepWords.Pair(class, sweepView{
		System: system, Accounts: len(accounts), Listed: step.Listed(refs, ", ", maxListed),
		Reasons: step.Listed(slices.Compact(reasons), " / ", maxListed),
	})
	if err != nil {
		return err
	}
	within := answerWithin
	if severity == worklist.SeverityCritical {
		within = openWithin
	}
	return s.Ledger.Worklist().RaiseItem(ctx, worklist.Item{
		System: system, Class: class, Severity: severity, Owner: owner, Text: text, Next: next, Deadline: s.Clock().Add(within),
		Evidence: step.Listed(refs, ",", len(refs)*200),
	})
}
