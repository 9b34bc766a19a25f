package systems

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/inventory"
)

// ownPart is what Gatehouse did to an account.
type ownPart struct {
	// Given and Taking are ids by kind.
	Given  map[identity.SystemObjectKind]map[string]given `json:"given,omitempty"`
	Taking map[identity.SystemObjectKind][]string         `json:"taking,omitempty"`
	Values map[string]value                               `json:"values,omitempty"`
	Done   []done                                         `json:"done,omitempty"`
	// Lost is what departures took, by kind and id.
	Lost map[identity.SystemObjectKind]map[string]lost `json:"lost,omitempty"`
	// Untaken is what a departure has decided to take and has not taken yet, nil for nothing.
	Untaken *untaken `json:"untaken,omitempty"`
	// Waiting is what a departure waited with for room in a budget and has not done yet, nil for nothing.
	Waiting *waiting `json:"waiting,omitempty"`
	// Moved is what it held when its person's position changed and what could not be decided about then, nil for nothing.
	Moved *movedWith `json:"moved,omitempty"`
	// Begun is since when departures count whose hand-over was begun.
	Begun []begun `json:"begun,omitempty"`
}

// untaken is what a departure of somebody's has yet to take, by kind.
type untaken struct {
	Key     string `json:"key"`
	Episode int    `json:"episode"`
	// At is when the departure decided on the first of it.
	At  int64                                  `json:"at"`
	IDs map[identity.SystemObjectKind][]string `json:"ids"`
}

// begun is since when a departure counts.
type begun struct {
	Key     string `json:"key"`
	Episode int    `json:"episode"`
	At      int64  `json:"at"`
}

type given struct {
	Key     string `json:"key"`
	Episode int    `json:"episode"`
	At      int64  `json:"at,omitempty"`
	// Name is what it was called when it was given.
	Name string `json:"name,omitempty"`
}

// counts reports that it was given to somebody in this employment, or to the account while it was another's. A licence that was is left:
// their data may go with it.
func (g given) counts(kind identity.SystemObjectKind, w Whose) bool {
	return g.Key == w.Key && g.Episode == w.Episode || g.Key != w.Key && kind != identity.ObjectLicence
}

// before reports that it was given before the departure that an episode of somebody's came after.
func (g given) before(key string, episode int) bool { return g.Key == key && g.Episode == episode-2 }

type value struct {
	Written string `json:"written,omitempty"`
	Seen    string `json:"seen,omitempty"`
	At      int64  `json:"at,omitempty"`
	Form    string `json:"form,omitempty"`
}

type done struct {
	Key     string                  `json:"key"`
	Episode int                     `json:"episode"`
	Step    identity.SystemStepKind `json:"step"`
	At      int64                   `json:"at"`
	To      string                  `json:"to,omitempty"`
	Mark    string                  `json:"mark,omitempty"`
	// Over says that a departure has it to do: access is back since, or it was only tried.
	Over bool `json:"over,omitempty"`
	// Nothing says that there was nothing to set.
	Nothing bool `json:"nothing,omitempty"`
	// Back is the episode in which the account goes back to where it was before it was moved, 0 if it does not.
	Back int `json:"back,omitempty"`
}

func (o ownPart) text() (string, error) {
	if len(o.Given)+len(o.Taking)+len(o.Values)+len(o.Done)+len(o.Lost)+len(o.Begun) == 0 && o.Untaken == nil && o.Waiting == nil && o.Moved == nil {
		return "", nil
	}
	text, err := json.Marshal(o)
	return string(text), err
}

// NoteGiven writes down that Gatehouse gave an account these objects in an episode of somebody's. With a zero instant it is about to: a
// crash in between then leaves nothing behind that nobody knows the giver of.
func (s Store) NoteGiven(ctx context.Context, ref identity.Ref, kind identity.SystemObjectKind, ids []string, key string, episode int, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	names, err := s.namesOf(ctx, map[string][]string{ref.System: slices.Clone(ids)})
	if err != nil {
		return err
	}
	err = s.change(ctx, ref, func(x *extra) {
		if x.ownPart.Given == nil {
			x.ownPart.Given = map[identity.SystemObjectKind]map[string]given{}
		}
		if x.ownPart.Given[kind] == nil {
			x.ownPart.Given[kind] = map[string]given{}
		}
		for _, id := range ids {
			x.ownPart.Given[kind][id] = given{Key: key, Episode: episode, At: engine.Micros(at), Name: names[ref.System][kind][id].name}
			if !at.IsZero() {
				x.holds.of(kind).given(id, engine.Micros(at))
				x.ownPart.stopTaking(kind, id)
			}
		}
	})
	return engine.Wrapf(err, "write down %d objects given to %s", len(ids), ref)
}

