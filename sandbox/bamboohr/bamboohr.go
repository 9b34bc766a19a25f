package bamboohr

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
)

// Name is the vendor's prefix on the sandbox's port.
const Name = "bamboohr"

// What the company and its one API key are called.
const (
	CompanyID  = "acme"
	APIKey     = "sandbox-bamboohr-key"
	WebhookKey = "sandbox-bamboohr-webhook"
)

// Settings is what the company's administrators can do to an integration, and how fast its webhooks retry.
type Settings struct {
	// RestrictedFields are invisible to the key's owner.
	RestrictedFields []string `json:"restricted_fields"`
	// BlankFields are visible and empty for everybody.
	BlankFields []string `json:"blank_fields"`
	// DropRows is the share of the rows of everybody's table, 0 to 1, that is left out, from its end; the table of one
	// employee still has them.
	DropRows float64 `json:"drop_rows"`
	// BackoffScale shortens the pauses between webhook retries, which are 5, 10, 20, 40 and 80 minutes at 1. The
	// default, for 0, makes them 1, 2, 4, 8 and 16 seconds.
	BackoffScale float64 `json:"backoff_scale"`
	// Copies sends every webhook so many times; 0 means once.
	Copies int `json:"copies"`
}

// BambooHR is a simulated company.
type BambooHR struct {
	t        *tenant.Tenant
	hr       *hr.Store
	settings atomic.Pointer[Settings]
	sender   *sender
	kept     *kept
}

// New returns a company that shows the records of the store.
func New(t *tenant.Tenant, store *hr.Store) *BambooHR {
	b := &BambooHR{t: t, hr: store, kept: newKept()}
	b.settings.Store(&Settings{})
	b.sender = newSender(b)
	return b
}

// Close ends all webhook deliveries that are under way and waits for them.
func (b *BambooHR) Close() { b.sender.Close() }

// Settings returns the settings in force.
func (b *BambooHR) Settings() Settings { return *b.settings.Load() }

// SetSettings replaces the settings.
func (b *BambooHR) SetSettings(s Settings) { b.settings.Store(&s) }

// Vendor is the company's HTTP face.
func (b *BambooHR) Vendor() tenant.Vendor {
	return tenant.Vendor{
		Name:    Name,
		Routes:  b.routes(),
		Guard:   b.guard,
		Unknown: func(*tenant.Call) tenant.Reply { return fail(http.StatusNotFound, "Not Found") },
		WrongMethod: func(*tenant.Call, string) tenant.Reply {
			return fail(http.StatusMethodNotAllowed, "Method Not Allowed")
		},
		BadQuery: func(_ *tenant.Call, name string) tenant.Reply {
			return fail(http.StatusBadRequest, "Unknown parameter: "+name)
		},
		Failure: func(_ *tenant.Call, status int) tenant.Reply { return fail(status, http.StatusText(status)) },
		RateLimited: func(_ *tenant.Call, status, retryAfter int) tenant.Reply {
			if status == 0 {
				// 503 until 2026-09-16. Source: documentation.bamboohr.com, planned changes to the API.
				status = http.StatusTooManyRequests
			}
			return fail(status, "API Limit Exceeded").With("Retry-After", strconv.Itoa(max(1, retryAfter)))
		},
	}
}

// bases are where the API is: at the company's own address, and at the gateway that older clients use.
// Source: BambooHR OpenAPI, servers; baton-bamboohr, node-bamboohr.
var bases = []string{"/api/v1", "/api/gateway.php/{company}/v1"}

