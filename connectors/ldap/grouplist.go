package ldap

import (
	"context"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors/target"
)

// Groups implements target.GroupManager. A group's name is its cn, and its DN where another group has the same cn: in a directory only
// the DN is unique. All groups are read for each page, because only all of them tell which names are taken twice.
func (t *Target) Groups(ctx context.Context, in target.GroupsRequest) (out target.GroupsResponse, err error) {
	err = t.call(ctx, "list groups", func(s session) error {
		// The keys are what shows a directory that cuts its lists.
		p, err := s.page(t.client.o.Groups, t.flavour.groups, "", in.Cursor)
		if err != nil {
			return err
		}
		out = target.GroupsResponse{Next: p.next, Total: p.total}
		all, err := s.groups("(objectClass=*)", []string{t.flavour.key.name, "cn"})
		if err != nil {
			return err
		}
		taken := map[string]int{}
		for _, g := range all {
			taken[strings.ToLower(groupName(g))]++
		}
		for _, g := range all {
			name, id := groupName(g), t.flavour.key.of(g)
			if name == "" || taken[strings.ToLower(name)] > 1 {
				name = g.DN
			}
			if _, shown := slices.BinarySearch(p.keys, id); shown {
				out.Groups = append(out.Groups, target.Group{ID: id, Name: name})
			}
		}
		slices.SortFunc(out.Groups, func(a, b target.Group) int { return strings.Compare(a.ID, b.ID) })
		return nil
	})
	if err != nil {
		return target.GroupsResponse{}, err
	}
	return out, nil
}

func groupName(g *goldap.Entry) string { return g.GetEqualFoldAttributeValue("cn") }
