package workspace

import (
	"context"
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
