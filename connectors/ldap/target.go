package ldap

import (
	"context"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// Target is a directory as a system in which people have access. It has no sessions to end: what a server let in by LDAP or
// Kerberos has a session or ticket of its own.
type Target struct {
	client  *client
	flavour flavour
	walks   walks
	indexes indexes
	// apart is how many accounts a list may have whose groups are asked for one by one.
	apart int
	// pieces is how many values of a long list are asked for at a time, 0 for as many as the server shows.
	pieces int
}

var (
	_ target.System             = (*Target)(nil)
	_ target.Finder             = (*Target)(nil)
	_ target.Lister             = (*Target)(nil)
	_ target.Suspender          = (*Target)(nil)
	_ target.Resumer            = (*Target)(nil)
	_ target.Remover            = (*Target)(nil)
	_ target.Creator            = (*Target)(nil)
	_ target.ProfileWriter      = (*Target)(nil)
	_ target.GroupManager       = (*Target)(nil)
	_ target.CredentialResetter = (*Target)(nil)
	_ target.Mover              = (*Target)(nil)
	_ target.Placer             = (*Target)(nil)
	_ target.Watcher            = (*Target)(nil)
	_ target.AttributeNamer     = (*Target)(nil)
	_ target.Deleter            = (*Target)(nil)
)

// Close closes the connections that are kept.
func (t *Target) Close() { t.client.Close() }

// named names an account in errors, if the id can be one: anything else may be somebody's name.
func (t *Target) named(doing, id string) string {
	if !t.flavour.key.valid(id) {
		return doing
	}
	return doing + " " + id
}

// Read implements target.System.
func (t *Target) Read(ctx context.Context, in target.ReadRequest) (a target.Account, err error) {
	err = t.call(ctx, t.named("read account", in.ID), func(s session) error {
		e, err := s.entry(in.ID)
		if err == nil {
			a, err = s.account(e)
		}
		return err
	})
	return a, err
}

// writable reads the account that a write is for, and refuses a protected one.
func (s session) writable(in target.Write) (*goldap.Entry, target.Account, error) {
	e, err := s.entry(in.ID)
	if err != nil {
		return nil, target.Account{}, err
	}
	a, err := s.account(e)
	if err != nil {
		return nil, target.Account{}, err
	}
	if by := s.t.client.o.Protected(a); by != "" && !in.Lifted {
		return nil, target.Account{}, refused(s.op, connectors.KindRefused, "protected", "the account is protected by "+by)
	}
	return e, a, nil
}

// Suspend implements target.Suspender.
func (t *Target) Suspend(ctx context.Context, in target.Write) (target.Account, error) {
	return t.turn(ctx, "suspend account", in, t.flavour.lock.close)
}

// Resume implements target.Resumer.
func (t *Target) Resume(ctx context.Context, in target.Write) (target.Account, error) {
	return t.turn(ctx, "resume account", in, t.flavour.lock.open)
}

// turn changes the lock. Whoever changed it in between is read and taken into account, a few times. It does not depend on groups
// that can be read: the account is not whole then, which whoever protects by groups has to look at.
func (t *Target) turn(ctx context.Context, doing string, in target.Write, change func(*goldap.Entry) (swap, bool)) (a target.Account, err error) {
	const attempts = 3
	err = t.call(ctx, t.named(doing, in.ID), func(s session) error {
		var failed error
		s.closing = true
		for range attempts {
			e, now, err := s.writable(in)
			if err != nil {
				return err
			}
			w, ok := change(e)
			if !ok {
				a = now
				return nil
			}
			req := goldap.NewModifyRequest(e.DN, nil)
			w.add(req)
			if failed = s.conn.Modify(req); failed == nil {
				a, err = s.reread(in.ID)
				return err
			}
			if !is(failed, goldap.LDAPResultNoSuchAttribute, goldap.LDAPResultAttributeOrValueExists, goldap.LDAPResultNoSuchObject) {
				return failed
			}
		}
		return failed
	})
	return a, err
}

// reread is the account as the directory shows it after a write.
func (s session) reread(id string) (target.Account, error) {
	e, err := s.entry(id)
	if err != nil {
		return target.Account{}, err
	}
	return s.account(e)
}
