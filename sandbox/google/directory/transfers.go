package directory

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	datatransfer "google.golang.org/api/admin/datatransfer/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

const (
	scopeTransfer     = "admin.datatransfer"
	scopeTransferRead = scopeTransfer + " admin.datatransfer.readonly"
)

// Apps whose data can be handed over, by their ids and the keys of their parameters.
const (
	Drive    = "55656082996"
	Calendar = "435070579839"
)

type transferApp struct {
	id, name, key string
	values        []string
}

var transferApps = []transferApp{
	{Drive, "Drive and Docs", "PRIVACY_LEVEL", []string{"PRIVATE", "SHARED"}},
	{Calendar, "Calendar", "RELEASE_RESOURCES", []string{"TRUE"}},
}

// transfer hands somebody's data over to somebody else.
type transfer struct {
	id, from, to string
	apps         []*datatransfer.ApplicationDataTransfer
	at           time.Time
}

func (d *Directory) transferRoutes() []tenant.Route {
	const base = "/admin/datatransfer/v1"
	find := wire.Common("customerId", "maxResults", "newOwnerUserId", "oldOwnerUserId", "pageToken", "status")
	return []tenant.Route{
		{Method: "GET", Path: base + "/applications", Op: "google.datatransfer.list_applications", Scope: scopeTransferRead, Query: wire.Common("customerId", "maxResults", "pageToken"), Handle: wire.Masked(d.allow(transfersOf, d.listApps), datatransfer.ApplicationsListResponse{})},
		{Method: "GET", Path: base + "/applications/{id}", Op: "google.datatransfer.get_application", Scope: scopeTransferRead, Handle: wire.Masked(d.allow(transfersOf, d.getApp), datatransfer.Application{})},
		{Method: "GET", Path: base + "/transfers", Op: "google.datatransfer.list_transfers", Scope: scopeTransferRead, Query: find, Handle: wire.Masked(d.allow(transfersOf, d.listTransfers), datatransfer.DataTransfersListResponse{})},
		{Method: "POST", Path: base + "/transfers", Op: "google.datatransfer.insert_transfer", Scope: scopeTransfer, Handle: wire.Masked(d.allow(transfersOf, d.insertTransfer), datatransfer.DataTransfer{})},
		{Method: "GET", Path: base + "/transfers/{id}", Op: "google.datatransfer.get_transfer", Scope: scopeTransferRead, Handle: wire.Masked(d.allow(transfersOf, d.getTransfer), datatransfer.DataTransfer{})},
	}
}

func (a transferApp) view() map[string]any {
	return map[string]any{
		"kind": "admin#datatransfer#ApplicationResource", "etag": etag(a.id, 1), "id": a.id, "name": a.name,
		"transferParams": []map[string]any{{"key": a.key, "value": a.values}},
	}
}

func (d *Directory) listApps(c *tenant.Call) tenant.Reply {
	p, bad := paged(d, c, pages[transferApp]{list: "applications", usual: 100, most: 500, all: transferApps, key: func(a transferApp) string { return a.id }})
	if bad != nil {
		return *bad
	}
	var items []map[string]any
	for _, a := range p.items {
		items = append(items, a.view())
	}
	return p.reply(map[string]any{"kind": "admin#datatransfer#applicationsList", "etag": etag("apps", 1)}, "applications", items)
}

func (d *Directory) getApp(c *tenant.Call) tenant.Reply {
	i := slices.IndexFunc(transferApps, func(a transferApp) bool { return a.id == c.Param("id") })
	if i < 0 {
		return notFound("applicationId")
	}
	return tenant.JSON(http.StatusOK, transferApps[i].view())
}

// status is how far a transfer is.
func (d *Directory) status(t *transfer) string {
	if d.t.Now().Before(t.at.Add(lag(d.settings.TransferMS))) {
		return "inProgress"
	}
	return "completed"
}

