package agents

import (
	"context"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/policy/agent"
)

type membersIn struct {
	Role  string `json:"role,omitempty" jsonschema:"the name or id of a OneLogin role"`
	Group string `json:"group,omitempty" jsonschema:"the name or id of a OneLogin group"`
	After string `json:"after,omitempty" jsonschema:"next of the page before"`
	Fresh bool   `json:"fresh,omitempty" jsonschema:"have OneLogin read anew first; takes up to 20 seconds"`
}

type membersOut struct {
	Total   int        `json:"total" jsonschema:"how many accounts are in it, of those that this agent may know of"`
	People  int        `json:"people" jsonschema:"how many people these are"`
	Known   bool       `json:"known" jsonschema:"false: the members were never read, and nothing follows from an empty list"`
	Unknown int        `json:"unknown,omitempty" jsonschema:"accounts of the tenant of which it is not known whether they are in it, or who they are"`
	Members []member   `json:"members"`
	ReadAt  string     `json:"read_at,omitempty" jsonschema:"when the members were read"`
	Next    string     `json:"next,omitempty" jsonschema:"pass as after for the next page"`
	Fresh   *freshness `json:"fresh,omitempty" jsonschema:"what came of fresh"`
}

type member struct {
	Key      string  `json:"key"`
	Name     string  `json:"name,omitempty"`
	Employed bool    `json:"employed" jsonschema:"HR has this person as working here"`
	Account  account `json:"account"`
}

// seat is an account in a list, with whose it is.
type seat struct{ key, account string }

func (s seat) place() string { return s.key + "\x00" + s.account }

func listMembers(ctx context.Context, a *asked, in membersIn) (membersOut, error) {
	out := membersOut{Members: []member{}}
	question := []string{in.Role, in.Group}
	after, err := a.place(in.After, question...)
	if err != nil {
		return out, err
	}
	if given(question) != 1 {
		return out, wrong("name either a role or a group")
	}
	ids := a.holders
	if in.Group != "" {
		ids = a.grouped
	}
	seen, whose, err := a.crowdIn(ctx, in, ids, &out)
	if err != nil {
		return out, err
	}
	all := make([]seat, 0, len(whose))
	for id, key := range whose {
		if _, visible := seen[key]; visible {
			all = append(all, seat{key, id})
		}
	}
	slices.SortFunc(all, func(x, y seat) int { return strings.Compare(x.place(), y.place()) })
	out.Total, out.People = len(all), len(seen)
	if in.Group != "" && out.Fresh != nil && out.Fresh.Done {
		out.ReadAt = stamp(a.at) // Whoever was changed since the sweep has been read just now.
	}
	left := maxItems
	for _, each := range following(all, after, seat.place) {
		m := a.member(seen[each.key], each.account)
		if left -= size(m); left < 0 && len(out.Members) > 0 {
			last := out.Members[len(out.Members)-1]
			out.Next = a.next(seat{last.Key, last.Account.Account}.place(), question...)
			break
		}
		out.Members = append(out.Members, m)
		a.about(m.Key)
	}
	return out, nil
}

// crowdIn reads who is in it, anew if that is wanted and if there is anybody, or nobody, whom the agent may know of.
func (a *asked) crowdIn(
	ctx context.Context, in membersIn, ids func(context.Context, membersIn, *membersOut) ([]string, api.AgentReadRequest, error), out *membersOut,
) (seen map[string]known, whose map[string]string, err error) {
	a.call.Fresh = in.Fresh
	for again := in.Fresh; ; again = false {
		members, want, err := ids(ctx, in, out)
		if err != nil {
			return nil, nil, err
		}
		c, err := a.crowdOf(ctx, members)
		if err != nil {
			return nil, nil, err
		}
		if seen, err = a.visible(c); err != nil {
			return nil, nil, err
		}
		if len(seen) == 0 {
			if err := a.nobody(); err != nil {
				return nil, nil, err
			}
		}
		if out.Unknown += c.strangers; !again {
			return seen, c.whose, nil
		}
		if out.Fresh, err = a.anew(ctx, want); err != nil {
			return nil, nil, err
		}
		out.Unknown = 0
	}
}

// holders are the accounts that hold a role, by the name that it had when they were read.
func (a *asked) holders(ctx context.Context, in membersIn, out *membersOut) ([]string, api.AgentReadRequest, error) {
	if !a.agent.Sees(agent.FieldRoles) {
		return nil, api.AgentReadRequest{}, noField(agent.FieldRoles)
	}
	role, err := a.namedRole(ctx, in.Role)
	if err != nil {
		return nil, api.AgentReadRequest{}, err
	}
	want := api.AgentReadRequest{Role: number(role.ID)}
	books := a.Ledger.Inventory()
	read, found, err := books.RoleReadOf(ctx, identity.SystemOneLogin, role.ID)
	if err != nil || !found {
		return nil, want, err
	}
	out.Known, out.ReadAt = true, stamp(read.At)
	ids, err := books.MembersOfRole(ctx, identity.SystemOneLogin, read.Name)
	return ids, want, err
}

// grouped are the accounts in a group. OneLogin has no list of them: a fresh reading reads who was changed since the last sweep.
func (a *asked) grouped(ctx context.Context, in membersIn, out *membersOut) ([]string, api.AgentReadRequest, error) {
	if !a.agent.Sees(agent.FieldGroup) {
		return nil, api.AgentReadRequest{}, noField(agent.FieldGroup)
	}
	group, err := a.oneNamed(ctx, inventory.CatalogGroup, in.Group)
	if err != nil {
		return nil, api.AgentReadRequest{}, err
	}
	a.call.Group = group.Name
	want := api.AgentReadRequest{Changes: true}
	at, err := a.sweptAt(ctx)
	if err != nil || at.IsZero() {
		return nil, want, err
	}
	out.Known, out.ReadAt = true, stamp(at)
	ids, unknown, err := a.Ledger.Inventory().MembersOfGroup(ctx, identity.SystemOneLogin, number(group.ID))
	out.Unknown = unknown
	return ids, want, err
}

// sweptAt is when the last complete reading of accounts began, zero if everybody was never read.
func (a *asked) sweptAt(ctx context.Context) (at time.Time, err error) {
	for _, kind := range []inventory.SweepKind{inventory.SweepFull, inventory.SweepChanges} {
		last, found, err := a.Ledger.Inventory().LastSweep(ctx, identity.SystemOneLogin, kind, true)
		if err != nil || kind == inventory.SweepFull && !found {
			return time.Time{}, err
		}
		if found && last.StartedAt.After(at) {
			at = last.StartedAt
		}
	}
	return at, nil
}

// member is an account of somebody's as far as the agent may see it.
func (a *asked) member(k known, id string) member {
	m := member{Key: k.Key, Name: a.nameOf(k), Employed: k.Employed}
	for _, each := range k.Accounts {
		if each.Ref == (identity.Ref{System: identity.SystemOneLogin, ID: id}) {
			m.Account = a.account(each)
		}
	}
	return m
}
