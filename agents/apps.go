package agents

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/policy/agent"
)

type appsIn struct {
	User  string `json:"user,omitempty" jsonschema:"a key, a work address or a username"`
	Role  string `json:"role,omitempty" jsonschema:"the name or id of a OneLogin role"`
	Group string `json:"group,omitempty" jsonschema:"the name or id of a OneLogin group"`
	After string `json:"after,omitempty" jsonschema:"next of the page before"`
	Fresh bool   `json:"fresh,omitempty" jsonschema:"have OneLogin read anew first; takes up to 20 seconds"`
}

type appsOut struct {
	Key     string       `json:"key,omitempty" jsonschema:"the person"`
	Total   int          `json:"total" jsonschema:"how many assignments there are on all pages"`
	Apps    int          `json:"apps" jsonschema:"how many different apps these are"`
	Known   bool         `json:"known" jsonschema:"false: which role carries which app was never read, and nothing follows from an empty list"`
	Unknown int          `json:"unknown_roles,omitempty" jsonschema:"roles of which it is not known what they carry, such as those that were renamed since they were read"`
	Items   []assignment `json:"assignments"`
	ReadAt  string       `json:"read_at,omitempty" jsonschema:"when it was read which role carries which app"`
	Note    string       `json:"note,omitempty"`
	Next    string       `json:"next,omitempty" jsonschema:"pass as after for the next page"`
	Fresh   *freshness   `json:"fresh,omitempty" jsonschema:"what came of fresh"`
}

type assignment struct {
	App     string `json:"app"`
	ID      string `json:"app_id"`
	Role    string `json:"role,omitempty" jsonschema:"the role that carries it"`
	RoleID  string `json:"role_id,omitempty"`
	Account string `json:"account,omitempty"`
	ReadAt  string `json:"read_at,omitempty" jsonschema:"when it was read that the account holds the role"`
}

func (s assignment) place() string {
	return strings.Join([]string{s.Account, s.App, s.ID, s.RoleID}, "\x00")
}

// noApps says what a group of OneLogin is.
const noApps = "OneLogin gives apps through roles: a group carries a security policy and no apps"

func listApps(ctx context.Context, a *asked, in appsIn) (appsOut, error) {
	out := appsOut{Items: []assignment{}}
	question := []string{in.User, in.Role, in.Group}
	after, err := a.place(in.After, question...)
	if err != nil {
		return out, err
	}
	if given(question) != 1 {
		return out, wrong("name one of user, role and group")
	}
	var items []assignment
	switch {
	case in.User != "":
		items, err = a.appsOfUser(ctx, in, &out)
	case in.Role != "":
		items, err = a.appsOfRole(ctx, in, &out)
	default:
		err = a.appsOfGroup(ctx, in, &out)
	}
	if err != nil {
		return out, err
	}
	slices.SortFunc(items, func(x, y assignment) int { return strings.Compare(x.place(), y.place()) })
	items = slices.Compact(items)
	different := map[string]bool{}
	for _, item := range items {
		different[item.ID] = true
	}
	out.Total, out.Apps = len(items), len(different)
	page := following(items, after, assignment.place)
	for _, item := range page {
		item.App, item.Role = data(item.App), data(item.Role)
		out.Items = append(out.Items, item)
	}
	out.Items = fitting(out.Items, maxItems)
	if n := len(out.Items); n < len(page) {
		out.Next = a.next(page[n-1].place(), question...)
	}
	return out, nil
}

// given counts the arguments that say something.
func given(texts []string) (n int) {
	for _, text := range texts {
		if text != "" {
			n++
		}
	}
	return n
}

// noField says that the agent is not shown an attribute.
func noField(field string) error {
	return wrong("this agent is not shown " + field + ": its owner would have to add " + field + " to what it sees")
}

func (a *asked) appsOfUser(ctx context.Context, in appsIn, out *appsOut) ([]assignment, error) {
	shown := a.agent.Sees(agent.FieldApps)
	k, fresh, err := a.freshly(ctx, in.User, in.Fresh && shown, profiles)
	if err != nil {
		return nil, err
	}
	if !shown {
		return nil, noField(agent.FieldApps)
	}
	out.Key, out.Fresh = k.Key, fresh
	held, err := a.rolesOf(ctx, k)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range held {
		names = append(names, r.Role)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	carried, at, err := a.Ledger.Inventory().AppsOfRoles(ctx, identity.SystemOneLogin, names)
	if err != nil {
		return nil, err
	}
	out.Known, out.ReadAt = !at.IsZero(), stamp(at)
	out.Unknown = len(names) - len(carried)
	var items []assignment
	for _, r := range held {
		for _, role := range carried[r.Role] {
			items = append(items, a.assignments(role, r.Account, r.ReadAt)...)
		}
	}
	return items, nil
}

// assignments are the apps that a role carries, with the role only if the agent may see roles.
func (a *asked) assignments(role inventory.RoleWithApps, account, readAt string) (items []assignment) {
	for _, app := range role.Apps {
		item := assignment{App: app.Name, ID: app.ID, Account: account, ReadAt: readAt}
		if a.agent.Sees(agent.FieldRoles) {
			item.Role, item.RoleID = role.Name, role.ID
		}
		items = append(items, item)
	}
	return items
}

func (a *asked) appsOfRole(ctx context.Context, in appsIn, out *appsOut) ([]assignment, error) {
	for _, field := range []string{agent.FieldApps, agent.FieldRoles} {
		if !a.agent.Sees(field) {
			return nil, noField(field)
		}
	}
	role, fresh, err := a.role(ctx, in.Role, in.Fresh, api.AgentReadRequest{Catalog: true})
	if err != nil {
		return nil, err
	}
	carried, at, err := a.Ledger.Inventory().AppsOfRoles(ctx, identity.SystemOneLogin, []string{"#" + role.ID})
	if err != nil {
		return nil, err
	}
	out.Known, out.ReadAt, out.Fresh = !at.IsZero(), stamp(at), fresh
	var items []assignment
	for _, r := range carried["#"+role.ID] {
		items = append(items, a.assignments(r, "", "")...)
	}
	return items, nil
}

// role finds a role, judges the call about it and nobody in particular, and has it read anew if that is wanted.
func (a *asked) role(ctx context.Context, nameOrID string, fresh bool, want api.AgentReadRequest) (inventory.Named, *freshness, error) {
	a.call.Fresh = fresh
	role, err := a.namedRole(ctx, nameOrID)
	if err == nil {
		err = a.nobody()
	}
	if err != nil || !fresh {
		return role, nil, err
	}
	done, err := a.anew(ctx, want)
	if err != nil {
		return role, nil, err
	}
	if role, err = a.namedRole(ctx, "#"+role.ID); err == nil {
		err = a.nobody()
	}
	return role, done, err
}

func (a *asked) namedRole(ctx context.Context, nameOrID string) (inventory.Named, error) {
	role, err := a.oneNamed(ctx, inventory.CatalogRole, nameOrID)
	a.call.Role, a.call.Privileged = role.Name, slices.Contains(a.policy.PrivilegedRoles(), role.Name)
	return role, err
}

func (a *asked) appsOfGroup(ctx context.Context, in appsIn, out *appsOut) error {
	group, err := a.oneNamed(ctx, inventory.CatalogGroup, in.Group)
	if err != nil {
		return err
	}
	a.call.Group, a.call.Fresh = group.Name, in.Fresh
	out.Known, out.Note = true, noApps
	return a.nobody()
}
