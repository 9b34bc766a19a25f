package hr

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Order is one thing the HR department does.
type Order struct {
	Source string `json:"source"`
	// Action is hire, change, terminate, rescind (a hire), delete, leave, return or renumber (Workday only, to NewID).
	Action string `json:"action"`
	// EmployeeID may be left out at hire. At a Workday hire, an id that exists adds a second profile under it.
	EmployeeID string `json:"employee_id"`
	// Fields are canonical names with their new values. Dates may be "today", "today+3" or "today-30", where the
	// employee works, or "raw:" and a text that is no date at all. With "effective_on" a change takes effect on that day and stands in for the one entered before; with "" it is called off.
	Fields map[string]json.RawMessage `json:"fields"`
	// NewID is the employee id after renumber.
	NewID string `json:"new_employee_id"`
	// Human says at hire that the new record is about somebody who has one already; left out, it is somebody new, but a
	// second profile under one employee id is about the same human.
	Human string `json:"human"`
	// Silent leaves out the webhook, as if it had been lost.
	Silent bool `json:"silent"`
}

// Result is what came of an order.
type Result struct {
	EmployeeID string  `json:"employee_id"`
	Record     *Record `json:"record"`
}

// dateFields are the fields that take relative dates.
var dateFields = []string{"hire_date", "last_day", "termination_date", "rehired_on", "effective_on"}

// Do carries out an order.
func (s *Store) Do(o Order) (Result, error) {
	if o.Source != Workday && o.Source != BambooHR {
		return Result{}, fmt.Errorf("hr: source is %q; it can be workday or bamboohr", o.Source)
	}
	place, err := s.placeOf(o)
	if err != nil {
		return Result{}, err
	}
	today, err := s.todayAt(place)
	if err != nil {
		return Result{}, err
	}
	fields, err := absolute(o.Fields, today)
	if err != nil {
		return Result{}, err
	}
	switch o.Action {
	case "hire":
		return s.hire(o, fields)
	case "renumber":
		return s.renumber(o)
	}
	return s.amend(o, fields)
}

// Seed stores a record as it is, without a word to the listener.
func (s *Store) Seed(r Record) *Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.insert(&r)
	return &r
}

func (s *Store) hire(o Order, fields map[string]json.RawMessage) (Result, error) {
	now := s.now()
	r := &Record{Source: o.Source, EmployeeID: o.EmployeeID, InsertedAt: now, LastChanged: now, Human: o.Human}
	r.Company, r.HireDate = "Acme", now.Format(time.DateOnly)
	r.EmploymentType = "Employee"
	if o.Source == BambooHR {
		r.EmploymentType = "Contractor"
	}
	if err := merge(&r.Fields, fields); err != nil {
		return Result{}, err
	}
	if r.FirstName == "" || r.LastName == "" {
		return Result{}, fmt.Errorf("hr: hire needs first_name and last_name")
	}
	s.mu.Lock()
	if o.Source == BambooHR && len(s.sources[o.Source].byID[o.EmployeeID]) > 0 {
		s.mu.Unlock()
		return Result{}, fmt.Errorf("hr: employee %s exists already; BambooHR ids are never used twice", o.EmployeeID)
	}
	if before := s.sources[o.Source].byID[o.EmployeeID]; r.Human == "" && len(before) > 0 {
		r.Human = before[0].Human
	}
	s.insert(r)
	s.mu.Unlock()
	s.listen(Change{Action: o.Action, Record: r, Fields: names(Fields{}, r.Fields), Silent: o.Silent})
	return Result{EmployeeID: r.EmployeeID, Record: r}, nil
}

