package inventory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// matchPage is how many accounts are compared with the records of HR at a time.
const matchPage = 100

// Match compares every account of the inventory with everybody whom the ledger knows. What is certainly somebody's is put on
// record, what may be becomes a candidate with the reasons, and what is on record for one person while it carries the traces
// of another who is employed is disputed. It reads the ledger only and writes to nobody's account: before an account is
// written to, it is read and matched again.
func (a *Accounts) Match(ctx context.Context, _ api.Nothing) (api.MatchedAccounts, error) {
	var out api.MatchedAccounts
	pol := a.Person.Policy()
	listed := newMatched(pol)
	refused, err := a.Ledger.Inventory().Refusals(ctx, identity.SystemOneLogin)
	if err != nil {
		return out, err
	}
	leavers, err := a.Ledger.People().LeaverHandles(ctx)
	if err != nil {
		return out, err
	}
	page := inventory.Page{Limit: matchPage}
	for {
		step.Beat(ctx, out.Seen)
		began := time.Now()
		rows, err := a.Ledger.Inventory().List(ctx, inventory.Filter{System: identity.SystemOneLogin}, page)
		if err != nil {
			return out, err
		}
		judgements, err := a.Judge(ctx, pol, rows, Known{Refused: refused, Leavers: leavers})
		if err != nil {
			return out, err
		}
		if _, err := a.Ledger.Inventory().JudgeAccounts(ctx, judgements); err != nil {
			return out, err
		}
		changed := []identity.Ref{}
		for _, j := range judgements {
			changed = append(changed, j.Was.Ref)
		}
		if err := a.Person.HintOpen(ctx, changed, people.OpenByMatch); err != nil {
			return out, err
		}
		listed.add(pol, rows, judgements)
		out.Seen += int64(len(rows))
		for _, j := range judgements {
			if j.State == identity.AccountLinked && !j.Was.Belongs() {
				out.Linked++
			}
		}
		if len(rows) < page.Limit {
			break
		}
		page.After = rows[len(rows)-1].Ref
		rest(ctx, began)
	}
	if err := a.Person.HintOpen(ctx, nil, people.OpenByMatch); err != nil {
		return out, err
	}
	if err := a.tellNonPersonal(ctx, listed); err != nil {
		return out, err
	}
	counts, err := a.Ledger.Inventory().CountStates(ctx, identity.SystemOneLogin)
	out.Candidates, out.Disputed, out.Unowned = counts[identity.AccountCandidate], counts[identity.AccountDisputed], counts[identity.AccountUnowned]
	return out, err
}

// Known is what accounts of a system are compared with beside HR's records.
type Known struct {
	Refused []inventory.Refusal
	Leavers persons.LeaverHandles
	// Like are records with traces that HR does not have, such as the address that the person has at OneLogin.
	Like []persons.RecordLike
}

// Judge compares a page of accounts of one system with the records that share a trace with any of them, and returns what is other than
// on record. It reads the ledger only.
func (a *Accounts) Judge(ctx context.Context, pol *policy.Policy, rows []inventory.Account, with Known) ([]inventory.Judgement, error) {
	var traces persons.RecordTraces
	for _, row := range rows {
		if settled(pol, row) {
			continue
		}
		own := a.Person.TracesOf(pol, row.Document)
		traces.EmployeeIDs = append(traces.EmployeeIDs, own.EmployeeIDs...)
		traces.Addresses = append(traces.Addresses, own.Addresses...)
	}
	records, err := a.Ledger.People().RecordsLike(ctx, traces)
	if err != nil {
		return nil, err
	}
	known := byTraces(append(records, with.Like...))
	var out []inventory.Judgement
	for _, row := range rows {
		if settled(pol, row) {
			continue
		}
		j := a.judgeOne(pol, row, known, with.Refused)
		if _, listed := pol.NonPersonal(row.Document); listed && row.Kind != identity.KindPerson {
			j = onlyCertain(j)
		} else if j.Person == "" && row.Document.Status != identity.AccountSuspended {
			a.judgeByName(pol, &j, with.Refused, with.Leavers)
		}
		if j.State != row.State || !row.Belongs() && (j.Person != row.Person || j.By != row.MatchedBy) {
			out = append(out, j)
		}
	}
	return out, nil
}

// settled reports that there is nothing to find out: the account was never read, is no person's, or somebody has said whose
// it is. One that stands for itself has orders of its own, and waits for the person behind it to be assessed.
func settled(pol *policy.Policy, row inventory.Account) bool {
	switch {
	case row.ObservedAt.IsZero() || !row.MissingSince.IsZero() || people.NoPersons(row.Kind) || row.Belongs() && row.DecidedBy != "":
		return true
	case row.Kind != identity.KindPerson && pol.ReviewService(row.Document) != "":
		return true
	}
	return row.Belongs() && strings.HasPrefix(row.Person, identity.SourceAccount+"-")
}

// onlyCertain has an account that accounts.non_personal matches be somebody's perhaps, if it is somebody's for certain by all else: then
// the condition may be too wide, and a person has to say. What is on record stays so.
func onlyCertain(j inventory.Judgement) inventory.Judgement {
	switch {
	case j.Was.Belongs():
	case j.State == identity.AccountLinked:
		j.State, j.Use = identity.AccountCandidate, ""
	case j.State == identity.AccountCandidate:
		j.State, j.Person, j.By = identity.AccountUnowned, "", ""
	}
	return j
}

// likes are records by what accounts may share with them.
type likes struct {
	byID, byAddress map[string][]persons.RecordLike
}