func (d *Directory) transferView(t *transfer) map[string]any {
	status := d.status(t)
	apps := make([]map[string]any, 0, len(t.apps))
	for _, a := range t.apps {
		apps = append(apps, map[string]any{
			"applicationId": strconv.FormatInt(a.ApplicationId, 10), "applicationTransferParams": a.ApplicationTransferParams,
			"applicationTransferStatus": status,
		})
	}
	return map[string]any{
		"kind": "admin#datatransfer#DataTransfer", "etag": etag(t.id, 1), "id": t.id, "oldOwnerUserId": t.from, "newOwnerUserId": t.to,
		"applicationDataTransfers": apps, "overallTransferStatusCode": status, "requestTime": stamp(t.at),
	}
}

func (d *Directory) listTransfers(c *tenant.Call) tenant.Reply {
	q := c.Query()
	if id := q.Get("customerId"); id != "" && !ours(id) {
		return invalid("customerId")
	}
	all := slices.DeleteFunc(slices.Clone(d.transfers), func(t *transfer) bool {
		differs := func(name, have string) bool { return q.Get(name) != "" && q.Get(name) != have }
		return differs("oldOwnerUserId", t.from) || differs("newOwnerUserId", t.to) || differs("status", d.status(t))
	})
	p, bad := paged(d, c, pages[*transfer]{list: "transfers", usual: 100, most: 500, all: all, key: func(t *transfer) string { return t.id }})
	if bad != nil {
		return *bad
	}
	var items []map[string]any
	for _, t := range p.items {
		items = append(items, d.transferView(t))
	}
	return p.reply(map[string]any{"kind": "admin#datatransfer#dataTransfersList", "etag": etag("transfers", len(all))}, "dataTransfers", items)
}

// insertTransfer begins a transfer. Google knows no key by which it would be the same one as before.
func (d *Directory) insertTransfer(c *tenant.Call) tenant.Reply {
	var body datatransfer.DataTransfer
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	from, to := d.users[body.OldOwnerUserId], d.users[body.NewOwnerUserId]
	switch {
	case from == nil:
		return notFound("oldOwnerUserId")
	case to == nil:
		return notFound("newOwnerUserId")
	case from == to || len(body.ApplicationDataTransfers) == 0:
		return invalid("applicationDataTransfers")
	case !to.canSignIn():
		return wire.Failure(http.StatusForbidden, "forbidden", "The new owner is suspended.")
	}
	for _, a := range body.ApplicationDataTransfers {
		if !takesParams(a) {
			return invalid("applicationDataTransfers")
		}
	}
	t := &transfer{id: "AKrEtIb" + strconv.FormatInt(1_000_000+d.series.Next(), 36), from: from.id, to: to.id, apps: body.ApplicationDataTransfers, at: d.t.Now()}
	d.transfers = append(d.transfers, t)
	c.Subject("user", from.id)
	c.Effect("transfer to %s begun", to.id)
	return tenant.JSON(http.StatusOK, d.transferView(t))
}

// takesParams reports that an app exists and has the parameters that are named.
func takesParams(a *datatransfer.ApplicationDataTransfer) bool {
	i := slices.IndexFunc(transferApps, func(app transferApp) bool { return app.id == strconv.FormatInt(a.ApplicationId, 10) })
	if i < 0 {
		return false
	}
	for _, p := range a.ApplicationTransferParams {
		if p.Key != transferApps[i].key || slices.ContainsFunc(p.Value, func(v string) bool { return !slices.Contains(transferApps[i].values, v) }) {
			return false
		}
	}
	return true
}

func (d *Directory) getTransfer(c *tenant.Call) tenant.Reply {
	i := slices.IndexFunc(d.transfers, func(t *transfer) bool { return t.id == c.Param("id") })
	if i < 0 {
		return notFound("dataTransferId")
	}
	return tenant.JSON(http.StatusOK, d.transferView(d.transfers[i]))
}
