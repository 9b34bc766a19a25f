package workspace

import (
	"context"
	"strconv"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/connectors"
	"gatehouse/connectors/password"
	"gatehouse/connectors/target"
)

// ResetPassword implements target.CredentialResetter. Whoever signs in through OneLogin never types this password; super
// administrators and programs do.
func (t *Target) ResetPassword(ctx context.Context, in target.ResetRequest) error {
	op := "set the password of user " + in.ID
	if err := t.guard(ctx, op, in.Write); err != nil {
		return err
	}
	next := in.Password
	if next == "" {
		next = password.Unknown()
	}
	_, err := t.update(ctx, op, in.ID, &admin.User{
		Password: next, ChangePasswordAtNextLogin: in.Change, ForceSendFields: []string{"ChangePasswordAtNextLogin"},
	})
	return err
}

// RevokeGrants implements target.GrantRevoker. Second factors stay: without one, Google would ask for the password alone. What Google
// refuses is named: an app by its client id, an app password by its number.
func (t *Target) RevokeGrants(ctx context.Context, in target.Write) (out target.Revoked, err error) {
	op := "revoke what user " + in.ID + " granted"
	u, err := t.user(ctx, op, in.ID)
	if err == nil {
		err = t.refused(op, u, in)
	}
	if err != nil {
		return out, err
	}
	var all connectors.Several
	// Recovery goes first: by it the person gets in anew, while the rest is taken away.
	if u.RecoveryEmail != "" || u.RecoveryPhone != "" {
		out.Recovery = all.Do("address and number for recovery", func() error {
			_, err := t.update(ctx, op, in.ID, &admin.User{ForceSendFields: []string{"RecoveryEmail", "RecoveryPhone"}})
			return err
		})
	}
	out.Passwords = t.deleteAppPasswords(ctx, op, in.ID, &all)
	all.Do("backup codes", func() error {
		return t.run(ctx, op, func(ctx context.Context) error {
			return t.directory.VerificationCodes.Invalidate(in.ID).Context(ctx).Do()
		})
	})
	out.Apps = t.revokeTokens(ctx, op, in.ID, &all)
	return out, all.Err()
}

// ignoreNotFound takes "not found" for done. The user has been read.
func ignoreNotFound(err error) error {
	if kindOf(err, connectors.KindNotFound) {
		return nil
	}
	return err
}

func (t *Target) revokeTokens(ctx context.Context, op, id string, all *connectors.Several) (n int) {
	var tokens []*admin.Token
	all.Do("list of apps", func() error {
		list, err := call(ctx, t, op, func(ctx context.Context) (*admin.Tokens, error) {
			return t.directory.Tokens.List(id).Context(ctx).Do()
		})
		if err == nil {
			tokens = list.Items
		}
		return err
	})
	for _, token := range tokens {
		if all.Do("app "+token.ClientId, func() error {
			return ignoreNotFound(t.run(ctx, op, func(ctx context.Context) error {
				return t.directory.Tokens.Delete(id, token.ClientId).Context(ctx).Do()
			}))
		}) {
			n++
		}
	}
	return n
}

func (t *Target) deleteAppPasswords(ctx context.Context, op, id string, all *connectors.Several) (n int) {
	var passwords []*admin.Asp
	all.Do("list of app passwords", func() error {
		list, err := call(ctx, t, op, func(ctx context.Context) (*admin.Asps, error) {
			return t.directory.Asps.List(id).Context(ctx).Do()
		})
		if err == nil {
			passwords = list.Items
		}
		return err
	})
	for _, one := range passwords {
		if all.Do("app password "+strconv.FormatInt(one.CodeId, 10), func() error {
			return ignoreNotFound(t.run(ctx, op, func(ctx context.Context) error { return t.directory.Asps.Delete(id, one.CodeId).Context(ctx).Do() }))
		}) {
			n++
		}
	}
	return n
}

// AdminRoles implements target.AdminDemoter. Google tells only super administrators.
func (t *Target) AdminRoles(ctx context.Context, in target.ReadRequest) (target.AdminRolesResponse, error) {
	op := "read the administrator roles of user " + in.ID
	if err := named(op, in.ID); err != nil {
		return target.AdminRolesResponse{}, err
	}
	assigned, err := t.assignments(ctx, op, in.ID)
	if err != nil {
		return target.AdminRolesResponse{}, err
	}
	var out target.AdminRolesResponse
	for _, a := range assigned {
		role, err := t.role(ctx, op, a.RoleId)
		if err != nil {
			return target.AdminRolesResponse{}, err
		}
		out.Roles = append(out.Roles, role)
	}
	return out, nil
}

func (t *Target) assignments(ctx context.Context, op, id string) (all []*admin.RoleAssignment, err error) {
	token := ""
	for {
		page, err := call(ctx, t, op, func(ctx context.Context) (*admin.RoleAssignments, error) {
			return t.roles.RoleAssignments.List(everybody).UserKey(id).MaxResults(200).PageToken(token).Context(ctx).Do()
		})
		if err != nil {
			return nil, err
		}
		for _, a := range page.Items {
			if a.AssignedTo == id { // Google lists roles that come by a group too.
				all = append(all, a)
			}
		}
		if page.NextPageToken == "" || page.NextPageToken == token {
			return all, nil
		}
		token = page.NextPageToken
	}
}

func (t *Target) role(ctx context.Context, op string, id int64) (target.AdminRole, error) {
	role, err := call(ctx, t, op, func(ctx context.Context) (*admin.Role, error) {
		return t.roles.Roles.Get(everybody, strconv.FormatInt(id, 10)).Context(ctx).Do()
	})
	if err != nil {
		return target.AdminRole{}, err
	}
	return target.AdminRole{ID: strconv.FormatInt(id, 10), Name: role.RoleName, Super: role.IsSuperAdminRole}, nil
}

// Demote implements target.AdminDemoter. Super administrators cease to be that by a call of its own.
func (t *Target) Demote(ctx context.Context, in target.Write) (target.AdminRolesResponse, error) {
	op := "take the administrator roles of user " + in.ID
	u, err := t.user(ctx, op, in.ID)
	if err == nil {
		err = t.refused(op, u, in)
	}
	if err != nil || !u.IsAdmin && !u.IsDelegatedAdmin {
		return target.AdminRolesResponse{}, err
	}
	assigned, err := t.assignments(ctx, op, in.ID)
	if err != nil {
		return target.AdminRolesResponse{}, err
	}
	var out target.AdminRolesResponse
	var all connectors.Several
	for _, a := range assigned {
		all.Do("role "+strconv.FormatInt(a.RoleId, 10), func() error {
			role, err := t.takeRole(ctx, op, in.ID, a)
			if err == nil {
				out.Roles = append(out.Roles, role)
			}
			return err
		})
	}
	return out, all.Err()
}

// takeRole takes one role away.
func (t *Target) takeRole(ctx context.Context, op, id string, a *admin.RoleAssignment) (target.AdminRole, error) {
	role, err := t.role(ctx, op, a.RoleId)
	if err != nil {
		return target.AdminRole{}, err
	}
	return role, ignoreNotFound(t.run(ctx, op, func(ctx context.Context) error {
		if role.Super {
			return t.roles.Users.MakeAdmin(id, &admin.UserMakeAdmin{ForceSendFields: []string{"Status"}}).Context(ctx).Do()
		}
		return t.roles.RoleAssignments.Delete(everybody, strconv.FormatInt(a.RoleAssignmentId, 10)).Context(ctx).Do()
	}))
}
