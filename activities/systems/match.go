package systems

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/inventory"
	"gatehouse/activities/step"
	"gatehouse/identity"
	books "gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// matchPage is how many accounts are compared with everybody at a time.
const matchPage = 100

// match compares every account of the system with everybody whom the ledger knows: what is certainly somebody's is put on record, what
// may be becomes a candidate with the reasons, and a person is asked. It writes to no account.
func (sw *sweep) match(ctx context.Context) error {
	if sw.Person == nil {
		return nil
	}
	if sw.rec.Kind != books.SweepFull && sw.at.Written == 0 {
		return sw.ask(ctx) // Nothing is new; somebody may have decided since.
	}
	with, err := sw.compareWith(ctx, sw.name)
	if err != nil {
		return err
	}
	pol := sw.Policy()
	page := books.Page{Limit: matchPage, After: sw.refOf(sw.at.After)}
	for {
		step.Beat(ctx, page.After.ID)
		rows, err := sw.Ledger.Inventory().List(ctx, books.Filter{System: sw.name}, page)
		if err != nil {
			return err
		}
		judgements, err := sw.judge(ctx, pol, rows, with)
		if err != nil {
			return err
		}
		if _, err := sw.Ledger.Inventory().JudgeAccounts(ctx, judgements); err != nil {
			return err
		}
		for _, j := range judgements {
			if j.State == identity.AccountLinked && !j.Was.Belongs() {
				sw.at.Linked++
			}
		}
		if len(rows) < page.Limit {
			return sw.ask(ctx)
		}
		page.After = rows[len(rows)-1].Ref
		sw.at.After = page.After.ID
		if err := sw.save(ctx); err != nil {
			return err
		}
	}
}

// compareWith is what all accounts of a system are compared with.
func (s *Systems) compareWith(ctx context.Context, system string) (with inventory.Known, err error) {
	if with.Refused, err = s.Ledger.Inventory().Refusals(ctx, system); err != nil {
		return with, err
	}
	with.Leavers, err = s.Ledger.People().LeaverHandles(ctx)
	return with, err
}

// judge says whose some accounts are, as far as that is other than on record.
func (s *Systems) judge(ctx context.Context, pol *policy.Policy, rows []books.Account, with inventory.Known) (found []books.Judgement, err error) {
	if with.Like, err = s.atOneLogin(ctx, rows); err != nil {
		return nil, err
	}
	accounts := &inventory.Accounts{Ledger: s.Ledger, Person: s.Person, Clock: s.Clock}
	return accounts.Judge(ctx, pol, rows, with)
}

// atOneLogin are records made of OneLogin accounts that are on record for people: the address that somebody has there is their work address,
// also where HR has another one or none.
func (s *Systems) atOneLogin(ctx context.Context, rows []books.Account) ([]persons.RecordLike, error) {
	var digests []string
	for _, row := range rows {
		if !row.Belongs() {
			digests = append(digests, row.Digests.Email, row.Digests.Username)
			for _, address := range row.Document.Aliases {
				digests = append(digests, s.Ledger.Inventory().AddressDigest(address))
			}
		}
	}
	found, err := s.Ledger.Inventory().Find(ctx, books.Traces{Emails: digests, Usernames: digests})
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(a books.Account) bool {
		person := a.Kind == identity.KindPerson || a.Kind == identity.KindUnknown
		return a.Ref.System != identity.SystemOneLogin || a.State != identity.AccountLinked || !person || !a.MissingSince.IsZero()
	})
	keys := make([]string, len(found))
	for i, a := range found {
		keys[i] = a.Person
	}
	people, err := s.Ledger.People().Some(ctx, keys)
	if err != nil {
		return nil, err
	}
	var like []persons.RecordLike
	for _, a := range found {
		source, id, err := identity.SplitKey(a.Person)
		if err != nil || source == identity.SourceAccount {
			continue
		}
		for _, address := range []string{a.Document.Email, a.Document.Username} {
			if !strings.Contains(address, "@") {
				continue
			}
			like = append(like, persons.RecordLike{
				Key: a.Person, Source: source, EmployeeID: id, Employed: people.People[a.Person].Employed,
				Digests: persons.Digests{
					WorkEmail: s.Ledger.Digest(address), Name: s.Ledger.Digest(a.Document.FirstName + " " + a.Document.LastName),
				},
			})
		}
	}
	return like, nil
}
