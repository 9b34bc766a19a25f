package review

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/reviews"
	"gatehouse/ledger/systems"
)

// systemRules are what the policy says of a system that accounts of it are judged by.
type systemRules struct {
	maxAge     time.Duration
	privileged []string
}

func (j judge) rulesOf(system string) systemRules {
	for _, y := range j.policy.Systems() {
		if y.Name == system {
			return systemRules{maxAge: y.MaxAge, privileged: y.Privileged}
		}
	}
	return systemRules{maxAge: defaultMaxAge}
}

// beside judges an account of a system beside OneLogin.
func (j judge) beside(a systems.Listed, y systemPlace, c around) (reviews.SystemAccount, []reviews.Finding, error) {
	s := &besideJudge{judge: j, a: a, c: c, y: y}
	s.row = reviews.SystemAccount{
		Ref: a.Ref, Manager: c.managerOf(a), Status: int(a.Document.Status), LastLogin: a.Document.LastLogin,
		SystemDetail: reviews.SystemDetail{
			Username: a.Document.Username, Email: a.Document.Email, Name: strings.TrimSpace(a.Document.FirstName + " " + a.Document.LastName),
			Department: a.Document.Department, NoSignIns: !y.SignIns && a.Document.LastLogin.IsZero(), Unread: !a.Shown,
		},
	}
	if s.row.Name == "" {
		s.row.Name = a.Document.DisplayName
	}
	if s.row.Manager == 0 {
		s.row.ManagerName = c.called[a.Manager]
	}
	s.person()
	s.nobodys()
	s.known()
	s.used()
	s.holds()
	return s.row, s.findings, s.failed
}

// besideJudge is one account that is being judged.
type besideJudge struct {
	judge
	a        systems.Listed
	c        around
	y        systemPlace
	row      reviews.SystemAccount
	findings []reviews.Finding
	failed   error
}

// find adds a finding about the account, or about something that it holds.
func (s *besideJudge) find(kind, thing string, v findingView) {
	detail, err := foundText(kind, v)
	s.failed = errors.Join(s.failed, err)
	s.findings = append(s.findings, reviews.Finding{
		Severity: severityOf(kind), Kind: kind, Ref: s.a.Ref, Item: strings.TrimSpace(s.a.Ref.String() + " " + thing), Detail: detail,
	})
}

func (s *besideJudge) flag(text string) { s.row.Flags = append(s.row.Flags, text) }

// person says whose the account is, and what HR says of them.
func (s *besideJudge) person() {
	a := s.a
	standing, found := s.c.standings[a.Person]
	source, _, err := identity.SplitKey(a.Person)
	s.row.HR = hrNoRecord
	if a.Belongs() {
		s.row.PersonKey, s.row.Lead = a.Person, s.c.leads[a.Person]
		s.row.HR = hrOf(standing, found && err == nil && source != identity.SourceAccount)
	} else if s.policy.ReviewService(a.Document) != "" {
		s.row.HR = hrNotAPerson
	}
	if a.State == identity.AccountDisputed {
		s.flag("disputed")
	}
	if a.State == identity.AccountCandidate {
		s.flag("perhaps " + a.Person + "'s")
	}
}

// nobodys says whether the account is no person's own, and who answers for it.
func (s *besideJudge) nobodys() {
	a := s.a
	entry, is, doubtful := people.NonPersonal(s.policy, a.Document, a.Account)
	service := s.policy.ReviewService(a.Document)
	v := findingView{
		Rule: cmp.Or(service, s.policy.Protected(a.Document)), Kind: entry.Kind.Title(), Entry: entry.Name, Owner: entry.Owner, Doubtful: doubtful,
	}
	if is {
		s.row.HR, s.row.PersonKey = entry.Kind.Title(), ""
		if s.row.Owner = cmp.Or(entry.Owner, s.c.addressOf(a.Owner)); s.row.Owner == "" {
			s.flag("nobody answers for it")
		}
		if entry.Name == "" {
			v.Owner = s.row.Owner
		}
	}
	if is || doubtful || v.Rule != "" {
		s.find(findingNotAPerson, "", v)
	}
	if s.row.HR == hrNotAPerson {
		s.flag(identity.KindService.Title())
	} else if is {
		s.flag(s.row.HR)
	}
	if s.policy.Protected(a.Document) != "" {
		s.flag("protected")
	}
}

// known says what is wrong with whose the account is.
func (s *besideJudge) known() {
	a := s.a
	switch s.row.HR {
	case hrLeft:
		if standing := s.c.standings[a.Person]; a.LockedFor == a.Person && a.LockedIn == standing.Episode {
			// It stays open to the system itself, and to nobody else.
			s.flag("locked by Gatehouse when its person left")
			break
		}
		s.flag("leaver still open")
		s.find(findingLeft, "", findingView{Status: a.Document.Status.String()})
	case hrNoRecord:
		v := findingView{}
		if a.State == identity.AccountCandidate {
			standing, found := s.c.standings[a.Person]
			v.Perhaps, v.Left = a.Person, hrOf(standing, found) == hrLeft
		}
		s.flag("no person")
		s.find(findingOrphan, "", v)
	}
	if a.State == identity.AccountDisputed {
		s.find(findingDisputed, "", findingView{})
	}
	if a.Second {
		s.flag("second account")
	}
	if a.Belongs() && a.Use == identity.UseAdmin {
		s.flag("account for administration")
	}
}

// used says whether the account is used, and how well it is known.
func (s *besideJudge) used() {
	a := s.a
	edge := s.now.Add(-s.policy.Review().DormantAfter)
	last, made := a.Document.LastLogin, a.Document.CreatedAt
	switch {
	case !last.IsZero() && last.Before(edge):
		s.flag("dormant")
		s.find(findingDormant, "", findingView{Since: last.UTC().Format(time.DateOnly)})
	case s.y.SignIns && last.IsZero() && !made.IsZero() && made.Before(edge):
		s.flag("never signed in")
		s.find(findingNeverUsed, "", findingView{Since: made.UTC().Format(time.DateOnly)})
	}
	switch {
	case a.ObservedAt.IsZero():
		s.flag("not read yet")
	case !a.MissingSince.IsZero():
		s.flag("not shown since " + instantText(a.MissingSince))
	}
	if s.y.Stale {
		s.flag("system not read in time")
	}
}

// holds says what the account holds, and what of it is privileged.
func (s *besideJudge) holds() {
	privileged := s.rulesOf(s.a.Ref.System).privileged
	for _, thing := range s.a.Things {
		hold := reviews.Hold{
			Kind: string(thing.Kind), Name: thing.Name, Given: thing.Given, Privileged: slices.Contains(privileged, thing.Name),
			Rules: s.policy.Givers(s.a.Ref.System, thing.Kind, thing.Name),
		}
		s.row.Holds = append(s.row.Holds, hold)
		if hold.Privileged && len(hold.Rules) == 0 {
			s.find(findingUnmanaged, hold.Kind+" "+hold.Name, findingView{})
		}
	}
}