func byTraces(records []persons.RecordLike) likes {
	l := likes{byID: map[string][]persons.RecordLike{}, byAddress: map[string][]persons.RecordLike{}}
	for _, r := range records {
		l.byID[r.EmployeeID] = append(l.byID[r.EmployeeID], r)
		for _, digest := range []string{r.Digests.WorkEmail, r.Digests.PersonalEmail} {
			if digest != "" {
				l.byAddress[digest] = append(l.byAddress[digest], r)
			}
		}
	}
	return l
}

// of returns the records that share a trace, each once.
func (l likes) of(t persons.RecordTraces) []persons.RecordLike {
	var found []persons.RecordLike
	add := func(records []persons.RecordLike) {
		for _, r := range records {
			if !slices.Contains(found, r) {
				found = append(found, r)
			}
		}
	}
	for _, id := range t.EmployeeIDs {
		add(l.byID[id])
	}
	for _, digest := range t.Addresses {
		if digest != "" {
			add(l.byAddress[digest])
		}
	}
	slices.SortFunc(found, func(a, b persons.RecordLike) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Source, b.Source), strings.Compare(a.EmployeeID, b.EmployeeID))
	})
	return found
}

// judgeOne says whose an account is, by the records that share a trace with it.
func (a *Accounts) judgeOne(pol *policy.Policy, row inventory.Account, known likes, refused []inventory.Refusal) inventory.Judgement {
	account := row.Document
	records := known.of(a.Person.TracesOf(pol, account))
	byPerson := map[string][]persons.RecordLike{}
	for _, r := range records {
		byPerson[r.Key] = append(byPerson[r.Key], r)
	}
	j := inventory.Judgement{Was: row, State: identity.AccountUnowned}
	if row.Belongs() {
		tied := match.By(pol).Tie(account, match.Claim{
			Keys: []string{row.Person}, Records: a.asShown(account, byPerson[row.Person]), Linked: true,
			Rivals: a.Person.RivalsAmong(pol, []string{row.Person}, account, records),
		})
		j.State, j.Person, j.By = identity.AccountLinked, row.Person, row.MatchedBy
		if tied.Tie == match.TieDisputed {
			j.State = identity.AccountDisputed
		}
		return j
	}
	if row.State == identity.AccountRefused {
		j.State = identity.AccountRefused
	}
	var suitors []match.Suitor
	for key, own := range byPerson {
		h := people.Human{Key: key, Keys: []string{key}, Records: a.asShown(account, own)}
		for _, r := range own {
			h.Keys = append(h.Keys, r.Source+"-"+r.EmployeeID)
		}
		suitors = append(suitors, match.Suitor{Key: key, Tied: match.By(pol).Tie(account, match.Claim{
			Keys: h.Keys, Records: h.Records, Refused: slices.ContainsFunc(refused, func(r inventory.Refusal) bool {
				return r.Ref == row.Ref && slices.Contains(h.Keys, r.Person) && r.Evidence == a.Person.EvidenceOf(account)
			}), Rivals: a.Person.RivalsAmong(pol, h.Keys, account, records),
		})})
	}
	switch best := match.Whose(suitors); best.Tie {
	case match.TieCertain:
		j.State, j.Person, j.By = identity.AccountLinked, best.Key, strings.Join(best.Reasons, "; ")
		if best.Has(match.ReasonAdminName) {
			j.Use = identity.UseAdmin
		}
	case match.TieCandidate:
		j.State, j.Person, j.By = identity.AccountCandidate, best.Key, strings.Join(best.Reasons, "; ")
	case match.TieDisputed, match.TieNamesake, match.TieNone:
	}
	return j
}

// asShown are HR records as far as an account agrees with them: the ledger keeps digests, and what has the same digest is
// the same.
func (a *Accounts) asShown(account identity.Account, records []persons.RecordLike) []identity.Record {
	digest := a.Ledger.Digest
	var shown []identity.Record
	for _, r := range records {
		rec := identity.Record{Source: r.Source, EmployeeID: r.EmployeeID}
		for _, address := range append([]string{account.Email, account.Username}, account.Aliases...) {
			switch d := digest(address); d {
			case "":
			case r.Digests.WorkEmail:
				rec.WorkEmail = address
			case r.Digests.PersonalEmail:
				rec.PersonalEmail = address
			}
		}
		if d := digest(account.FirstName + " " + account.LastName); d != "" && d == r.Digests.Name {
			rec.FirstName, rec.LastName = account.FirstName, account.LastName
		}
		shown = append(shown, rec)
	}
	return shown
}

// judgeByName makes an account that no record explains a candidate of somebody who has left, if it is called as they are. A
// look at them says more: it reads HR.
func (a *Accounts) judgeByName(pol *policy.Policy, j *inventory.Judgement, refused []inventory.Refusal, leavers persons.LeaverHandles) {
	if len(leavers.Strong) == 0 {
		return
	}
	account := j.Was.Document
	nameless := match.By(pol).Nameless(account)
	for _, handle := range match.By(pol).Handles(account) {
		digest := a.Ledger.People().HandleDigest(handle)
		keys := leavers.Strong[digest]
		if nameless {
			keys = slices.Concat(keys, leavers.Slight[digest])
		}
		for _, key := range keys {
			said := slices.ContainsFunc(refused, func(r inventory.Refusal) bool {
				return r.Ref == j.Was.Ref && r.Person == key && r.Evidence == a.Person.EvidenceOf(account)
			})
			if !said && (j.Person == "" || key < j.Person) {
				j.State, j.Person, j.By = identity.AccountCandidate, key, match.ReasonCalledSo
			}
		}
	}
}
