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
}

// New returns a company that shows the records of the store.
func New(t *tenant.Tenant, store *hr.Store) *BambooHR {
	b := &BambooHR{t: t, hr: store}
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
	const employees = "/api/v1/employees"
	current := []string{"fields", "onlyCurrent"}
	none := []string{}
	return tenant.Vendor{
		Name: Name,
		Routes: []tenant.Route{
			{Method: "GET", Path: employees + "/changed", Op: "bamboohr.changed", Query: []string{"since", "type"}, Handle: b.changed},
			{Method: "GET", Path: employees + "/directory", Op: "bamboohr.directory", Query: []string{"onlyCurrent"}, Handle: b.directory},
			{Method: "GET", Path: employees + "/{id}", Op: "bamboohr.get_employee", Query: current, Handle: b.getEmployee},
			{
				Method: "GET", Path: employees + "/{id}/tables/{table}", Op: "bamboohr.get_table",
				Query: none, Handle: b.getTable,
			},
			{Method: "GET", Path: "/api/v1/meta/fields", Op: "bamboohr.meta_fields", Query: none, Handle: b.metaFields},
		},
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

// fail is an error: the text is in headers, the body is empty. Source: BambooHR OpenAPI, shared responses.
func fail(status int, message string) tenant.Reply {
	return tenant.Empty(status).With("X-BambooHR-Error-Message", message).With("X-BambooHR-Message", message)
}

// guard checks the API key, which is the user name of Basic authentication: 401 without one, 403 for a wrong one.
func (b *BambooHR) guard(c *tenant.Call) *tenant.Reply {
	key, _, ok := c.Request.BasicAuth()
	if !ok || key == "" {
		r := fail(http.StatusUnauthorized, "Missing API key").With("WWW-Authenticate", `Basic realm="BambooHR"`)
		return &r
	}
	if key != APIKey {
		r := fail(http.StatusForbidden, "Invalid API key")
		return &r
	}
	c.Client("api key")
	return nil
}

// wantsJSON reports whether the caller asked for JSON; without that, several endpoints answer XML.
func wantsJSON(c *tenant.Call) bool {
	return strings.Contains(c.Request.Header.Get("Accept"), "application/json")
}

// answer sends v as JSON, or a hint of it as XML if JSON was not asked for.
func answer(c *tenant.Call, v any) tenant.Reply {
	if !wantsJSON(c) {
		return tenant.Raw(http.StatusOK, "text/xml; charset=UTF-8", []byte("<?xml version=\"1.0\"?>\n<response/>\n"))
	}
	return tenant.JSON(http.StatusOK, v)
}

// one returns an employee's record, nil if there is none.
func (b *BambooHR) one(id string) *hr.Record {
	if list := b.hr.Get(hr.BambooHR, id); len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

// maxFields is the most fields one call may ask for. Source: BambooHR OpenAPI, get-employee.
const maxFields = 400

func (b *BambooHR) getEmployee(c *tenant.Call) tenant.Reply {
	id := c.Param("id")
	c.Subject("employee", id)
	r := b.one(id)
	if r == nil {
		return fail(http.StatusNotFound, "The employee was not found")
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
	out := map[string]*string{"id": &id}
	for _, name := range names {
		if slices.Contains(restricted, name) {
			continue
		}
		if value, known := fieldValue(r, name, b.t.Today(), current); known {
			if slices.Contains(b.Settings().BlankFields, name) {
				value = nil
			}
			out[name] = value
		}
	}
	return answer(c, out)
}

func (b *BambooHR) directory(c *tenant.Call) tenant.Reply {
	all := c.Query().Get("onlyCurrent") == "false"
	today := b.t.Today()
	var people []map[string]*string
	for _, r := range b.hr.List(hr.BambooHR) {
		if status(r, today) != "Active" && (!all || !r.Upcoming(today)) {
			continue
		}
		item := map[string]*string{"id": &r.EmployeeID}
		for _, name := range []string{"displayName", "firstName", "lastName", "preferredName", "jobTitle", "workEmail", "department", "location", "division", "supervisor"} {
			item[name], _ = fieldValue(r, name, today, true)
		}
		people = append(people, item)
	}
	if len(people) == 0 {
		return fail(http.StatusNotFound, "The directory is empty")
	}
	return answer(c, map[string]any{"fields": []string{}, "employees": people})
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
	out := map[string]change{}
	add := func(id, action string, at time.Time) {
		if at.After(since) && (kind == "" || kind == "all" || kind == strings.ToLower(action)) {
			out[id] = change{id, action, at.Format(time.RFC3339)}
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
	return answer(c, map[string]any{"latest": b.t.Now().Format(time.RFC3339), "employees": out})
}

// getTable answers the employmentStatus table of one employee or, for "all", of everybody, terminated people too.
func (b *BambooHR) getTable(c *tenant.Call) tenant.Reply {
	if c.Param("table") != "employmentStatus" {
		return fail(http.StatusNotFound, "The table was not found")
	}
	id := c.Param("id")
	c.Subject("employee", id)
	rows := []statusRow{}
	if id == "all" {
		for _, r := range b.hr.List(hr.BambooHR) {
			rows = append(rows, statusRows(r)...)
		}
		return answer(c, rows[:len(rows)-int(float64(len(rows))*b.Settings().DropRows)])
	}
	r := b.one(id)
	if r == nil {
		return fail(http.StatusNotFound, "The employee was not found")
	}
	return answer(c, append(rows, statusRows(r)...))
}

func (b *BambooHR) metaFields(c *tenant.Call) tenant.Reply {
	type field struct {
		ID    int    `json:"id"`
		Name  string `json:"name"`
		Type  string `json:"type"`
		Alias string `json:"alias"`
	}
	var out []field
	for i, name := range fieldNames() {
		out = append(out, field{ID: i + 1, Name: name, Type: "text", Alias: name})
	}
	return answer(c, out)
}
