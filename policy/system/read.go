package system

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// Set is the systems of a policy together with its attributes and tables.
type Set struct {
	systems    []System
	places     map[string]yamlfile.Word
	attributes []attribute
	tables     map[string]map[string]string
	// mentions are all names of objects of systems, and carrying those of OneLogin roles.
	mentions []mention
	carrying []yamlfile.Word
	// managed is what rules give, by system and kind: it is taken where somebody's position changes.
	managed map[identity.SystemObject]bool
	// reads are the systems that a rule depends on, and gives something in.
	reads []dependence
	// rules are the rules by the fields of accounts that they depend on, and that they change.
	rules []ruleFields
}

// mention is where the file names an object.
type mention struct {
	identity.SystemObject
	at yamlfile.Word
	// rule is the rule whose condition names it, "" where it is given or set.
	rule string
	// compared says that something is decided by whether accounts hold it.
	compared bool
}

// Host is what the policy lends to the sections that this package reads.
type Host struct {
	// Person and Account are what attributes may be made of.
	Person, Account condition.Subject
	// Usernames reads the templates of usernames under a key. Domains says that they have to have one.
	Usernames func(s yamlfile.Section, key string, domains bool) func(identity.Record) []string
	// Limits are the keys of budgets.
	Limits []string
	// Standard is a budget where the file says nothing about it.
	Standard func(key string) Limit
}

// Read reads the sections systems, attributes and tables of a policy. Problems in the file go to its reader; the error is for what is not
// the file's fault.
func Read(root yamlfile.Section, host Host) (*Set, error) {
	s := &Set{places: map[string]yamlfile.Word{}, managed: map[identity.SystemObject]bool{}}
	s.readTables(root)
	r := root.Reader
	overrides := map[string]yamlfile.Section{}
	if node := root.Value("systems"); node != nil {
		names, values := r.Pairs("systems", node)
		for i, name := range names {
			sys, attributes := s.readSystem(r, name, values[i], host)
			s.systems = append(s.systems, sys)
			s.places[sys.Name] = name
			overrides[sys.Name] = attributes
		}
	}
	if err := s.readAttributes(root, overrides, host); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Set) readTables(root yamlfile.Section) {
	s.tables = map[string]map[string]string{}
	node := root.Value("tables")
	if node == nil {
		return
	}
	names, values := root.Reader.Pairs("tables", node)
	for i, name := range names {
		path := yamlfile.Join("tables", name.Text)
		s.tables[name.Text] = map[string]string{}
		keys, texts := root.Reader.Pairs(path, values[i])
		for j, key := range keys {
			if w, ok := root.Reader.Scalar(yamlfile.Join(path, key.Text), texts[j], "a text", ast.StringType, ast.LiteralType); ok {
				s.tables[name.Text][key.Text] = w.Text
			}
		}
	}
}

// keys of an entry of systems.
var systemKeys = []string{
	"mode", "provisioned_by", "onelogin_on_suspend", "onelogin_on_remove", "carried_by", "max_age", "keep_absent", "username", "privileged",
	"joiner", "leaver", "limits", "attributes",
}

func (s *Set) readSystem(r *yamlfile.Reader, name yamlfile.Word, node ast.Node, host Host) (System, yamlfile.Section) {
	sub := r.Section(yamlfile.Join("systems", name.Text), name.Node, node, systemKeys...)
	traits, ok := known[name.Text]
	if !ok {
		traits = anything
		r.Fail(name.Node, "systems: there is no system %q%s; known systems: %s", name.Text, yamlfile.DidYouMean(name.Text, Known()), strings.Join(Known(), ", "))
	}
	sys := System{Name: name.Text, Mode: ModeObserve, MaxAge: yamlfile.Day, KeepAbsent: yamlfile.Day, traits: traits}
	sub.Choice("mode", &sys.Mode, ModeObserve, ModeEnforce)
	sub.MustHave("provisioned_by", "say who makes and changes the accounts there, gatehouse or onelogin: two writers undo each other's work")
	sub.Choice("provisioned_by", &sys.ProvisionedBy, ByGatehouse, ByOneLogin)
	sub.Choice("onelogin_on_suspend", &sys.OnSuspend, FateNothing, FateSuspend, FateDelete)
	sub.Choice("onelogin_on_remove", &sys.OnRemove, FateNothing, FateSuspend, FateDelete)
	carrying := sub.Words("carried_by")
	s.carrying = append(s.carrying, carrying...)
	sys.CarriedBy = yamlfile.Texts(carrying)
	sub.Duration("max_age", yamlfile.NonZero, &sys.MaxAge)
	sys.ageAt = sub.Value("max_age")
	sub.Duration("keep_absent", yamlfile.NonZero, &sys.KeepAbsent)
	if sys.usernames = host.Usernames(sub, "username", traits.addresses); !sub.Has("username") {
		sys.usernames = nil
	}
	sys.Privileged = s.mention(sys.Name, anyKind, sub.Words("privileged")...)
	sys.Joiner = readJoiner(sub)
	sys.Leaver = s.readLeaver(sub, sys)
	sys.Limits = readLimits(sub, host)
	switch sys.ProvisionedBy {
	case ByOneLogin:
		checkOneLogins(sub)
	case ByGatehouse:
		checkOurs(sub, sys)
	}
	return sys, sub
}

// checkOneLogins refuses what gives Gatehouse a system that OneLogin provisions, and asks what OneLogin does there.
func checkOneLogins(sub yamlfile.Section) {
	sub.Lacks("onelogin_on_suspend", "say what OneLogin does to an account there when its user is suspended: nothing, suspend or delete")
	sub.Lacks("onelogin_on_remove", "say what OneLogin does to an account there when its user loses the role that carries the app: nothing, suspend or delete")
	for _, key := range []string{"mode", "username", "privileged", "joiner", "leaver", "limits", "attributes"} {
		if sub.Has(key) {
			sub.Fail(sub.Value(key), "%s.%s would do nothing: OneLogin provisions this system, and a system has one writer. Remove it, or write provisioned_by: gatehouse "+
				"and switch the app's provisioning off in OneLogin", sub.Path, key)
		}
	}
}

