package soak

import (
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// breakage is something that goes wrong for a while, and what makes it whole.
type breakage struct {
	name string
	// hours is how long it lasts at most.
	hours int
	begin func(s *soak) (mend func())
}

// breakages are all kinds. Some keep containments up, and are outages; words fail beside them, and flaky calls are only tried
// again.
var breakages = []breakage{
	{"OneLogin answers 503", 4, outageOf("onelogin", control.Fault{Status: 503})},
	{"OneLogin answers 429", 4, outageOf("onelogin", control.Fault{Style: "rate_limit", RetryAfter: 600})},
	{"OneLogin drops connections", 3, outageOf("onelogin", control.Fault{Style: "drop", When: "after"})},
	{"OneLogin is slow", 6, faults(control.Fault{System: "onelogin", Style: "delay", DelayMS: 40, Times: -1})},
	{"Workday answers 500", 6, outageOf("workday", control.Fault{Status: 500})},
	{"BambooHR answers 503", 6, outageOf("bamboohr", control.Fault{Status: 503, RetryAfter: 60})},
	{"Slack answers 429", 6, faults(control.Fault{System: "slack", Style: "rate_limit", RetryAfter: 30, Times: -1})},
	{"Jira answers 500", 6, faults(control.Fault{System: "jira", Status: 500, Times: -1})},
	{"a call here and there fails", 6, flaky},
	{"the worker is stopped and started", 2, (*soak).restart},
	{"the worker crashes", 2, (*soak).crashed},
	{"Temporal's database is lost", 2, (*soak).lostTemporal},
	{"a third of Workday's rows is missing", 7, lie("workday", map[string]any{"drop_rows": 0.3})},
	{"a column of Workday is blank", 7, lie("workday", map[string]any{"blank_columns": []string{"Hire_Date"}})},
	{"BambooHR's hire dates are blank", 7, lie("bamboohr", map[string]any{"blank_fields": []string{"hireDate"}})},
	{"offboarding observes", 6, (*soak).observing},
}

// breaks plans what breaks on a day, one after the other.
func (s *soak) breaks(d int, at func(time.Duration, func())) {
	// Every kind comes up before one comes up again.
	if s.order == nil {
		s.order = s.rng.Perm(len(breakages))
	}
	if d%s.rates.breaksEvery != 0 {
		return
	}
	for i, begin := range s.rates.breaksAt {
		b := breakages[s.order[(len(s.rates.breaksAt)*(d/s.rates.breaksEvery)+i)%len(breakages)]]
		last := time.Duration(1+s.rng.IntN(60*b.hours)) * time.Minute
		at(begin+time.Duration(s.rng.IntN(30))*time.Minute, func() {
			s.t.Logf("%s %s for %s", s.clock.Now().Format("2006-01-02 15:04"), b.name, last)
			s.mend = b.begin(s)
			s.broken[b.name]++
		})
		at(begin+time.Hour+last, func() { s.mend() })
	}
}

// faults has calls go wrong.
func faults(all ...control.Fault) func(*soak) func() {
	return func(s *soak) func() {
		for _, f := range all {
			require.NoError(s.t, s.sandbox.AddFault(s.t.Context(), f))
		}
		return func() { require.NoError(s.t, s.sandbox.ClearFaults(s.t.Context())) }
	}
}

// outageOf has every call to a system go wrong that a containment needs.
func outageOf(system string, f control.Fault) func(*soak) func() {
	f.System, f.Times = system, -1
	return func(s *soak) func() {
		up, mend := s.down(system), faults(f)(s)
		return func() { mend(); up() }
	}
}

// flaky has a few calls fail, before or after they took effect. None of them keeps anybody's access.
func flaky(s *soak) func() {
	var all []control.Fault
	for _, system := range []string{"onelogin", "workday", "bamboohr", "slack", "jira"} {
		for range 6 {
			f := control.Fault{System: system, Skip: s.rng.IntN(60), Times: 1}
			switch s.rng.IntN(4) {
			case 0:
				f.Style, f.When = "drop", "after"
			case 1:
				f.Style, f.When = "drop", "before"
			case 2:
				f.Status = 502
			case 3:
				f.Style = "malformed"
			}
			all = append(all, f)
		}
	}
	return faults(all...)(s)
}

// restart stops the process as a deploy does.
func (s *soak) restart() func() {
	up := s.down("worker")
	s.stop()
	return func() { s.start(); up() }
}

// crashed ends it as a failing machine does.
func (s *soak) crashed() func() {
	up := s.down("worker")
	s.crash()
	return func() {
		s.start()
		// What was under way then is missed when its attempt has taken too long.
		pass(longestAttempt)
		up()
	}
}

// lostTemporal ends the process, and the next one finds a Temporal that knows of nothing. It is whole again when everything that
// schedules start has run once.
func (s *soak) lostTemporal() func() {
	up := s.down("temporal")
	s.crash()
	s.mu.Lock()
	s.end()
	s.loseTemporal()
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		s.newLife()
		s.start()
		s.mu.Unlock()
		s.everything()
		s.caughtUp()
		up()
	}
}

// mostBacklog is how long the machine may take for what a lost database has left behind.
const mostBacklog = 10 * time.Second

// caughtUp waits until every run has gone as far as it can for now: who was being seen to when the database was lost is seen to
// again, all of them at once, and at this speed a second of that is two hours.
func (s *soak) caughtUp() {
	began := s.clock.Now()
	left := int64(0)
	for end := time.Now().Add(mostBacklog); time.Now().Before(end); pass(longestAttempt / 10) {
		found, err := s.temporal.CountWorkflow(s.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Query: "ExecutionStatus = 'Running' AND Stage = '" + api.StageWorking + "'",
		})
		if err != nil {
			s.t.Errorf("count the runs that work: %v", err)
			return
		}
		if left = found.GetCount(); left == 0 {
			s.t.Logf("caught up after %s", s.clock.Now().Sub(began).Round(time.Minute))
			return
		}
	}
	s.t.Logf("not caught up after %s: %d runs work on", s.clock.Now().Sub(began).Round(time.Minute), left)
}

// lie has an export say what is not so. Departures are not kept up by it.
func lie(source string, settings map[string]any) func(*soak) func() {
	return func(s *soak) func() {
		set := s.sandbox.Workday
		if source == "bamboohr" {
			set = s.sandbox.BambooHR
		}
		require.NoError(s.t, set(s.t.Context(), settings))
		return func() { require.NoError(s.t, set(s.t.Context(), map[string]any{})) }
	}
}

// observing has offboarding observe. It is whole again when the workers have taken up that it does not, and everything that
// schedules start has run once.
func (s *soak) observing() func() {
	up := s.down("mode")
	text := policyText(s.t)
	s.writePolicy(kit.Replace(s.t, text, "offboarding: enforce", "offboarding: observe"))
	return func() {
		s.writePolicy(text)
		pass(policyLook)
		s.everything()
		up()
	}
}

// policyLook is longer than a process takes to take up a policy that has changed.
const policyLook = 2500 * time.Millisecond

// everything starts what schedules start, and waits until it is done.
func (s *soak) everything() {
	for _, source := range []string{"workday", "bamboohr"} {
		if !s.poll(s.t.Context(), source) {
			s.t.Errorf("seed %d: %s could not be read although nothing is broken", s.seed, source)
		}
	}
}
