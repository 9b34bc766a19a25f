package systems

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Object is a thing of a system that accounts hold or are in, by its id there. Names need not be unique.
type Object struct {
	Kind     identity.SystemObjectKind
	ID, Name string
	// Formerly are the names that it had before, one a line, the last one first.
	Formerly string
	// Gone says that the system does not show it any more. It keeps its name for as long as what accounts hold of it may be believed.
	Gone bool
}

// Before are the names that it had before, the last one first.
func (o Object) Before() []string { return engine.Lines(strings.TrimSuffix(o.Formerly, "\n")) }

// keptTimes is how many times as long as memberships the name of an object is kept that is gone: that somebody is in it may be missed
// later than the object itself.
const keptTimes = 2

// onKnownObject keeps what an object was called that has another name by now.
const onKnownObject = "ON CONFLICT (system, kind, object_id) DO UPDATE SET name = excluded.name, gone_at = 0, formerly = CASE " +
	"WHEN system_objects.name = excluded.name THEN system_objects.formerly " +
	"ELSE substr(system_objects.name || '\n' || system_objects.formerly, 1, 2000) END"

// PutObjects replaces what a system has of a kind with what was asked for at an instant, unless a later reading is there. A reading
// that says the same costs a row. Keep is for how long what is not shown any more is believed.
func (s Store) PutObjects(ctx context.Context, system string, kind identity.SystemObjectKind, at time.Time, keep time.Duration, objects []Object) error {
	rows := make(map[string][]any, len(objects))
	for _, o := range objects {
		if _, alike := identity.UnnamedID(o.Name); alike {
			o.Name = "#" + o.Name // Nothing is called as what has no name.
		}
		rows[o.ID] = []any{system, string(kind), o.ID, o.Name}
	}
	sorted := engine.Sorted(rows)
	content := s.db.ExactDigest(fmt.Appendf(nil, "%q", sorted))
	err := s.db.WriteLow(ctx, func(ctx context.Context, q engine.Querier) error {
		var had string
		var read int64
		found, err := engine.QueryRow(ctx, q, "SELECT read_at, content FROM system_catalogs WHERE system = $1 AND kind = $2",
			[]any{system, string(kind)}, &read, &had)
		if err != nil || found && read > engine.Micros(at) {
			return err
		}
		if _, err := q.ExecContext(ctx, `INSERT INTO system_catalogs (system, kind, read_at, content) VALUES ($1, $2, $3, $4)
			ON CONFLICT (system, kind) DO UPDATE SET read_at = excluded.read_at, content = excluded.content`,
			system, string(kind), engine.Micros(at), content); err != nil {
			return err
		}
		if had != content {
			if _, err := q.ExecContext(ctx, "UPDATE system_objects SET gone_at = $3 WHERE system = $1 AND kind = $2 AND gone_at = 0",
				system, string(kind), engine.Micros(at)); err != nil {
				return err
			}
			if err := engine.InsertRows(ctx, q, "INSERT INTO system_objects (system, kind, object_id, name)",
				onKnownObject, sorted); err != nil {
				return err
			}
		}
		_, err = q.ExecContext(ctx, "DELETE FROM system_objects WHERE system = $1 AND kind = $2 AND gone_at <> 0 AND gone_at <= $3",
			system, string(kind), engine.Micros(at.Add(-keptTimes*keep)))
		return err
	})
	return engine.Wrapf(err, "put the objects of kind %s of %s", kind, system)
}

// Objects returns everything that a system has, by kind and id.
func (s Store) Objects(ctx context.Context, system string) ([]Object, error) {
	found, err := s.objects(ctx, "system = $1 AND gone_at = 0 ORDER BY kind, object_id", system)
	return found, engine.Wrapf(err, "read the objects of %s", system)
}

// ObjectsReadAt tells when the objects of a kind were last read, zero if never.
func (s Store) ObjectsReadAt(ctx context.Context, system string, kind identity.SystemObjectKind) (time.Time, error) {
	var at int64
	_, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT read_at FROM system_catalogs WHERE system = $1 AND kind = $2",
		[]any{system, string(kind)}, &at)
	return engine.Instant(at), engine.Wrapf(err, "read when the objects of %s were read", system)
}

// Named returns the objects of a kind that have a name, by id: several where a name is not unique. Those that are gone are among them.
func (s Store) Named(ctx context.Context, system string, kind identity.SystemObjectKind, name string) ([]Object, error) {
	found, err := s.objects(ctx, "system = $1 AND kind = $2 AND name = $3 ORDER BY object_id", system, string(kind), name)
	return found, engine.Wrapf(err, "find a %s of %s by name", kind, system)
}