// amend applies every action but hire, to the latest profile of the employee.
func (s *Store) amend(o Order, fields map[string]json.RawMessage) (Result, error) {
	s.mu.Lock()
	profiles := s.sources[o.Source].byID[o.EmployeeID]
	if len(profiles) == 0 {
		s.mu.Unlock()
		return Result{}, fmt.Errorf("hr: %s has no employee %q", o.Source, o.EmployeeID)
	}
	old := profiles[len(profiles)-1]
	changed := *old
	changed.LastChanged = s.now()
	if changed.Planned != nil && changed.Planned.On <= s.now().Format(time.DateOnly) {
		changed.Planned = nil
	}
	err := s.apply(&changed, o.Action, fields)
	if on, dated := fields["effective_on"]; dated && o.Action == "change" {
		changed, err = *old, nil
		changed.LastChanged = s.now()
		s.plan(&changed, on, fields)
	}
	if err != nil {
		s.mu.Unlock()
		return Result{}, err
	}
	if o.Action == "delete" {
		s.remove(o.Source, o.EmployeeID)
	} else {
		s.replace(old, &changed)
	}
	s.mu.Unlock()

	diff := names(old.Fields, changed.Fields)
	if old.OnLeave != changed.OnLeave || old.Rescinded != changed.Rescinded {
		diff = append(diff, "standing")
	}
	s.listen(Change{Action: o.Action, Record: &changed, Fields: diff, Silent: o.Silent})
	return Result{EmployeeID: o.EmployeeID, Record: &changed}, nil
}

func (s *Store) apply(r *Record, action string, fields map[string]json.RawMessage) error {
	if err := merge(&r.Fields, fields); err != nil {
		return err
	}
	switch action {
	case "change", "delete":
	case "terminate":
		if r.TerminationDate == "" && r.LastDay == "" {
			here, err := s.todayAt(r.Location)
			if err != nil {
				return err
			}
			today := here.Format(time.DateOnly)
			r.TerminationDate, r.LastDay = today, today
		}
		if r.TerminationDate == "" {
			r.TerminationDate = r.LastDay
		}
		if r.LastDay == "" {
			r.LastDay = r.TerminationDate
		}
	case "rescind":
		r.Rescinded = true
	case "leave":
		r.OnLeave = true
	case "return":
		r.OnLeave = false
	default:
		return fmt.Errorf("hr: action is %q; it can be hire, change, terminate, rescind, delete, leave, return or renumber", action)
	}
	return nil
}

// absolute turns relative dates into days.
func absolute(fields map[string]json.RawMessage, today time.Time) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(fields))
	for name, raw := range fields {
		out[name] = raw
		if !slices.Contains(dateFields, name) {
			continue
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, fmt.Errorf("hr: field %s must be a date in quotes: %w", name, err)
		}
		day, err := day(text, today)
		if err != nil {
			return nil, fmt.Errorf("hr: field %s: %w", name, err)
		}
		out[name] = json.RawMessage(strconv.Quote(day))
	}
	return out, nil
}

func day(text string, today time.Time) (string, error) {
	if rest, ok := strings.CutPrefix(text, "today"); ok {
		n := 0
		if rest != "" {
			var err error
			if n, err = strconv.Atoi(rest); err != nil {
				return "", fmt.Errorf("%q is not a date; write 2006-01-02, today, today+3 or today-30", text)
			}
		}
		return today.AddDate(0, 0, n).Format(time.DateOnly), nil
	}
	if raw, ok := strings.CutPrefix(text, "raw:"); ok || text == "" {
		return raw, nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", fmt.Errorf("%q is not a date; write 2006-01-02, today, today+3 or today-30", text)
	}
	return text, nil
}

// merge sets the named fields and refuses names that Fields does not have.
func merge(f *Fields, changes map[string]json.RawMessage) error {
	if len(changes) == 0 {
		return nil
	}
	body, err := json.Marshal(changes)
	if err != nil {
		return fmt.Errorf("hr: encode fields: %w", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(f); err != nil {
		return fmt.Errorf("hr: fields: %w", err)
	}
	return nil
}

// names lists the canonical names of the fields in which a and b differ.
func names(a, b Fields) []string {
	var out []string
	va, vb := a.Values(), b.Values()
	for name, value := range va {
		if vb[name] != value {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
