package system

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/cel-go/cel"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// Who owns an attribute, beside a system.
const (
	ownerHR       = "hr"
	ownerOneLogin = "onelogin"
)

// When an attribute is written.
const (
	// whenChange writes it when the owner's value has changed: an edit elsewhere is reported and stays. The default.
	whenChange = "change"
	// whenAlways puts an edit elsewhere back.
	whenAlways = "always"
	// whenCreateOnly writes it into accounts that are made.
	whenCreateOnly = "create_only"
)

// What happens to an attribute of which the owner has no value.
const (
	emptyKeep  = "keep"
	emptyClear = "clear"
)

// attribute is an entry of the section attributes.
type attribute struct {
	name, owner string
	// from is how the value is made.
	from condition.Text
	// compares are the objects of the owner that from names.
	compares []identity.SystemObject
	when     string
	// onEmpty is emptyKeep, emptyClear or "" for fallback.
	onEmpty, fallback  string
	normalise, country string
	// unwritten leaves the attribute out in a system.
	unwritten bool
	at        yamlfile.Word
}

// What an attribute says for all systems, and what it may say otherwise for one.
var (
	attributeKeys = []string{"owner", "from", "when", "on_empty", "normalise", "country"}
	overrideKeys  = []string{"from", "when", "on_empty", "normalise", "country", "write"}
)

// inOneLogin are the attributes that OneLogin has of people itself, and provisions.
var inOneLogin = []string{firstName, lastName, displayName, email, title, department, company, phone}

// onRecord are the attributes that HR has, by how they are made of it.
var onRecord = map[string]string{
	firstName: `person.preferred_name != "" ? person.preferred_name : person.first_name`, lastName: "person.last_name",
	displayName: `(person.preferred_name != "" ? person.preferred_name : person.first_name) + " " + person.last_name`,
	email:       "person.work_email", title: "person.title", department: "person.department", company: "person.company",
	phone: "person.phone", location: "person.location",
}

// Variables is what an attribute is made of. It is a CEL activation.
type Variables struct {
	Person, Account any
	Views           []identity.SystemView
}

// ResolveName returns the value of a variable.
func (v Variables) ResolveName(name string) (any, bool) {
	switch name {
	case "person":
		return v.Person, true
	case "account":
		return v.Account, true
	case Accounts:
		return accountsOf(v.Views), true
	}
	return nil, false
}

// Parent returns nil: there is no outer scope.
func (v Variables) Parent() cel.Activation { return nil }

func (s *Set) readAttributes(root yamlfile.Section, overrides map[string]yamlfile.Section, host Host) error {
	accounts, part := s.Subject()
	compiler, err := condition.NewScoped(condition.Scope{
		Name: "person, account or accounts", Parts: []condition.Subject{part}, Functions: s.functions(),
		Empty: Variables{Person: host.Person.Empty, Account: host.Account.Empty},
	}, host.Person, host.Account, accounts)
	if err != nil {
		return fmt.Errorf("prepare attributes: %w", err)
	}
	if node := root.Value("attributes"); node != nil {
		names, values := root.Reader.Pairs("attributes", node)
		for i, name := range names {
			a := attribute{name: name.Text, owner: ownerHR, when: whenChange, onEmpty: emptyKeep, at: name}
			s.readAttribute(root.Reader, "attributes", values[i], compiler, &a, nil)
			s.attributes = append(s.attributes, a)
		}
	}
	for i := range s.systems {
		sub, there := overrides[s.systems[i].Name]
		if !there {
			continue
		}
		s.readOverrides(sub, compiler, &s.systems[i])
	}
	s.checkCircles(root.Reader)
	s.checkWritten(root.Reader)
	return nil
}

func (s *Set) readOverrides(sub yamlfile.Section, compiler *condition.Compiler, sys *System) {
	node := sub.Value("attributes")
	if node == nil {
		return
	}
	path := yamlfile.Join(sub.Path, "attributes")
	sys.overrides = map[string]attribute{}
	names, values := sub.Reader.Pairs(path, node)
	for i, name := range names {
		at := slices.IndexFunc(s.attributes, func(a attribute) bool { return a.name == name.Text })
		a := attribute{name: name.Text, owner: ownerHR, when: whenChange, onEmpty: emptyKeep, at: name}
		if at >= 0 {
			a = s.attributes[at]
			a.at = name
		} else if slices.Contains(attributeNames, name.Text) {
			sub.Fail(name.Node, "%s.%s: the attribute has no owner: add it to the section attributes first", path, name.Text)
		}
		s.readAttribute(sub.Reader, path, values[i], compiler, &a, sys)
		sys.overrides[name.Text] = a
		switch {
		case at >= 0 && a.owner == sys.Name:
			sub.Fail(name.Node, "%s.%s would do nothing: %s owns the attribute, and nobody writes it there. Remove it", path, name.Text, sys.Name)
		case at >= 0 && !slices.Contains(sys.traits.attributes, name.Text):
			sub.Fail(name.Node, "%s.%s would do nothing: %s has no place for it. Remove it", path, name.Text, sys.Name)
		}
	}
}

