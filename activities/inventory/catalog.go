package inventory

import (
	"context"
	"fmt"
	"time"

	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

// catalogYoung is the age up to which a reading of roles leaves the catalog as it is: an attempt that is repeated need not read it again.
const catalogYoung = 30 * time.Minute

// readCatalog reads what roles, groups and apps are called and which role carries which app, unless that was done a moment ago. A
// credential that is not shown the apps stops nothing: they stay unknown.
func (a *Accounts) readCatalog(ctx context.Context, young time.Duration) error {
	asked := a.Clock()
	last, err := a.Ledger.Inventory().CatalogReadAt(ctx, identity.SystemOneLogin)
	if err != nil || asked.Sub(last) < young {
		return err
	}
	client := a.OneLogin.For(onelogin.Sweep)
	roles, err := client.Roles(ctx)
	if err != nil {
		return fmt.Errorf("read the roles: %w", err)
	}
	groups, err := client.Groups(ctx)
	if err != nil {
		return fmt.Errorf("read the groups: %w", err)
	}
	a.Catalog.Know(asked, roles, groups)
	apps, err := client.Apps(ctx)
	switch {
	case connectors.IsKind(err, connectors.KindUnauthorized) || connectors.IsKind(err, connectors.KindNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("read the apps: %w", err)
	}
	var c inventory.Catalog
	for _, r := range roles {
		c.Roles = append(c.Roles, inventory.Named{ID: numbered(r.ID), Name: r.Name})
	}
	for _, g := range groups {
		c.Groups = append(c.Groups, inventory.Named{ID: numbered(g.ID), Name: g.Name})
	}
	for _, app := range apps {
		c.Apps = append(c.Apps, inventory.Named{ID: numbered(app.ID), Name: app.Name})
		for _, role := range app.RoleIDs {
			c.RoleApps = append(c.RoleApps, inventory.RoleApp{Role: numbered(role), App: numbered(app.ID)})
		}
	}
	return a.Ledger.Inventory().PutCatalog(ctx, identity.SystemOneLogin, asked, c)
}

func numbered(id int64) string { return identity.OneLoginRef(id).ID }
