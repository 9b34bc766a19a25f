package onelogin

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/wire"
)

// Entry is what a directory says of an account that comes from it, whatever OneLogin made of the account since.
type Entry struct {
	// Directory is the directory's id; the account is of it from now on.
	Directory int64  `json:"directory_id"`
	ID        int64  `json:"id"`
	Username  string `json:"username"`
	// Disabled says that the entry is disabled there. One that is not gives sign-in back at every synchronisation.
	Disabled bool `json:"disabled"`
	// Fields are what the directory is the master of: it sets them again at every synchronisation.
	Fields map[string]json.RawMessage `json:"fields"`
}

// SetEntry says what a directory has about an account.
func (o *OneLogin) SetEntry(e Entry) (UserState, error) {
	if e.Directory <= 0 {
		return UserState{}, errors.New("onelogin: directory_id must be a positive number")
	}
	o.s.mu.Lock()
	u, err := o.handed(Hand{ID: e.ID, Username: e.Username})
	if err == nil {
		// Tried on a copy first, so that a synchronisation cannot fail.
		err = o.s.writeFields(u.clone(), e.Fields)
	}
	if err != nil {
		o.s.mu.Unlock()
		return UserState{}, err
	}
	next := u.clone()
	next.DirectoryID = &e.Directory
	o.s.put(next)
	if o.s.directories[e.Directory] == nil {
		o.s.directories[e.Directory] = map[int64]Entry{}
	}
	o.s.directories[e.Directory][u.ID] = e
	o.s.mu.Unlock()
	return o.s.describe(next, o.s.names()), nil
}

// SyncDirectory runs a directory's synchronisation, as every night does: each account of the directory becomes what its
// entry says. An account that has no entry of its own is enabled there. run is the id that the events carry.
func (o *OneLogin) SyncDirectory(directory int64) (run int64, changed int, err error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	run = o.s.nextRun
	o.s.nextRun++
	members := 0
	for _, id := range slices.Clone(o.s.ids) {
		u := o.s.users[id]
		if wire.Number(u.DirectoryID) != directory {
			continue
		}
		members++
		if o.syncUser(u, o.s.directories[directory][id], run, directory) {
			changed++
		}
	}
	if members == 0 {
		return 0, 0, fmt.Errorf("onelogin: no account comes from directory %d", directory)
	}
	return run, changed, nil
}

// syncUser makes one account what its entry says. The lock must be held.
func (o *OneLogin) syncUser(u *User, e Entry, run, directory int64) bool {
	next := u.clone()
	// Tried when the entry was made.
	_ = o.s.writeFields(next, e.Fields)
	switch {
	case e.Disabled:
		next.Status = statusSuspended
	case next.Status == statusSuspended:
		next.Status = statusActive
	}
	if o.s.difference(u, next) == "" {
		return false
	}
	next.UpdatedAt = moment(o.t.Now())
	o.s.put(next)
	o.note(events.Event{Type: editedByHand(u, next), User: next.seen(), Run: run, Directory: directory})
	return true
}