func checkOurs(sub yamlfile.Section, sys System) {
	for _, key := range []string{"onelogin_on_suspend", "onelogin_on_remove"} {
		if sub.Has(key) {
			sub.Fail(sub.Value(key), "%s.%s would do nothing: Gatehouse provisions this system. Remove it, or write provisioned_by: onelogin", sub.Path, key)
		}
	}
	if sub.Has("carried_by") && sys.Leaver.TransferTo == "" {
		sub.Fail(sub.Value("carried_by"), "%s.carried_by would do nothing: these roles wait for a transfer, and no leaver.transfer_to says to whom. Add it, or remove the roles", sub.Path)
	}
}

func readJoiner(sub yamlfile.Section) Joiner {
	s := sub.Section("joiner", "create", "before_invitation", "wait")
	j := Joiner{Create: CreateEarly, Wait: 2 * time.Hour}
	s.Choice("create", &j.Create, CreateEarly, CreateFirstDay)
	s.Bool("before_invitation", &j.BeforeInvitation)
	s.Duration("wait", yamlfile.NonZero, &j.Wait)
	if s.Has("wait") && !j.BeforeInvitation {
		s.Fail(s.Value("wait"), "%s.wait would do nothing: nobody waits for the account. Add before_invitation: true, or remove it", s.Path)
	}
	return j
}

func readLimits(sub yamlfile.Section, host Host) map[string]Limit {
	s := sub.Section("limits", host.Limits...)
	out := map[string]Limit{}
	for _, key := range host.Limits {
		limit := host.Standard(key)
		one := s.Section(key, "count", "percent")
		one.Integer("count", 0, 1_000_000, &limit.Count)
		one.Number("percent", 0, 100, &limit.Percent)
		out[key] = limit
	}
	return out
}

// Named returns a system by its name.
func (s *Set) Named(name string) (System, bool) {
	at := slices.IndexFunc(s.systems, func(sys System) bool { return sys.Name == name })
	if at < 0 {
		return System{}, false
	}
	return s.systems[at], true
}

// names are the systems of the policy, in alphabetical order.
func (s *Set) names() []string { return slices.Sorted(maps.Keys(s.places)) }

// All are the systems in the order of the file.
func (s *Set) All() []System {
	out := slices.Clone(s.systems)
	for i := range out {
		out[i].Limits, out[i].Privileged = maps.Clone(out[i].Limits), slices.Clone(out[i].Privileged)
		out[i].CarriedBy, out[i].Leaver.KeepGroups = slices.Clone(out[i].CarriedBy), slices.Clone(out[i].Leaver.KeepGroups)
	}
	return out
}

// Carrying are the OneLogin roles that carry a system's app, where the file names them.
func (s *Set) Carrying() []yamlfile.Word { return s.carrying }

// anyKind stands for a group, a role or a profile, of which some are privileged.
const anyKind identity.SystemObjectKind = ""

// is reports that an object may be what a mention names, by its kind.
func (m mention) is(o Object) bool {
	if m.Kind == anyKind {
		return slices.Contains([]identity.SystemObjectKind{identity.ObjectGroup, identity.ObjectRole, identity.ObjectProfile}, o.Kind)
	}
	return m.Kind == o.Kind
}

// mention remembers a name for Unknown.
func (s *Set) mention(system string, kind identity.SystemObjectKind, words ...yamlfile.Word) []string {
	for _, w := range words {
		s.mentions = append(s.mentions, mention{SystemObject: identity.SystemObject{System: system, Kind: kind, Name: w.Text}, at: w})
	}
	return yamlfile.Texts(words)
}

// titles are what an object of a kind is called in a message, one and several.
func titles(kind identity.SystemObjectKind) (string, string) {
	switch kind {
	case identity.ObjectGroup:
		return "group", "groups"
	case identity.ObjectRole:
		return "permission set", "permission sets"
	case identity.ObjectLicence:
		return "licence", "licences"
	case identity.ObjectContainer:
		return "container", "containers"
	case identity.ObjectProfile:
		return "profile", "profiles"
	}
	return "group, permission set or profile", ""
}

// CheckConfigured compares the systems with those that are configured.
func (s *Set) CheckConfigured(file string, names []string) []yamlfile.Problem {
	var list []yamlfile.Problem
	for _, name := range s.names() {
		if !slices.Contains(names, name) {
			at := s.places[name]
			list = append(list, yamlfile.Problem{File: file, Line: at.Line, Col: at.Col, Text: fmt.Sprintf(
				"systems.%s is not configured: set it in gatehouse.yaml, or remove it here. Until then nothing there follows HR", name)})
		}
	}
	return list
}

// CheckAges finds the systems of which nothing would be known for a while before each reading of everything.
func (s *Set) CheckAges(file string, every time.Duration) []yamlfile.Problem {
	var list []yamlfile.Problem
	for _, sys := range s.systems {
		if sys.ageAt == nil || sys.MaxAge >= every {
			continue
		}
		line, col := yamlfile.Where(sys.ageAt)
		list = append(list, yamlfile.Problem{File: file, Line: line, Col: col, Text: fmt.Sprintf(
			"systems.%s.max_age is %s, and everything there is read every %s: before each reading nothing would be known of %[1]s, so that nothing is given or taken there. Write %[3]s or more",
			sys.Name, sys.MaxAge, every)})
	}
	return list
}
