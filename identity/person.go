package identity

import "time"

// Date is a calendar day without a time zone, written as 2006-01-02. The empty Date means "not set".
type Date string

// Known HR sources.
const (
	SourceWorkday  = "workday"
	SourceBambooHR = "bamboohr"
	// SourceSponsored is the ledger's own: people whom HR does not have, and for whom somebody answers whom it has.
	SourceSponsored = "sponsored"
)

// Record is one engagement as an HR source describes it, normalised by the source's connector mapping and read at one
// moment. A field that the source did not send is empty and, where policy depends on it, named in Missing.
type Record struct {
	Source     string `json:"source"`
	EmployeeID string `json:"employee_id"`

	FirstName     string `json:"first_name,omitempty"`
	LastName      string `json:"last_name,omitempty"`
	PreferredName string `json:"preferred_name,omitempty"`
	WorkEmail     string `json:"work_email,omitempty"`
	PersonalEmail string `json:"personal_email,omitempty"`
	WorkPhone     string `json:"work_phone,omitempty"`

	Department     string `json:"department,omitempty"`
	Title          string `json:"title,omitempty"`
	Location       string `json:"location,omitempty"`
	Company        string `json:"company,omitempty"`
	EmploymentType string `json:"employment_type,omitempty"`
	// ManagerID is the employee id of the manager in the same source; [Record.Manager] says whose that is.
	ManagerID string `json:"manager_id,omitempty"`

	// Status is what the source says outright; it never overrides a date that says the person has left.
	Status Status `json:"status"`

	HireDate Date `json:"hire_date,omitempty"`
	// LastDay is the last day of work: access ends on that day, at the moment the policy gives.
	LastDay Date `json:"last_day,omitempty"`
	// TerminationDate is the formal end of employment. It stands in for LastDay where that is empty.
	TerminationDate Date `json:"termination_date,omitempty"`
	Involuntary     bool `json:"involuntary,omitempty"`
	// NextChange is the day on which the source has a change of position take effect, where it tells that ahead. What
	// changes is read on that day.
	NextChange Date `json:"next_change,omitempty"`

	// Unconfirmed says that whoever answered for a sponsored person is gone, and that nobody has confirmed since that they stay.
	Unconfirmed bool `json:"unconfirmed,omitempty"`

	// BirthDate tells humans of one name apart. It stays where it was read: it is written to no history and no ledger.
	BirthDate Date `json:"-"`

	// Others are what the source shows beside this under the same employee id: a contractor who was hired, or somebody
	// who came back, may have one profile for each employment.
	Others []Record `json:"others,omitempty"`

	// Tied says that the source has rows of equal rank for this person, which say different things. What they say decides
	// which of them counts.
	Tied bool `json:"tied,omitempty"`
	// Missing names required fields that the source did not send for this person ("hire_date").
	Missing []string `json:"missing,omitempty"`
	// Hidden names those of them that the source shows of nobody, although it once did.
	Hidden []string `json:"hidden,omitempty"`
	// Garbled names the fields whose text came in a broken encoding. It is left out of them.
	Garbled []string `json:"garbled,omitempty"`
	// NameDoubted says that the last reading of the source has other names for many people at once, for this one too: the name of
	// an account stays as it is.
	NameDoubted bool `json:"name_doubted,omitempty"`
}

// Manager is the record of the manager, empty if the source names none. Of a sponsored person that is their sponsor, whose record is in
// another source and whose key the record has.
func (r Record) Manager() (source, employeeID string) {
	if r.Source != SourceSponsored || r.ManagerID == "" {
		return r.Source, r.ManagerID
	}
	source, employeeID, err := SplitKey(r.ManagerID)
	if err != nil {
		return "", ""
	}
	return source, employeeID
}

// Status is an employment status as a source states it.
type Status string

// Statuses a source can state. StatusUnknown also stands for a record that has disappeared: absence is never a
// termination.
const (
	StatusUnknown    Status = "unknown"
	StatusActive     Status = "active"
	StatusOnLeave    Status = "on_leave"
	StatusTerminated Status = "terminated"
	// StatusInactive is neither active nor terminated: BambooHR shows future hires so.
	StatusInactive  Status = "inactive"
	StatusRescinded Status = "rescinded"
)

// Engagement is a record together with what the ledger knows about it.
type Engagement struct {
	Record
	// FirstSeen is when Gatehouse first saw this record.
	FirstSeen time.Time `json:"first_seen"`
	// LeaverFirstSeen is when a last day of work was first seen on it, zero if never.
	LeaverFirstSeen time.Time `json:"leaver_first_seen,omitzero"`
	// LeaverDue is when that end was to be carried out by the last look, or was carried out; zero if it was not known yet.
	LeaverDue time.Time `json:"leaver_due,omitzero"`
	// Departed says that the ledger has the person down as gone: an end of theirs has been carried out.
	Departed bool `json:"departed,omitempty"`
	// LeftAt is from when HR wanted the person out by a departure that has been carried out and lasts, zero without one.
	LeftAt time.Time `json:"left_at,omitzero"`
	// OutSince is from when HR wanted the person out by the departure that lasts, carried out or not, zero without one.
	OutSince time.Time `json:"out_since,omitzero"`
	// OpenSince is from when a departure of theirs that is not carried out is due, zero without one.
	OpenSince time.Time `json:"open_since,omitzero"`
	// HereAt is when the last look was, if it had the person down as employed or about to be; else zero.
	HereAt time.Time `json:"here_at,omitzero"`
	// Begun says that this record was seen to say that the person works here, in the employment that lasts or was the last.
	Begun bool `json:"begun,omitempty"`
	// Found is false when the source no longer has the record.
	Found bool `json:"found"`
}

