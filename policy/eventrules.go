package policy

import (
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/cel-go/cel"

	"gatehouse/identity"
)

// events is the section as it was read.
type events struct {
	settings Events
	rules    []EventRule
	networks []network
}

// network is a range of addresses and where it is.
type network struct {
	prefix netip.Prefix
	place  Place
}

// eventSubject documents event, the variable of event rules.
func eventSubject() subject {
	of := func(name string, typ *cel.Type, get func(*Event) any) field {
		return field{name: name, typ: typ, get: func(v any) any { return get(v.(*Event)) }}
	}
	return subject{
		name: "event", object: "gatehouse.Event", empty: &Event{},
		fields: append([]field{
			of("id", cel.IntType, func(e *Event) any { return e.ID }),
			of("at", cel.TimestampType, func(e *Event) any { return e.At }),
			of("user_id", cel.IntType, func(e *Event) any { return e.UserID }),
			of("actor_id", cel.IntType, func(e *Event) any { return e.ActorID }),
			of("assuming_id", cel.IntType, func(e *Event) any { return e.AssumingID }),
			of("risk_score", cel.IntType, func(e *Event) any { return int64(e.RiskScore) }),
			of("scored", cel.BoolType, func(e *Event) any { return e.Scored }),
			of("country", cel.StringType, func(e *Event) any {
				if e.Place == nil {
					return ""
				}
				return e.Place.Country
			}),
		}, eventTexts()...),
	}
}

func eventTexts() []field {
	text := func(name string, get func(*Event) string) field {
		return field{name: name, typ: cel.StringType, get: func(v any) any { return get(v.(*Event)) }}
	}
	return []field{
		text("type", func(e *Event) string { return e.Type }),
		text("user", func(e *Event) string { return e.UserName }),
		text("actor", func(e *Event) string { return e.ActorName }),
		text("actor_system", func(e *Event) string { return e.ActorSystem }),
		text("ip", func(e *Event) string { return e.IP }),
		text("proxy_ip", func(e *Event) string { return e.ProxyIP }),
		text("app", func(e *Event) string { return e.App }),
		text("role", func(e *Event) string { return e.Role }),
		text("group", func(e *Event) string { return e.Group }),
		text("policy", func(e *Event) string { return e.Policy }),
		text("privilege", func(e *Event) string { return e.Privilege }),
		text("factor", func(e *Event) string { return e.Factor }),
		text("client_id", func(e *Event) string { return e.ClientID }),
		text("notes", func(e *Event) string { return e.Notes }),
		text("error", func(e *Event) string { return e.Error }),
		text("risk_reasons", func(e *Event) string { return e.RiskReasons }),
	}
}

func (p *Policy) readEvents(root section) error {
	s := root.section("events", "overlap", "reread", "reread_every", "keep", "update_every", "approvers", "exclude_clients",
		"severities", "networks", "rules")
	e := Events{Overlap: 15 * time.Minute, Reread: day, RereadEvery: 6 * time.Hour, Keep: 30 * day, UpdateEvery: 10 * time.Minute}
	s.duration("overlap", nonZero, &e.Overlap)
	s.duration("reread", nonZero, &e.Reread)
	s.duration("reread_every", nonZero, &e.RereadEvery)
	s.duration("keep", nonZero, &e.Keep)
	s.duration("update_every", nonZero, &e.UpdateEvery)
	if e.Reread < e.Overlap {
		s.r.fail(s.at, "events.reread is shorter than events.overlap, so that it would find nothing more: make it longer")
	}
	if e.Keep < e.Reread {
		s.r.fail(s.at, "events.keep is shorter than events.reread: what is read again has to be known again; make it longer")
	}
	for _, w := range s.words("approvers") {
		if address := s.r.mailbox("events.approvers", w); address != "" {
			e.Approvers = append(e.Approvers, address)
		}
	}
	e.ExcludeClients = names(s.words("exclude_clients"))
	p.events = events{settings: e}
	p.readNetworks(s)
	severities := readSeverities(s)
	compiler, err := newCompiler(eventSubject())
	if err != nil {
		return err
	}
	lines := map[string]int{}
	for i, node := range s.items("rules", "rules") {
		p.readEventRule(s, compiler, i, node, lines, severities)
	}
	return nil
}