// readAttribute reads an entry, of the section or, with a system, of what that system does otherwise.
func (s *Set) readAttribute(r *yamlfile.Reader, above string, node ast.Node, compiler *condition.Compiler, a *attribute, in *System) {
	path := yamlfile.Join(above, a.name)
	keys := attributeKeys
	if in != nil {
		keys = overrideKeys
	}
	sub := r.Section(path, node, node, keys...)
	if !slices.Contains(attributeNames, a.name) {
		r.Fail(node, "%s: there is no such attribute%s; known attributes: %s", path, yamlfile.DidYouMean(a.name, attributeNames), strings.Join(attributeNames, ", "))
	}
	if in == nil {
		s.readOwner(sub, a)
	}
	sub.Choice("when", &a.when, whenChange, whenAlways, whenCreateOnly)
	a.readOnEmpty(sub)
	sub.Choice("normalise", &a.normalise, normalPhone, normalLower, normalUpper, normalTrim, normalPlain)
	a.readCountry(sub)
	if write := true; in != nil {
		if sub.Bool("write", &write); sub.Has("write") && write {
			sub.Fail(sub.Value("write"), "%s.write would do nothing: attributes are written unless it is false. Remove it", path)
		}
		a.unwritten = !write
	}
	if a.name == managerOf {
		for _, key := range []string{"on_empty", "normalise", "country"} {
			if sub.Has(key) {
				sub.Fail(sub.Value(key), "%s.%s would do nothing: the manager is an account, and one that is not known is left alone. Remove it", path, key)
			}
		}
		if a.when == whenCreateOnly {
			sub.Fail(sub.Value("when"), "%s.when: no account is made with a manager: write change or always", path)
		}
	}
	s.readFrom(sub, compiler, a, in)
}

func (s *Set) readOwner(sub yamlfile.Section, a *attribute) {
	w, ok := sub.Text("owner")
	if !ok {
		return
	}
	path := yamlfile.Join(sub.Path, "owner")
	owners := append([]string{ownerHR}, s.names()...)
	sys, system := s.Named(w.Text)
	switch {
	case w.Text == ownerOneLogin && a.name != email:
		sub.Fail(w.Node, "%s: OneLogin has %s from HR: write hr, or the system that it is edited in", path, a.name)
	case a.name == managerOf && w.Text != ownerHR:
		sub.Fail(w.Node, "%s: HR names managers, whose accounts each system has its own: write hr, or remove the key", path)
	case w.Text != ownerHR && w.Text != ownerOneLogin && !system:
		sub.Fail(w.Node, "%s: the policy has no system %q%s; owners can be %s", path, w.Text, yamlfile.DidYouMean(w.Text, owners), strings.Join(owners, ", "))
	case system && known[w.Text].attributes != nil && !slices.Contains(known[w.Text].attributes, a.name):
		sub.Fail(w.Node, "%s: %s has no place for %s, so that it cannot own it", path, w.Text, a.name)
	case sys.ProvisionedBy == ByOneLogin && slices.Contains(inOneLogin, a.name):
		sub.Fail(w.Node, "%s: OneLogin provisions %s and writes %s there from its own profile, so that what is edited there does not stay: write hr, or write "+
			"provisioned_by: gatehouse and switch the app's provisioning off in OneLogin", path, w.Text, a.name)
	}
	a.owner = w.Text
}

func (a *attribute) readOnEmpty(sub yamlfile.Section) {
	path := yamlfile.Join(sub.Path, "on_empty")
	sub.Reader.NoteChoices(path, []string{emptyKeep, emptyClear})
	node := sub.Value("on_empty")
	if _, mapping := node.(ast.MapNode); mapping || node == nil {
		s := sub.Section("on_empty", "default")
		if node == nil {
			return
		}
		if w, ok := s.Required("default", "write the text that stands in, or one of keep and clear"); ok {
			a.onEmpty, a.fallback = "", w.Text
		}
		return
	}
	w, ok := sub.Reader.Scalar(path, node, "keep, clear or {default: text}", ast.StringType)
	if !ok {
		return
	}
	if w.Text != emptyKeep && w.Text != emptyClear {
		sub.Fail(w.Node, "%s: unknown value %q%s; known values: keep, clear, {default: text}", path, w.Text, yamlfile.DidYouMean(w.Text, []string{emptyKeep, emptyClear}))
		return
	}
	if w.Text == emptyClear && slices.Contains([]string{firstName, lastName, email, managerOf}, a.name) {
		sub.Fail(w.Node, "%s: %s cannot be cleared: nobody's account is without it, or nobody can tell whether it is known. Write keep", path, a.name)
	}
	a.onEmpty, a.fallback = w.Text, ""
}

func (a *attribute) readCountry(sub yamlfile.Section) {
	if w, ok := sub.Text("country"); ok {
		a.country = w.Text
		if _, known := callings[w.Text]; !known {
			sub.Fail(w.Node, "%s.country: %q is no country whose numbers are known; known countries: %s", sub.Path, w.Text, countries())
		}
		if a.normalise != normalPhone {
			sub.Fail(w.Node, "%s.country would do nothing without normalise: phone", sub.Path)
		}
	}
	if a.normalise == normalPhone && a.country == "" && sub.Has("normalise") {
		sub.Fail(sub.Value("normalise"), "%s.country is missing: a number without a country's code is one of which country? Write one like DE", sub.Path)
	}
}

