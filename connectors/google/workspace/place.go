package workspace

import (
	"context"
	"slices"
	"strings"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/connectors/target"
)

// Move implements target.Mover: to an organizational unit, by its path, such as /Former employees.
func (t *Target) Move(ctx context.Context, in target.MoveRequest) (target.Account, error) {
	op := "move user " + in.ID
	if !strings.HasPrefix(in.To, "/") {
		return target.Account{}, invalid(op, "an organizational unit is named by its path, such as /Former employees")
	}
	if err := t.guard(ctx, op, in.Write); err != nil {
		return target.Account{}, err
	}
	u, err := t.update(ctx, op, in.ID, &admin.User{OrgUnitPath: in.To})
	if err != nil {
		return target.Account{}, err
	}
	return t.account(u, nil, false), nil
}

// Containers implements target.Placer: they are organizational units by their paths, and the company itself as "/".
func (t *Target) Containers(ctx context.Context, _ target.ContainersRequest) (target.ContainersResponse, error) {
	const op = "list organizational units"
	found, err := call(ctx, t, op, func(ctx context.Context) (*admin.OrgUnits, error) {
		return t.units.Orgunits.List(everybody).Type("allIncludingParent").Context(ctx).Do()
	})
	if err != nil {
		return target.ContainersResponse{}, err
	}
	var out target.ContainersResponse
	for _, u := range found.OrganizationUnits {
		out.Containers = append(out.Containers, target.Container{ID: u.OrgUnitPath, Name: u.OrgUnitPath})
	}
	slices.SortFunc(out.Containers, func(a, b target.Container) int { return strings.Compare(a.ID, b.ID) })
	out.Containers = slices.Compact(out.Containers)
	if len(out.Containers) == 0 || out.Containers[0].ID != "/" {
		return target.ContainersResponse{}, malformed(op, "Google does not show the company itself, which every list of its units begins with")
	}
	return out, nil
}

// Deleting is a target that deletes too. Nobody has one who does not ask for it: for 20 days a user can be restored in the Admin
// console, without memberships, roles and licences, and then files, mail and calendars that nobody else owns are gone.
type Deleting struct{ *Target }

// Delete implements target.Deleter.
func (t Deleting) Delete(ctx context.Context, in target.Write) error {
	op := "delete user " + in.ID
	if err := t.guard(ctx, op, in); err != nil {
		return err
	}
	return t.run(ctx, op, func(ctx context.Context) error { return t.directory.Users.Delete(in.ID).Context(ctx).Do() })
}
