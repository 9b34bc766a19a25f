package server

import (
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/onelogin"
)

// human is one person: every record, and every account that was made for them.
type human struct {
	id       string
	records  []hrState
	accounts []onelogin.UserState
}

// humans finds who stands behind records and accounts. Nothing that a vendor shows decides it, so that a claim that
// nobody who has left gets in is judged by the truth and not by what Gatehouse recognises.
func (w *world) humans() []*human {
	byID := map[string]*human{}
	var all []*human
	find := func(id string) *human {
		h := byID[id]
		if h == nil {
			h = &human{id: id}
			byID[id] = h
			all = append(all, h)
		}
		return h
	}
	for _, u := range w.onelogin.Users() {
		if u.Owner != "" {
			h := find(u.Owner)
			h.accounts = append(h.accounts, u)
		}
	}
	for _, source := range []string{hr.Workday, hr.BambooHR} {
		for _, r := range w.records(source) {
			h := find(r.Human)
			h.records = append(h.records, r)
		}
	}
	return all
}

// standing is what the human is to the company: of several records the one that says most for being here decides.
func (h *human) standing() string {
	for _, s := range []string{"active", "on leave", "leaving", "upcoming", "left", "rescinded"} {
		if slices.ContainsFunc(h.records, func(r hrState) bool { return r.Standing == s }) {
			return s
		}
	}
	return ""
}

// record is the one that decided.
func (h *human) record() hrState {
	s := h.standing()
	return h.records[slices.IndexFunc(h.records, func(r hrState) bool { return r.Standing == s })]
}

// access lists the accounts of their own by which a human gets in, or would as soon as somebody lets them.
func (h *human) access() []onelogin.UserState {
	var open []onelogin.UserState
	for i := range h.accounts {
		if a := h.accounts[i]; a.Kind == "person" && (a.CanSignIn || len(a.Roles) > 0 || len(a.Sessions) > 0) {
			open = append(open, a)
		}
	}
	return open
}

// rows are the accounts, each with the human whose it is, and the people without one, who changed last first.
func (w *world) rows() []row {
	byID := map[string]*human{}
	var rows []row
	for _, h := range w.humans() {
		byID[h.id] = h
	}
	for _, u := range w.onelogin.Users() {
		p := row{
			AccountID: u.ID, Username: text(u.Username), Name: text(u.Firstname) + " " + text(u.Lastname), Status: u.Status,
			Department: text(u.Department), Title: text(u.Title), Group: u.Group, Roles: u.Roles, Factors: len(u.Factors),
			Sessions: len(u.Sessions), CanSignIn: u.CanSignIn, Obstacle: u.Obstacle, Key: text(u.ExternalID),
			Human: u.Owner, Kind: u.Kind,
		}
		if u.UpdatedAt != nil {
			p.changed = *u.UpdatedAt
		}
		if h := byID[u.Owner]; h != nil {
			p.describe(h)
		}
		rows = append(rows, p)
	}
	for _, h := range w.humans() {
		if len(h.accounts) == 0 {
			p := row{Human: h.id, Status: -1, Roles: []string{}}
			p.describe(h)
			rows = append(rows, p)
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		// To the second: seeding takes a moment, and its order is the natural one.
		return b.changed.Truncate(time.Second).Compare(a.changed.Truncate(time.Second))
	})
	return rows
}

// describe says of a row whose it is.
func (p *row) describe(h *human) {
	if len(h.records) == 0 {
		return
	}
	r := h.record()
	p.Key, p.Source, p.Standing = r.Source+"-"+r.EmployeeID, r.Source, h.standing()
	p.Name, p.Title, p.Department = r.FirstName+" "+r.LastName, r.Title, r.Department
	for _, r := range h.records {
		if r.LastChanged.After(p.changed) {
			p.changed = r.LastChanged
		}
	}
}

// summarise counts people and accounts for the page's top row. People are counted by human and not by record.
func (w *world) summarise(rows []row) map[string]int {
	m := map[string]int{"people": 0, "accounts": 0, "active": 0, "suspended": 0, "left": 0, "left_with_access": 0, "sessions": 0}
	for _, h := range w.humans() {
		if len(h.records) > 0 {
			m["people"]++
		}
		if h.standing() == "left" {
			m["left"]++
			if len(h.access()) > 0 {
				m["left_with_access"]++
			}
		}
	}
	for i := range rows {
		p := &rows[i]
		if p.Status >= 0 {
			m["accounts"]++
		}
		switch p.Status {
		case 1:
			m["active"]++
		case 2:
			m["suspended"]++
		}
		m["sessions"] += p.Sessions
	}
	return m
}

// leftWithAccess lists who has left and gets in, with the accounts by which they do.
func (w *world) leftWithAccess() []openLeaver {
	out := []openLeaver{}
	for _, h := range w.humans() {
		if h.standing() != "left" {
			continue
		}
		for _, a := range h.access() {
			r := h.record()
			out = append(out, openLeaver{
				Human: h.id, Key: r.Source + "-" + r.EmployeeID, AccountID: a.ID, Username: text(a.Username), Status: a.Status,
				CanSignIn: a.CanSignIn, Roles: a.Roles, Sessions: len(a.Sessions),
			})
		}
	}
	return out
}

// openLeaver is an account by which somebody who has left gets in.
type openLeaver struct {
	Human     string   `json:"human"`
	Key       string   `json:"key"`
	AccountID int64    `json:"account_id"`
	Username  string   `json:"username"`
	Status    int      `json:"status"`
	CanSignIn bool     `json:"can_sign_in"`
	Roles     []string `json:"roles"`
	Sessions  int      `json:"sessions"`
}

// whose says which human a new account is for: the one whose record its external id names, else the only one who has
// its address at work.
func (w *world) whose(externalID, email string) string {
	if source, id, ok := strings.Cut(externalID, "-"); ok && (source == hr.Workday || source == hr.BambooHR) {
		if list := w.hr.Get(source, id); len(list) > 0 {
			return list[len(list)-1].Human
		}
	}
	owner := ""
	for _, source := range []string{hr.Workday, hr.BambooHR} {
		for _, r := range w.hr.List(source) {
			if email == "" || !strings.EqualFold(r.WorkEmail, email) || r.Human == owner {
				continue
			}
			if owner != "" {
				return ""
			}
			owner = r.Human
		}
	}
	return owner
}
