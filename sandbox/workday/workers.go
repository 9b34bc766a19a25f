package workday

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
)

// The page sizes of REST collections. Source: Workday staffing REST API, paging.
const (
	usualLimit = 20
	mostLimit  = 100
)

// worker is a worker of the staffing API: no hire date, no termination date, no manager.
type worker struct {
	ID         string `json:"id"`
	Descriptor string `json:"descriptor"`
	Href       string `json:"href"`
	WorkerID   string `json:"workerId"`
	WorkerType ref    `json:"workerType"`
	Person     person `json:"person"`
	PrimaryJob job    `json:"primaryJob"`
}

type ref struct {
	ID         string `json:"id"`
	Descriptor string `json:"descriptor"`
}

type person struct {
	ID    string `json:"id"`
	Email string `json:"email,omitempty"`
}

type job struct {
	BusinessTitle string `json:"businessTitle"`
	Location      ref    `json:"location"`
	Organization  ref    `json:"supervisoryOrganization"`
}

func view(r *hr.Record) worker {
	return worker{
		ID: r.WID, Descriptor: r.FirstName + " " + r.LastName, Href: "/ccx/api/staffing/v7/" + Tenant + "/workers/" + r.WID,
		WorkerID: r.EmployeeID, WorkerType: ref{"type", r.EmploymentType}, Person: person{ID: r.WID, Email: r.WorkEmail},
		PrimaryJob: job{r.Title, ref{"location", r.Location}, ref{"organization", r.Department}},
	}
}

// readNumber reads a paging parameter, which is optional.
func readNumber(q url.Values, name string, usual, least, most int) (int, bool) {
	if !q.Has(name) {
		return usual, true
	}
	n, err := strconv.Atoi(q.Get(name))
	return n, err == nil && n >= least && n <= most
}

func (w *Workday) listWorkers(c *tenant.Call) tenant.Reply {
	q := c.Query()
	limit, ok := readNumber(q, "limit", usualLimit, 1, mostLimit)
	if !ok {
		return fail(http.StatusBadRequest, "A12", "limit must be between 1 and 100")
	}
	offset, ok := readNumber(q, "offset", 0, 0, 1<<30)
	if !ok {
		return fail(http.StatusBadRequest, "A12", "offset must not be negative")
	}
	all := q.Get("includeTerminatedWorkers")
	if all != "" && all != "true" && all != "false" {
		return fail(http.StatusBadRequest, "A12", "includeTerminatedWorkers must be true or false")
	}
	today, search := w.t.Today(), strings.ToLower(q.Get("search"))
	var found []*hr.Record
	for _, r := range w.hr.List(hr.Workday) {
		gone := status(r, today) == "Terminated" || r.Rescinded
		if gone && all != "true" || search != "" && !strings.Contains(strings.ToLower(r.FirstName+" "+r.LastName+" "+r.EmployeeID), search) {
			continue
		}
		found = append(found, r)
	}
	data := []worker{}
	for _, r := range found[min(offset, len(found)):min(offset+limit, len(found))] {
		data = append(data, view(r))
	}
	return tenant.JSON(http.StatusOK, map[string]any{"total": len(found), "data": data})
}

// find reads a path id: a WID, or "Employee_ID=21001", which means the latest profile of that employee.
func (w *Workday) find(c *tenant.Call) *hr.Record {
	id := c.Param("id")
	if employee, ok := strings.CutPrefix(id, "Employee_ID="); ok {
		profiles := w.hr.Get(hr.Workday, employee)
		if len(profiles) == 0 {
			return nil
		}
		c.Subject("worker", employee)
		return profiles[len(profiles)-1]
	}
	r := w.hr.GetWID(id)
	if r != nil {
		c.Subject("worker", r.EmployeeID)
	}
	return r
}

func (w *Workday) getWorker(c *tenant.Call) tenant.Reply {
	r := w.find(c)
	if r == nil {
		return fail(http.StatusNotFound, "S21", "worker not found")
	}
	return tenant.JSON(http.StatusOK, view(r))
}

func (w *Workday) serviceDates(c *tenant.Call) tenant.Reply {
	r := w.find(c)
	if r == nil {
		return fail(http.StatusNotFound, "S21", "worker not found")
	}
	return tenant.JSON(http.StatusOK, map[string]any{
		"total": 1, "data": []map[string]string{{"hireDate": r.HireDate, "continuousServiceDate": r.HireDate}},
	})
}