// pagerWords are the severities that PagerDuty knows, and none. Source: PagerDuty developer-docs, events-API-v2.
var pagerWords = []string{"critical", "error", "warning", "info", PagerNone}

func readSeverities(s section) map[string]string {
	node, set := s.values["severities"]
	if !set {
		return map[string]string{"critical": "critical", "high": "error", "medium": "warning", "low": PagerNone}
	}
	out := map[string]string{}
	keys, values := s.r.pairs("events.severities", node)
	for i, key := range keys {
		path := join("events.severities", key.text)
		w, ok := s.r.scalar(path, values[i], "a text", ast.StringType)
		s.r.noteChoices(path, pagerWords)
		if ok && !slices.Contains(pagerWords, w.text) {
			s.r.fail(w.node, "%s: unknown value %q%s; the pager knows critical, error, warning and info, and none wakes nobody",
				path, w.text, didYouMean(w.text, pagerWords))
		}
		out[key.text] = w.text
	}
	return out
}

func (p *Policy) readNetworks(s section) {
	for i, node := range s.items("networks", "networks") {
		path := item("events.networks", i)
		sub := s.r.section(path, node, node, "cidr", "country", "latitude", "longitude")
		n := network{}
		if w, ok := sub.required("cidr", "name a range of addresses, like 198.51.100.0/24"); ok {
			prefix, err := netip.ParsePrefix(w.text)
			if err != nil {
				s.r.fail(w.node, "%s.cidr: %q is not a range of addresses: write one like 198.51.100.0/24", path, w.text)
			}
			n.prefix = prefix
		}
		if w, ok := sub.text("country"); ok {
			n.place.Country = w.text
		}
		_, lat := sub.values["latitude"]
		_, lon := sub.values["longitude"]
		if lat != lon {
			s.r.fail(node, "%s has one coordinate: give latitude and longitude, or neither", path)
		}
		n.place.Located = lat && lon
		sub.number("latitude", -90, 90, &n.place.Latitude)
		sub.number("longitude", -180, 180, &n.place.Longitude)
		p.events.networks = append(p.events.networks, n)
	}
}

// number reads a number within bounds.
func (s section) number(key string, lowest, highest float64, dst *float64) {
	s.r.noteBounds(join(s.path, key), lowest, highest)
	w, ok := s.scalar(key, "a number", ast.IntegerType, ast.FloatType)
	if !ok {
		return
	}
	f, err := strconv.ParseFloat(w.text, 64)
	if err != nil || math.IsNaN(f) || f < lowest || f > highest {
		s.r.fail(w.node, "%s: %s is out of range: write a number from %g to %g", join(s.path, key), w.text, lowest, highest)
		return
	}
	*dst = f
}

// ruleName is what stands in workflow ids.
var ruleName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

func (p *Policy) readEventRule(s section, compiler *compiler, i int, node ast.Node, lines map[string]int, severities map[string]string) {
	path := item("events.rules", i)
	sub := s.r.section(path, node, node, "name", "types", "when", "count", "within", "subject", "impossible_travel",
		"reopen_after", "severity", "respond")
	rule := EventRule{Count: 1, Subject: SubjectUser, Severity: "high", Pager: severities["high"]}
	if w, ok := sub.required("name", "give the rule a name, like failed-logins: incidents are called by it"); ok {
		rule.Name, rule.at = w.text, w
		if !ruleName.MatchString(w.text) {
			s.r.fail(w.node, "%s.name: %q cannot be part of an incident's name: use up to 40 small letters, digits and hyphens", path, w.text)
		}
		if first, twice := lines[w.text]; twice {
			s.r.fail(w.node, "%s.name: the rule on line %d is also called %q: give each its own name", path, first, w.text)
		}
		lines[w.text] = w.line
	}
	sub.mustHave("types", "name OneLogin's event types, like [USER_FAILED_ONELOGIN_LOGIN]")
	rule.refs = sub.words("types")
	rule.Types = names(rule.refs)
	when := word{text: "true", line: 1, col: 1, node: node}
	if w, ok := sub.text("when"); ok {
		when = w
	}
	var usable bool
	rule.when, usable = compiler.compile(s.r, join(path, "when"), when)
	sub.choice("subject", &rule.Subject, SubjectUser, SubjectActor, SubjectIP)
	p.readWindow(sub, node, &rule)
	if w, ok := sub.text("severity"); ok {
		rule.Severity = w.text
	}
	pager, known := severities[rule.Severity]
	if !known {
		at := sub.values["severity"]
		if at == nil {
			at = node
		}
		s.r.fail(at, "%s.severity: %q is none of events.severities%s", path, rule.Severity, didYouMean(rule.Severity, sortedNames(severities)))
	}
	rule.Pager = pager
	p.readResponses(sub, &rule)
	if usable {
		p.events.rules = append(p.events.rules, rule)
	}
}

func sortedNames(m map[string]string) []string {
	set := map[string]bool{}
	for name := range m {
		set[name] = true
	}
	return sortedKeys(set)
}

// readWindow reads how many events make an incident and how long it lasts.
func (p *Policy) readWindow(sub section, node ast.Node, rule *EventRule) {
	sub.integer("count", 1, 10_000, &rule.Count)
	sub.duration("within", nonZero, &rule.Within)
	if _, travel := sub.values["impossible_travel"]; travel {
		t := sub.section("impossible_travel", "speed_kmh", "min_km")
		rule.Travel = &Travel{SpeedKMH: 900, MinKM: 200}
		t.number("speed_kmh", 1, 100_000, &rule.Travel.SpeedKMH)
		t.number("min_km", 0, 20_000, &rule.Travel.MinKM)
		if rule.Count != 1 {
			sub.r.fail(node, "%s: impossible_travel compares two events and takes no count: remove count", sub.path)
		}
		if rule.Subject == SubjectIP {
			sub.r.fail(node, "%s: an address does not travel: use subject: user or actor", sub.path)
		}
		if rule.Within == 0 {
			rule.Within = day
		}
	}
	if _, set := sub.values["within"]; rule.Count > 1 && !set {
		sub.r.fail(node, "%s.within is missing: say in what time %d events have to happen, like 10m", sub.path, rule.Count)
	}
	if rule.Count == 1 && rule.Travel == nil {
		if _, set := sub.values["within"]; set {
			sub.r.fail(sub.values["within"], "%s.within has no meaning for a single event: add count, or remove it", sub.path)
		}
		rule.Within = 0
	}
	rule.ReopenAfter = max(time.Hour, rule.Within)
	sub.duration("reopen_after", nonZero, &rule.ReopenAfter)
	if rule.ReopenAfter < rule.Within {
		sub.r.fail(node, "%s.reopen_after is shorter than within, so that one window would be several cases: make it at least as long", sub.path)
	}
}

func (p *Policy) readResponses(sub section, rule *EventRule) {
	kinds := []string{
		string(identity.OrderLogOut), string(identity.OrderLock), string(identity.OrderSuspend), string(identity.OrderResetPassword),
		string(identity.OrderContain),
	}
	seen := map[identity.OrderKind]bool{}
	for i, node := range sub.items("respond", "responses") {
		path := item(join(sub.path, "respond"), i)
		s := sub.r.section(path, node, node, "order", "approval", "minutes")
		r := Response{Approval: ApprovalSecondPerson}
		s.mustHave("order", "say what to do: log_out, lock, suspend, reset_password or contain")
		var order string
		s.choice("order", &order, kinds...)
		r.Order = identity.OrderKind(order)
		s.choice("approval", &r.Approval, ApprovalAutomatic, ApprovalSecondPerson)
		s.integer("minutes", 1, identity.MaxLock, &r.Minutes)
		switch {
		case r.Minutes != 0 && r.Order != identity.OrderLock:
			s.r.fail(node, "%s.minutes is for lock only: remove it", path)
		case rule.Subject == SubjectIP:
			s.r.fail(node, "%s: an address has no account to respond on: use subject: user or actor", path)
		case seen[r.Order]:
			s.r.fail(node, "%s repeats %q: remove one of them", path, r.Order)
		case r.Approval == ApprovalSecondPerson && len(p.events.settings.Approvers) == 0:
			s.r.fail(node, "%s waits for a second person and events.approvers names nobody: list at least two addresses", path)
		}
		seen[r.Order] = true
		rule.Respond = append(rule.Respond, r)
	}
}
