package bamboohr

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
)

// kept are the rows that no record stands for: tables that Gatehouse does not read, and positions that are over.
type kept struct {
	mu   sync.Mutex
	next int
	// rows are by table and employee, oldest first.
	rows map[string]map[string][]row
	// since is which row is an employee's position now; without one it is the row of the first day.
	since map[string]row
	// plans are the positions to come that were written here, by employee.
	plans map[string]plan
}

// plan is a position to come: the id of its row, its day, and the row that is over then.
type plan struct {
	id, date string
	before   row
}

func newKept() *kept {
	return &kept{next: 900001, rows: map[string]map[string][]row{}, since: map[string]row{}, plans: map[string]plan{}}
}

func (k *kept) list(table, employee string) []row {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.rows[table][employee])
}

// add keeps a row and gives it an id if it has none.
func (k *kept) add(table string, r row) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.append(table, r)
}

// append is add. The lock must be held.
func (k *kept) append(table string, r row) {
	if r.id == "" {
		r.id = k.newID()
	}
	if k.rows[table] == nil {
		k.rows[table] = map[string][]row{}
	}
	k.rows[table][r.employee] = append(k.rows[table][r.employee], r)
}

// newID numbers a row. The lock must be held.
func (k *kept) newID() string {
	id := strconv.Itoa(k.next)
	k.next++
	return id
}

// change replaces the values of a row, or removes it for nil; false means that there is no such row.
func (k *kept) change(table, employee, id string, v values) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := k.rows[table][employee]
	i := slices.IndexFunc(list, func(r row) bool { return r.id == id })
	if i < 0 {
		return false
	}
	list = slices.Clone(list)
	if v == nil {
		list = slices.Delete(list, i, i+1)
	} else {
		list[i].values = v
	}
	k.rows[table][employee] = list
	return true
}

// position is the row of an employee's position now, and since when it is. A plan whose day has come is the position, and
// the one before it is over.
func (k *kept) position(r *hr.Record, today string) (id, since string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p, planned := k.plans[r.EmployeeID]; planned && p.date <= today && (r.Planned == nil || r.Planned.On > today) {
		k.append("jobInfo", p.before)
		k.since[r.EmployeeID] = row{id: p.id, values: values{"date": p.date}}
		delete(k.plans, r.EmployeeID)
	}
	if p, moved := k.since[r.EmployeeID]; moved {
		return p.id, p.values["date"]
	}
	return r.EmployeeID + "5", r.HireDate
}

// move makes another row the position from a day on; an empty id makes a new row.
func (k *kept) move(employee, id, date string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if id == "" {
		id = k.newID()
	}
	k.since[employee] = row{id: id, values: values{"date": date}}
	if k.plans[employee].id == id {
		delete(k.plans, employee)
	}
}

// plan notes a position to come, in place of the one that was planned before.
func (k *kept) plan(employee, date string, before row) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := plan{id: k.plans[employee].id, date: date, before: before}
	if p.id == "" {
		p.id = k.newID()
	}
	k.plans[employee] = p
}

// planned is the id of the row of a position to come, "" if it was not written here.
func (k *kept) planned(employee string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.plans[employee].id
}

// rowsOf finds the table and the employee in the path.
func (b *BambooHR) rowsOf(c *tenant.Call) (table, *hr.Record, *tenant.Reply) {
	t, refused := tableOf(c)
	if refused != nil {
		return t, nil, refused
	}
	r, refused := b.employee(c)
	return t, r, refused
}

// writeRow adds a row, or changes the one in the path, and answers with no body. Source: BambooHR OpenAPI, create-table-row
// and update-table-row.
func (b *BambooHR) writeRow(c *tenant.Call) tenant.Reply {
	t, r, refused := b.rowsOf(c)
	if refused != nil {
		return *refused
	}
	given, refused := readValues(c)
	if refused != nil {
		return *refused
	}
	var old *row
	if id := c.Param("row"); id != "" {
		rows := b.rows(t, r)
		i := slices.IndexFunc(rows, func(x row) bool { return x.id == id })
		if i < 0 {
			return fail(http.StatusNotFound, "The row was not found")
		}
		old = &rows[i]
	}
	v, refused := b.rowValues(t, given, old)
	if refused != nil {
		return *refused
	}
	switch t.name {
	case "employmentStatus":
		refused = b.writeStatus(c, r, v)
	case "jobInfo":
		refused = b.writePosition(c, r, v, old)
	default:
		if old == nil {
			b.kept.add(t.name, row{employee: r.EmployeeID, values: v})
		} else {
			b.kept.change(t.name, r.EmployeeID, old.id, v)
		}
		c.Effect("%s row", t.name)
	}
	if refused != nil {
		return *refused
	}
	return tenant.Empty(http.StatusOK)
}