const (
	objectSelect = "SELECT kind, object_id, name, formerly, gone_at FROM system_objects WHERE "
	// otherwiseCalled are the objects of a kind that had another name before.
	otherwiseCalled = "system = $1 AND kind = $2 AND gone_at = 0 AND formerly <> ''"
)

func (s Store) objects(ctx context.Context, where string, args ...any) (found []Object, err error) {
	err = engine.Each(ctx, s.db.Reader(), objectSelect+where, args, func(scan func(...any) error) error {
		var o Object
		var gone int64
		err := scan(&o.Kind, &o.ID, &o.Name, &o.Formerly, &gone)
		o.Gone = gone != 0
		found = append(found, o)
		return err
	})
	return found, err
}

// unclear are those of some objects that are not there, or not alone of their name, and renewed those that have a name which another object
// had before that is there yet, and not among them. Where nothing is known of a kind, nothing is said. It is two statements for each kind,
// and another for one where something is wrong.
func (s Store) unclear(ctx context.Context, of []identity.SystemObject) (found, renewed []identity.SystemObject, err error) {
	names := map[identity.SystemObject][]string{} // By system and kind.
	for _, o := range of {
		in := identity.SystemObject{System: o.System, Kind: o.Kind}
		names[in] = append(names[in], o.Name)
	}
	alike := map[identity.SystemObject]int{}
	for in, wanted := range names {
		err := engine.Chunks(wanted, func(part []string) error {
			part = engine.Padded(part)
			all, err := s.objects(ctx, "system = $1 AND gone_at = 0 AND kind = $2 AND name IN "+engine.List(3, len(part)),
				engine.Args(in.System, append([]string{string(in.Kind)}, part...))...)
			for _, o := range all {
				alike[identity.SystemObject{System: in.System, Kind: in.Kind, Name: o.Name}]++
			}
			return err
		})
		if err == nil {
			var again []identity.SystemObject
			again, err = s.renewed(ctx, in, wanted)
			renewed = append(renewed, again...)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("look for each %s of %s that a condition names: %w", in.Kind, in.System, err)
		}
	}
	renewed = slices.DeleteFunc(renewed, func(o identity.SystemObject) bool { return alike[o] != 1 })
	shown := map[identity.SystemObject]bool{}
	for _, o := range of {
		if alike[o] == 1 {
			continue
		}
		in := identity.SystemObject{System: o.System, Kind: o.Kind}
		if _, asked := shown[in]; !asked {
			any, err := s.objects(ctx, "system = $1 AND gone_at = 0 AND kind = $2 LIMIT 1", o.System, string(o.Kind))
			if err != nil {
				return nil, nil, fmt.Errorf("look for any %s of %s: %w", o.Kind, o.System, err)
			}
			shown[in] = len(any) > 0
		}
		if shown[in] {
			found = append(found, o)
		}
	}
	return found, renewed, nil
}

// renewed are those of some names of a kind that an object had before which is called otherwise by now, and by none of these names.
func (s Store) renewed(ctx context.Context, in identity.SystemObject, names []string) (again []identity.SystemObject, err error) {
	all, err := s.objects(ctx, otherwiseCalled, in.System, string(in.Kind))
	for _, o := range all {
		if slices.Contains(names, o.Name) {
			continue
		}
		for _, was := range o.Before() {
			if slices.Contains(names, was) {
				again = append(again, identity.SystemObject{System: in.System, Kind: in.Kind, Name: was})
			}
		}
	}
	return again, err
}

// names are what objects are called, by system, kind and id.
type names map[string]map[identity.SystemObjectKind]map[string]called

// called is what an object is called, and what it was called before.
type called struct{ name, formerly string }

// of resolves ids in alphabetical order. For what has no name known stands [identity.Unnamed].
func (n names) of(system string, kind identity.SystemObjectKind, ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		is, known := n[system][kind][id]
		if !known {
			is.name = identity.Unnamed(id)
		}
		out[i] = is.name
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// namesOf reads what objects are called, by their ids in a system.
func (s Store) namesOf(ctx context.Context, wanted map[string][]string) (names, error) {
	all := names{}
	for system, ids := range wanted {
		slices.Sort(ids)
		ids = slices.Compact(ids)
		all[system] = map[identity.SystemObjectKind]map[string]called{}
		err := engine.Chunks(ids, func(part []string) error {
			part = engine.Padded(part)
			found, err := s.objects(ctx, "system = $1 AND object_id IN "+engine.List(2, len(part)), engine.Args(system, part)...)
			for _, o := range found {
				if all[system][o.Kind] == nil {
					all[system][o.Kind] = map[string]called{}
				}
				all[system][o.Kind][o.ID] = called{o.Name, o.Formerly}
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read what the objects of %s are called: %w", system, err)
		}
	}
	return all, nil
}
