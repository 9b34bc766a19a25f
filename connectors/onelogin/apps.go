package onelogin

import (
	"context"
	"net/http"

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
