package systems

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/identity"
	policysystem "gatehouse/policy/system"
)

// noteDecided keeps what is decided to be taken, where it cannot be taken now as well, and strikes what is not to be taken any more.
func (s *Systems) noteDecided(ctx context.Context, a *api.Assessment, decided []policysystem.Decision) error {
	note := func(d policysystem.Decision, by map[identity.SystemObjectKind][]string,
		keep func(context.Context, identity.Ref, identity.SystemObjectKind, []string) error,
	) error {
		for kind, names := range by {
			ids, err := s.objectsOf(ctx, d.System, kind, names)
			if err == nil {
				err = keep(ctx, d.Ref(), kind, ids)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	store := s.Ledger.Systems()
	for _, d := range decided {
		if err := note(d, d.Kept, store.NoteKept); err != nil {
			return err
		}
		if err := note(d, d.Taken, store.NoteTaking); err != nil {
			return err
		}
		if !d.Changed {
			continue
		}
		moved := map[identity.SystemObjectKind][]string{}
		for kind, names := range d.MovedWith {
			var err error
			if moved[kind], err = s.objectsOf(ctx, d.System, kind, names); err != nil {
				return err
			}
		}
		if err := store.NoteMoved(ctx, d.Ref(), moved, a.Key, a.Episode); err != nil {
			return err
		}
	}
	return nil
}