// NoteTaking writes down that it is decided that an account loses these objects.
func (s Store) NoteTaking(ctx context.Context, ref identity.Ref, kind identity.SystemObjectKind, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.change(ctx, ref, func(x *extra) {
		if x.ownPart.Taking == nil {
			x.ownPart.Taking = map[identity.SystemObjectKind][]string{}
		}
		for _, id := range ids {
			x.ownPart.stopTaking(kind, id) // What a departure had yet to take is decided about by that.
		}
		all := slices.Concat(x.ownPart.Taking[kind], ids)
		slices.Sort(all)
		x.ownPart.Taking[kind] = slices.Compact(all)
	})
	return engine.Wrapf(err, "write down %d objects to be taken from %s", len(ids), ref)
}

// NoteKept writes down that an account keeps these objects which it was to lose, or has lost them by somebody else.
func (s Store) NoteKept(ctx context.Context, ref identity.Ref, kind identity.SystemObjectKind, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.change(ctx, ref, func(x *extra) {
		for _, id := range ids {
			x.ownPart.stopTaking(kind, id)
		}
	})
	return engine.Wrapf(err, "write down %d objects that are not to be taken from %s", len(ids), ref)
}

// NoteTaken writes down that Gatehouse took these objects from an account. They are gone at once, until a later reading shows them.
func (s Store) NoteTaken(ctx context.Context, ref identity.Ref, kind identity.SystemObjectKind, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	now := engine.Micros(s.db.Now())
	err := s.change(ctx, ref, func(x *extra) {
		for _, id := range ids {
			x.holds.of(kind).taken(id, now)
			delete(x.ownPart.Given[kind], id)
			x.ownPart.stopTaking(kind, id)
		}
	})
	return engine.Wrapf(err, "write down %d objects taken from %s", len(ids), ref)
}

func (o *ownPart) stopTaking(kind identity.SystemObjectKind, id string) {
	strike := func(from map[identity.SystemObjectKind][]string) {
		left := slices.DeleteFunc(from[kind], func(had string) bool { return had == id })
		if len(left) == 0 {
			delete(from, kind)
			return
		}
		from[kind] = left
	}
	strike(o.Taking)
	if o.Untaken != nil {
		if strike(o.Untaken.IDs); len(o.Untaken.IDs) == 0 {
			o.Untaken = nil
		}
	}
}

// NoteValues writes down what became of attributes that were written, beside those that are known. An empty one forgets what is
// known of its attribute.
func (s Store) NoteValues(ctx context.Context, ref identity.Ref, values map[string]identity.SystemValue) error {
	if len(values) == 0 {
		return nil
	}
	err := s.change(ctx, ref, func(x *extra) {
		if x.ownPart.Values == nil {
			x.ownPart.Values = map[string]value{}
		}
		for name, v := range values {
			if v == (identity.SystemValue{}) {
				delete(x.ownPart.Values, name)
				continue
			}
			x.ownPart.Values[name] = value{Written: v.Written, Seen: v.Seen, At: engine.Micros(v.At), Form: v.Form}
		}
	})
	return engine.Wrapf(err, "write down %d values of %s", len(values), ref)
}

// NoteAgreed keeps that attributes of an account are as they should be, in the place of what was written before: each At is when that was,
// zero for what was never written. What was written since stays.
func (s Store) NoteAgreed(ctx context.Context, ref identity.Ref, values map[string]identity.SystemValue) error {
	if len(values) == 0 {
		return nil
	}
	err := s.change(ctx, ref, func(x *extra) {
		if x.ownPart.Values == nil {
			x.ownPart.Values = map[string]value{}
		}
		for name, v := range values {
			if was := x.ownPart.Values[name]; was.At == engine.Micros(v.At) {
				x.ownPart.Values[name] = value{Written: v.Written, Seen: v.Seen, At: was.At, Form: v.Form}
			}
		}
	})
	return engine.Wrapf(err, "write down %d values of %s that are as they should be", len(values), ref)
}

// NoteCreated puts an account on record that Gatehouse made for somebody.
func (s Store) NoteCreated(ctx context.Context, ref identity.Ref, key string) error {
	err := checkRef(ref)
	if err == nil && key == "" {
		err = errors.New("it needs a person's key")
	}
	if err == nil {
		err = s.accounts().LinkAccount(ctx, inventory.LinkAccount{Ref: ref, Person: key, Use: identity.UsePrimary, By: matchedByMaking})
	}
	if err == nil {
		err = s.accounts().MarkCreated(ctx, ref, key)
	}
	return engine.Wrapf(err, "put account %s on record for %s", ref, key)
}

// matchedByMaking is how an account was recognised that Gatehouse made.
const matchedByMaking = "made by Gatehouse"

// attributesOf are what an account says about its person, by the names that [Store.NoteValues] knows attributes by.
func attributesOf(a identity.Account) map[string]string {
	return map[string]string{
		"first_name": a.FirstName, "last_name": a.LastName, "display_name": a.DisplayName, "email": a.Email, "username": a.Username,
		"title": a.Title, "department": a.Department, "company": a.Company, "phone": a.Phone, "mobile": a.Mobile,
		"location": a.Location, "external_id": a.ExternalID,
	}
}
