package onelogin

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/onelogin/events"
)

// errNoUser is for the simulation's own endpoints, which name people by username.
var errNoUser = errors.New("onelogin: no user has this username")

// update changes a user outside the API.
func (o *OneLogin) update(username string, f func(u *User) error) (*User, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	old := o.s.users[o.s.byUsername[strings.ToLower(username)]]
	if old == nil {
		return nil, errNoUser
	}
	u := old.clone()
	if err := f(u); err != nil {
		return old, err
	}
	o.s.put(u)
	return u, nil
}

// AcceptInvite is the person following the last invitation sent and choosing a password. A pending or expired password
// is settled by it; a suspended, locked or unactivated account stays what it is.
func (o *OneLogin) AcceptInvite(username string) error {
	_, err := o.update(username, func(u *User) error {
		if u.InvitationSentAt == nil {
			return fmt.Errorf("onelogin: no invitation was sent to user %d", u.ID)
		}
		u.setPassword(passwordOwn, o.s)
		if slices.Contains([]int{statusPasswordPending, statusAwaitingReset, statusPasswordExpired}, u.Status) {
			u.Status = statusActive
			u.ActivatedAt = moment(o.t.Now())
		}
		u.UpdatedAt = moment(o.t.Now())
		return nil
	})
	return err
}

// SignIn is the person signing in to the portal. It returns why that does not work, "" if it does.
func (o *OneLogin) SignIn(username string) (reason string, err error) {
	u, err := o.update(username, func(u *User) error {
		now := o.t.Now()
		if u.Status == statusLocked && u.LockedUntil != nil && !now.Before(*u.LockedUntil) {
			u.Status, u.LockedUntil = statusActive, nil
		}
		if reason = u.obstacle(); reason != "" {
			return nil
		}
		u.LastLogin = moment(now)
		u.sessions = append(u.sessions, Session{ID: o.s.nextSession, StartedAt: now})
		o.s.nextSession++
		return nil
	})
	if err != nil {
		return "", err
	}
	if reason != "" {
		o.events.Add(events.Event{Type: events.LoginFailed, User: u.seen(), Note: reason})
		return reason, nil
	}
	o.events.Add(events.Event{Type: events.Login, User: u.seen()})
	return "", nil
}

// obstacle says why a user cannot sign in, "" if nothing stands in the way.
func (u *User) obstacle() string {
	switch {
	case u.Status != statusActive:
		return fmt.Sprintf("status is %d, and only 1 (active) can sign in", u.Status)
	case u.State != stateApproved:
		return fmt.Sprintf("state is %d, and only 1 (approved) can sign in", u.State)
	case u.password == passwordNone:
		return "no password has been set"
	case u.password == passwordSet:
		return "the password was set by an administrator and is not known to the person"
	}
	return ""
}

// Enrol is the person registering a factor; a factor that is not active was registered and never used.
func (o *OneLogin) Enrol(username, kind string, active bool) error {
	u, err := o.update(username, func(u *User) error {
		u.factors = append(u.factors, o.s.newFactor(kind, active, len(u.factors) == 0))
		return nil
	})
	if err != nil {
		return err
	}
	o.events.Add(events.Event{Type: events.DeviceAdded, User: u.seen(), Note: kind})
	return nil
}

// newFactor numbers a factor. The lock must be held.
func (s *store) newFactor(kind string, active, first bool) Factor {
	s.nextDevice++
	return Factor{
		ID: s.nextDevice, Type: kind, Name: kind, Active: active, Default: first,
		Verifiable: !slices.Contains([]string{"WebAuthn", "YubiKey"}, kind),
	}
}

// Record writes an event of any type about a user, with a risk score if it has one, for stories about incidents.
func (o *OneLogin) Record(username string, kind int, note string, risk *int) error {
	var u *User
	if username != "" {
		if u = o.s.findUsername(username); u == nil {
			return errNoUser
		}
	}
	o.events.Add(events.Event{Type: kind, User: u.seen(), Note: note, Risk: risk})
	return nil
}

// Sessions returns a user's portal sessions. Suspending does not end them; logging out does.
func (o *OneLogin) Sessions(username string) ([]Session, error) {
	u := o.s.findUsername(username)
	if u == nil {
		return nil, errNoUser
	}
	return append([]Session{}, u.sessions...), nil
}

// SetStatus changes a user's status behind the API's back, as an administrator in the portal would.
func (o *OneLogin) SetStatus(username string, status int) error {
	var before User
	u, err := o.update(username, func(u *User) error {
		before = *u
		u.Status = status
		u.UpdatedAt = moment(o.t.Now())
		return nil
	})
	if err != nil {
		return err
	}
	o.events.Add(events.Event{Type: editedByHand(&before, u), User: u.seen()})
	return nil
}

// RevokeTokens ends every access token at once.
func (o *OneLogin) RevokeTokens() { o.clients.RevokeAll() }

// SetCredential switches an API credential off or on again, as an administrator can: its tokens end at once, and it gets
// no others. False means that there is no such credential.
func (o *OneLogin) SetCredential(id string, disabled bool) bool {
	known := o.clients.Switch(id, disabled)
	if known {
		kind := events.CredentialEnabled
		if disabled {
			kind = events.CredentialDisabled
		}
		o.events.Add(events.Event{Type: kind})
	}
	return known
}

// SetTokenLife sets how long the tokens issued from now on last.
func (o *OneLogin) SetTokenLife(d time.Duration) { o.clients.SetLife(d) }

// SetQuota replaces the quota and what is left of it.
func (o *OneLogin) SetQuota(limit, remaining int) { o.quota.Set(limit, remaining) }

// SetCut has the tenant cut the texts of profiles to so many characters when they are written, 0 for not at all.
func (o *OneLogin) SetCut(characters int) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	o.s.cut = characters
}

// SetLimitStatus sets the status of an exceeded quota, 400 or 429.
func (o *OneLogin) SetLimitStatus(status int) { o.limitStatus.Store(int64(status)) }
