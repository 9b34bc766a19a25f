package config

import (
	"errors"
	"strings"
	"time"
)

// Schedules says when what runs by itself.
type Schedules struct {
	// Workday and BambooHR are how often each HR source is polled (default 15m and 10m).
	Workday  time.Duration `yaml:"workday"`
	BambooHR time.Duration `yaml:"bamboohr"`
	// Sponsored is how often people whom HR does not have are compared, and who answers for them. 0, the default, means that there are none.
	Sponsored time.Duration `yaml:"sponsored"`
	// Events is how often OneLogin's events are read where no webhook asks for it sooner (default 1m).
	Events time.Duration `yaml:"events"`
	// Accounts is how often every account of OneLogin is read into the inventory (default 6h). What was changed since is read
	// every hour, or as often as this if that is more often.
	Accounts time.Duration `yaml:"accounts"`
	// Systems is how often what was changed in each system beside OneLogin is read (default 15m). Everything there is read every six
	// hours, or as often as this if that is more seldom.
	Systems time.Duration `yaml:"systems"`
	// Reconcile is how often those who have left, or of whom something is due, are compared with their accounts (default 1h).
	// Everybody is how often everybody is (default 24h).
	Reconcile time.Duration `yaml:"reconcile"`
	Everybody time.Duration `yaml:"everybody"`
	// Zone is the time zone of Review and MFA (default UTC).
	Zone string `yaml:"zone"`
	// Review is when the monthly access review begins (default the 1st at 06:00).
	Review Monthly `yaml:"review"`
	// MFA is when people without a second factor are looked for (default Monday at 06:00).
	MFA Weekly `yaml:"mfa"`
}

// The bounds of Schedules.Accounts: every account is a hundredth of a call, and a leaver's second account has to be found
// within the day.
const (
	MinAccountSweep = 10 * time.Minute
	MaxAccountSweep = 24 * time.Hour
)

// The bounds of Schedules.Reconcile and Schedules.Everybody: nobody who was forgotten is found sooner than by them.
const (
	MinReconcile = time.Minute
	MaxReconcile = time.Hour
	MaxEverybody = 7 * 24 * time.Hour
	// The bounds of Schedules.Systems: what somebody changed there is found by it, and a system that was not read gives and takes nothing.
	MinSystemSweep = time.Minute
	MaxSystemSweep = 12 * time.Hour
	// MaxSponsored bounds Schedules.Sponsored: that a sponsor is gone is found by it.
	MaxSponsored = 24 * time.Hour
)

// DefaultSchedules are the schedules of a configuration that says nothing about them.
func DefaultSchedules() Schedules {
	return Schedules{
		Workday: 15 * time.Minute, BambooHR: 10 * time.Minute, Events: time.Minute, Accounts: 6 * time.Hour, Zone: "UTC",
		Systems: 15 * time.Minute, Reconcile: time.Hour, Everybody: 24 * time.Hour,
		Review: Monthly{Day: 1, At: "06:00"}, MFA: Weekly{Weekday: "monday", At: "06:00"},
	}
}

// systemsWhole is how often everything is read in each system beside OneLogin.
const systemsWhole = 6 * time.Hour

// SystemsWhole is how often everything is read in each system beside OneLogin, and not only what was changed.
func (s Schedules) SystemsWhole() time.Duration { return max(systemsWhole, s.Systems) }

// Monthly is a moment of each month. Day is 1 to 28, so that every month has it; At is a time of day, "15:04".
type Monthly struct {
	Day int    `yaml:"day"`
	At  string `yaml:"at"`
}

// Weekly is a moment of each week. Weekday is its English name in lower case; At is a time of day, "15:04".
type Weekly struct {
	Weekday string `yaml:"weekday"`
	At      string `yaml:"at"`
}

// checkSchedules is for every process: the one that writes the schedules has neither vendors nor a gateway.
func (c *Config) checkSchedules(p *problems) {
	s := c.Schedules
	p.positive("schedules.events", s.Events)
	if s.Sponsored != 0 && (s.Sponsored < MinReconcile || s.Sponsored > MaxSponsored) {
		p.add("schedules.sponsored is %s: write how often sponsored people are compared, from %s to %s, or leave it out if there are none", s.Sponsored, MinReconcile, MaxSponsored)
	}
	if s.Accounts < MinAccountSweep || s.Accounts > MaxAccountSweep {
		p.add("schedules.accounts is %s: write how often every account is read, from %s to %s", s.Accounts, MinAccountSweep, MaxAccountSweep)
	}
	if s.Systems < MinSystemSweep || s.Systems > MaxSystemSweep {
		p.add("schedules.systems is %s: write how often each system beside OneLogin is read, from %s to %s", s.Systems, MinSystemSweep, MaxSystemSweep)
	}
	if s.Reconcile < MinReconcile || s.Reconcile > MaxReconcile {
		p.add("schedules.reconcile is %s: write how often those who have left are compared with their accounts, from %s to %s", s.Reconcile, MinReconcile, MaxReconcile)
	}
	if s.Everybody < s.Reconcile || s.Everybody > MaxEverybody {
		p.add("schedules.everybody is %s: write how often everybody is compared with their account, from schedules.reconcile to %s", s.Everybody, MaxEverybody)
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		p.add("schedules.zone is not a time zone: write one such as Europe/Berlin")
	}
	if s.Review.Day < 1 || s.Review.Day > 28 {
		p.add("schedules.review.day is %d: write a day that every month has, 1 to 28", s.Review.Day)
	}
	p.timeOfDay("schedules.review.at", s.Review.At)
	if _, ok := s.MFA.Day(); !ok {
		p.add("schedules.mfa.weekday is not a weekday: write one such as monday")
	}
	p.timeOfDay("schedules.mfa.at", s.MFA.At)
}

// Day is the weekday as a number, false if it is none.
func (w Weekly) Day() (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(day.String(), w.Weekday) {
			return day, true
		}
	}
	return 0, false
}

// TimeOfDay reads a time of day, "15:04".
func TimeOfDay(at string) (hour, minute int, err error) {
	t, err := time.Parse("15:04", at)
	if err != nil {
		return 0, 0, errors.New("not a time of day: write one such as 06:00")
	}
	return t.Hour(), t.Minute(), nil
}

func (p *problems) timeOfDay(name, at string) {
	if _, _, err := TimeOfDay(at); err != nil {
		p.add("%s: %v", name, err)
	}
}
