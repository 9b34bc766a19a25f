package inventory

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// itemNonPersonal is the class of the items that say of an entry of accounts.non_personal that it matches people's accounts, or
// more than anybody would expect.
const itemNonPersonal = "non_personal_doubtful"

const (
	// manyNonPersonal and manyShare are how many accounts an entry may match, and which part of all, before somebody looks at it.
	manyNonPersonal = 10
	manyShare       = 4
	// maxNamed is how many characters of a list of accounts an item has.
	maxNamed = 400
)

// matched is what the entries of accounts.non_personal match.
type matched struct {
	accounts int
	of       map[string]*matchedBy
}

type matchedBy struct {
	accounts int
	// persons are the accounts among them that are, or may be, those of people of whom HR has a record.
	persons []string
}

func newMatched(pol *policy.Policy) *matched {
	m := &matched{of: map[string]*matchedBy{}}
	for _, entry := range pol.NonPersonalEntries() {
		m.of[entry.Name] = &matchedBy{}
	}
	return m
}

// add counts a page of accounts, with what has just been found out about them.
func (m *matched) add(pol *policy.Policy, rows []inventory.Account, judged []inventory.Judgement) {
	if len(m.of) == 0 {
		return
	}
	for _, row := range rows {
		if row.ObservedAt.IsZero() || !row.MissingSince.IsZero() {
			continue
		}
		m.accounts++
		if i := slices.IndexFunc(judged, func(j inventory.Judgement) bool { return j.Was.Ref == row.Ref }); i >= 0 {
			row.State, row.Person = judged[i].State, judged[i].Person
		}
		entry, is, doubtful := people.NonPersonal(pol, row.Document, row)
		by := m.of[entry.Name]
		if by == nil || !is && !doubtful {
			continue
		}
		by.accounts++
		if doubtful {
			by.persons = append(by.persons, row.Ref.ID)
		}
	}
}

// wide reports that an entry matches more than anybody would expect.
func (m *matched) wide(by *matchedBy) bool {
	return by.accounts > manyNonPersonal && by.accounts*manyShare > m.accounts
}

// tellNonPersonal raises the item of each entry that has to be looked at, and closes the others.
func (a *Accounts) tellNonPersonal(ctx context.Context, m *matched) error {
	work := a.Ledger.Worklist()
	open, err := work.Items(ctx, worklist.ItemFilter{System: identity.SystemOneLogin, Class: itemNonPersonal})
	if err != nil {
		return err
	}
	for _, item := range open {
		if by := m.of[item.Object]; by == nil || len(by.persons) == 0 && !m.wide(by) {
			if err := work.ClearItem(ctx, item.System, item.Class, item.Object); err != nil {
				return err
			}
		}
	}
	for name, by := range m.of {
		if len(by.persons) == 0 && !m.wide(by) {
			continue
		}
		text, next, err := itemWords.Pair(itemNonPersonal, nonPersonalView{
			Entry: name, Accounts: by.accounts, All: m.accounts, Persons: len(by.persons), Named: step.Listed(by.persons, ", ", maxNamed), Wide: m.wide(by),
		})
		if err != nil {
			return err
		}
		if err := work.RaiseItem(ctx, worklist.Item{
			System: identity.SystemOneLogin, Class: itemNonPersonal, Object: name, Severity: worklist.SeverityWarning, Owner: "it",
			Text: text, Next: next, Evidence: strings.Join(by.persons, ","),
		}); err != nil {
			return err
		}
	}
	return nil
}