// routes are the endpoints below every base, with and without a slash at the end.
func (b *BambooHR) routes() []tenant.Route {
	const employees, rows = "/employees", "/employees/{id}/tables/{table}"
	none := []string{}
	list := []tenant.Route{
		{Method: "GET", Path: employees, Op: "bamboohr.list_employees", Handle: b.listEmployees},
		{Method: "POST", Path: employees, Op: "bamboohr.create_employee", Query: none, Handle: b.createEmployee},
		{Method: "GET", Path: employees + "/changed", Op: "bamboohr.changed", Query: []string{"since", "type"}, Handle: b.changed},
		{Method: "GET", Path: employees + "/directory", Op: "bamboohr.directory", Query: []string{"onlyCurrent"}, Handle: b.directory},
		{Method: "GET", Path: employees + "/{id}", Op: "bamboohr.get_employee", Query: []string{"fields", "onlyCurrent"}, Handle: b.getEmployee},
		{Method: "POST", Path: employees + "/{id}", Op: "bamboohr.update_employee", Query: none, Handle: b.updateEmployee},
		{Method: "GET", Path: rows, Op: "bamboohr.get_table", Query: none, Handle: b.getTable},
		{Method: "POST", Path: rows, Op: "bamboohr.create_row", Query: none, Handle: b.writeRow},
		{Method: "POST", Path: rows + "/{row}", Op: "bamboohr.update_row", Query: none, Handle: b.writeRow},
		{Method: "DELETE", Path: rows + "/{row}", Op: "bamboohr.delete_row", Query: none, Handle: b.deleteRow},
		{Method: "GET", Path: "/meta/fields", Op: "bamboohr.meta_fields", Query: none, Handle: b.metaFields},
		{Method: "GET", Path: "/meta/tables", Op: "bamboohr.meta_tables", Query: none, Handle: b.metaTables},
		{Method: "GET", Path: "/meta/lists", Op: "bamboohr.meta_lists", Query: none, Handle: b.metaLists},
		{Method: "GET", Path: "/meta/users", Op: "bamboohr.meta_users", Query: none, Handle: b.metaUsers},
	}
	var out []tenant.Route
	for _, base := range bases {
		for _, r := range list {
			path := r.Path
			for _, end := range []string{"", "/"} {
				r.Path = base + path + end
				out = append(out, r)
			}
		}
	}
	return out
}

// fail is an error: the text is in headers, the body is empty. Source: BambooHR OpenAPI, shared responses.
func fail(status int, message string) tenant.Reply {
	return tenant.Empty(status).With("X-BambooHR-Error-Message", message).With("X-BambooHR-Message", message)
}

// refuse is an error that ends a call before its handler does.
func refuse(status int, message string) *tenant.Reply {
	r := fail(status, message)
	return &r
}

// guard checks the API key, which is the user name of Basic authentication: 401 without one, 403 for a wrong one.
func (b *BambooHR) guard(c *tenant.Call) *tenant.Reply {
	key, _, ok := c.Request.BasicAuth()
	if !ok || key == "" {
		r := fail(http.StatusUnauthorized, "Missing API key").With("WWW-Authenticate", `Basic realm="BambooHR"`)
		return &r
	}
	if key != APIKey {
		return refuse(http.StatusForbidden, "Invalid API key")
	}
	c.Client("api key")
	if strings.HasPrefix(c.Route.Path, "/api/gateway.php/") && c.Param("company") != CompanyID {
		return refuse(http.StatusNotFound, "Not Found")
	}
	return nil
}

// listEmployees is for OAuth clients: the key is no credential that it takes. Source: BambooHR OpenAPI, list-employees.
func (b *BambooHR) listEmployees(*tenant.Call) tenant.Reply {
	return fail(http.StatusForbidden, "OAuth is required")
}

