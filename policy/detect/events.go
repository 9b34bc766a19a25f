package detect

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// Settings says how OneLogin's events are read and what happens with the incidents that follow.
type Settings struct {
	// Overlap is how much of what was read is read again at every poll, in event time: an event that becomes visible no
	// later than this after others that are younger is found at the next poll. Default 15m.
	Overlap time.Duration
	// Reread and RereadEvery go back further, but more rarely. An event that becomes visible later than Reread is not
	// found. Default 24h, every 6h.
	Reread, RereadEvery time.Duration
	// Keep is how long events stay in the ledger. Older ones are not taken up. Default 30 days.
	Keep time.Duration
	// UpdateEvery is the shortest time between two updates of one incident. Default 10m.
	UpdateEvery time.Duration
	// Approvers are the e-mail addresses of those who may approve a response.
	Approvers []string
	// ExcludeClients are API credentials whose events no rule sees, besides Gatehouse's own.
	ExcludeClients []string
	// Show says what of events pages, tickets and messages may show.
	Show Show
	// Habits says whose usual places are kept.
	Habits Habits
}

// The words for who an event rule is about.
const (
	SubjectUser  = "user"
	SubjectActor = "actor"
	SubjectIP    = "ip"
)

// The words for who lets a response happen.
const (
	ApprovalAutomatic    = "automatic"
	ApprovalSecondPerson = "second_person"
)

// PagerNone is the pager's severity of rules that wake nobody: a ticket and a message only.
const PagerNone = "none"

// Response is what a rule wants done to the account that it is about.
type Response struct {
	Order identity.OrderKind
	// Approval is ApprovalAutomatic, or ApprovalSecondPerson, the default.
	Approval string
	// Minutes is how long a lock lasts; 0 is the period of the user's policy in OneLogin.
	Minutes int
}

// Travel are the bounds of impossible travel.
type Travel struct {
	// SpeedKMH is the fastest that anybody travels, in km/h. Default 900.
	SpeedKMH float64
	// MinKM is the shortest distance that counts: places of addresses are known roughly. Default 200.
	MinKM float64
}

// Rule says which events make an incident.
type Rule struct {
	Name string
	// Types are the names of OneLogin's event types.
	Types []string
	// Count events that happened within Within of each other make an incident. Default 1.
	Count  int
	Within time.Duration
	// Travel makes it a rule about two events in places too far apart; nil for all others.
	Travel *Travel
	// Unusual makes it a rule about sign-ins from unusual places; nil for all others.
	Unusual *Unusual
	// Subject is whose events count together: SubjectUser, SubjectActor or SubjectIP.
	Subject string
	// ReopenAfter is how long it has to be quiet before further events are a case of their own. Default 1h, or Within
	// where that is longer.
	ReopenAfter time.Duration
	// Severity is the rule's own word, Pager what the pager is told: critical, error, warning, info or PagerNone.
	Severity, Pager string
	Respond         []Response

	when condition.Condition
	refs []yamlfile.Word
	at   yamlfile.Word
}

// Event is what a condition sees of an event of OneLogin.
type Event struct {
	ID          int64     `json:"-"`
	Type        string    `json:"type"`
	TypeID      int       `json:"-"`
	At          time.Time `json:"-"`
	UserID      int64     `json:"user_id,omitempty"`
	UserName    string    `json:"user_name,omitempty"`
	ActorID     int64     `json:"actor_id,omitempty"`
	ActorName   string    `json:"actor_name,omitempty"`
	ActorSystem string    `json:"actor_system,omitempty"`
	AssumingID  int64     `json:"assuming_id,omitempty"`
	IP          string    `json:"ip,omitempty"`
	ProxyIP     string    `json:"proxy_ip,omitempty"`
	App         string    `json:"app,omitempty"`
	Role        string    `json:"role,omitempty"`
	Group       string    `json:"group,omitempty"`
	Policy      string    `json:"policy,omitempty"`
	// Privilege is its id, PrivilegeName what OneLogin calls it.
	Privilege     string `json:"privilege,omitempty"`
	PrivilegeName string `json:"privilege_name,omitempty"`
	Factor        string `json:"factor,omitempty"`
	ClientID      string `json:"client_id,omitempty"`
	Notes         string `json:"notes,omitempty"`
	Error         string `json:"error,omitempty"`
	RiskScore     int    `json:"risk_score,omitempty"`
	Scored        bool   `json:"scored,omitempty"`
	RiskReasons   string `json:"risk_reasons,omitempty"`
	// Place is where the address is, nil if that is not known.
	Place *Place `json:"place,omitempty"`
}

// Match says that a rule counts an event, and against whom.
type Match struct {
	Rule string
	// Kind is the rule's subject. Account is the OneLogin user, 0 if the event names none; Text is then the name that was
	// given or, for SubjectIP, the address.
	Kind    string
	Account int64
	Text    string
	// Place is set for rules that compare places.
	Place *Place
	// Spot is what is compared with the account's habit, for rules that do: the match counts where it is unusual.
	Spot Spot
}

// Settings returns how events are read.
func (d *Rules) Settings() Settings {
	e := d.settings
	e.Approvers, e.ExcludeClients = slices.Clone(e.Approvers), slices.Clone(e.ExcludeClients)
	e.Habits.Locations = slices.Clone(e.Habits.Locations)
	return e
}

