package system

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// Grant is what one access rule gives in systems beside OneLogin, by the system.
type Grant map[string]grant

type grant struct {
	account                 bool
	container, profile      string
	groups, roles, licences []string
}

// dependence is a rule that reads one system and gives something in another.
type dependence struct {
	reads, gives string
	// role is the OneLogin role that gives it, by which OneLogin makes accounts there; "" where the rule itself does.
	role string
	rule string
	at   ast.Node
}

// given is what the rule gives.
func (d dependence) given() string {
	if d.role != "" {
		return fmt.Sprintf("the role %q, by which OneLogin makes accounts in %s", d.role, d.gives)
	}
	return "something in " + d.gives
}

// GrantKeys are the keys of an access rule that ReadGrant reads.
func GrantKeys() []string { return []string{"accounts", "groups"} }

// ReadGrant reads what an access rule gives. rule is its name, and paths are the fields that its condition reads.
func (s *Set) ReadGrant(sub yamlfile.Section, rule string, paths [][]string) Grant {
	out, reads := Grant{}, Reads(paths)
	r := sub.Reader
	each := func(key string, read func(path, system string, t traits, node ast.Node)) {
		node := sub.Value(key)
		if node == nil {
			return
		}
		path := yamlfile.Join(sub.Path, key)
		names, values := r.Pairs(path, node)
		for i, name := range names {
			t, ok := s.usable(r, path, name)
			if read(yamlfile.Join(path, name.Text), name.Text, t, values[i]); !ok {
				continue
			}
			for _, from := range reads {
				s.reads = append(s.reads, dependence{reads: from, gives: name.Text, rule: rule, at: name.Node})
			}
		}
	}
	each("accounts", func(path, system string, t traits, node ast.Node) {
		g := out[system]
		s.readAccount(r.Section(path, node, node, "org_unit", "licences", "profile", "permission_sets", "container"), system, t, &g)
		out[system] = g
	})
	each("groups", func(path, system string, t traits, node ast.Node) {
		g := out[system]
		words := r.Words(path, node)
		if !t.groups {
			r.Fail(node, "%s: %s has no groups: remove them", path, system)
		}
		g.groups = s.mention(system, identity.ObjectGroup, words...)
		out[system] = g
	})
	depends := ruleFields{rule: rule, at: sub.At, reads: fieldsOf(paths)}
	for system, g := range out {
		if g.container != "" {
			depends.gives = append(depends.gives, field{system, "container"})
		}
		for kind, names := range g.names() {
			if len(names) > 0 {
				depends.gives = append(depends.gives, field{system, string(kind) + "s"})
			}
			for _, name := range names {
				s.managed[identity.SystemObject{System: system, Kind: kind, Name: name}] = true
			}
		}
	}
	s.rules = append(s.rules, depends)
	return out
}

// ReadRoles notes what the OneLogin roles of an access rule give in systems that OneLogin provisions. rule and reads are as for ReadGrant.
func (s *Set) ReadRoles(roles []yamlfile.Word, rule string, reads []string) {
	for _, sys := range s.systems {
		if sys.ProvisionedBy != ByOneLogin {
			continue
		}
		for _, role := range roles {
			if !slices.Contains(sys.CarriedBy, role.Text) {
				continue
			}
			for _, from := range reads {
				s.reads = append(s.reads, dependence{reads: from, gives: sys.Name, role: role.Text, rule: rule, at: role.Node})
			}
		}
	}
}

// usable reports whether rules may give anything in a system.
func (s *Set) usable(r *yamlfile.Reader, path string, name yamlfile.Word) (traits, bool) {
	sys, ok := s.Named(name.Text)
	switch {
	case !ok:
		r.Fail(name.Node, "%s: the policy has no system %q%s: add it to systems, or remove it here", path, name.Text, yamlfile.DidYouMean(name.Text, s.names()))
		return anything, false
	case sys.ProvisionedBy == ByOneLogin:
		r.Fail(name.Node, "%s: OneLogin provisions %s, and a system has one writer: give the OneLogin role that carries the app, or write provisioned_by: gatehouse "+
			"and switch the app's provisioning off in OneLogin", path, name.Text)
		return sys.traits, false
	}
	return sys.traits, true
}

func (s *Set) readAccount(sub yamlfile.Section, system string, t traits, g *grant) {
	g.account = true
	has := map[string]bool{t.container: true, t.roles: true, "licences": t.licences, "profile": t.profile}
	for _, key := range []string{"org_unit", "licences", "profile", "permission_sets", "container"} {
		if _, ok := known[system]; ok && sub.Has(key) && !has[key] {
			sub.Fail(sub.Value(key), "%s.%s: %s has nothing of the kind; an account there has %s", sub.Path, key, system, strings.Join(t.accountKeys(), ", "))
		}
	}
	text := func(key string, kind identity.SystemObjectKind, into *string) {
		if w, ok := sub.Text(key); ok {
			*into = w.Text
			s.mention(system, kind, w)
		}
	}
	text("org_unit", identity.ObjectContainer, &g.container)
	text("container", identity.ObjectContainer, &g.container)
	text("profile", identity.ObjectProfile, &g.profile)
	if t.profile && system != "" && known[system].profile {
		sub.Lacks("profile", "name the profile that a new user gets, like Standard User")
	}
	g.licences = s.mention(system, identity.ObjectLicence, sub.Words("licences")...)
	g.roles = s.mention(system, identity.ObjectRole, sub.Words("permission_sets")...)
}

func (t traits) accountKeys() []string {
	var keys []string
	for _, key := range []struct {
		name string
		has  bool
	}{{t.container, t.container != ""}, {"licences", t.licences}, {"profile", t.profile}, {t.roles, t.roles != ""}} {
		if key.has {
			keys = append(keys, key.name)
		}
	}
	return keys
}

func (g grant) names() map[identity.SystemObjectKind][]string {
	return map[identity.SystemObjectKind][]string{
		identity.ObjectGroup: g.groups, identity.ObjectRole: g.roles, identity.ObjectLicence: g.licences,
	}
}

// PrivilegedIn names what a grant gives that is privileged, "" if nothing is.
func (s *Set) PrivilegedIn(g Grant) string {
	for _, sys := range s.systems {
		of := g[sys.Name]
		for _, name := range slices.Concat(of.groups, of.roles, []string{of.profile}) {
			if slices.Contains(sys.Privileged, name) {
				return fmt.Sprintf("%q in %s", name, sys.Name)
			}
		}
	}
	return ""
}
