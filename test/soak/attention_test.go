package soak

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// openItems is what waits for somebody: the questions of runs by their ids, accounts that a question is about, and who is
// held.
type openItems struct {
	runs     map[string][]api.Attention
	accounts map[string]string
	held     []string
	// objects are what the items in the ledger are about, holders the runs that wait because of them.
	objects []string
	holders map[string]bool
}

// attention asks Gatehouse what is open. It is the only thing that it is asked.
func (j *judge) attention(ctx context.Context) openItems {
	s := j.s
	open := openItems{runs: map[string][]api.Attention{}, accounts: map[string]string{}, holders: map[string]bool{}}
	var token []byte
	for {
		found, err := s.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: "ExecutionStatus = 'Running' AND Stage = '" + api.StageAttention + "'", PageSize: 500, NextPageToken: token,
		})
		if err != nil {
			s.t.Errorf("list the runs that wait for somebody: %v", err)
			return open
		}
		for _, e := range found.GetExecutions() {
			id := e.GetExecution().GetWorkflowId()
			state, err := s.launch.Waiting(ctx, id)
			if err != nil {
				continue // It has ended since.
			}
			open.runs[id] = state.Attention
		}
		if token = found.GetNextPageToken(); len(token) == 0 {
			break
		}
	}
	j.ledgerItems(ctx, &open)
	return open
}

// ledgerItems reads the accounts that are asked about and who is held.
func (j *judge) ledgerItems(ctx context.Context, open *openItems) {
	l := j.s.ledger
	for _, state := range []identity.AccountLinkState{identity.AccountCandidate, identity.AccountDisputed} {
		var after identity.Ref
		for {
			page, err := listAccounts(ctx, l, state, after)
			if err != nil {
				j.s.t.Errorf("list the accounts in doubt: %v", err)
				return
			}
			for _, a := range page {
				open.accounts[a.Ref.ID] = a.Person
			}
			if len(page) < accountPage {
				break
			}
			after = page[len(page)-1].Ref
		}
	}
	holds, err := l.Budgets().Holds(ctx)
	if err != nil {
		j.s.t.Errorf("list the holds: %v", err)
	}
	for _, h := range holds {
		keys, err := l.Budgets().HeldKeys(ctx, h.Source, h.Kind)
		if err != nil {
			j.s.t.Errorf("list who is held: %v", err)
		}
		for _, key := range keys {
			open.held = append(open.held, heldPerson(key))
		}
	}
	items, err := l.Worklist().Items(ctx, worklist.ItemFilter{Limit: itemPage})
	if err != nil {
		j.s.t.Errorf("list the items: %v", err)
	}
	for _, i := range items {
		open.objects = append(open.objects, i.Object)
		waiting, err := l.Worklist().Holders(ctx, i.ID, itemPage, 0)
		if err != nil {
			j.s.t.Errorf("list who waits because of an item: %v", err)
		}
		for _, h := range waiting {
			open.holders[h.Workflow] = true
		}
	}
}

// names reports whether something that is open is about a person or their account.
func (o openItems) names(_ context.Context, p *human, a *control.Person) bool {
	id := strconv.FormatInt(a.ID, 10)
	if _, asked := o.accounts[id]; asked || slices.Contains(o.objects, id) || slices.Contains(o.objects, "onelogin/"+id) {
		return true
	}
	return o.about(p)
}

// about reports whether something that is open is about a person: their run asks, and an item of the list says that it does.
func (o openItems) about(p *human) bool {
	return slices.ContainsFunc(p.keys(), func(key string) bool {
		run := api.PersonID(key)
		return len(o.runs[run]) > 0 && o.holders[run] || slices.Contains(o.held, key) || slices.Contains(o.objects, key)
	})
}

// heldPerson is who a budget holds: it counts somebody once for each time that they leave.
func heldPerson(reserved string) string {
	key, _, _ := strings.Cut(reserved, "/")
	return key
}

// accountPage is how many accounts are listed at a time.
const accountPage = 500

func listAccounts(ctx context.Context, l *ledger.Ledger, state identity.AccountLinkState, after identity.Ref) ([]inventory.Account, error) {
	return l.Inventory().List(ctx, inventory.Filter{State: state}, inventory.Page{After: after, Limit: accountPage})
}

// holds reports whether a budget holds somebody until a person decides.
func (o openItems) holds(p *human) bool {
	return slices.ContainsFunc(p.keys(), func(key string) bool {
		return slices.Contains(o.held, key) || slices.ContainsFunc(o.runs[api.PersonID(key)], func(a api.Attention) bool {
			return a.Code == api.NoticeBudgetContain
		})
	})
}
