package hr

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// renumber gives an employee another id, as a migration does: the record under the old id is gone, the same one is there
// under the new id, and those who reported to the employee still do. BambooHR's ids never change.
func (s *Store) renumber(o Order) (Result, error) {
	if o.Source != Workday {
		return Result{}, errors.New("hr: only Workday's employee ids can be renumbered")
	}
	s.mu.Lock()
	profiles := s.sources[o.Source].byID[o.EmployeeID]
	if len(profiles) == 0 || o.NewID == "" || len(s.sources[o.Source].byID[o.NewID]) > 0 {
		s.mu.Unlock()
		return Result{}, fmt.Errorf("hr: renumber needs an employee who is there (%q) and a new_employee_id that is not (%q)", o.EmployeeID, o.NewID)
	}
	s.remove(o.Source, o.EmployeeID)
	var last *Record
	for _, p := range profiles {
		r := *p
		r.EmployeeID, r.LastChanged = o.NewID, s.now()
		s.insert(&r)
		last = &r
	}
	for _, list := range s.sources[o.Source].byID {
		for _, r := range slices.Clone(list) {
			if r.ManagerID == o.EmployeeID {
				moved := *r
				moved.ManagerID = o.NewID
				s.replace(r, &moved)
			}
		}
	}
	s.mu.Unlock()
	s.listen(Change{Action: "renumber", Record: last, Fields: []string{"employee_id"}, Silent: o.Silent})
	return Result{EmployeeID: o.NewID, Record: last}, nil
}

// Bulk is one thing done to many at once.
type Bulk struct {
	Source string `json:"source"`
	// Action is hire (Count people whom nobody knows), or any other for EmployeeIDs, or for the first Count who work there.
	Action      string                     `json:"action"`
	Count       int                        `json:"count"`
	EmployeeIDs []string                   `json:"employee_ids"`
	Fields      map[string]json.RawMessage `json:"fields"`
	// Prefix stands before the old id in the new one, for renumber.
	Prefix string `json:"prefix"`
	// MailDomain replaces that of the addresses at work, if it is set.
	MailDomain string `json:"mail_domain"`
	Silent     bool   `json:"silent"`
}

// maxBulk bounds what one call may do.
const maxBulk = 10_000

// DoBulk carries out a bulk order and returns the ids afterwards.
func (s *Store) DoBulk(b Bulk) ([]string, error) {
	if b.Source != Workday && b.Source != BambooHR {
		return nil, fmt.Errorf("hr: source is %q; it can be workday or bamboohr", b.Source)
	}
	ids := b.EmployeeIDs
	if len(ids) == 0 {
		if b.Count < 1 || b.Count > maxBulk {
			return nil, fmt.Errorf("hr: count must be between 1 and %d, or employee_ids be named", maxBulk)
		}
		ids = s.working(b)
	}
	out := []string{}
	for i, id := range ids {
		result, err := s.Do(b.order(i, id, s.address(b, id)))
		if err != nil {
			return out, err
		}
		if b.Action == "renumber" && b.MailDomain != "" {
			if _, err = s.Do(Order{Source: b.Source, Action: "change", EmployeeID: result.EmployeeID, Silent: b.Silent, Fields: s.address(b, result.EmployeeID)}); err != nil {
				return out, err
			}
		}
		out = append(out, result.EmployeeID)
	}
	return out, nil
}

// working lists whom a bulk order is about if nobody is named: as many new ids, none yet, or who works there.
func (s *Store) working(b Bulk) []string {
	if b.Action == "hire" {
		return make([]string, b.Count)
	}
	today := s.now().Format("2006-01-02")
	var ids []string
	for _, r := range s.List(b.Source) {
		if r.Standing(today) == "active" && len(ids) < b.Count && !slices.Contains(ids, r.EmployeeID) {
			ids = append(ids, r.EmployeeID)
		}
	}
	return ids
}

// address is the work address under another domain, nil if it stays.
func (s *Store) address(b Bulk, id string) map[string]json.RawMessage {
	profiles := s.Get(b.Source, id)
	if b.MailDomain == "" || len(profiles) == 0 {
		return nil
	}
	local := profiles[len(profiles)-1].WorkEmail
	for i, c := range local {
		if c == '@' {
			local = local[:i]
			break
		}
	}
	// A string always encodes.
	text, _ := json.Marshal(local + "@" + b.MailDomain)
	return map[string]json.RawMessage{"work_email": text}
}

// order is the i-th of a bulk.
func (b Bulk) order(i int, id string, address map[string]json.RawMessage) Order {
	o := Order{Source: b.Source, Action: b.Action, EmployeeID: id, Silent: b.Silent, Fields: map[string]json.RawMessage{}}
	switch b.Action {
	case "renumber":
		o.NewID = b.Prefix + id
		return o
	case "hire":
		domain := b.MailDomain
		if domain == "" {
			domain = "acquired.example"
		}
		for name, text := range map[string]string{
			"first_name": fmt.Sprintf("Newcomer%d", i+1), "last_name": "Acquired", "work_email": fmt.Sprintf("newcomer%d@%s", i+1, domain),
			"personal_email": fmt.Sprintf("newcomer%d@home.example", i+1), "department": "Support", "title": "Support Engineer", "location": "Berlin",
		} {
			o.Fields[name], _ = json.Marshal(text)
		}
	}
	maps.Copy(o.Fields, address)
	maps.Copy(o.Fields, b.Fields)
	return o
}
