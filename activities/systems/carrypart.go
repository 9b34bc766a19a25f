package systems

import (
	"cmp"
	"context"
	"errors"

	"gatehouse/connectors"
	"gatehouse/identity"
)

// refusedOf are the objects that a system refused where it did the others, and the error with their names: those of the step in place of
// ids. Of any other error none is known to have been done.
func (c *carrying) refusedOf(ctx context.Context, kind identity.SystemObjectKind, err error) (ids []string, named error) {
	var refused *connectors.Refusals
	if !errors.As(err, &refused) {
		return nil, err
	}
	names := map[string]string{}
	for _, name := range c.in.Step.Names {
		found, err := c.candidates(ctx, c.ref.System, kind, name, true)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			names[id] = name
		}
	}
	return refused.Objects(), refused.Renamed(func(id string) string { return cmp.Or(names[id], id) })
}
