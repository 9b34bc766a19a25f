package systems

import (
	"encoding/json"
	"slices"
	"time"

	"gatehouse/identity"
)

// shelf is what an account holds of one kind.
type shelf struct {
	// At is when what is here was asked for, in microseconds as all times here.
	At  int64    `json:"at"`
	IDs []string `json:"ids,omitempty"`
	// Marks are about single ids. Most have none.
	Marks map[string]mark `json:"marks,omitempty"`
}

// mark is what is special about an id.
type mark struct {
	// Given is when Gatehouse gave it, Taken when Gatehouse took it: older readings say nothing about it.
	Given int64 `json:"given,omitempty"`
	Taken int64 `json:"taken,omitempty"`
	// Missing is since when it is not shown, Due when it may go, Confirmed when a reading of the account said so too.
	Missing   int64 `json:"missing,omitempty"`
	Due       int64 `json:"due,omitempty"`
	Confirmed int64 `json:"confirmed,omitempty"`
}

// wentAway reports that what has this mark is not held any more.
func (m mark) wentAway(now int64) bool { return m.Confirmed != 0 && m.Due <= now }

// shelves are what an account holds by kind. A kind that was never shown is not there.
type shelves map[identity.SystemObjectKind]*shelf

func readShelves(text string) (shelves, error) {
	all := shelves{}
	if text == "" {
		return all, nil
	}
	return all, json.Unmarshal([]byte(text), &all)
}

// text is how shelves are stored.
func (all shelves) text() (string, error) {
	if len(all) == 0 {
		return "", nil
	}
	text, err := json.Marshal(all)
	return string(text), err
}

// of returns the shelf of a kind, a new one if there is none.
func (all shelves) of(kind identity.SystemObjectKind) *shelf {
	if all[kind] == nil {
		all[kind] = &shelf{}
	}
	return all[kind]
}

// due is when the next tombstone is due, 0 if there is none, and open whether one is not confirmed.
func (all shelves) due() (due int64, open bool) {
	for _, sh := range all {
		for _, m := range sh.Marks {
			if m.Missing == 0 {
				continue
			}
			open = open || m.Confirmed == 0
			if due == 0 || m.Due < due {
				due = m.Due
			}
		}
	}
	return due, open
}

// reading is what one request was shown of a shelf.
type reading struct {
	at   int64
	ids  []string
	keep time.Duration
	// whole says that it is a reading of the account itself, by which absence is confirmed unless it is unconfirmed.
	whole, unconfirmed bool
}

// take puts a reading on the shelf. Changed says that the shelf is another, news that what is believed is. An older reading
// than the one that is there changes nothing.
func (sh *shelf) take(r reading) (changed, news bool) {
	if sh.At > r.at {
		return false, false
	}
	changed = sh.At == 0
	shown := make(map[string]bool, len(r.ids))
	for _, id := range r.ids {
		shown[id] = true
	}
	for id := range shown {
		c, n := sh.shown(id, r.at)
		changed, news = changed || c, news || n
	}
	kept := sh.IDs[:0:0]
	for _, id := range sh.IDs {
		if shown[id] || sh.Marks[id].Given > r.at {
			kept = append(kept, id)
			continue
		}
		c, wentAway := sh.missed(id, r)
		changed, news = changed || c, news || wentAway
		if !wentAway {
			kept = append(kept, id)
		}
	}
	sh.IDs = kept
	for id, m := range sh.Marks {
		if m.Taken != 0 && m.Taken <= r.at && !shown[id] {
			delete(sh.Marks, id)
			changed = true
		}
	}
	if changed || r.whole {
		sh.At = r.at
	}
	slices.Sort(sh.IDs)
	return changed, news
}

// replace puts a reading on a shelf on which one thing takes the other's place. That it is known for the first time is no news.
func (sh *shelf) replace(r reading) (changed, news bool) {
	if sh.At > r.at || len(r.ids) == 0 {
		return false, false
	}
	changed, news = !slices.Equal(sh.IDs, r.ids), len(sh.IDs) > 0
	if changed || r.whole {
		sh.At, sh.IDs, sh.Marks = r.at, slices.Clone(r.ids), nil
	}
	return changed, changed && news
}

// differs reports that a list which was read at an instant shows something else. What became known later is no difference.
func (sh *shelf) differs(ids []string, at int64) bool {
	if sh.At > at {
		return false
	}
	later := func(id string) bool { return sh.Marks[id].Given > at || sh.Marks[id].Taken > at }
	had := slices.DeleteFunc(slices.Clone(sh.IDs), later)
	shown := slices.DeleteFunc(slices.Clone(ids), later)
	slices.Sort(shown)
	return !slices.Equal(had, slices.Compact(shown))
}

// shown notes that an id was shown.
func (sh *shelf) shown(id string, at int64) (changed, news bool) {
	m, marked := sh.Marks[id]
	if marked && (m.Taken > at || m.Given > at) {
		return false, false
	}
	delete(sh.Marks, id)
	if slices.Contains(sh.IDs, id) {
		return marked, false
	}
	sh.IDs = append(sh.IDs, id)
	return true, true
}

// missed notes that an id was not shown, and reports whether it is gone by that.
func (sh *shelf) missed(id string, r reading) (changed, wentAway bool) {
	m := sh.Marks[id]
	was := m
	m.Given = 0
	if m.Missing == 0 {
		m.Missing, m.Due = r.at, r.at+r.keep.Microseconds()
	}
	if r.whole && !r.unconfirmed && m.Confirmed == 0 {
		m.Confirmed = r.at
	}
	if m.wentAway(r.at) {
		delete(sh.Marks, id)
		return true, true
	}
	sh.mark(id, m)
	return m != was, false
}

func (sh *shelf) mark(id string, m mark) {
	if sh.Marks == nil {
		sh.Marks = map[string]mark{}
	}
	sh.Marks[id] = m
}

// given notes that Gatehouse gave an id at an instant.
func (sh *shelf) given(id string, at int64) {
	if !slices.Contains(sh.IDs, id) {
		sh.IDs = append(sh.IDs, id)
		slices.Sort(sh.IDs)
	}
	sh.mark(id, mark{Given: at})
}

// taken notes that Gatehouse took an id at an instant.
func (sh *shelf) taken(id string, at int64) {
	sh.IDs = slices.DeleteFunc(sh.IDs, func(had string) bool { return had == id })
	sh.mark(id, mark{Taken: at})
}

// believed are the ids that the account holds as far as anybody knows at an instant.
func (sh *shelf) believed(now int64) []string {
	ids := make([]string, 0, len(sh.IDs))
	for _, id := range sh.IDs {
		if !sh.Marks[id].wentAway(now) {
			ids = append(ids, id)
		}
	}
	return ids
}