func countries() string { return strings.Join(slices.Sorted(maps.Keys(callings)), ", ") }

// readFrom reads how a value is made, or takes what the owner has.
func (s *Set) readFrom(sub yamlfile.Section, compiler *condition.Compiler, a *attribute, in *System) {
	w, given := sub.Text("from")
	path := yamlfile.Join(sub.Path, "from")
	_, system := s.Named(a.owner)
	switch {
	case a.name == managerOf:
		if given {
			sub.Fail(w.Node, "%s would do nothing: the manager whom HR names is translated to each system's account. Remove it", path)
		}
		return
	case given:
	case in != nil:
		return
	case a.owner == ownerHR:
		w = yamlfile.Word{Text: onRecord[a.name], Node: sub.At}
		if w.Text == "" && slices.Contains(attributeNames, a.name) {
			sub.Fail(sub.At, "%s is missing: HR has no %s of its own: say what it is made of, or name the system that owns it", path, a.name)
		}
	case a.owner == ownerOneLogin:
		w = yamlfile.Word{Text: "account.email", Node: sub.At}
	case system:
		w = yamlfile.Word{Text: Accounts + "." + a.owner + "." + a.name, Node: sub.At}
	}
	if w.Text == "" || sub.Has("from") && !given {
		return
	}
	text, ok := compiler.CompileText(sub.Reader, path, w)
	if !ok {
		return
	}
	a.from = text
	a.compares = s.MentionNamed(sub.Reader, "", text.Compared)
	s.checkFrom(sub, path, w, *a)
}

// checkFrom refuses what is made of something else than the owner has.
func (s *Set) checkFrom(sub yamlfile.Section, path string, w yamlfile.Word, a attribute) {
	for _, system := range Reads(a.from.Paths) {
		if system != a.owner {
			sub.Fail(w.Node, "%s reads accounts.%s, and the owner is %s: an attribute has one owner. Write owner: %[2]s, or make it of what %[3]s has", path, system, a.owner)
		}
	}
	for _, p := range a.from.Paths {
		if p[0] == "account" && a.owner != ownerOneLogin {
			sub.Fail(w.Node, "%s reads OneLogin's account, and the owner is %s: write owner: onelogin, or make it of what %[2]s has", path, a.owner)
			break
		}
	}
	if _, system := s.Named(a.owner); system && !slices.Contains(Reads(a.from.Paths), a.owner) {
		sub.Fail(w.Node, "%s does not read accounts.%s, whose the attribute is: write owner: hr, or make it of what %[2]s has", path, a.owner)
	}
	if a.owner == ownerOneLogin && !slices.ContainsFunc(a.from.Paths, func(p []string) bool { return p[0] == "account" }) {
		sub.Fail(w.Node, "%s does not read account, and the owner is onelogin: write owner: hr, or make it of account.email", path)
	}
	tables, ok := a.from.Constants("lookup", 0)
	if !ok {
		sub.Fail(w.Node, "%s: lookup needs the name of its table as a text in quotes", path)
	}
	for _, table := range tables {
		if _, there := s.tables[table]; !there {
			names := slices.Sorted(maps.Keys(s.tables))
			sub.Fail(w.Node, "%s: there is no table %q%s: add it to tables", path, table, yamlfile.DidYouMean(table, names))
		}
	}
	named, ok := a.from.Constants("phone", 1)
	if !ok {
		sub.Fail(w.Node, "%s: phone needs its country as a text in quotes, like \"DE\"", path)
	}
	for _, country := range named {
		if _, there := callings[country]; !there {
			sub.Fail(w.Node, "%s: %q is no country whose numbers are known; known countries: %s", path, country, countries())
		}
	}
}

// checkWritten refuses attributes that are written nowhere.
func (s *Set) checkWritten(r *yamlfile.Reader) {
	for _, a := range s.attributes {
		written := slices.ContainsFunc(s.systems, func(sys System) bool {
			return sys.ProvisionedBy != ByOneLogin && a.owner != sys.Name && slices.Contains(sys.traits.attributes, a.name)
		})
		if !written && !a.toOneLogin() && slices.Contains(attributeNames, a.name) {
			r.Fail(a.at.Node, "attributes.%s would do nothing: no system of the policy that Gatehouse provisions takes it. Remove it", a.name)
		}
	}
}

// toOneLogin reports that OneLogin's profile has the attribute from a system.
func (a attribute) toOneLogin() bool {
	return a.owner != ownerHR && a.owner != ownerOneLogin && slices.Contains([]string{title, department, company, phone}, a.name)
}

// in is an attribute as a system has it. ok is false for one that is not written there.
func (a attribute) in(sys System) (attribute, bool) {
	out := a
	if own, there := sys.overrides[a.name]; there {
		out = own
	}
	return out, a.owner != sys.Name && !out.unwritten && slices.Contains(sys.traits.attributes, a.name)
}