// FirstSight is a record of which the ledger knows nothing yet.
func FirstSight(r Record, now time.Time) Engagement {
	return Engagement{Record: r, FirstSeen: now, LeaverFirstSeen: now, Found: true}
}

// Standing is where a person stands with the company, over all their engagements.
type Standing string

// The standings, normalised from every HR source.
const (
	StandingUnknown   Standing = "unknown"
	StandingUpcoming  Standing = "upcoming"
	StandingActive    Standing = "active"
	StandingOnLeave   Standing = "on_leave"
	StandingLeaving   Standing = "leaving"
	StandingLeft      Standing = "left"
	StandingRescinded Standing = "rescinded"
)

// Employed reports whether a person of this standing belongs to the company or is about to.
func (s Standing) Employed() bool {
	switch s {
	case StandingUpcoming, StandingActive, StandingOnLeave, StandingLeaving:
		return true
	case StandingUnknown, StandingLeft, StandingRescinded:
		return false
	}
	return false
}

// Person is one human as policy sees them at one moment: the engagement that counts, and the instants that follow
// from it. All instants are UTC; a zero instant means that there is none.
type Person struct {
	// Key is the opaque, stable name of the person: the only one allowed in ids, logs and search attributes.
	Key      string    `json:"key"`
	AsOf     time.Time `json:"as_of"`
	Standing Standing  `json:"standing"`
	// Record is the engagement that decides; Sources counts all of them.
	Record  Record `json:"record"`
	Sources int    `json:"sources"`

	// Zone is the IANA time zone the instants were computed in; ZoneGuessed says that the company's stood in.
	Zone        string `json:"zone"`
	ZoneGuessed bool   `json:"zone_guessed,omitempty"`

	CreateAt   time.Time `json:"create_at,omitzero"`
	ActivateAt time.Time `json:"activate_at,omitzero"`
	// LeaveAt is also when the engagement before ended, for somebody whose next one is still to begin.
	LeaveAt time.Time `json:"leave_at,omitzero"`
	// LeftAt is from when a departure that has been carried out has somebody out whose standing is unknown by now, zero without one. Until
	// a record says where they stand, it goes on.
	LeftAt time.Time `json:"left_at,omitzero"`
	// ChangeAt is when a change of position that HR has dated takes effect: the day begins in the person's zone, or the
	// engagement that follows this one without a gap.
	ChangeAt time.Time `json:"change_at,omitzero"`
	// WarnAt is when the end of a contract is to be warned of next.
	WarnAt time.Time `json:"warn_at,omitzero"`
	// ManagerAccount is the manager's OneLogin user, 0 if there is none or it is not known.
	ManagerAccount int64 `json:"manager_account,omitempty"`
	// Moved says that HR has changed the position since access was last in step with it. It comes from the ledger.
	Moved bool `json:"moved,omitempty"`
	// TakenAddresses are those of the addresses which HR has for this person now that somebody else has. They come from the ledger and OneLogin.
	TakenAddresses []string `json:"taken_addresses,omitempty"`
	// Withdrawn says that HR has withdrawn the termination that ended the access of this person, and that there is something left
	// to undo. It comes from the ledger.
	Withdrawn bool `json:"withdrawn,omitempty"`
	// Late says that the hire was entered after the day it starts.
	Late bool `json:"late,omitempty"`

	Notices []Notice `json:"notices,omitempty"`

	// Systems are the person's accounts in systems beside OneLogin, by the inventory. They are for planning only.
	Systems []SystemView `json:"-"`
}

// DayOf is the day of a moment where the person works.
func (p Person) DayOf(at time.Time) Date {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		zone = time.UTC
	}
	return Date(at.In(zone).Format(time.DateOnly))
}

// Belongs reports whether the person works here or is about to, and is not out between two engagements.
func (p Person) Belongs() bool {
	return p.Standing.Employed() && (p.LeaveAt.IsZero() || p.LeaveAt.After(p.AsOf))
}

// Out reports that HR has the person out: they have left, are between two employments, or a departure of theirs that was carried out goes on.
func (p Person) Out() bool {
	return !p.Belongs() && (p.Standing != StandingUnknown || !p.LeftAt.IsZero())
}

// Notice is something a person has to look at. It blocks nothing unless Blocking is set. Code is stable and safe in
// logs; Text is for the operator and may carry personal data.
type Notice struct {
	Code     string `json:"code"`
	Text     string `json:"text"`
	Owner    string `json:"owner,omitempty"`
	Blocking bool   `json:"blocking,omitempty"`
}
