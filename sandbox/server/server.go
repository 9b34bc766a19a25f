package server

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/sandbox/bamboohr"
	"gatehouse/sandbox/google"
	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/jira"
	"gatehouse/sandbox/ldap"
	"gatehouse/sandbox/onelogin"
	"gatehouse/sandbox/pagerduty"
	"gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/seed"
	"gatehouse/sandbox/slack"
	"gatehouse/sandbox/tenant"
	"gatehouse/sandbox/workday"
)

// Options says what tenant to build.
type Options struct {
	// People is the size of the company, 60 if 0.
	People int
	// Seed decides who they are; the same seed makes the same people.
	Seed uint64
	// Clock is the tenant's time, the machine's if nil.
	Clock func() time.Time
	// Apps is the number of apps besides the company's usual ones.
	Apps int
	// Legacy makes the accounts older than Gatehouse: see seed.Legacy.
	Legacy bool
	// Forgotten is how many people who have left still get in: see seed.Forget.
	Forgotten int
	// CRM is how many people are in Salesforce at most, 60 if 0.
	CRM int
	// Quota is the number of OneLogin calls per hour, 5,000 if 0.
	Quota int
	// GoogleKey is the key of Google's service account, one of this process's own if it is zero.
	GoogleKey google.Key
}

// Server is a simulated tenant behind one HTTP handler. It is safe for concurrent use.
type Server struct {
	world   atomic.Pointer[world]
	control http.Handler

	// directory is served beside the world, if at all.
	directory atomic.Pointer[ldap.Server]

	// reset is held while one world takes another's place.
	reset sync.Mutex
}

// world is everything that a reset replaces.
type world struct {
	options    Options
	ground     *tenant.Tenant
	hr         *hr.Store
	onelogin   *onelogin.OneLogin
	workday    *workday.Workday
	bamboohr   *bamboohr.BambooHR
	slack      *slack.Slack
	jira       *jira.Jira
	google     *google.Google
	pager      *pagerduty.PagerDuty
	salesforce *salesforce.Salesforce
	vendors    map[string]http.Handler
}

// newWorld builds and seeds a tenant.
func newWorld(o Options) *world {
	w := &world{options: o, ground: tenant.New(o.Clock, o.Seed), vendors: map[string]http.Handler{}}
	w.slack = slack.New(w.ground)
	w.jira = jira.New(w.ground)
	w.google = google.New(w.ground, o.GoogleKey)
	w.pager = pagerduty.New(w.ground)
	w.salesforce = salesforce.New(w.ground, salesforce.Key{})
	w.hr = hr.NewStore(w.ground.Now, func(c hr.Change) { w.bamboohr.Heard(c) })
	w.workday = workday.New(w.ground, w.hr)
	w.bamboohr = bamboohr.New(w.ground, w.hr)
	w.onelogin = onelogin.New(w.ground, onelogin.Options{Quota: o.Quota, UserCreated: w.member, Owner: w.whose})
	for _, v := range []tenant.Vendor{
		w.onelogin.Vendor(), w.workday.Vendor(), w.bamboohr.Vendor(), w.slack.Vendor(), w.jira.Vendor(), w.google.Vendor(),
		w.pager.Vendor(), w.salesforce.Vendor(),
	} {
		w.vendors[v.Name] = w.ground.Handler(v)
	}
	seed.Fill(w.hr, w.onelogin, o.People, o.Apps, o.Seed, w.ground.Now())
	if o.Legacy {
		if err := seed.Legacy(w.hr, w.onelogin, o.Seed, w.ground.Now()); err != nil {
			// The seed names what it has made itself.
			panic(err)
		}
	}
	if _, err := seed.Forget(w.hr, w.onelogin, o.Forgotten); err != nil {
		panic(err)
	}
	seed.Workspace(w.google.People(), w.onelogin.Users())
	if err := seed.CRM(w.salesforce, w.hr.List(hr.Workday), o.CRM); err != nil {
		panic(err)
	}
	return w
}

// member gives a OneLogin user the accounts that provisioning gives everybody: Slack and Jira. Both know people by their
// address, so a second OneLogin account under it is no second member.
func (w *world) member(id int64, email, first, last string, active bool) {
	if email != "" && w.slack.Knows(email) {
		return
	}
	w.slack.AddUser(id, email, first, last)
	w.jira.AddPerson(id, email, first, last)
	if !active {
		w.slack.SetDeleted(email, true)
	}
}

// close ends what the world still does in the background.
func (w *world) close() {
	w.bamboohr.Close()
	w.pager.Close()
	w.onelogin.Close()
	w.slack.Close()
}

// New builds a tenant. Close it when done, if it sends webhooks.
func New(o Options) *Server {
	s := &Server{}
	s.world.Store(newWorld(o))
	s.control = guarded(s.controls())
	return s
}

// Handler serves every vendor below its prefix, the control endpoints, and the page.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		prefix, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if prefix == "upload" {
			// Google's Go library uploads to the root of the host, whatever base URL it was given.
			prefix, r = google.Name, below(r, "/"+google.Name)
		}
		if vendor := s.world.Load().vendors[prefix]; vendor != nil {
			vendor.ServeHTTP(w, r)
			return
		}
		s.control.ServeHTTP(w, r)
	})
}

// below returns a request as if it had been sent below a prefix.
func below(r *http.Request, prefix string) *http.Request {
	out := r.Clone(r.Context())
	out.URL.Path = prefix + r.URL.Path
	if r.URL.RawPath != "" {
		out.URL.RawPath = prefix + r.URL.RawPath
	}
	return out
}

// Tick does what is due by the clock: changes that HR has dated, and the webhooks of terminations that take effect. The program calls it every second;
// every change of the clock by hand and every HR order does so too.
func (s *Server) Tick() {
	w := s.world.Load()
	w.hr.Due()
	w.bamboohr.Due()
}

// Close ends webhook deliveries that are under way and waits for them.
func (s *Server) Close() {
	s.reset.Lock()
	defer s.reset.Unlock()
	s.world.Load().close()
	if d := s.directory.Load(); d != nil {
		d.Close()
	}
}

// Reset replaces the tenant by a new one. Webhook targets and the key of Google's service account stay, because they
// belong to who listens and calls, and not to the company.
func (s *Server) Reset(o Options) {
	s.reset.Lock()
	defer s.reset.Unlock()
	old := s.world.Load()
	old.close()
	if o.GoogleKey == (google.Key{}) {
		o.GoogleKey = old.options.GoogleKey
	}
	next := newWorld(o)
	next.ground.Journal.ContinueFrom(old.ground.Journal)
	for _, t := range old.bamboohr.Targets() {
		// A target that was accepted once is accepted again.
		_ = next.bamboohr.AddTarget(t)
	}
	for _, t := range old.pager.Targets() {
		_ = next.pager.AddTarget(t)
	}
	for _, t := range old.onelogin.Events().Targets() {
		_ = next.onelogin.Events().AddTarget(t)
	}
	next.slack.SetInteractivity(old.slack.Interactivity())
	s.world.Store(next)
	if d := s.directory.Load(); d != nil {
		if err := errors.Join(d.Reset(), next.staff(d)); err != nil {
			// The company is one that the seed has made.
			panic(err)
		}
	}
}
