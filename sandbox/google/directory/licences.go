package directory

import (
	"net/http"
	"slices"
	"strings"

	"google.golang.org/api/licensing/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

const scopeLicence = "apps.licensing"

// Product is Google Workspace itself; its SKUs are editions. Source: Google, "Google product and SKU IDs".
const (
	Product    = "Google-Apps"
	Enterprise = "1010020020"
	Starter    = "1010020027"
)

var skus = map[string]string{Enterprise: "Google Workspace Enterprise Plus", Starter: "Google Workspace Business Starter"}

func (d *Directory) licenceRoutes() []tenant.Route {
	const product = "/apps/licensing/v1/product/{productId}"
	const sku = product + "/sku/{skuId}"
	paging := wire.Common("customerId", "maxResults", "pageToken", "upload_protocol", "uploadType")
	masked := func(h tenant.Handler) tenant.Handler { return wire.Masked(h, licensing.LicenseAssignment{}) }
	list := wire.Masked(d.allow(licences, d.listLicences), licensing.LicenseAssignmentList{})
	return []tenant.Route{
		{Method: "GET", Path: product + "/users", Op: "google.licensing.list_for_product", Scope: scopeLicence, Query: paging, Handle: list},
		{Method: "GET", Path: sku + "/users", Op: "google.licensing.list_for_sku", Scope: scopeLicence, Query: paging, Handle: list},
		{Method: "POST", Path: sku + "/user", Op: "google.licensing.insert", Scope: scopeLicence, Handle: masked(d.allow(licences, d.insertLicence))},
		{Method: "GET", Path: sku + "/user/{userId}", Op: "google.licensing.get", Scope: scopeLicence, Handle: masked(d.allow(licences, d.getLicence))},
		{Method: "PUT", Path: sku + "/user/{userId}", Op: "google.licensing.update", Scope: scopeLicence, Handle: masked(d.allow(licences, d.updateLicence))},
		{Method: "PATCH", Path: sku + "/user/{userId}", Op: "google.licensing.patch", Scope: scopeLicence, Handle: masked(d.allow(licences, d.updateLicence))},
		{Method: "DELETE", Path: sku + "/user/{userId}", Op: "google.licensing.delete", Scope: scopeLicence, Handle: d.allow(licences, d.deleteLicence)},
	}
}

func licenceView(u *user, sku string) map[string]any {
	return map[string]any{
		"kind": "licensing#licenseAssignment", "etags": etag(u.id+sku, 1), "selfLink": "https://licensing.googleapis.com/apps/licensing/v1/product/" + Product + "/sku/" + sku + "/user/" + u.primary,
		"productId": Product, "productName": "Google Workspace", "skuId": sku, "skuName": skus[sku], "userId": u.primary,
	}
}

// sold refuses a product or a SKU that there is not.
func sold(c *tenant.Call, sku string) *tenant.Reply {
	if c.Param("productId") == Product && (sku == "" || skus[sku] != "") {
		return nil
	}
	r := wire.Failure(http.StatusBadRequest, "invalid", "Invalid productId or skuId")
	return &r
}

// skuOf is the SKU of the path, "" for a whole product.
func skuOf(c *tenant.Call) string {
	if strings.Contains(c.Path, "/sku/") {
		return c.Param("skuId")
	}
	return ""
}

// licensed is a user by the primary address, which is the only key that this API takes.
func (d *Directory) licensed(c *tenant.Call, address string) (*user, *tenant.Reply) {
	if refused := sold(c, skuOf(c)); refused != nil {
		return nil, refused
	}
	u := d.users[d.addresses[strings.ToLower(address)]]
	if u == nil || !strings.EqualFold(u.primary, address) {
		r := wire.Failure(http.StatusNotFound, "notFound", "User does not exist.")
		return nil, &r
	}
	c.Subject("user", u.id)
	return u, nil
}

// holding is a user of the path with the licence of the path.
func (d *Directory) holding(c *tenant.Call) (*user, *tenant.Reply) {
	u, refused := d.licensed(c, c.Param("userId"))
	if refused == nil && !slices.Contains(u.licences, c.Param("skuId")) {
		r := wire.Failure(http.StatusNotFound, "notFound", "User does not have a license for specified product and SKU.")
		refused = &r
	}
	return u, refused
}

func (d *Directory) listLicences(c *tenant.Call) tenant.Reply {
	sku := skuOf(c)
	if refused := sold(c, sku); refused != nil {
		return *refused
	}
	if customer := c.Query().Get("customerId"); !ours(customer) && customer != d.domain {
		return wire.Failure(http.StatusForbidden, "forbidden", "Domain not authorized.")
	}
	type held struct {
		user *user
		sku  string
	}
	var all []held
	for _, u := range d.users {
		for _, s := range u.licences {
			if sku == "" || s == sku {
				all = append(all, held{u, s})
			}
		}
	}
	p, bad := paged(d, c, pages[held]{list: "licences", usual: 100, most: 1000, all: all, key: func(h held) string { return h.user.primary + h.sku }})
	if bad != nil {
		return *bad
	}
	var items []map[string]any
	for _, h := range p.items {
		items = append(items, licenceView(h.user, h.sku))
	}
	return p.reply(map[string]any{"kind": "licensing#licenseAssignmentList", "etag": etag("licences", len(all))}, "items", items)
}

func (d *Directory) getLicence(c *tenant.Call) tenant.Reply {
	u, refused := d.holding(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, licenceView(u, c.Param("skuId")))
}

// seated reports that a licence of a SKU is left.
func (d *Directory) seated(sku string) bool {
	seats, counted := d.settings.Seats[sku]
	for _, u := range d.users {
		if slices.Contains(u.licences, sku) {
			seats--
		}
	}
	return !counted || seats > 0
}

func (d *Directory) insertLicence(c *tenant.Call) tenant.Reply {
	var body licensing.LicenseAssignmentInsert
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	u, refused := d.licensed(c, body.UserId)
	sku := c.Param("skuId")
	switch {
	case refused != nil:
		return *refused
	case len(u.licences) > 0:
		return unmet("User already has a license for the specified product and SKU")
	case !d.seated(sku):
		return unmet("There aren't enough available licenses for the specified product-SKU pair.")
	}
	u.licences = []string{sku}
	c.Effect("licence %s given", sku)
	return tenant.JSON(http.StatusOK, licenceView(u, sku))
}

// updateLicence gives another SKU in place of the one in the path.
func (d *Directory) updateLicence(c *tenant.Call) tenant.Reply {
	var body licensing.LicenseAssignment
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	u, refused := d.licensed(c, c.Param("userId"))
	if refused != nil {
		return *refused
	}
	if refused := sold(c, body.SkuId); refused != nil || body.SkuId == "" {
		return invalid("skuId")
	}
	if !slices.Contains(u.licences, body.SkuId) {
		if !d.seated(body.SkuId) {
			return unmet("There aren't enough available licenses for the specified product-SKU pair.")
		}
		u.licences = []string{body.SkuId}
		c.Effect("licence %s given", body.SkuId)
	}
	return tenant.JSON(http.StatusOK, licenceView(u, body.SkuId))
}

func (d *Directory) deleteLicence(c *tenant.Call) tenant.Reply {
	u, refused := d.holding(c)
	if refused != nil {
		return *refused
	}
	u.licences = slices.DeleteFunc(slices.Clone(u.licences), func(s string) bool { return s == c.Param("skuId") })
	c.Effect("licence %s released", c.Param("skuId"))
	return tenant.JSON(http.StatusOK, map[string]any{})
}
