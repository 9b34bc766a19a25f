package app

import (
	"context"
	"fmt"
	"time"

	"gatehouse/activities/catalog"
	"gatehouse/connectors/onelogin"
)

// namesWithin bounds the reading of all roles and groups, which may be many pages.
const namesWithin = 15 * time.Second

// UnknownNames says which of these roles and groups OneLogin does not have. Asked is false where there is
// no credential to ask with; an error says that OneLogin did not answer.
func (a *App) UnknownNames(ctx context.Context, roles, groups []string) (unknown []string, asked bool, err error) {
	if len(roles)+len(groups) == 0 {
		return nil, true, nil
	}
	c, ok, err := a.Reader()
	if err != nil || !ok {
		return nil, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, namesWithin)
	defer cancel()
	unknown, err = catalog.NewCatalog(c.For(onelogin.Containment), a.clock).Unknown(ctx, roles, groups)
	if err != nil {
		return nil, false, fmt.Errorf("OneLogin could not be asked which roles and groups it has: %w", err)
	}
	return unknown, true, nil
}
