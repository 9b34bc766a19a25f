package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/policy"
)

// CheckTenant compares the policy with the roles and groups that OneLogin has, and with what the other systems have: it is what a process
// that acts begins with. A name that OneLogin does not know is an error with file and line. One that another system does not know is an
// item, and a system not answering is none, because nobody's departure may wait for it. Nor does it wait for an event rule that cannot be
// used: it counts nothing, and everything else goes on.
func (v *Vendors) CheckTenant(ctx context.Context) error {
	p := v.Policy.Current()
	if err := v.checkOwn(ctx, p); err != nil {
		return err
	}
	return errors.Join(v.checkNames(ctx, p), v.tellNames(ctx))
}

// checkTenant compares a policy that is not in force yet: a name that any system does not know is an error.
func (v *Vendors) checkTenant(ctx context.Context, p *policy.Policy) error {
	if err := v.checkOwn(ctx, p); err != nil {
		return err
	}
	return errors.Join(v.checkNames(ctx, p), v.checkSystems(ctx, p))
}

// checkOwn compares what a policy says with how this process is set up, and tells of event rules that cannot be used.
func (v *Vendors) checkOwn(ctx context.Context, p *policy.Policy) error {
	if err := p.CheckChannels(v.slack, v.mail); err != nil {
		return err
	}
	if err := v.checkEvents(ctx, p); err != nil {
		v.log.Error("event rules cannot be used until the policy is corrected; everything else is at work", "error", fmt.Sprint(err))
	}
	return nil
}

// checkNames compares the roles and groups of a policy with those that OneLogin has.
func (v *Vendors) checkNames(ctx context.Context, p *policy.Policy) error {
	roles, groups, err := v.Catalog.Names(ctx)
	if err != nil {
		v.log.Warn("the policy could not be compared with OneLogin; its names are checked when they are used", "error", fmt.Sprint(err))
		return nil
	}
	return p.CheckTenant(roles, groups)
}

// protected asks the policy whether an account is protected. Rules may name roles and groups, which OneLogin gives as
// ids; a name that cannot be resolved yet leaves the id in its place.
func (v *Vendors) protected(u onelogin.User) string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	account := identity.Account{
		ID: u.ID, Username: u.Username, Email: u.Email, ExternalID: u.ExternalID,
		Status: identity.AccountStatus(u.Status), LastLogin: u.LastLogin,
	}
	roles, err := v.Catalog.RoleNames(ctx, u.RoleIDs)
	if err != nil {
		return "the roles of the account could not be named, so the protection rules cannot be checked"
	}
	group, err := v.Catalog.GroupName(ctx, u.GroupID)
	if err != nil {
		return "the group of the account could not be named, so the protection rules cannot be checked"
	}
	account.Roles, account.Group = roles, group
	return v.Policy.Current().Protected(account)
}
