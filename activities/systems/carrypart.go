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

// refusedWhole is the error of a step of which a system refuses everything there is, with the names of that, where it is the account or the
// value that nobody may change: what else is to be done about the account need not wait for it. A credential that is not taken refuses all.
func refusedWhole(names []string, err error) error {
	if !connectors.IsKind(err, connectors.KindUnauthorized) {
		return err
	}
	return connectors.Each(names, func(string) error { return err })
}
