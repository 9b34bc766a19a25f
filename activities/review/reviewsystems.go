package review

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/reviews"
	"gatehouse/ledger/systems"
)

// defaultMaxAge is how old what is known of a system may be of which the policy says nothing.
const defaultMaxAge = 24 * time.Hour

// systemPlace is a system beside OneLogin in the assessment: how well it is known, and where its accounts go on.
type systemPlace struct {
	reviews.System
	// SignIns says that the system tells when accounts were used.
	SignIns bool   `json:"sign_ins,omitempty"`
	After   string `json:"after,omitempty"`
	Done    bool   `json:"done,omitempty"`
}

// cover says how well each system beside OneLogin is known. None of them is read for it: the inventory is what there is.
func (r *Review) cover(ctx context.Context, j judge) (places []systemPlace, rows reviews.Rows, err error) {
	for _, name := range r.Systems {
		last, found, err := r.Ledger.Inventory().LastSweep(ctx, name, inventory.SweepFull, true)
		if err != nil {
			return nil, rows, err
		}
		y := systemPlace{System: reviews.System{System: name, MaxAge: j.rulesOf(name).maxAge}}
		if found {
			y.ReadAt = last.StartedAt
		}
		y.Stale = y.ReadAt.IsZero() || r.Clock().Sub(y.ReadAt) > y.MaxAge
		if y.SignIns, err = r.Ledger.Systems().ShowsSignIns(ctx, name); err != nil {
			return nil, rows, err
		}
		if y.Stale {
			f, err := notRead(y)
			if err != nil {
				return nil, rows, err
			}
			rows.Findings = append(rows.Findings, f)
		}
		places, rows.Systems = append(places, y), append(rows.Systems, y.System)
	}
	return places, rows, nil
}

// notRead is the finding about a system that was not read in time.
func notRead(y systemPlace) (reviews.Finding, error) {
	v := findingView{Rule: spanText(y.MaxAge)}
	if !y.ReadAt.IsZero() {
		v.Since = instantText(y.ReadAt)
	}
	detail, err := foundText(findingNotRead, v)
	return reviews.Finding{
		Severity: severityOf(findingNotRead), Kind: findingNotRead, Ref: identity.Ref{System: y.System.System}, Item: y.System.System, Detail: detail,
	}, err
}

// nextSystem judges a page of the first system that is not done yet. Done says that none is left after it.
func (r *Review) nextSystem(ctx context.Context, campaign string, j judge, place *assessPlace) (rows reviews.Rows, done bool, err error) {
	at := slices.IndexFunc(place.Systems, func(y systemPlace) bool { return !y.Done })
	if at < 0 {
		return rows, true, nil
	}
	y := &place.Systems[at]
	accounts, err := r.Ledger.Systems().List(ctx, y.System.System, y.After, assessPage)
	if err != nil {
		return rows, false, err
	}
	around, err := r.around(ctx, campaign, y.System.System, accounts)
	if err != nil {
		return rows, false, err
	}
	for _, a := range accounts {
		y.After = a.Ref.ID
		if !underReview(a.Document.Status) && !a.ObservedAt.IsZero() {
			y.Excluded++
			continue
		}
		row, findings, err := j.beside(a, *y, around)
		if err != nil {
			return rows, false, err
		}
		place.Seen++
		rows.Accounts, rows.Findings = append(rows.Accounts, row), append(rows.Findings, findings...)
	}
	y.Done = len(accounts) == 0
	rows.Systems = []reviews.System{y.System}
	return rows, y.Done && at == len(place.Systems)-1, nil
}

// around is what else is known of the people whom a page of accounts leads to.
type around struct {
	standings map[string]reviews.HRStanding
	// leads are people's own accounts in OneLogin, by their keys, and users what the campaign saw of those.
	leads map[string]int64
	users map[int64]reviews.Access
	// managers are whose the accounts of managers in the system are, and called how they are called there, by their ids.
	managers map[string]string
	called   map[string]string
}

func (r *Review) around(ctx context.Context, campaign, system string, accounts []systems.Listed) (c around, err error) {
	c = around{managers: map[string]string{}, called: map[string]string{}}
	var keys, managers []string
	for _, a := range accounts {
		keys, managers = append(keys, a.Person, a.Owner), append(managers, a.Manager)
	}
	if managers = named(managers); len(managers) > 0 {
		theirs, err := r.Ledger.Inventory().AccountDocuments(ctx, system, managers)
		if err != nil {
			return c, err
		}
		for _, m := range theirs {
			c.called[m.Ref.ID] = cmp.Or(m.Document.Email, m.Document.Username, m.Ref.String())
			if m.Belongs() {
				c.managers[m.Ref.ID] = m.Person
				keys = append(keys, m.Person)
			}
		}
	}
	keys = named(keys)
	if c.standings, err = r.Ledger.Review().StandingsOf(ctx, keys); err != nil {
		return c, err
	}
	if c.leads, err = r.leads(ctx, keys); err != nil {
		return c, err
	}
	ids := make([]int64, 0, len(c.leads))
	for _, id := range c.leads {
		ids = append(ids, id)
	}
	c.users, err = r.Ledger.Review().AccountsByID(ctx, campaign, ids)
	return c, err
}

// leads are people's own accounts in OneLogin, by their keys: the primary one, or else the first.
func (r *Review) leads(ctx context.Context, keys []string) (map[string]int64, error) {
	theirs, err := r.Ledger.Inventory().AccountsIn(ctx, []string{identity.SystemOneLogin}, keys, false)
	leads := make(map[string]int64, len(theirs))
	for key, accounts := range theirs {
		for _, a := range accounts {
			if id, ok := a.Ref.OneLogin(); ok && a.Belongs() {
				leads[key] = id
				break
			}
		}
	}
	return leads, err
}

// managerOf is the account in OneLogin of whoever a person reports to, as OneLogin says it or else the system, 0 if nobody knows.
func (c around) managerOf(a systems.Listed) int64 {
	if a.Belongs() {
		if id := c.users[c.leads[a.Person]].ManagerID; id != 0 {
			return id
		}
	}
	return c.leads[c.managers[a.Manager]]
}

// addressOf is the work address of somebody who works here, empty if there is none.
func (c around) addressOf(key string) string {
	if s, found := c.standings[key]; hrOf(s, found) == hrLeft {
		return ""
	}
	return c.users[c.leads[key]].Email
}

// named are the texts that are not empty, each once.
func named(texts []string) []string {
	texts = slices.DeleteFunc(texts, func(t string) bool { return t == "" })
	slices.Sort(texts)
	return slices.Compact(texts)
}
