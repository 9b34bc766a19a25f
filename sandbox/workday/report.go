package workday

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
)

// column is one cell of a report row.
type column struct{ name, value string }

// row renders a record as a report row; empty columns are left out, as RaaS does.
func row(r *hr.Record, today string) []column {
	flag := ""
	if r.LeaveDate() != "" {
		flag = "0"
		if r.Involuntary {
			flag = "1"
		}
	}
	rescinded := ""
	if r.Rescinded {
		rescinded = "1"
	}
	next := ""
	if r.Planned != nil {
		next = r.Planned.On
	}
	all := []column{
		{"Employee_ID", r.EmployeeID},
		{"WID", r.WID},
		{"First_Name", r.FirstName},
		{"Last_Name", r.LastName},
		{"Preferred_Name", r.PreferredName},
		{"Work_Email", r.WorkEmail},
		{"Personal_Email", r.PersonalEmail},
		{"Work_Phone", r.WorkPhone},
		{"Department", r.Department},
		{"Business_Title", r.Title},
		{"Location", r.Location},
		{"Company", r.Company},
		{"Worker_Type", r.EmploymentType},
		{"Manager_Employee_ID", r.ManagerID},
		{"Hire_Date", r.HireDate},
		{"Last_Day_of_Work", r.LastDay},
		{"Termination_Date", r.TerminationDate},
		{"Termination_Involuntary", flag},
		{"Status", status(r, today)},
		{"Rescinded", rescinded},
		{"Next_Change_Date", next},
		{"Date_of_Birth", r.BirthDate},
	}
	return slices.DeleteFunc(all, func(c column) bool { return c.value == "" })
}

// status is Terminated from the day after the termination date, at once if it was involuntary.
func status(r *hr.Record, today string) string {
	if r.Status != "" {
		return r.Status
	}
	switch r.Standing(today) {
	case "rescinded":
		return "Rescinded"
	case "left":
		return "Terminated"
	}
	if r.OnLeave {
		return "On Leave"
	}
	return "Active"
}

// rendered is a whole roster, kept because tenants of many thousands are polled often and change rarely.
type rendered struct {
	version  uint64
	today    string
	settings *Settings
	body     []byte
}

func (w *Workday) report(c *tenant.Call) tenant.Reply {
	q := c.Query()
	if c.Param("owner") != ReportOwner {
		return fail(http.StatusForbidden, "S22", "the integration system user does not own this report and it is not shared with it")
	}
	if q.Get("format") != "json" {
		return fail(http.StatusBadRequest, "A12", "the sandbox renders reports with format=json only")
	}
	prompts := []string{"format"}
	employee := ""
	if c.Param("report") == WorkerReport {
		prompts = append(prompts, "Employee_ID", "Worker!Employee_ID")
		employee = q.Get("Employee_ID") + q.Get("Worker!Employee_ID")
	}
	for name := range q {
		if !slices.Contains(prompts, name) {
			return fail(http.StatusBadRequest, "A12", "invalid prompt: "+name)
		}
	}
	switch c.Param("report") {
	case RosterReport:
		return tenant.Raw(http.StatusOK, "application/json", w.rosterBody())
	case WorkerReport:
		if employee == "" {
			return fail(http.StatusBadRequest, "A12", "the prompt Employee_ID is required")
		}
		c.Subject("worker", employee)
		s := w.settings.Load()
		return tenant.Raw(http.StatusOK, "application/json", render(w.hr.Get(hr.Workday, employee), s, w.t.Today()))
	}
	return fail(http.StatusNotFound, "S21", "report not found")
}

// rosterBody renders the roster, or returns the last one if nothing has changed since.
func (w *Workday) rosterBody() []byte {
	version, today, s := w.hr.Version(), w.t.Today(), w.settings.Load()
	if r := w.roster.Load(); r != nil && r.version == version && r.today == today && r.settings == s {
		return r.body
	}
	keep := s.KeepTerminatedDays
	if keep == 0 {
		keep = 90
	}
	oldest := w.t.Now().AddDate(0, 0, -keep).Format(time.DateOnly)
	records := slices.DeleteFunc(w.hr.List(hr.Workday), func(r *hr.Record) bool {
		return r.LeaveDate() != "" && r.LeaveDate() < oldest
	})
	records = slices.DeleteFunc(records, func(r *hr.Record) bool { return slices.Contains(s.DropIDs, r.EmployeeID) })
	records = records[:len(records)-int(s.DropRows*float64(len(records)))]
	whole := slices.Clone(records)
	for range s.Repeat {
		records = append(records, whole...)
	}
	if s.Shuffle {
		rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	}
	body := render(records, s, today)
	if !s.Shuffle {
		w.roster.Store(&rendered{version: version, today: today, settings: s, body: body})
	}
	return body
}