// one returns an employee's record, nil if there is none. Employee 0 is the one whose key it is: the first one here.
func (b *BambooHR) one(id string) *hr.Record {
	if id == "0" {
		if all := b.hr.List(hr.BambooHR); len(all) > 0 {
			return all[0]
		}
	}
	if list := b.hr.Get(hr.BambooHR, id); len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

// maxFields is the most fields one call may ask for. Source: BambooHR OpenAPI, get-employee.
const maxFields = 400

func (b *BambooHR) getEmployee(c *tenant.Call) tenant.Reply {
	r, refused := b.employee(c)
	if refused != nil {
		return *refused
	}
	names := []string{"firstName", "lastName"}
	if list := c.Query().Get("fields"); list != "" {
		names = strings.Split(list, ",")
	}
	if len(names) > maxFields {
		return fail(http.StatusBadRequest, "Too many fields")
	}
	current := true
	switch c.Query().Get("onlyCurrent") {
	case "", "true", "1":
	case "false", "0":
		current = false
	default:
		return fail(http.StatusBadRequest, "onlyCurrent must be true or false")
	}
	restricted := b.Settings().RestrictedFields
	out, doc := map[string]*string{"id": &r.EmployeeID}, xmlEmployee{ID: r.EmployeeID}
	for _, name := range names {
		if slices.Contains(restricted, name) {
			continue
		}
		if value, known := b.value(r, name, current); known {
			if slices.Contains(b.Settings().BlankFields, name) {
				value = nil
			}
			out[name] = value
			doc.Fields = append(doc.Fields, xmlField{ID: name, Text: orEmpty(value)})
		}
	}
	return answer(c, out, doc)
}

// value is the value of a field, null if it is empty; the supervisor is another employee.
func (b *BambooHR) value(r *hr.Record, name string, current bool) (value *string, known bool) {
	if name != "supervisor" {
		return fieldValue(r, name, b.t.Today(), current)
	}
	if v := b.nameOf(r.ManagerID); v != "" {
		value = &v
	}
	return value, true
}

// directory is everybody who works here, with the fields that the company shows. Source: BambooHR OpenAPI, get-employees-directory.
func (b *BambooHR) directory(c *tenant.Call) tenant.Reply {
	type described struct {
		ID   string `json:"id"`
		Type string `json:"type"`
		Name string `json:"name"`
	}
	var set []described
	doc := xmlDirectory{}
	for _, f := range fields() {
		if slices.Contains(directoryFields, f.name) {
			set = append(set, described{f.name, f.kind, f.label})
			doc.Fieldset = append(doc.Fieldset, xmlField{ID: f.name, Type: f.kind, Text: f.label})
		}
	}
	all := c.Query().Get("onlyCurrent") == "false"
	today := b.t.Today()
	var people []map[string]*string
	for _, r := range b.hr.List(hr.BambooHR) {
		if status(r, today) != "Active" && (!all || !r.Upcoming(today)) {
			continue
		}
		item, node := map[string]*string{"id": &r.EmployeeID}, xmlEmployee{ID: r.EmployeeID}
		for _, f := range set {
			item[f.ID], _ = b.value(r, f.ID, true)
			node.Fields = append(node.Fields, xmlField{ID: f.ID, Text: orEmpty(item[f.ID])})
		}
		people, doc.Employees = append(people, item), append(doc.Employees, node)
	}
	if len(people) == 0 {
		return fail(http.StatusNotFound, "The directory is empty")
	}
	return answer(c, map[string]any{"fields": set, "employees": people}, doc)
}

// directoryFields are what the directory shows.
var directoryFields = []string{
	"displayName", "firstName", "lastName", "preferredName", "jobTitle", "workEmail", "department", "location", "division", "supervisor",
}

// changed is the list of ids that changed since a moment: a map, by id. Source: BambooHR OpenAPI,
// get-changed-employee-ids.
func (b *BambooHR) changed(c *tenant.Call) tenant.Reply {
	q := c.Query()
	since, err := time.Parse(time.RFC3339, q.Get("since"))
	if err != nil {
		return fail(http.StatusBadRequest, "since must be an ISO 8601 time")
	}
	kind := q.Get("type")
	if !slices.Contains([]string{"", "all", "inserted", "updated", "deleted"}, kind) {
		return fail(http.StatusBadRequest, "type must be inserted, updated, deleted or all")
	}
	type change struct {
		ID          string `json:"id"`
		Action      string `json:"action"`
		LastChanged string `json:"lastChanged"`
	}
	latest := b.t.Now().Format(time.RFC3339)
	out, doc := map[string]change{}, xmlChanged{Latest: latest}
	add := func(id, action string, at time.Time) {
		if at.After(since) && (kind == "" || kind == "all" || kind == strings.ToLower(action)) {
			when := at.Format(time.RFC3339)
			out[id] = change{id, action, when}
			doc.Employees = append(doc.Employees, xmlEmployee{ID: id, Action: action, LastChanged: when})
		}
	}
	for _, r := range b.hr.List(hr.BambooHR) {
		action := "Updated"
		if r.LastChanged.Equal(r.InsertedAt) {
			action = "Inserted"
		}
		add(r.EmployeeID, action, r.LastChanged)
	}
	for id, at := range b.hr.Deleted(hr.BambooHR) {
		add(id, "Deleted", at)
	}
	return answer(c, map[string]any{"latest": latest, "employees": out}, doc)
}
