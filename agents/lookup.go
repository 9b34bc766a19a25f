package agents

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/ledger/inventory"
	"gatehouse/policy/agent"
)

// mostMatches bounds a page, and mostAccounts how much of it the accounts of one person take, in bytes.
const (
	mostMatches  = 20
	mostAccounts = 12_000
)

type lookUpIn struct {
	Query string `json:"query" jsonschema:"a work address, a username, a full name, an employee id, or a key such as workday-21001"`
	After string `json:"after,omitempty" jsonschema:"next of the page before"`
	Fresh bool   `json:"fresh,omitempty" jsonschema:"have OneLogin read anew first; takes up to 20 seconds"`
}

type lookUpOut struct {
	Count   int        `json:"count" jsonschema:"how many match, as far as this agent may know"`
	Matches []person   `json:"matches" jsonschema:"at most 20 of them"`
	Next    string     `json:"next,omitempty" jsonschema:"pass as after for the next page"`
	Fresh   *freshness `json:"fresh,omitempty" jsonschema:"what came of fresh"`
}

type person struct {
	Key      string    `json:"key" jsonschema:"what other tools call this person by"`
	Name     string    `json:"name,omitempty"`
	Employed bool      `json:"employed" jsonschema:"HR has this person as working here"`
	Accounts []account `json:"accounts"`
	More     int       `json:"more_accounts,omitempty" jsonschema:"how many accounts are left out, because they do not fit"`
}

type account struct {
	System     string `json:"system"`
	Account    string `json:"account"`
	Kind       string `json:"kind" jsonschema:"person, service, shared, break_glass or unknown"`
	Use        string `json:"use" jsonschema:"primary, admin or secondary"`
	Status     string `json:"status,omitempty"`
	Username   string `json:"username,omitempty"`
	Email      string `json:"email,omitempty"`
	Title      string `json:"title,omitempty"`
	Department string `json:"department,omitempty"`
	Company    string `json:"company,omitempty"`
	Group      string `json:"group,omitempty"`
	LastLogin  string `json:"last_login,omitempty"`
	ReadAt     string `json:"read_at" jsonschema:"how old all this is"`
}

func lookUpUser(ctx context.Context, a *asked, in lookUpIn) (lookUpOut, error) {
	out := lookUpOut{Matches: []person{}}
	a.call.Fresh = in.Fresh
	after, err := a.place(in.After, in.Query)
	if err != nil {
		return out, err
	}
	found, seen, err := a.seen(ctx, in.Query)
	if err != nil {
		return out, err
	}
	if in.Fresh && (len(seen) > 0 || len(found) == 0) {
		if out.Fresh, err = a.readSeen(ctx, seen); err != nil {
			return out, err
		}
		if _, seen, err = a.seen(ctx, in.Query); err != nil {
			return out, err
		}
	}
	if out.Count = len(seen); out.Count == 0 && a.hidden > 0 {
		return out, a.denied()
	}
	page := following(seen, after, func(k known) string { return k.Key })
	for _, k := range page[:min(mostMatches, len(page))] {
		out.Matches = append(out.Matches, a.person(k))
	}
	out.Matches = fitting(out.Matches, maxItems)
	for _, m := range out.Matches {
		a.about(m.Key)
	}
	if n := len(out.Matches); n < len(page) {
		out.Next = a.next(out.Matches[n-1].Key, in.Query)
	}
	return out, nil
}

// seen are all whom a query leads to, and those of them whom the agent may know of.
func (a *asked) seen(ctx context.Context, query string) (found, seen []known, err error) {
	if found, err = a.find(ctx, query); err != nil {
		return nil, nil, err
	}
	for _, k := range found {
		allowed, err := a.judge(a.target(k))
		if err != nil {
			return nil, nil, err
		}
		if allowed {
			seen = append(seen, k)
		}
	}
	return found, seen, nil
}

// readSeen has whoever was found read anew. For somebody who is not known it has everybody read who was changed since the last sweep,
// if a rule allows that about nobody.
func (a *asked) readSeen(ctx context.Context, seen []known) (*freshness, error) {
	var accounts []int64
	for _, k := range seen {
		accounts = append(accounts, k.OneLogin()...)
	}
	if len(seen) > 0 {
		if len(accounts) == 0 {
			return &freshness{Why: "there is no OneLogin account to read"}, nil
		}
		for _, k := range seen {
			a.about(k.Key)
		}
		return a.anew(ctx, profiles(accounts))
	}
	allowed, err := a.judge(agent.Target{})
	if err != nil || !allowed {
		a.hidden, a.answer = 0, agent.Answer{} // That nobody is known is no refusal.
		return &freshness{Why: "nobody is known by this, and no rule lets this agent have everybody's changes read"}, err
	}
	return a.anew(ctx, api.AgentReadRequest{Changes: true})
}

// person is somebody as far as the agent may see them.
func (a *asked) person(k known) person {
	p := person{Key: k.Key, Name: a.nameOf(k), Employed: k.Employed, Accounts: []account{}}
	for _, each := range k.Accounts {
		p.Accounts = append(p.Accounts, a.account(each))
	}
	p.Accounts = fitting(p.Accounts, mostAccounts)
	p.More = len(k.Accounts) - len(p.Accounts)
	return p
}

// nameOf is what somebody is called, if the agent may know it.
func (a *asked) nameOf(k known) string {
	for _, each := range k.Accounts {
		if name := a.shown(agent.FieldName, each.Document.FirstName+" "+each.Document.LastName); name != "" {
			return name
		}
	}
	return ""
}

func (a *asked) account(each inventory.Account) account {
	d := each.Document
	out := account{
		System: each.Ref.System, Account: each.Ref.ID, Kind: string(each.Kind), Use: string(each.Use), ReadAt: stamp(each.ObservedAt),
		Username: a.shown(agent.FieldUsername, d.Username), Email: a.shown(agent.FieldEmail, d.Email), Title: a.shown(agent.FieldTitle, d.Title),
		Department: a.shown(agent.FieldDepartment, d.Department), Company: a.shown(agent.FieldCompany, d.Company), Group: a.shown(agent.FieldGroup, d.Group),
		Status: a.shown(agent.FieldStatus, each.Status.String()),
	}
	if each.ObservedAt.IsZero() {
		out.Status = a.shown(agent.FieldStatus, "unknown") // It was never read.
	}
	if a.agent.Sees(agent.FieldLastLogin) {
		out.LastLogin = stamp(each.LastLogin)
	}
	return out
}

// oneOf finds exactly one person, and refuses if a rule keeps them from the agent.
func (a *asked) oneOf(ctx context.Context, user string) (known, error) {
	found, err := a.find(ctx, user)
	if err != nil {
		return known{}, err
	}
	var one []known
	for _, k := range found {
		allowed, err := a.may(a.target(k))
		if err != nil {
			return known{}, err
		}
		if allowed {
			one = append(one, k)
		}
	}
	switch {
	case len(one) == 0 && a.hidden > 0:
		return known{}, a.denied()
	case len(one) == 0:
		return known{}, wrong("nobody is known by this: look_up_user finds people")
	case len(one) > 1:
		return known{}, wrong("several people match: look_up_user shows them, then name one by key")
	}
	return one[0], nil
}