// render writes rows in the order of their columns, which no map would keep.
func render(records []*hr.Record, s *Settings, today string) []byte {
	var b bytes.Buffer
	b.WriteString(`{"Report_Entry":`)
	lone := s.LoneObject && len(records) == 1
	if !lone {
		b.WriteByte('[')
	}
	var above []column
	for i, r := range records {
		if i > 0 {
			b.WriteByte(',')
		}
		own := row(r, today)
		writeRow(&b, shifted(own, above, s), i, s)
		above = own
	}
	if !lone {
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return written(b.Bytes(), s.Encoding)
}

// written is a whole report in the report's encoding.
func written(report []byte, encoding string) []byte {
	switch encoding {
	case "utf8bom":
		return append([]byte("\uFEFF"), report...)
	case "utf16le", "utf16be":
		var out []byte
		for _, unit := range utf16.Encode([]rune("\uFEFF" + string(report))) {
			if encoding == "utf16le" {
				out = binary.LittleEndian.AppendUint16(out, unit)
			} else {
				out = binary.BigEndian.AppendUint16(out, unit)
			}
		}
		return out
	}
	return report
}

// writeRow writes the i-th row as the settings spoil it.
func writeRow(b *bytes.Buffer, columns []column, i int, s *Settings) {
	b.WriteByte('{')
	first := true
	for _, c := range columns {
		if slices.Contains(s.DropColumns, c.name) {
			continue
		}
		if slices.Contains(s.BlankColumns, c.name) || i%2 == 1 && slices.Contains(s.HalfColumns, c.name) {
			c.value = ""
		}
		nested := slices.Contains(s.NestedColumns, c.name)
		if heading := s.RenameColumns[c.name]; heading != "" {
			c.name = heading
		}
		c.value = encoded(c.value, s.Encoding)
		if !first {
			b.WriteByte(',')
		}
		first = false
		writeColumn(b, c, nested)
	}
	b.WriteByte('}')
}

// shifted gives a row the shifted columns of the row above. The first row has none of them.
func shifted(own, above []column, s *Settings) []column {
	if len(s.ShiftColumns) == 0 {
		return own
	}
	out := slices.DeleteFunc(slices.Clone(own), func(c column) bool { return slices.Contains(s.ShiftColumns, c.name) })
	for _, c := range above {
		if slices.Contains(s.ShiftColumns, c.name) {
			out = append(out, c)
		}
	}
	return out
}

// encoded is a text as the report's encoding spoils it.
func encoded(text, encoding string) string {
	switch encoding {
	case "latin1":
		var b []byte
		for _, r := range text {
			b = append(b, byte(r))
		}
		return string(b)
	case "windows1252":
		var b []byte
		for _, r := range text {
			octet, ok := charmap.Windows1252.EncodeRune(r)
			if !ok {
				octet = '?'
			}
			b = append(b, octet)
		}
		return string(b)
	case "lost":
		return strings.Map(func(r rune) rune {
			if r > unicode.MaxASCII {
				return utf8.RuneError
			}
			return r
		}, text)
	case "twice":
		var b strings.Builder
		for _, octet := range []byte(text) {
			b.WriteRune(rune(octet))
		}
		return b.String()
	}
	return text
}

func writeColumn(b *bytes.Buffer, c column, nested bool) {
	// A string always encodes. What is no UTF-8 is written as it is, as no encoder of JSON would.
	value, _ := json.Marshal(c.value)
	if !utf8.ValidString(c.value) {
		value = []byte(`"` + c.value + `"`)
	}
	b.WriteByte('"')
	b.WriteString(c.name)
	b.WriteString(`":`)
	if nested {
		b.WriteString(`[{"Descriptor":`)
	}
	b.Write(value)
	if nested {
		b.WriteString(`}]`)
	}
}