// rowValues checks the columns that were given and lays them over those of the row that is changed.
func (b *BambooHR) rowValues(t table, given values, old *row) (values, *tenant.Reply) {
	out := values{}
	if old != nil {
		for name, v := range old.values {
			out[name] = v
		}
	}
	for _, f := range t.columns {
		v, written := given[f.name]
		if !written {
			continue
		}
		if problem := b.wrong(f, v); problem != "" {
			return nil, refuse(http.StatusConflict, problem)
		}
		out[f.name] = v
	}
	for _, name := range t.required {
		if out[name] == "" {
			return nil, refuse(http.StatusBadRequest, name+" is required")
		}
	}
	return out, nil
}

// writePosition makes a row of jobInfo the position, now or on a day to come. One that is over already is only kept.
func (b *BambooHR) writePosition(c *tenant.Call, r *hr.Record, v values, old *row) *tenant.Reply {
	current, since := b.kept.position(r, b.t.Today())
	if old != nil && b.kept.change("jobInfo", r.EmployeeID, old.id, v) {
		c.Effect("jobInfo row")
		return nil
	}
	if old == nil && v["date"] < since {
		b.kept.add("jobInfo", row{employee: r.EmployeeID, values: v})
		c.Effect("jobInfo row")
		return nil
	}
	manager, found := b.manager(v["reportsTo"])
	if !found {
		return refuse(http.StatusConflict, "reportsTo is not an employee")
	}
	change := map[string]json.RawMessage{"manager_id": text(manager)}
	for name, of := range map[string]string{"location": "location", "department": "department", "division": "company", "jobTitle": "title"} {
		if v[name] != "" {
			change[of] = text(v[name])
		}
	}
	later := v["date"] > b.t.Today()
	if later {
		change["effective_on"] = text(v["date"])
	}
	before := b.jobRows(r)[0]
	if _, refused := b.do(c, hr.Order{Action: "change", EmployeeID: r.EmployeeID, Fields: change}); refused != nil {
		return refused
	}
	switch {
	case later:
		b.kept.plan(r.EmployeeID, v["date"], before)
	case old != nil && old.id == current:
		b.kept.move(r.EmployeeID, current, v["date"])
	default:
		// A new row, or one to come that is brought forward.
		id := ""
		if old != nil {
			id = old.id
		}
		b.kept.add("jobInfo", before)
		b.kept.move(r.EmployeeID, id, v["date"])
	}
	return nil
}

// writeStatus ends an employment, or begins one again, or names another kind of it.
func (b *BambooHR) writeStatus(c *tenant.Call, r *hr.Record, v values) *tenant.Reply {
	date, status := v["date"], v["employmentStatus"]
	o := hr.Order{EmployeeID: r.EmployeeID, Action: "change", Fields: map[string]json.RawMessage{"no_status_row": json.RawMessage("false")}}
	switch leave := r.LeaveDate(); {
	case status == "Terminated":
		o.Action = "terminate"
		o.Fields["termination_date"], o.Fields["last_day"] = text(date), text(date)
		o.Fields["involuntary"] = json.RawMessage(strconv.FormatBool(v["terminationTypeId"] == involuntary))
	case status == leaveOfAbsence:
		o.Action = "leave"
	case leave != "" && date >= leave:
		o.Fields["rehired_on"], o.Fields["employment_type"] = text(date), text(status)
	default:
		o.Fields["employment_type"] = text(status)
		if date > b.t.Today() {
			o.Fields["effective_on"] = text(date)
		}
		if r.NoStatusRow && r.HireDate == "" {
			o.Fields["hire_date"] = text(date)
		}
	}
	_, refused := b.do(c, o)
	return refused
}

// deleteRow says in its body whether it worked. The rows that a record stands for are not deleted, but for an end.
// Source: BambooHR OpenAPI, delete-employee-table-row.
func (b *BambooHR) deleteRow(c *tenant.Call) tenant.Reply {
	t, r, refused := b.rowsOf(c)
	if refused != nil {
		return *refused
	}
	type result struct {
		Success bool   `json:"success"`
		Error   string `json:"error,omitempty"`
	}
	id := c.Param("row")
	if b.kept.change(t.name, r.EmployeeID, id, nil) {
		c.Effect("%s row deleted", t.name)
		return tenant.JSON(http.StatusOK, result{Success: true})
	}
	if t.name == "employmentStatus" && r.LeaveDate() != "" && id == r.EmployeeID+"2" {
		gone := map[string]json.RawMessage{"termination_date": text(""), "last_day": text("")}
		if _, refused := b.do(c, hr.Order{Action: "change", EmployeeID: r.EmployeeID, Fields: gone}); refused != nil {
			return *refused
		}
		return tenant.JSON(http.StatusOK, result{Success: true})
	}
	return tenant.JSON(http.StatusOK, result{Error: "The row was not found or cannot be deleted"})
}