// All returns the rules in the order of the file.
func (d *Rules) All() []Rule {
	out := slices.Clone(d.list)
	for i := range out {
		out[i].Types, out[i].Respond = slices.Clone(out[i].Types), slices.Clone(out[i].Respond)
	}
	return out
}

// Rule returns one rule.
func (d *Rules) Rule(name string) (Rule, bool) {
	for _, r := range d.All() {
		if r.Name == name {
			return r, true
		}
	}
	return Rule{}, false
}

// Types returns the names of all event types that rules mention, in alphabetical order, but for the rules that are
// left out and those that are at rest.
func (d *Rules) Types(without ...string) []string {
	var refs []yamlfile.Word
	for _, r := range d.list {
		if !slices.Contains(without, r.Name) && !d.off(r) {
			refs = append(refs, r.refs...)
		}
	}
	return yamlfile.Distinct(refs)
}

// UnfitRule is an event rule that cannot be used as it is, and why.
type UnfitRule struct{ Rule, Why string }

// Unfit compares the event types named in the policy with those the tenant has, and names the rules that cannot
// be used: each for itself, because a wrong name in one of them says nothing about the others. located says that there is
// a database of addresses.
func (d *Rules) Unfit(types []string, located bool) []UnfitRule {
	var unfit []UnfitRule
	for _, r := range d.list {
		if problems := d.problemsOf(r, types, located); len(problems) > 0 {
			unfit = append(unfit, UnfitRule{Rule: r.Name, Why: problems[0].Text})
		}
	}
	return unfit
}

// Check is Unfit with a place in the file for everything that is wrong. The error is *Problems.
func (d *Rules) Check(types []string, located bool) error {
	var list []yamlfile.Problem
	for _, r := range d.list {
		list = append(list, d.problemsOf(r, types, located)...)
	}
	return yamlfile.AsError(list)
}

// problemsOf says why a rule cannot be used in this tenant.
func (d *Rules) problemsOf(r Rule, types []string, located bool) []yamlfile.Problem {
	var list []yamlfile.Problem
	fail := func(at yamlfile.Word, format string, args ...any) {
		list = append(list, yamlfile.Problem{File: d.file, Line: at.Line, Col: at.Col, Text: fmt.Sprintf(format, args...)})
	}
	for _, ref := range r.refs {
		if !slices.Contains(types, ref.Text) {
			fail(ref, "OneLogin has no event type %q%s: correct the name; GET /api/1/events/types lists them", ref.Text, yamlfile.DidYouMean(ref.Text, types))
		}
	}
	if d.nowhere(r, located) {
		fail(r.at, "event rule %q asks where an address is, and nothing says so: configure events.geoip, or list events.networks in the policy", r.Name)
	}
	return list
}

// nowhere reports that a rule asks where an address is, while nothing says so.
func (d *Rules) nowhere(r Rule, located bool) bool {
	switch {
	case located:
		return false
	case d.compares(r) && r.Unusual.By == ByCountry && !slices.ContainsFunc(d.networks, func(n network) bool { return n.place.Country != "" }):
		return true
	}
	return len(d.networks) == 0 && (r.Travel != nil || strings.Contains(r.when.Text, "event.country"))
}

// Match returns what the rules count an event for. The names of rules whose condition failed come second: they
// count nothing, and somebody has to be told.
func (d *Rules) Match(e *Event) (matches []Match, failed []string) {
	if e.ClientID != "" && slices.Contains(d.settings.ExcludeClients, e.ClientID) {
		return nil, nil
	}
	for _, r := range d.list {
		if !slices.Contains(r.Types, e.Type) || d.off(r) {
			continue
		}
		m, ok := d.subjectOf(r, e)
		if !ok {
			continue
		}
		yes, err := r.when.Holds(e)
		if err != nil {
			failed = append(failed, r.Name)
		}
		if err == nil && yes {
			matches = append(matches, m)
		}
	}
	return matches, failed
}

// subjectOf says against whom an event counts. A failed sign-in under a name that nobody has names no user, so the name
// stands for them. An event that names nobody counts for nobody, and one without a place is neither usual nor too far away.
func (d *Rules) subjectOf(r Rule, e *Event) (Match, bool) {
	m := Match{Rule: r.Name, Kind: r.Subject}
	switch r.Subject {
	case SubjectActor:
		m.Account, m.Text = e.ActorID, e.ActorName
	case SubjectIP:
		m.Text = e.IP
	default:
		m.Account, m.Text = e.UserID, e.UserName
	}
	if m.Account != 0 {
		m.Text = ""
	}
	if r.Travel != nil {
		m.Place = e.Place
		if e.Place == nil || !e.Place.Located {
			return m, false
		}
	}
	if r.Unusual != nil {
		m.Spot = d.spot(r.Unusual.By, e)
		return m, m.Spot.Name != "" && m.Account != 0 && e.AssumingID == 0
	}
	return m, m.Account != 0 || m.Text != ""
}

// Network returns where an address is according to the policy's own list, the most specific network first.
func (d *Rules) Network(ip netip.Addr) (Place, bool) {
	n, found := d.network(ip)
	return n.place, found
}

func (d *Rules) network(ip netip.Addr) (best network, found bool) {
	for _, n := range d.networks {
		if n.prefix.Contains(ip.Unmap()) && (!found || n.prefix.Bits() > best.prefix.Bits()) {
			best, found = n, true
		}
	}
	return best, found
}

// parseAddr reads the address of an event.
func parseAddr(ip string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(strings.TrimSpace(ip))
	return addr.Unmap(), err
}
