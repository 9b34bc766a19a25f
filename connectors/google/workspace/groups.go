package workspace

import (
	"context"
	"maps"
	"slices"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// Groups implements target.GroupManager.
func (t *Target) Groups(ctx context.Context, in target.GroupsRequest) (target.GroupsResponse, error) {
	const op = "list groups"
	page, err := call(ctx, t, op, func(ctx context.Context) (*admin.Groups, error) {
		return t.directory.Groups.List().Customer(everybody).MaxResults(200).PageToken(in.Cursor).Context(ctx).Do()
	})
	if err != nil {
		return target.GroupsResponse{}, err
	}
	out := target.GroupsResponse{Next: page.NextPageToken, Total: -1}
	for _, g := range page.Groups {
		name := g.Email
		if name == "" {
			name = g.Name
		}
		out.Groups = append(out.Groups, target.Group{ID: g.Id, Name: name})
	}
	if out.Next != "" && out.Next == in.Cursor {
		return target.GroupsResponse{}, malformed(op, "a page leads to itself")
	}
	return out, nil
}

// Members implements target.GroupManager. Google lets no groups contain each other: Cycle is never set.
func (t *Target) Members(ctx context.Context, in target.MembersRequest) (target.MembersResponse, error) {
	const op = "read the members of a group"
	if err := namedGroup(op, in.Group); err != nil {
		return target.MembersResponse{}, err
	}
	var out target.MembersResponse
	accounts, groups := map[string]bool{}, map[string]bool{in.Group: true}
	for open := []string{in.Group}; len(open) > 0; open = open[1:] {
		members, err := t.members(ctx, op, open[0])
		if err != nil && (open[0] == in.Group || !kindOf(err, connectors.KindNotFound)) {
			return target.MembersResponse{}, err
		}
		for _, m := range members {
			switch {
			case m.Type == "GROUP" && !groups[m.Id]:
				groups[m.Id] = true
				if in.Nested {
					open = append(open, m.Id)
				}
			case m.Type == "GROUP":
			case m.Type == "USER" && idForm.MatchString(m.Id):
				accounts[m.Id] = true
			default:
				out.Unknown++ // Everybody of the company, or somebody of another one.
			}
		}
	}
	delete(groups, in.Group)
	out.Accounts, out.Groups = slices.Sorted(maps.Keys(accounts)), slices.Sorted(maps.Keys(groups))
	return out, nil
}

// members are who is directly in a group, to the end.
func (t *Target) members(ctx context.Context, op, group string) (all []*admin.Member, err error) {
	seen, token := map[string]bool{}, ""
	for {
		page, err := call(ctx, t, op, func(ctx context.Context) (*admin.Members, error) {
			return t.directory.Members.List(group).MaxResults(200).PageToken(token).Context(ctx).Do()
		})
		if err != nil {
			return nil, err
		}
		for _, m := range page.Members {
			key := m.Type + m.Id + m.Email
			if seen[key] {
				return nil, malformed(op, "a member came twice")
			}
			seen[key] = true
			all = append(all, m)
		}
		if page.NextPageToken == "" {
			return all, t.counted(ctx, op, group, len(all))
		}
		if page.NextPageToken == token {
			return nil, malformed(op, "a page leads to itself")
		}
		token = page.NextPageToken
	}
}

// counted compares a list of members with what Google counts in the group. A few may come and go meanwhile.
func (t *Target) counted(ctx context.Context, op, group string, listed int) error {
	g, err := call(ctx, t, op, func(ctx context.Context) (*admin.Group, error) {
		return t.directory.Groups.Get(group).Context(ctx).Do()
	})
	if err != nil {
		return err
	}
	if missing := g.DirectMembersCount - int64(listed); missing > max(2, g.DirectMembersCount/20) {
		return malformed(op, "the list has far fewer members than Google counts: list again")
	}
	return nil
}

// Add implements target.GroupManager.
func (t *Target) Add(ctx context.Context, in target.AddRequest) error {
	op := "put user " + in.ID + " into groups"
	if len(in.To) == 0 {
		return named(op, in.ID)
	}
	for _, group := range in.To {
		if err := namedGroup(op, group); err != nil {
			return err
		}
	}
	if err := t.guard(ctx, op, in.Write); err != nil {
		return err
	}
	return connectors.Each(in.To, func(group string) error {
		_, err := call(ctx, t, op, func(ctx context.Context) (*admin.Member, error) {
			return t.directory.Members.Insert(group, &admin.Member{Id: in.ID, Role: "MEMBER"}).Context(ctx).Do()
		})
		if kindOf(err, connectors.KindConflict) {
			return nil
		}
		return err
	})
}
