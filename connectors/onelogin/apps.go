package onelogin

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"gatehouse/internal/httpx"
)

type wireApp struct {
	wireNamed
	ConnectorID httpx.Int   `json:"connector_id"`
	RoleIDs     []httpx.Int `json:"role_ids"`
}

func (w wireApp) app() App {
	return App{ID: w.ID.Value, Name: string(w.Name), ConnectorID: w.ConnectorID.Value, RoleIDs: ints(w.RoleIDs)}
}

// Apps lists all apps. Source: developers.onelogin.com, 2/apps/list-apps.
func (c *Client) Apps(ctx context.Context) ([]App, error) {
	r := request{op: "list apps", method: http.MethodGet, path: "/api/2/apps", query: listQuery()}
	return collect(pages[wireApp](ctx, c, r), wireApp.app)
}

// RoleApps lists the apps that a role carries. Source: developers.onelogin.com, 2/roles/get-role-apps.
func (c *Client) RoleApps(ctx context.Context, roleID int64) ([]App, error) {
	r := request{
		op: fmt.Sprintf("list apps of role %d", roleID), method: http.MethodGet, path: rolePath(roleID, "apps"),
		query: listQuery(),
	}
	return collect(pages[wireApp](ctx, c, r), wireApp.app)
}

type wireUserApp struct {
	wireNamed
	LoginID             httpx.Int  `json:"login_id"`
	ProvisioningStatus  httpx.Text `json:"provisioning_status"`
	ProvisioningState   httpx.Text `json:"provisioning_state"`
	ProvisioningEnabled bool       `json:"provisioning_enabled"`
}

// UserApps lists the apps that a user has, those that the portal hides included.
// Source: developers.onelogin.com, 2/users/get-user-apps.
func (c *Client) UserApps(ctx context.Context, id int64) ([]UserApp, error) {
	r := request{
		op: fmt.Sprintf("list apps of user %d", id), method: http.MethodGet, path: userPath(id) + "/apps",
		query: url.Values{"ignore_visibility": {"true"}},
	}
	return collect(pages[wireUserApp](ctx, c, r), func(w wireUserApp) UserApp {
		return UserApp{
			ID: w.ID.Value, Name: string(w.Name), LoginID: w.LoginID.Value,
			ProvisioningStatus: string(w.ProvisioningStatus), ProvisioningState: string(w.ProvisioningState),
			ProvisioningEnabled: w.ProvisioningEnabled,
		}
	})
}
