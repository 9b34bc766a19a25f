package soak

import (
	"fmt"
	"maps"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// events makes what HR does on a day.
func (s *soak) events(d int, add func(func())) {
	now, r := s.clock.Now, s.rates
	for range s.often(r.today) {
		add(func() { s.terminate(s.leaver(now()), 0, true) })
	}
	for range s.often(r.ahead) {
		days := 1 + s.rng.IntN(4)
		add(func() { s.terminate(s.leaver(now()), days, false) })
	}
	for range s.often(r.late) {
		days := -1 - s.rng.IntN(5)
		add(func() { s.terminate(s.leaver(now()), days, false) })
	}
	for range s.often(r.hires) {
		source, days := []string{"workday", "workday", "bamboohr"}[s.rng.IntN(3)], s.rng.IntN(10)
		add(func() { s.hire(source, days) })
	}
	for range s.often(r.moves) {
		to := s.rng.IntN(5)
		add(func() { s.move(s.anybody(now(), inWorkday), to) })
	}
	if d%r.layOffEvery == r.layOffFrom {
		add(s.layOff)
	}
	for _, rare := range []struct {
		often float64
		do    func()
	}{{r.rescinds, s.rescind}, {r.corrections, s.correct}, {r.conversions, s.convert}, {r.rehires, s.rehire}, {r.renumbered, s.renumber}} {
		for range s.often(rare.often) {
			add(rare.do)
		}
	}
}

// layOff ends more employments of one source at once than the budget lets through.
func (s *soak) layOff() {
	for range s.laidOff() {
		if p := s.anybody(s.clock.Now(), inWorkday); p != nil {
			s.terminate(p, 0, true)
		}
	}
}

// leaver is somebody who will leave.
func (s *soak) leaver(at time.Time) *human {
	if s.rates.dirtyLeavers == 0 {
		return s.anybody(at, nil)
	}
	dirty := s.rng.Float64() < s.rates.dirtyLeavers
	return s.anybody(at, func(p *human) bool { return (p.dirt != "") == dirty })
}

func inWorkday(p *human) bool { return p.records[len(p.records)-1].Source == "workday" }

// move gives somebody another position.
func (s *soak) move(p *human, to int) {
	if p == nil {
		return
	}
	r, f := p.records[len(p.records)-1], position(to)
	p.moved = true
	s.tell(p, r, "change", f, s.lost(), func(time.Time) {
		r.Department, r.Title = f["department"].(string), f["title"].(string)
	})
}

// rescind takes back a hire whose first day is still to come.
func (s *soak) rescind() {
	today := s.clock.Now().Format(time.DateOnly)
	p := s.someOf(func(p *human) bool {
		r := p.records[0]
		return p.fresh && len(p.records) == 1 && !r.Rescinded && r.leave.IsZero() && r.HireDate > today
	})
	if p == nil {
		return
	}
	r := p.records[0]
	s.tell(p, r, "rescind", nil, s.lost(), func(time.Time) { r.Rescinded = true })
}

// correct changes a last day that is still to come: it is put off, or it was a mistake.
func (s *soak) correct() {
	now := s.clock.Now()
	p := s.someOf(func(p *human) bool {
		r := p.records[len(p.records)-1]
		// Who may be out while this is being written is left alone: both would be right.
		return !r.Rescinded && !r.leave.IsZero() && r.leave.After(now.Add(12*time.Hour))
	})
	if p == nil {
		return
	}
	r := p.records[len(p.records)-1]
	last := ""
	if s.rng.IntN(2) == 0 {
		last = s.ahead(r, 2+s.rng.IntN(3))
	}
	s.tell(p, r, "change", control.Fields{"last_day": last, "termination_date": last, "involuntary": false}, false, func(now time.Time) {
		r.LastDay, r.Termination, r.leave = last, last, time.Time{}
		if last != "" {
			r.leave = r.leaveMoment(last, false, now)
		}
	})
}

// convert makes an employee of a contractor: the one employment ends in some days, the other begins on the day after. HR enters
// either of them first.
func (s *soak) convert() {
	p := s.anybody(s.clock.Now(), func(p *human) bool {
		return len(p.records) == 1 && p.records[0].Source == "bamboohr" && !p.fresh && p.dirt == ""
	})
	if p == nil {
		return
	}
	old, days := p.records[0], 2+s.rng.IntN(2)
	p.moved = true
	last := s.ahead(old, days)
	end := func() {
		s.tell(p, old, "terminate", control.Fields{"last_day": last, "termination_date": last}, false, func(now time.Time) {
			old.LastDay, old.Termination, old.leave = last, last, old.leaveMoment(last, false, now)
		})
	}
	begin := func() {
		r := &record{Source: "workday", Location: old.Location, HireDate: s.ahead(old, days+1)}
		f := s.again(old)
		f["hire_date"] = r.HireDate
		s.join(r, p.id, f)
	}
	if s.rng.IntN(2) == 0 {
		end()
		begin()
		return
	}
	begin()
	end()
}

// rehire brings somebody back who left some days ago, under a new number.
func (s *soak) rehire() {
	now := s.clock.Now()
	p := s.someOf(func(p *human) bool {
		r := p.records[0]
		return len(p.records) == 1 && !r.Rescinded && !r.entered.IsZero() && !r.leave.IsZero() && r.leave.Before(now.AddDate(0, 0, -2)) && p.dirt == ""
	})
	if p == nil {
		return
	}
	old := p.records[0]
	since := old.leave
	r := &record{Source: "workday", Location: old.Location, HireDate: s.ahead(old, 1)}
	f := s.again(old)
	f["hire_date"] = r.HireDate
	s.mu.Lock()
	p.moved, p.returns = true, p.returns+1
	p.spans = append(p.spans, span{from: since, to: now.Add(48 * time.Hour)})
	s.mu.Unlock()
	s.join(r, p.id, f)
}

// renumber gives somebody another number, and says so to nobody.
func (s *soak) renumber() {
	p := s.anybody(s.clock.Now(), func(p *human) bool { return len(p.records) == 1 && inWorkday(p) && !p.fresh })
	if p == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, old := p.records[0], p.records[0].key()
	to := fmt.Sprintf("9%s", r.EmployeeID)
	require.NoError(s.t, s.sandbox.Renumber(s.t.Context(), r.EmployeeID, to))
	now := s.clock.Now()
	r.EmployeeID, r.entered, r.known, p.moved = to, now, time.Time{}, true
	p.former = append(p.former, old)
	s.byKey[r.key()] = p
	p.note(now, "renumbered from %s to %s", old, r.key())
}

// again is what a new record of somebody says who has one already.
func (s *soak) again(old *record) control.Fields {
	f := control.Fields{
		"first_name": old.FirstName, "last_name": old.LastName, "work_email": old.WorkEmail, "personal_email": old.PersonalMail, "location": old.Location,
	}
	maps.Copy(f, position(s.rng.IntN(5)))
	return f
}

// someOf is one of those who fit, nil if nobody does.
func (s *soak) someOf(fits func(*human) bool) *human {
	var all []*human
	for _, p := range s.humans {
		if fits(p) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[s.rng.IntN(len(all))]
}
