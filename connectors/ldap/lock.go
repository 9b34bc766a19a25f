package ldap

import (
	"strconv"
	"strings"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/identity"
)

// lock is how a kind of server keeps an account from signing in.
type lock interface {
	// status is the account's. Known is false where the server did not show what it depends on.
	status(e *goldap.Entry, now time.Time) (is identity.AccountStatus, until time.Time, known bool)
	// close and open are what to change so that the account cannot, or can, sign in. Nothing is to be done if ok is false.
	close(e *goldap.Entry) (w swap, ok bool)
	open(e *goldap.Entry) (w swap, ok bool)
}

// ppolicyLock is the lock of OpenLDAP's overlay ppolicy.
type ppolicyLock struct{}

const (
	lockedTime = "pwdAccountLockedTime"
	// forGood is the time that stands for a lock which only an administrator lifts (slapo-ppolicy(5)). Any other is that of
	// too many wrong passwords, and lapses.
	forGood = "000001010000Z"
)

func (ppolicyLock) status(e *goldap.Entry, _ time.Time) (identity.AccountStatus, time.Time, bool) {
	switch e.GetEqualFoldAttributeValue(lockedTime) {
	case "":
		return identity.AccountActive, time.Time{}, true
	case forGood:
		return identity.AccountSuspended, time.Time{}, true
	}
	return identity.AccountLocked, time.Time{}, true
}

func (ppolicyLock) close(e *goldap.Entry) (swap, bool) {
	now := e.GetEqualFoldAttributeValue(lockedTime)
	return swap{lockedTime, now, forGood}, now != forGood
}

func (ppolicyLock) open(e *goldap.Entry) (swap, bool) {
	now := e.GetEqualFoldAttributeValue(lockedTime)
	return swap{lockedTime, now, ""}, now != ""
}

// nsAccountLock is the lock of 389 Directory Server.
type nsAccountLock struct{}

const accountLock = "nsAccountLock"

func (nsAccountLock) status(e *goldap.Entry, now time.Time) (identity.AccountStatus, time.Time, bool) {
	if strings.EqualFold(e.GetEqualFoldAttributeValue(accountLock), "true") {
		return identity.AccountSuspended, time.Time{}, true
	}
	if until := readTime(e.GetEqualFoldAttributeValue("accountUnlockTime")); until.After(now) {
		return identity.AccountLocked, until, true
	}
	return identity.AccountActive, time.Time{}, true
}

func (nsAccountLock) close(e *goldap.Entry) (swap, bool) {
	now := e.GetEqualFoldAttributeValue(accountLock)
	return swap{accountLock, now, "true"}, !strings.EqualFold(now, "true")
}

func (nsAccountLock) open(e *goldap.Entry) (swap, bool) {
	now := e.GetEqualFoldAttributeValue(accountLock)
	return swap{accountLock, now, ""}, strings.EqualFold(now, "true")
}

// accountControl is the lock of Active Directory: one bit of userAccountControl, beside others that have to stay.
type accountControl struct{}

const (
	controlAttribute = "userAccountControl"
	// The bits of MS-ADTS 2.2.16. The last two stand in the computed attribute only.
	controlDisabled = 0x2
	controlNormal   = 0x200
	controlLocked   = 0x10
	controlExpired  = 0x800000
)

func (accountControl) status(e *goldap.Entry, now time.Time) (identity.AccountStatus, time.Time, bool) {
	control, err := strconv.ParseInt(e.GetEqualFoldAttributeValue(controlAttribute), 10, 64)
	if err != nil {
		return identity.AccountLocked, time.Time{}, false
	}
	computed := number(e, "msDS-User-Account-Control-Computed")
	expires := number(e, "accountExpires")
	switch {
	case control&controlDisabled != 0:
		return identity.AccountSuspended, time.Time{}, true
	case computed&controlLocked != 0:
		return identity.AccountLocked, time.Time{}, true
	case expires > 0 && expires < 1<<62 && fileTime(expires).Before(now):
		// Zero, and the greatest number there is, stand for never.
		return identity.AccountLocked, time.Time{}, true
	case computed&controlExpired != 0:
		return identity.AccountPasswordExpired, time.Time{}, true
	}
	return identity.AccountActive, time.Time{}, true
}

func number(e *goldap.Entry, attribute string) int64 {
	n, err := strconv.ParseInt(e.GetEqualFoldAttributeValue(attribute), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (accountControl) close(e *goldap.Entry) (swap, bool) {
	now := number(e, controlAttribute)
	return bits(now, now|controlDisabled)
}

func (accountControl) open(e *goldap.Entry) (swap, bool) {
	now := number(e, controlAttribute)
	return bits(now, now&^controlDisabled)
}

func bits(from, to int64) (swap, bool) {
	return swap{controlAttribute, strconv.FormatInt(from, 10), strconv.FormatInt(to, 10)}, from != to
}
