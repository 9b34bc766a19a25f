package systems

import (
	"context"
	"maps"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// lost is something that a departure took from an account.
type lost struct {
	Key     string `json:"key"`
	Episode int    `json:"episode"`
	// Given says that Gatehouse had given it: rules decide whether it comes back.
	Given bool `json:"given,omitempty"`
	// Back is the episode in which it is given back, 0 if it is not.
	Back int `json:"back,omitempty"`
	// Name is what it was called when it was taken.
	Name string `json:"name,omitempty"`
}

// Ended is a step of a departure that was carried out, of which the account itself shows nothing.
type Ended struct {
	Key     string
	Episode int
	Step    identity.SystemStepKind
	At      time.Time
	// To is the id of whoever got something or whose address is named, or where the account was before it was moved.
	To string
	// Mark tells what was set from what somebody else has set since. Of a move it is where to.
	Mark string
	// Nothing says that there was nothing to set: nothing of it has to be taken back.
	Nothing bool
}

// lasts reports that what a step has set stays until it is taken back, whatever comes after.
func (d done) lasts() bool {
	return !d.Nothing && (d.Step == identity.SystemAutoReply || d.Step == identity.SystemDelegate)
}

// sets reports that it is a step of a kind and, if that is a delegation, for somebody.
func (d done) sets(kind identity.SystemStepKind, to string) bool {
	return d.Step == kind && (kind != identity.SystemDelegate || d.To == to)
}

// NoteDone writes down that a step was carried out in an episode of somebody's; the zero time takes it back.
func (s Store) NoteDone(ctx context.Context, ref identity.Ref, key string, episode int, kind identity.SystemStepKind, at time.Time) error {
	return s.NoteEnded(ctx, ref, Ended{Key: key, Episode: episode, Step: kind, At: at})
}

// NoteTrying writes down that a step which lasts is about to be carried out: if its answer is lost, it may have been. The departure still has
// it to do, and whoever is back has it undone. It is kept as one whose departure is over, which versions before this one read alike. Fresh
// says that nothing like it was known.
func (s Store) NoteTrying(ctx context.Context, ref identity.Ref, e Ended) (fresh bool, err error) {
	err = s.change(ctx, ref, func(x *extra) {
		if fresh = !slices.ContainsFunc(x.ownPart.Done, e.is); fresh {
			x.ownPart.Done = append(x.ownPart.Done, done{
				Key: e.Key, Episode: e.Episode, Step: e.Step, At: engine.Micros(e.At), To: e.To, Mark: e.Mark, Over: true,
			})
		}
	})
	return fresh, engine.Wrapf(err, "write down that %s of %s is about to be carried out", e.Step, ref)
}

// NoteRefused strikes what [Store.NoteTrying] wrote down as fresh: the system has refused it.
func (s Store) NoteRefused(ctx context.Context, ref identity.Ref, e Ended) error {
	err := s.change(ctx, ref, func(x *extra) {
		x.ownPart.Done = slices.DeleteFunc(x.ownPart.Done, func(d done) bool { return d.Over && d.Episode == e.Episode && e.is(d) })
	})
	return engine.Wrapf(err, "write down that %s of %s was refused", e.Step, ref)
}

// is reports that a row says of the same person that the same was set.
func (e Ended) is(d done) bool {
	return d.Key == e.Key && d.Step == e.Step && d.To == e.To && d.Mark == e.Mark && !d.Nothing
}

// moves reports that a row says where the account was before the departure that moves it once more: it was moved by hand meanwhile, or the
// place of leavers is another one. So does that of a departure which was withdrawn, until the account is back from where that had moved it.
func (e Ended) moves(d done) bool {
	again := d.Episode == e.Episode && !d.Over || d.Back != 0 && d.Back == e.Episode-1 && identity.SamePlace(d.Mark, e.To)
	return e.Step == identity.SystemMove && d.Step == e.Step && d.Key == e.Key && again
}

// NoteEnded writes down that a step was carried out in an episode of somebody's; with the zero time it takes that back. Of earlier
// episodes it keeps what lasts. That there is nothing to set now says nothing about what was set before. Where an account was before it was
// moved stays what it was before the first time.
func (s Store) NoteEnded(ctx context.Context, ref identity.Ref, e Ended) error {
	err := s.change(ctx, ref, func(x *extra) {
		x.ownPart.Done = slices.DeleteFunc(x.ownPart.Done, func(d done) bool {
			if e.moves(d) {
				e.To = d.To
			}
			same := d.sets(e.Step, e.To) && (!e.Nothing || !d.lasts())
			return d.Key == e.Key && (same || d.Episode != e.Episode && !d.lasts() && d.Back == 0)
		})
		if !e.At.IsZero() {
			x.ownPart.Done = append(x.ownPart.Done, done{
				Key: e.Key, Episode: e.Episode, Step: e.Step, At: engine.Micros(e.At), To: e.To, Mark: e.Mark, Nothing: e.Nothing,
			})
		}
	})
	return engine.Wrapf(err, "write down that %s of %s was carried out", e.Step, ref)
}

// Began returns since when the departure counts that somebody's account is in, by an attempt to hand over at an instant. That is when the
// first of its steps was carried out or, before any was, the instant. The answer stays the same until access is back, or for another episode.
func (s Store) Began(ctx context.Context, ref identity.Ref, key string, episode int, at time.Time) (since time.Time, err error) {
	err = s.change(ctx, ref, func(x *extra) {
		x.ownPart.Begun = slices.DeleteFunc(x.ownPart.Begun, func(b begun) bool { return b.Key == key && b.Episode != episode })
		for _, b := range x.ownPart.Begun {
			if b.Key == key {
				since = engine.Instant(b.At)
				return
			}
		}
		first := engine.Micros(at)
		for _, d := range x.ownPart.Done {
			if d.Key == key && d.Episode == episode && !d.Over {
				first = min(first, d.At)
			}
		}
		x.ownPart.Begun, since = append(x.ownPart.Begun, begun{Key: key, Episode: episode, At: first}), engine.Instant(first)
	})
	return since, engine.Wrapf(err, "write down since when the departure of account %s counts", ref)
}

// TakeBack strikes what lasts of a step, whosever departure set it: it was taken back. To is whom a delegation was for.
func (s Store) TakeBack(ctx context.Context, ref identity.Ref, kind identity.SystemStepKind, to string) error {
	err := s.change(ctx, ref, func(x *extra) {
		x.ownPart.Done = slices.DeleteFunc(x.ownPart.Done, func(d done) bool {
			return d.sets(kind, to)
		})
	})
	return engine.Wrapf(err, "write down that %s of %s was taken back", kind, ref)
}

// Marks are those of a step that lasts, as whoever set it has noted them. To is whom a delegation was for.
func (s Store) Marks(ctx context.Context, ref identity.Ref, kind identity.SystemStepKind, to string) (marks []string, err error) {
	all, err := s.extras(ctx, s.db.Reader(), ref.System, []string{ref.ID})
	if err != nil {
		return nil, engine.Wrapf(err, "read what was set in %s", ref)
	}
	for _, d := range all[ref.ID].ownPart.Done {
		if d.sets(kind, to) && !d.Nothing {
			marks = append(marks, d.Mark)
		}
	}
	return marks, nil
}

// NoteLost writes down that a departure of somebody's took these objects from an account, beside what [Store.NoteTaken] does.
func (s Store) NoteLost(ctx context.Context, ref identity.Ref, kind identity.SystemObjectKind, ids []string, key string, episode int) error {
	if len(ids) == 0 {
		return nil
	}
	names, err := s.namesOf(ctx, map[string][]string{ref.System: slices.Clone(ids)})
	if err != nil {
		return err
	}
	err = s.change(ctx, ref, func(x *extra) {
		if x.ownPart.Lost == nil {
			x.ownPart.Lost = map[identity.SystemObjectKind]map[string]lost{}
		}
		if x.ownPart.Lost[kind] == nil {
			x.ownPart.Lost[kind] = map[string]lost{}
		}
		maps.DeleteFunc(x.ownPart.Lost[kind], func(_ string, l lost) bool { return l.Key == key && max(l.Episode, l.Back) < episode-1 })
		for _, id := range ids {
			_, ownPart := x.ownPart.Given[kind][id]
			x.ownPart.Lost[kind][id] = lost{
				Key: key, Episode: episode, Given: ownPart && kind != identity.ObjectLicence, Name: names[ref.System][kind][id].name,
			}
		}
	})
	return engine.Wrapf(err, "write down %d objects that a departure takes from %s", len(ids), ref)
}

// NoteUntaken writes down what a departure of somebody's has decided to take from an account and has not taken yet, by kind, in the place of
// what was known of that.
func (s Store) NoteUntaken(ctx context.Context, ref identity.Ref, ids map[identity.SystemObjectKind][]string, key string, episode int) error {
	now := engine.Micros(s.db.Now())
	err := s.change(ctx, ref, func(x *extra) {
		was := x.ownPart.Untaken
		x.ownPart.Untaken = nil
		if len(ids) == 0 {
			return
		}
		if was == nil || was.Key != key || was.Episode != episode {
			was = &untaken{Key: key, Episode: episode, At: now}
		}
		was.IDs, x.ownPart.Untaken = ids, was
	})
	return engine.Wrapf(err, "write down what a departure has yet to take from %s", ref)
}

// NoteBack writes down that an account has these objects again that a departure took.
func (s Store) NoteBack(ctx context.Context, ref identity.Ref, kind identity.SystemObjectKind, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	now := engine.Micros(s.db.Now())
	err := s.change(ctx, ref, func(x *extra) {
		for _, id := range ids {
			x.holds.of(kind).given(id, now)
			x.ownPart.stopTaking(kind, id)
			delete(x.ownPart.Lost[kind], id)
		}
		if len(x.ownPart.Lost[kind]) == 0 {
			delete(x.ownPart.Lost, kind)
		}
	})
	return engine.Wrapf(err, "write down %d objects given back to %s", len(ids), ref)
}

// NoteWithdrawn writes down that the departure before an episode of somebody's was withdrawn: what it took is to be given back and the
// account goes back to where it was, however long that takes, what it has yet to take is not taken, and what was given before it, or has yet
// to be decided of a change of position, counts in this episode. What was decided to be taken before it still is.
func (s Store) NoteWithdrawn(ctx context.Context, ref identity.Ref, key string, episode int) error {
	err := s.change(ctx, ref, func(x *extra) {
		if x.ownPart.Moved.before(key, episode) {
			x.ownPart.Moved.Episode = episode
		}
		if x.ownPart.Untaken != nil && x.ownPart.Untaken.Key == key {
			x.ownPart.Untaken = nil
		}
		for i, d := range x.ownPart.Done {
			if d.Key == key && d.Step == identity.SystemMove && (d.Episode == episode-1 || d.Back != 0 && d.Back == episode-2) {
				x.ownPart.Done[i].Back = episode
			}
		}
		for _, ids := range x.ownPart.Given {
			for id, g := range ids {
				if g.before(key, episode) {
					g.Episode = episode
					ids[id] = g
				}
			}
		}
		for _, ids := range x.ownPart.Lost {
			for id, l := range ids {
				if l.Key == key && !l.Given && (l.Episode == episode-1 || l.Back != 0 && l.Back == episode-2) {
					l.Back = episode
					ids[id] = l
				}
			}
		}
	})
	return engine.Wrapf(err, "write down that a departure of account %s was withdrawn", ref)
}

// NoteOver writes down that access of somebody's account is back in an episode: the next departure has to be carried out again. What
// was begun to be handed over goes on by itself.
func (s Store) NoteOver(ctx context.Context, ref identity.Ref, key string, episode int) error {
	err := s.change(ctx, ref, func(x *extra) {
		for i, d := range x.ownPart.Done {
			x.ownPart.Done[i].Over = d.Over || d.Key == key && d.Episode == episode
		}
		x.ownPart.Begun = slices.DeleteFunc(x.ownPart.Begun, func(b begun) bool {
			transferred := func(d done) bool { return d.Key == key && d.Episode == b.Episode && d.Step == identity.SystemTransfer }
			if b.Key == key && !slices.ContainsFunc(x.ownPart.Done, transferred) {
				x.ownPart.Done = append(x.ownPart.Done, done{Key: b.Key, Episode: b.Episode, Step: identity.SystemTransfer, At: b.At, Over: true})
			}
			return b.Key == key
		})
	})
	return engine.Wrapf(err, "write down that access of account %s is back", ref)
}

// departure is what departures of somebody's have left on an account, nil if there is nothing. What lasts is undone for whoever the
// account belongs to now, whosever departure it was.
func (k known) departure(system string, x *extra, w Whose) *identity.SystemDeparture {
	out := identity.SystemDeparture{Done: map[identity.SystemStepKind]time.Time{}}
	for _, d := range x.ownPart.Done {
		if theirs := d.Key == w.Key && d.Episode <= w.Episode; d.Nothing || !theirs && (d.Key == w.Key || !d.lasts()) {
			continue
		}
		if at := engine.Instant(d.At); at.After(out.Done[d.Step]) {
			out.Done[d.Step] = at
		}
		switch d.Step {
		case identity.SystemDelegate:
			out.Delegates = append(out.Delegates, d.To)
		case identity.SystemMove:
			out.Place, out.MovedTo, out.PlaceBack = d.To, d.Mark, d.Back != 0 && d.Back == w.Episode
		default:
		}
	}
	for _, b := range x.ownPart.Begun {
		if b.Key == w.Key && out.Done[identity.SystemTransfer].IsZero() {
			out.Done[identity.SystemTransfer] = engine.Instant(b.At)
		}
	}
	for kind, ids := range x.ownPart.Lost {
		var took, back []string
		for id, l := range ids {
			if l.Key == w.Key {
				k.formerly(&out.TookAs, system, kind, id, l.Name)
			}
			switch {
			case l.Key != w.Key:
			case l.Back == w.Episode:
				back = append(back, id)
			case !l.Given && (l.Episode == w.Episode-1 || l.Back != 0 && l.Back == w.Episode-2):
				took = append(took, id)
			}
		}
		out.Took = k.named(out.Took, system, kind, took)
		out.Back = k.named(out.Back, system, kind, back)
	}
	if u := x.ownPart.Untaken; u != nil && u.Key == w.Key && (u.Episode == w.Episode || u.Episode == w.Episode-1) {
		out.Decided = engine.Instant(u.At)
		for kind, ids := range u.IDs {
			out.Untaken = k.named(out.Untaken, system, kind, ids)
		}
	}
	if len(out.Done)+len(out.Took)+len(out.Back)+len(out.Untaken) == 0 {
		return nil
	}
	out.Delegates = slices.Compact(slices.Sorted(slices.Values(out.Delegates)))
	return &out
}

// named adds what objects are called to what is known by kind.
func (k known) named(to map[identity.SystemObjectKind][]string, system string, kind identity.SystemObjectKind, ids []string) map[identity.SystemObjectKind][]string {
	if len(ids) == 0 {
		return to
	}
	if to == nil {
		to = map[identity.SystemObjectKind][]string{}
	}
	to[kind] = k.names.of(system, kind, ids)
	return to
}
