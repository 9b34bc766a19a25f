package agents

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/policy/agent"
)

const (
	rolesPage = 200
	// The sources of a role.
	fromGatehouse = "gatehouse" // given by a rule or an order
	fromOrder     = "order"     // a grant order in force names it
	fromOther     = "other"     // somebody else, or a mapping, gave it
)

type rolesIn struct {
	User  string `json:"user" jsonschema:"a key, a work address or a username"`
	After string `json:"after,omitempty" jsonschema:"next of the page before"`
}

type rolesOut struct {
	Key   string `json:"key"`
	Total int    `json:"total" jsonschema:"how many roles there are on all pages"`
	Roles []role `json:"roles"`
	Next  string `json:"next,omitempty" jsonschema:"pass as after for the next page"`
}

type role struct {
	Role       string `json:"role"`
	Account    string `json:"account"`
	Privileged bool   `json:"privileged"`
	Managed    bool   `json:"managed" jsonschema:"Gatehouse gives and takes it by rules"`
	From       string `json:"from" jsonschema:"gatehouse: a rule gave it; order: somebody granted it; other: by hand or by a mapping"`
	AddedAt    string `json:"added_at,omitempty"`
	ReadAt     string `json:"read_at" jsonschema:"how old this is"`
}

func (r role) place() string { return r.Account + "/" + r.Role }

func listUserRoles(ctx context.Context, a *asked, in rolesIn) (rolesOut, error) {
	out := rolesOut{Roles: []role{}}
	k, err := a.oneOf(ctx, in.User)
	if err != nil {
		return out, err
	}
	if !a.agent.Sees(agent.FieldRoles) {
		return out, wrong("this agent is not shown roles: its owner would have to add roles to what it sees")
	}
	all, err := a.rolesOf(ctx, k)
	if err != nil {
		return out, err
	}
	out.Key, out.Total = k.Key, len(all)
	from, _ := slices.BinarySearchFunc(all, in.After, func(r role, after string) int { return strings.Compare(r.place(), after) })
	if in.After != "" && from < len(all) && all[from].place() == in.After {
		from++
	}
	out.Roles = all[from:min(from+rolesPage, len(all))]
	if from+len(out.Roles) < len(all) {
		out.Next = out.Roles[len(out.Roles)-1].place()
	}
	for i := range out.Roles {
		out.Roles[i].Role = data(out.Roles[i].Role)
	}
	return out, nil
}

// rolesOf are the roles of all accounts of somebody, by account and name.
func (a *asked) rolesOf(ctx context.Context, k known) ([]role, error) {
	ids := make([]string, len(k.Accounts))
	for i, each := range k.Accounts {
		ids[i] = each.Ref.ID
	}
	access, err := a.Ledger.Inventory().AccessOf(ctx, []string{k.Key}, identity.SystemOneLogin, ids)
	if err != nil {
		return nil, err
	}
	var granted []string
	for _, o := range k.Dossier.Orders {
		if o.Kind == identity.OrderGrant {
			granted = append(granted, o.Roles...)
		}
	}
	managed, privileged := a.policy.ManagedRoles(), a.policy.PrivilegedRoles()
	var all []role
	for _, each := range k.Accounts {
		added := map[string]string{}
		for _, r := range each.Roles {
			added[r.Name] = stamp(r.AddedAt)
		}
		for _, name := range each.Document.Roles {
			added[name] = cmp.Or(added[name], "")
		}
		given := access.Given(k.Key, each.Ref)
		for name, at := range added {
			r := role{
				Role: name, Account: each.Ref.ID, AddedAt: at, ReadAt: stamp(each.ObservedAt), From: fromOther,
				Managed: slices.Contains(managed, name), Privileged: slices.Contains(privileged, name),
			}
			switch {
			case slices.Contains(granted, name):
				r.From = fromOrder
			case slices.Contains(given, name):
				r.From = fromGatehouse
			}
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(x, y role) int { return strings.Compare(x.place(), y.place()) })
	return all, nil
}
