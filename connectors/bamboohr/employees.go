package bamboohr

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/connectors"
	"gatehouse/identity"
	"gatehouse/internal/httpx"
)

// Employee reads one employee's current fields. found is false when BambooHR has no such record, or the key may not see
// it; neither says that somebody has left. Source: BambooHR's OpenAPI file, get-employee.
func (c *Client) Employee(ctx context.Context, id string) (rec identity.Record, found bool, err error) {
	const op = "read employee"
	if err := checkID(op, id); err != nil {
		return identity.Record{}, false, err
	}
	query := url.Values{"fields": {c.o.Fields.names()}, "onlyCurrent": {"true"}}
	var in employee
	err = c.get(ctx, op, []string{"employees", id}, query, &in)
	switch {
	case connectors.IsKind(err, connectors.KindNotFound):
		return identity.Record{}, false, nil
	case err != nil:
		return identity.Record{}, false, err
	case string(in["id"]) != id:
		return identity.Record{}, false, connectors.Malformed(system, op, http.StatusOK,
			errors.New("the reply is not about this employee"))
	}
	return c.record(in), true, nil
}

// checkID refuses what is not an employee id. Id 0 would read the owner of the API key.
func checkID(op, id string) error {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 && id == strconv.FormatInt(n, 10) {
		return nil
	}
	return &connectors.Error{
		System: system, Op: op, Kind: connectors.KindInvalid, Err: errors.New("an employee id is a positive number"),
	}
}

// StatusRow is one row of the employment status table: a status and the day from which it holds, past or future.
type StatusRow struct {
	EmployeeID string
	Date       identity.Date
	Status     string
	// Involuntary is set if the row's type of termination says so.
	Involuntary bool
	// Unreadable says that the row's date is none.
	Unreadable bool
	// Tied says that another row of the same day, entered at the same time, says something else. What they say decides
	// which of them comes last.
	Tied bool `json:",omitempty"`
}

type wireStatusRow struct {
	ID         httpx.Int  `json:"id"`
	EmployeeID httpx.Text `json:"employeeId"`
	Date       httpx.Text `json:"date"`
	Status     httpx.Text `json:"employmentStatus"`
	Type       httpx.Text `json:"terminationTypeId"`
	TypeName   httpx.Text `json:"terminationType"`
}

// AllEmployees stands for everybody in EmploymentStatus.
const AllEmployees = "all"

// EmploymentStatus reads the employment status table of one employee, or of everybody, those who left included. Rows are
// sorted by employee, then by date; of two rows of one day, the later entered comes last. A row whose date cannot be read
// is there, and says so: it is one employee's, and no reason to lose the others.
// Source: BambooHR's OpenAPI file, get-employee-table-data.
func (c *Client) EmploymentStatus(ctx context.Context, id string) ([]StatusRow, error) {
	const op = "read employment status table"
	if id != AllEmployees {
		if err := checkID(op, id); err != nil {
			return nil, err
		}
	}
	var wire []wireStatusRow
	if err := c.get(ctx, op, []string{"employees", id, "tables", "employmentStatus"}, nil, &wire); err != nil {
		return nil, err
	}
	slices.SortStableFunc(wire, func(a, b wireStatusRow) int {
		return cmp.Or(
			compareIDs(string(a.EmployeeID), string(b.EmployeeID)),
			cmp.Compare(a.Date, b.Date), cmp.Compare(a.ID.Value, b.ID.Value),
			cmp.Compare(a.Status, b.Status), cmp.Compare(a.Type, b.Type), cmp.Compare(a.TypeName, b.TypeName),
		)
	})
	wire = slices.Compact(wire)
	rows := make([]StatusRow, 0, len(wire))
	for i, w := range wire {
		if strings.EqualFold(strings.TrimSpace(string(w.Status)), terminated) && identity.Date(w.Date).Endless() {
			continue // An end that never comes is none.
		}
		day, ok := date(string(w.Date))
		owner := string(w.EmployeeID)
		if owner == "" && id != AllEmployees {
			owner = id
		}
		rows = append(rows, StatusRow{
			EmployeeID: owner, Date: day, Status: strings.TrimSpace(string(w.Status)),
			Involuntary: c.involuntary(string(w.Type)) || c.involuntary(string(w.TypeName)), Unreadable: !ok || day == "",
			Tied: i > 0 && wire[i-1].EmployeeID == w.EmployeeID && wire[i-1].Date == w.Date && wire[i-1].ID == w.ID,
		})
	}
	return rows, nil
}

func (c *Client) involuntary(kind string) bool {
	kind = strings.TrimSpace(kind)
	return strings.Contains(strings.ToLower(kind), "involuntary") ||
		slices.ContainsFunc(c.o.InvoluntaryTypes, func(t string) bool { return strings.EqualFold(strings.TrimSpace(t), kind) })
}

// compareIDs orders ids as the numbers they are.
func compareIDs(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }
