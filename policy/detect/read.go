package detect

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/cel-go/cel"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// Rules are the section events of a policy: which events make an incident. They never change.
type Rules struct {
	// file is the policy's, for messages.
	file     string
	settings Settings
	list     []Rule
	networks []network
	// severities are what the pager calls each severity.
	severities map[string]string
}

// Severities are the words for how bad an incident is, in order.
func (d *Rules) Severities() []string { return slices.Sorted(maps.Keys(d.severities)) }

// Pager is what the pager calls a severity, empty if the policy does not know it.
func (d *Rules) Pager(severity string) string { return d.severities[severity] }

// network is a range of addresses and where it is.
type network struct {
	prefix netip.Prefix
	place  Place
}

// eventSubject documents event, the variable of event rules.
func eventSubject() condition.Subject {
	of := func(name string, typ *cel.Type, get func(*Event) any) condition.Field {
		return condition.Field{Name: name, Type: typ, Get: func(v any) any { return get(v.(*Event)) }}
	}
	return condition.Subject{
		Name: "event", Object: "gatehouse.Event", Empty: &Event{},
		Fields: append([]condition.Field{
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

func eventTexts() []condition.Field {
	text := func(name string, get func(*Event) string) condition.Field {
		return condition.Field{Name: name, Type: cel.StringType, Get: func(v any) any { return get(v.(*Event)) }}
	}
	return []condition.Field{
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
		text("privilege_name", func(e *Event) string { return e.PrivilegeName }),
		text("factor", func(e *Event) string { return e.Factor }),
		text("client_id", func(e *Event) string { return e.ClientID }),
		text("notes", func(e *Event) string { return e.Notes }),
		text("error", func(e *Event) string { return e.Error }),
		text("risk_reasons", func(e *Event) string { return e.RiskReasons }),
	}
}

// Read reads the section events of a policy. Problems in the file go to its reader; the error is for what is not the file's
// fault. The name of the file is for what is found later.
func Read(root yamlfile.Section, file string) (*Rules, error) {
	s := root.Section("events", "overlap", "reread", "reread_every", "keep", "update_every", "approvers", "exclude_clients",
		"show", "habits", "severities", "networks", "rules")
	e := Settings{Overlap: 15 * time.Minute, Reread: yamlfile.Day, RereadEvery: 6 * time.Hour, Keep: 30 * yamlfile.Day, UpdateEvery: 10 * time.Minute}
	s.Duration("overlap", yamlfile.NonZero, &e.Overlap)
	s.Duration("reread", yamlfile.NonZero, &e.Reread)
	s.Duration("reread_every", yamlfile.NonZero, &e.RereadEvery)
	s.Duration("keep", yamlfile.NonZero, &e.Keep)
	s.Duration("update_every", yamlfile.NonZero, &e.UpdateEvery)
	if e.Reread < e.Overlap {
		s.Fail(s.At, "events.reread is shorter than events.overlap, so that it would find nothing more: make it longer")
	}
	if e.Keep < e.Reread {
		s.Fail(s.At, "events.keep is shorter than events.reread, so that events would be read again after they were forgotten: make it longer")
	}
	for _, w := range s.Words("approvers") {
		if address := s.Reader.Mailbox("events.approvers", w); address != "" {
			e.Approvers = append(e.Approvers, address)
		}
	}
	e.ExcludeClients = yamlfile.Texts(s.Words("exclude_clients"))
	e.Show = readShow(s)
	e.Habits = readHabits(s, e.Reread)
	d := &Rules{file: file, settings: e}
	d.readNetworks(s)
	severities := readSeverities(s)
	d.severities = severities
	compiler, err := condition.New(eventSubject())
	if err != nil {
		return nil, err
	}
	lines := map[string]int{}
	for i, node := range s.Items("rules", "rules") {
		d.readRule(s, compiler, i, node, lines, severities)
	}
	return d, nil
}

// pagerWords are the severities that PagerDuty knows, and none. Source: PagerDuty developer-docs, events-API-v2.
var pagerWords = []string{"critical", "error", "warning", "info", PagerNone}

func readSeverities(s yamlfile.Section) map[string]string {
	node := s.Value("severities")
	if node == nil {
		return map[string]string{"critical": "critical", "high": "error", "medium": "warning", "low": PagerNone}
	}
	out := map[string]string{}
	keys, values := s.Reader.Pairs("events.severities", node)
	for i, key := range keys {
		path := yamlfile.Join("events.severities", key.Text)
		w, ok := s.Reader.Scalar(path, values[i], "a text", ast.StringType)
		s.Reader.NoteChoices(path, pagerWords)
		if ok && !slices.Contains(pagerWords, w.Text) {
			s.Fail(w.Node, "%s: unknown value %q%s; the pager knows critical, error, warning and info, and none wakes nobody",
				path, w.Text, yamlfile.DidYouMean(w.Text, pagerWords))
		}
		out[key.Text] = w.Text
	}
	return out
}

// countryCode is how the database of places names countries (ISO 3166-1 alpha-2): another name would never compare equal.
var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

func (d *Rules) readNetworks(s yamlfile.Section) {
	lines := map[netip.Prefix]int{}
	for i, node := range s.Items("networks", "networks") {
		path := yamlfile.Item("events.networks", i)
		sub := s.Reader.Section(path, node, node, "cidr", "country", "latitude", "longitude")
		n := network{}
		if w, ok := sub.Required("cidr", "name a range of addresses, like 198.51.100.0/24"); ok {
			prefix, err := netip.ParsePrefix(w.Text)
			if err != nil {
				s.Fail(w.Node, "%s.cidr: %q is not a range of addresses: write one like 198.51.100.0/24", path, w.Text)
			}
			n.prefix = prefix
			if first, twice := lines[prefix.Masked()]; twice && err == nil {
				s.Fail(w.Node, "%s.cidr: the network on line %d is the same range of addresses: keep one of them", path, first)
			}
			lines[prefix.Masked()] = w.Line
		}
		if w, ok := sub.Text("country"); ok {
			if n.place.Country = w.Text; !countryCode.MatchString(w.Text) {
				s.Fail(w.Node, "%s.country: %q is not a country's code: write two capital letters, like DE", path, w.Text)
			}
		}
		lat := sub.Has("latitude")
		lon := sub.Has("longitude")
		if lat != lon {
			s.Fail(node, "%s has one coordinate: give latitude and longitude, or neither", path)
		}
		n.place.Located = lat && lon
		sub.Number("latitude", -90, 90, &n.place.Latitude)
		sub.Number("longitude", -180, 180, &n.place.Longitude)
		d.networks = append(d.networks, n)
	}
}

// ruleName is what stands in workflow ids.
var ruleName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

func (d *Rules) readRule(s yamlfile.Section, compiler *condition.Compiler, i int, node ast.Node, lines map[string]int, severities map[string]string) {
	path := yamlfile.Item("events.rules", i)
	sub := s.Reader.Section(path, node, node, "name", "types", "when", "count", "within", "subject", "impossible_travel",
		"unusual_location", "reopen_after", "severity", "respond")
	rule := Rule{Count: 1, Subject: SubjectUser, Severity: "high", Pager: severities["high"]}
	if w, ok := sub.Required("name", "give the rule a name, like failed-logins: incidents are called by it"); ok {
		rule.Name, rule.at = w.Text, w
		if !ruleName.MatchString(w.Text) {
			s.Fail(w.Node, "%s.name: %q cannot be part of an incident's name: use up to 40 small letters, digits and hyphens", path, w.Text)
		}
		if first, twice := lines[w.Text]; twice {
			s.Fail(w.Node, "%s.name: the rule on line %d is also called %q: give each its own name", path, first, w.Text)
		}
		lines[w.Text] = w.Line
	}
	sub.MustHave("types", "name OneLogin's event types, like [USER_FAILED_ONELOGIN_LOGIN]")
	rule.refs = sub.Words("types")
	if sub.Has("types") && len(rule.refs) == 0 {
		s.Fail(sub.Value("types"), "%s.types names no event type, so that the rule would never hold: name one, or remove the rule", path)
	}
	rule.Types = yamlfile.Texts(rule.refs)
	when := yamlfile.Word{Text: "true", Line: 1, Col: 1, Node: node}
	if w, ok := sub.Text("when"); ok {
		when = w
	}
	var usable bool
	rule.when, usable = compiler.Compile(s.Reader, yamlfile.Join(path, "when"), when)
	sub.Choice("subject", &rule.Subject, SubjectUser, SubjectActor, SubjectIP)
	readWindow(sub, node, &rule)
	if w, ok := sub.Text("severity"); ok {
		rule.Severity = w.Text
	}
	pager, known := severities[rule.Severity]
	if !known {
		at := sub.Value("severity")
		if at == nil {
			at = node
		}
		s.Fail(at, "%s.severity: %q is not one of events.severities%s", path, rule.Severity, yamlfile.DidYouMean(rule.Severity, slices.Sorted(maps.Keys(severities))))
	}
	rule.Pager = pager
	d.readResponses(sub, &rule)
	if usable {
		d.list = append(d.list, rule)
	}
}

// readWindow reads how many events make an incident and how long it lasts.
func readWindow(sub yamlfile.Section, node ast.Node, rule *Rule) {
	sub.Integer("count", 1, 10_000, &rule.Count)
	sub.Duration("within", yamlfile.NonZero, &rule.Within)
	if sub.Has("impossible_travel") {
		t := sub.Section("impossible_travel", "speed_kmh", "min_km")
		rule.Travel = &Travel{SpeedKMH: 900, MinKM: 200}
		t.Number("speed_kmh", 1, 100_000, &rule.Travel.SpeedKMH)
		t.Number("min_km", 0, 20_000, &rule.Travel.MinKM)
		if rule.Count != 1 {
			sub.Fail(node, "%s: impossible_travel compares two events and takes no count: remove count", sub.Path)
		}
		if rule.Subject == SubjectIP {
			sub.Fail(node, "%s: an address does not travel: use subject: user or actor", sub.Path)
		}
		if rule.Within == 0 {
			rule.Within = yamlfile.Day
		}
	}
	if rule.Count > 1 && !sub.Has("within") {
		sub.Fail(node, "%s.within is missing: say in what time %d events have to happen, like 10m", sub.Path, rule.Count)
	}
	if rule.Count == 1 && rule.Travel == nil {
		if sub.Has("within") {
			sub.Fail(sub.Value("within"), "%s.within has no meaning for a single event: add count, or remove it", sub.Path)
		}
		rule.Within = 0
	}
	rule.ReopenAfter = max(time.Hour, rule.Within)
	if readUnusual(sub, rule); rule.Unusual != nil {
		rule.ReopenAfter = yamlfile.Day
	}
	sub.Duration("reopen_after", yamlfile.NonZero, &rule.ReopenAfter)
	if rule.ReopenAfter < rule.Within {
		sub.Fail(node, "%s.reopen_after is shorter than within, so that one window would be several cases: make it at least as long", sub.Path)
	}
}

func (d *Rules) readResponses(sub yamlfile.Section, rule *Rule) {
	kinds := []string{
		string(identity.OrderLogOut), string(identity.OrderLock), string(identity.OrderSuspend), string(identity.OrderResetPassword),
		string(identity.OrderContain),
	}
	seen := map[identity.OrderKind]bool{}
	for i, node := range sub.Items("respond", "responses") {
		path := yamlfile.Item(yamlfile.Join(sub.Path, "respond"), i)
		s := sub.Reader.Section(path, node, node, "order", "approval", "minutes")
		r := Response{Approval: ApprovalSecondPerson}
		s.MustHave("order", "say what to do: log_out, lock, suspend, reset_password or contain")
		var order string
		s.Choice("order", &order, kinds...)
		r.Order = identity.OrderKind(order)
		s.Choice("approval", &r.Approval, ApprovalAutomatic, ApprovalSecondPerson)
		s.Integer("minutes", 1, identity.MaxLock, &r.Minutes)
		switch {
		case r.Minutes != 0 && r.Order != identity.OrderLock:
			s.Fail(node, "%s.minutes is for lock only: remove it", path)
		case rule.Subject == SubjectIP:
			s.Fail(node, "%s: an address has no account to act on: use subject: user or actor", path)
		case seen[r.Order]:
			s.Fail(node, "%s repeats %q: remove one of them", path, r.Order)
		case r.Approval == ApprovalSecondPerson && len(d.settings.Approvers) == 0:
			s.Fail(node, "%s waits for a second person and events.approvers names nobody: list at least two addresses", path)
		}
		seen[r.Order] = true
		rule.Respond = append(rule.Respond, r)
	}
}
