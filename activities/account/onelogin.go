package account

import (
	"context"
	"fmt"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/catalog"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// OneLogin changes accounts. Every method is an absolute statement that may be made twice.
type OneLogin struct {
	Client  *onelogin.Client
	Catalog *catalog.Catalog
	Ledger  *ledger.Ledger
	Person  *people.Person
	// ClientID is Gatehouse's own credential.
	ClientID string
	Clock    func() time.Time
	// Target does what can be done in any system.
	Target *Target
}

func (o *OneLogin) containment() *onelogin.Client { return o.Client.For(onelogin.Containment) }

// closing is the client that takes access away from an account: also from a protected one whose protection two people
// have lifted.
func (o *OneLogin) closing(ctx context.Context, in api.AccountInput) (*onelogin.Client, error) {
	write, err := o.Target.closing(ctx, in.Target())
	switch {
	case err != nil:
		return nil, err
	case write.Lifted:
		return o.containment().Lifting(in.AccountID), nil
	}
	return o.containment(), nil
}

// EnsureAccount makes the person's account if there is none. It is looked for before it is made whenever an earlier
// attempt may have got through, so that a person never has two.
func (o *OneLogin) EnsureAccount(ctx context.Context, in api.EnsureAccountInput) (api.AccountState, error) {
	d, found, err := o.Ledger.Dossier(ctx, in.Key)
	if err != nil {
		return api.AccountState{}, err
	}
	if found && d.Person.AccountID != 0 {
		u, err := o.Client.User(ctx, d.Person.AccountID)
		if err != nil && !step.IsNotFound(err) {
			return api.AccountState{}, err
		}
		if err == nil {
			return accountState(onelogin.AccountOf(u), false), nil
		}
	}
	group, err := o.Catalog.GroupID(ctx, in.Group)
	if err != nil {
		return api.AccountState{}, err
	}
	manager, err := o.managerOf(ctx, in.ManagerKey)
	if err != nil {
		return api.AccountState{}, err
	}
	if err := o.noteBefore(ctx, in.Key, in.Profile, identity.Account{}); err != nil {
		return api.AccountState{}, err
	}
	var made target.Account
	id, err := step.Once(ctx, o.Ledger, o.Clock, step.Creation[int64]{
		Key: fmt.Sprintf("%s/%d/account", in.Key, in.Episode),
		Find: func(ctx context.Context, _ time.Time) (int64, bool, error) {
			a, found, err := o.findByExternalID(ctx, in.Profile.ExternalID)
			return a.Document.ID, found, err
		},
		Make: func(ctx context.Context) (int64, error) {
			made, err = o.create(ctx, in, group, manager)
			return made.Document.ID, err
		},
	})
	if err != nil {
		return api.AccountState{}, err
	}
	if made.Document.ID == 0 {
		u, err := o.Client.User(ctx, id)
		if err != nil {
			return api.AccountState{}, err
		}
		made = onelogin.AccountOf(u)
	}
	notices, err := o.noteWritten(ctx, made, in.Profile, manager, nil, func(ctx context.Context, l *ledger.Ledger) error {
		return l.Inventory().SetAccount(ctx, in.Key, id, true)
	})
	if err != nil {
		return api.AccountState{}, err
	}
	if in.ManagerKey != "" && manager == 0 {
		notices = append(notices, o.Person.Policy().ManagerWithoutAccount())
	}
	state := accountState(made, true)
	state.Notices = notices
	return state, nil
}

// noted writes to the ledger what a write to an account leads to, and what the account looks like now.
func (o *OneLogin) noted(ctx context.Context, u onelogin.User, write func(context.Context, *ledger.Ledger) error) error {
	return o.Target.noted(ctx, onelogin.AccountOf(u), write)
}

// findByExternalID finds the account that carries our external id.
func (o *OneLogin) findByExternalID(ctx context.Context, externalID string) (target.Account, bool, error) {
	system, err := capability[target.Finder](o.Target, identity.Ref{System: identity.SystemOneLogin}, "find accounts")
	if err != nil {
		return target.Account{}, false, err
	}
	found, err := system.Find(ctx, target.FindRequest{ExternalID: externalID})
	if err != nil || len(found) == 0 {
		return target.Account{}, false, err
	}
	return found[0], true, nil
}

// mayBeCalled reports that a username was never anybody else's and that HR has it for nobody else, and reserves it then.
func (o *OneLogin) mayBeCalled(ctx context.Context, key, username string) (bool, error) {
	if another, err := o.Person.WorksAsAnother(ctx, key, username); err != nil || another {
		return false, err
	}
	owner, err := o.Ledger.People().ReserveUsername(ctx, username, key)
	return owner == key, err
}

// create takes the first name of the naming rule that is free in OneLogin and was never anybody else's.
func (o *OneLogin) create(ctx context.Context, in api.EnsureAccountInput, group, manager int64) (target.Account, error) {
	unactivated, approved := int(identity.AccountUnactivated), onelogin.StateApproved
	for _, username := range in.Profile.Usernames {
		if free, err := o.mayBeCalled(ctx, in.Key, username); err != nil {
			return target.Account{}, err
		} else if !free {
			continue
		}
		u, err := o.besideManager(ctx, manager, func(manager int64) (onelogin.User, error) {
			return o.Client.CreateUser(ctx, onelogin.NewUser{
				Username: username, Email: username, FirstName: in.Profile.FirstName, LastName: in.Profile.LastName,
				Title: in.Profile.Title, Department: in.Profile.Department, Company: in.Profile.Company,
				ExternalID: in.Profile.ExternalID, Phone: in.Profile.Phone, GroupID: group, ManagerUserID: manager,
				Status: &unactivated, State: &approved,
			})
		})
		if connectors.IsKind(err, connectors.KindConflict) {
			if a, found, err := o.findByExternalID(ctx, in.Profile.ExternalID); err != nil || found {
				return a, err
			}
			continue
		}
		if err != nil {
			return target.Account{}, err
		}
		return onelogin.AccountOf(u), nil
	}
	return target.Account{}, step.NonRetryable(api.ErrConflict, fmt.Sprintf("all %d usernames of the naming rule are taken: add a pattern to "+
		"naming.username in policy.yaml or free one in OneLogin, then retry", len(in.Profile.Usernames)))
}

func (o *OneLogin) managerOf(ctx context.Context, key string) (int64, error) {
	if key == "" {
		return 0, nil
	}
	return o.Person.AccountOfKey(ctx, key)
}

// EnsureProfile brings profile and group of an existing account up to date in one write.
func (o *OneLogin) EnsureProfile(ctx context.Context, in api.EnsureProfileInput) (api.AccountState, error) {
	change := onelogin.UserChange{
		FirstName: nonEmpty(in.Profile.FirstName), LastName: nonEmpty(in.Profile.LastName), Title: nonEmpty(in.Profile.Title),
		Department: nonEmpty(in.Profile.Department), Company: nonEmpty(in.Profile.Company), ExternalID: nonEmpty(in.Profile.ExternalID),
		Phone: nonEmpty(in.Profile.Phone),
	}
	empty(&change, in.Profile.Clear)
	notices, err := o.address(ctx, &in, &change)
	if err != nil {
		return api.AccountState{}, err
	}
	if in.Group != "" {
		id, err := o.Catalog.GroupID(ctx, in.Group)
		if err != nil {
			return api.AccountState{}, err
		}
		change.GroupID = &id
	}
	var before onelogin.User
	if writes(in.Profile, in.Manager) {
		if before, err = o.Client.User(ctx, in.AccountID); err != nil {
			return api.AccountState{}, err
		}
		if err := o.noteBefore(ctx, in.Key, in.Profile, onelogin.AccountOf(before).Document); err != nil {
			return api.AccountState{}, err
		}
	}
	u, err := o.writeProfile(ctx, in, change)
	if err != nil {
		return api.AccountState{}, err
	}
	if writes(in.Profile, in.Manager) {
		// The answer to a write may repeat what it was sent.
		if u, err = o.Client.User(ctx, in.AccountID); err != nil {
			return api.AccountState{}, err
		}
		var kept []identity.Notice
		kept, err = o.noteWritten(ctx, onelogin.AccountOf(u), in.Profile, in.Manager, onelogin.AccountOf(before).Document.Differences(in.Profile, in.Manager), nil)
		notices = append(notices, kept...)
	} else {
		err = o.noted(ctx, u, nil) // What OneLogin keeps of a profile that was written before is as it was.
	}
	if err != nil {
		return api.AccountState{}, err
	}
	state := accountState(onelogin.AccountOf(u), true)
	state.Group, state.Notices = in.Group, notices
	return state, nil
}

// nonEmpty leaves an empty value out of a change: HR not saying something is no reason to erase it.
func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// EnsureRoles makes the account hold the roles of Add and none of Remove.
func (o *OneLogin) EnsureRoles(ctx context.Context, in api.RolesInput) (api.AccountState, error) {
	if _, denied, err := o.notDenied(ctx, in.Key, in.Add); err != nil {
		return api.AccountState{}, err
	} else if len(denied) > 0 {
		return api.AccountState{}, step.Superseded("an order denies a role that the plan would give")
	}
	add, err := o.Catalog.RoleIDs(ctx, in.Add)
	if err != nil {
		return api.AccountState{}, err
	}
	remove, err := o.Catalog.RoleIDs(ctx, in.Remove)
	if err != nil {
		return api.AccountState{}, err
	}
	for _, order := range in.Denies {
		// Counted first: a crash in between counts a role as taken that was not, and never takes one without counting it.
		if err := o.Ledger.Orders().NoteTaken(ctx, order, in.Remove, in.At, policy.TakenWithin); err != nil {
			return api.AccountState{}, err
		}
	}
	if len(remove) > 0 {
		if err := o.Client.RemoveRoles(ctx, in.AccountID, remove); err != nil {
			return api.AccountState{}, err
		}
		if err := o.Ledger.Inventory().TakeRoles(ctx, identity.OneLoginRef(in.AccountID), in.Remove); err != nil {
			return api.AccountState{}, err
		}
	}
	for _, order := range in.Ended {
		if err := o.Ledger.Orders().Settle(ctx, order); err != nil {
			return api.AccountState{}, err
		}
	}
	for _, order := range in.Grants {
		// The ledger learns first what is going to be the order's, so that a crash in between leaves no role behind.
		if err := o.Ledger.Orders().NoteGiven(ctx, order, in.Add); err != nil {
			return api.AccountState{}, err
		}
	}
	if err := o.Ledger.Inventory().GiveRoles(ctx, identity.OneLoginRef(in.AccountID), in.Key, in.Add); err != nil {
		return api.AccountState{}, err
	}
	if len(add) > 0 {
		if err := o.Client.AddRoles(ctx, in.AccountID, add); err != nil {
			return api.AccountState{}, err
		}
	}
	return api.AccountState{AccountID: in.AccountID, Roles: in.Add, Changed: true}, nil
}

// EnsureActive opens the account, as [Target.EnsureActive] does.
func (o *OneLogin) EnsureActive(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	s, err := o.Target.EnsureActive(ctx, in.Target())
	state, err := bare(s, err)
	state.Username, state.Email = s.Username, s.Email
	return state, err
}

// Invite has OneLogin mail the invitation by which the person sets a password, once per episode. The account's own
// invitation date tells whether an attempt that got no answer went through.
func (o *OneLogin) Invite(ctx context.Context, in api.InviteInput) (api.AccountState, error) {
	email := in.Email
	if email == "" {
		u, err := o.Client.User(ctx, in.AccountID)
		if err != nil {
			return api.AccountState{}, err
		}
		email = u.Email
	}
	state, err := step.Once(ctx, o.Ledger, o.Clock, step.Creation[api.AccountState]{
		Key: in.OnceKey,
		Find: func(ctx context.Context, since time.Time) (api.AccountState, bool, error) {
			u, err := o.Client.User(ctx, in.AccountID)
			// Their clock and ours may differ by a little.
			sent := err == nil && u.InvitationSentAt.After(since.Add(-time.Minute))
			return api.AccountState{AccountID: in.AccountID, Changed: sent}, sent, err
		},
		Make: func(ctx context.Context) (api.AccountState, error) {
			return api.AccountState{AccountID: in.AccountID, Changed: true}, o.Client.SendInvite(ctx, email, in.PersonalEmail)
		},
	})
	return state, err
}

// EnsureDeleted removes an account for good. It refuses one that Gatehouse did not make or that somebody has used.
func (o *OneLogin) EnsureDeleted(ctx context.Context, in api.AccountInput) (api.AccountState, error) {
	d, _, err := o.Ledger.Dossier(ctx, in.Key)
	if err != nil {
		return api.AccountState{}, err
	}
	if err := o.Person.Preserved(ctx, in.Key); err != nil {
		return api.AccountState{}, err
	}
	u, err := o.Client.User(ctx, in.AccountID)
	switch {
	case step.IsNotFound(err):
	case err != nil:
		return api.AccountState{}, err
	case o.Person.CredentialOwners.Own(identity.Account{ID: u.ID, Username: u.Username}):
		return api.AccountState{}, step.NonRetryable(api.ErrRefused, fmt.Sprintf("account %d owns an API credential and is not deleted: give the "+
			"credential to another user, take the account off onelogin.credential_owners, then retry", in.AccountID))
	case !d.Person.AccountCreated || d.Person.AccountID != in.AccountID:
		return api.AccountState{}, step.NonRetryable(api.ErrRefused, fmt.Sprintf("account %d was not made by Gatehouse and is not deleted by it", in.AccountID))
	case !u.LastLogin.IsZero():
		return api.AccountState{}, step.Superseded("the account has been used since")
	default:
		if err := o.Client.DeleteUser(ctx, in.AccountID); err != nil {
			return api.AccountState{}, err
		}
	}
	over := o.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if err := l.Inventory().SetAccount(ctx, in.Key, 0, false); err != nil {
			return err
		}
		if err := l.Inventory().DropAccount(ctx, identity.OneLoginRef(in.AccountID)); err != nil {
			return err
		}
		return l.People().MarkDepartureContained(ctx, in.Key, d.Person.Departing(), o.Clock())
	})
	if over != nil {
		return api.AccountState{}, over
	}
	return api.AccountState{AccountID: in.AccountID, Gone: true, Changed: err == nil}, nil
}

// ReadBack tells what the account really looks like now.
func (o *OneLogin) ReadBack(ctx context.Context, in api.ReadBackInput) (api.AccountState, error) {
	a, err := o.Target.read(ctx, identity.OneLoginRef(in.AccountID))
	if err != nil {
		return o.removalResult(ctx, in.AccountID, err)
	}
	account, err := o.Catalog.Describe(ctx, a)
	if err != nil {
		return api.AccountState{}, err
	}
	state := accountState(a, false)
	state.Roles = account.Roles
	if !in.Lifted && account.Status != identity.AccountSuspended {
		state.Protected = o.Person.Policy().Protected(*account)
	}
	if in.Factors {
		factors, err := o.containment().Factors(ctx, in.AccountID)
		if err != nil {
			return api.AccountState{}, err
		}
		for _, f := range factors {
			if f.V1Only {
				state.FactorsByHand++
			} else {
				state.Factors++
			}
		}
	}
	return state, nil
}

func accountState(a target.Account, changed bool) api.AccountState {
	return api.AccountState{
		AccountID: a.Document.ID, Username: a.Document.Username, Email: a.Document.Email,
		Status: a.Document.Status.String(), Changed: changed,
	}
}
