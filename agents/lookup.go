package agents

import (
	"context"

	"gatehouse/ledger/inventory"
	"gatehouse/policy/agent"
)

// mostMatches bounds an answer: whoever finds more has to ask for less.
const mostMatches = 20

type lookUpIn struct {
	Query string `json:"query" jsonschema:"a work address, a username, a full name, an employee id, or a key such as workday-21001"`
}

type lookUpOut struct {
	Count   int      `json:"count" jsonschema:"how many match, as far as this agent may know"`
	Matches []person `json:"matches" jsonschema:"at most 20 of them"`
}

type person struct {
	Key      string    `json:"key" jsonschema:"what other tools call this person by"`
	Name     string    `json:"name,omitempty"`
	Employed bool      `json:"employed" jsonschema:"HR has this person as working here"`
	Accounts []account `json:"accounts"`
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
	found, err := a.find(ctx, in.Query)
	if err != nil {
		return out, err
	}
	for _, k := range found {
		allowed, err := a.may(a.target(k))
		if err != nil {
			return out, err
		}
		if !allowed {
			continue
		}
		if out.Count++; len(out.Matches) < mostMatches {
			out.Matches = append(out.Matches, a.person(k))
		}
	}
	if out.Count == 0 && a.hidden > 0 {
		return out, a.denied()
	}
	return out, nil
}

// person is somebody as far as the agent may see them.
func (a *asked) person(k known) person {
	p := person{Key: k.Key, Employed: k.Employed, Accounts: []account{}}
	for _, each := range k.Accounts {
		if p.Name == "" {
			p.Name = a.shown(agent.FieldName, each.Document.FirstName+" "+each.Document.LastName)
		}
		p.Accounts = append(p.Accounts, a.account(each))
	}
	return p
}

func (a *asked) account(each inventory.Account) account {
	d := each.Document
	out := account{
		System: each.Ref.System, Account: each.Ref.ID, Kind: string(each.Kind), Use: string(each.Use), ReadAt: stamp(each.ObservedAt),
		Username: a.shown(agent.FieldUsername, d.Username), Email: a.shown(agent.FieldEmail, d.Email), Title: a.shown(agent.FieldTitle, d.Title),
		Department: a.shown(agent.FieldDepartment, d.Department), Company: a.shown(agent.FieldCompany, d.Company), Group: a.shown(agent.FieldGroup, d.Group),
		Status: a.shown(agent.FieldStatus, each.Status.String()),
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
