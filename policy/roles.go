package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/internal/yamlfile"
)

// Who decides about who holds a role.
const (
	// ManagedByGatehouse: rules give it, and a change of position takes it. The default.
	ManagedByGatehouse = "gatehouse"
	// ManagedByApplication: the application or its connector decides. No rule gives it, and only a leaver loses it.
	ManagedByApplication = "application"
	// ManagedByPerson: people give and take it. No rule gives it, and only a leaver loses it.
	ManagedByPerson = "person"
)

// Role is an entry of the catalogue of roles.
type Role struct {
	Name string
	// Owner is the e-mail address of who answers for the role, empty if nobody is named.
	Owner string
	// Privileged says that giving it draws on a budget and that its holders are matched with care.
	Privileged bool
	// Requestable says that an order may give it on top of the rules.
	Requestable bool
	// ManagedBy is who decides about who holds it.
	ManagedBy string
	// Licence is what the role's holders use up, Seats how many there are of it, 0 if that is not known.
	Licence string
	Seats   int

	at yamlfile.Word
}

// highestSeats bounds seats, so that a slip is noticed.
const highestSeats = 10_000_000

// readRoles reads the catalogue of roles.
func (p *Policy) readRoles(root yamlfile.Section) {
	node := root.Value("roles")
	if node == nil {
		return
	}
	names, values := root.Reader.Pairs("roles", node)
	for i, name := range names {
		if strings.TrimSpace(name.Text) == "" {
			root.Fail(name.Node, "roles has a role without a name: name it as OneLogin does")
			continue
		}
		if first, found := p.roleLike(name.Text); found {
			root.Fail(name.Node, "roles: %q and %q (line %d) differ only in case or spaces: remove one of them", name.Text, first.Name, first.at.Line)
			continue
		}
		p.readRole(root.Reader, name, values[i])
	}
}

// roleLike finds an entry whose name differs at most in case and spaces.
func (p *Policy) roleLike(name string) (Role, bool) {
	at := slices.IndexFunc(p.catalogue, func(r Role) bool { return foldLocation(r.Name) == foldLocation(name) })
	if at < 0 {
		return Role{}, false
	}
	return p.catalogue[at], true
}

func (p *Policy) readRole(r *yamlfile.Reader, name yamlfile.Word, node ast.Node) {
	s := r.Section(yamlfile.Join("roles", name.Text), name.Node, node, "owner", "privileged", "requestable", "managed_by", "licence", "seats")
	role := Role{Name: name.Text, Requestable: true, ManagedBy: ManagedByGatehouse, at: name}
	if w, ok := s.Text("owner"); ok {
		role.Owner = r.Mailbox(yamlfile.Join(s.Path, "owner"), w)
	}
	s.Bool("privileged", &role.Privileged)
	s.Bool("requestable", &role.Requestable)
	s.Choice("managed_by", &role.ManagedBy, ManagedByGatehouse, ManagedByApplication, ManagedByPerson)
	if w, ok := s.Text("licence"); ok {
		role.Licence = w.Text
	}
	s.Integer("seats", 1, highestSeats, &role.Seats)
	if role.Seats > 0 && role.Licence == "" && !s.Has("licence") {
		r.Fail(s.Value("seats"), "%s.seats says how many there are, and nothing says of what: name %[1]s.licence", s.Path)
	}
	p.catalogue = append(p.catalogue, role)
	p.roleRefs = append(p.roleRefs, name)
}

// joinCatalogue puts the catalogue and the lists of section access together, and reports where they contradict each other.
func (p *Policy) joinCatalogue(r *yamlfile.Reader, managed, privileged []yamlfile.Word) {
	for _, role := range p.catalogue {
		if role.Privileged {
			p.privileged[role.Name] = true
		}
		if at := slices.IndexFunc(privileged, func(w yamlfile.Word) bool { return w.Text == role.Name }); at >= 0 && !role.Privileged {
			r.Fail(role.at.Node, "roles.%s is not privileged here, and access.privileged_roles (line %d) names it: write privileged: true, or remove it there",
				role.Name, privileged[at].Line)
		}
		if role.ManagedBy == ManagedByGatehouse {
			p.managed[role.Name] = true
			continue
		}
		if at := slices.IndexFunc(managed, func(w yamlfile.Word) bool { return w.Text == role.Name }); at >= 0 {
			r.Fail(role.at.Node, "roles.%s is managed by %s here, and access.managed_roles (line %d) names it: remove it there, or write managed_by: gatehouse",
				role.Name, byWhom(role.ManagedBy), managed[at].Line)
		}
		if slices.Contains(p.granted(), role.Name) {
			r.Fail(role.at.Node, "roles.%s is managed by %s, and this policy gives it: take it out of the rules and of joiner.early_roles, or write managed_by: gatehouse",
				role.Name, byWhom(role.ManagedBy))
		}
		delete(p.managed, role.Name)
	}
}

func byWhom(managedBy string) string {
	if managedBy == ManagedByPerson {
		return "a person"
	}
	return "its " + managedBy
}

// Catalogue returns the roles of the catalogue by name.
func (p *Policy) Catalogue() []Role {
	out := slices.Clone(p.catalogue)
	slices.SortFunc(out, func(a, b Role) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Requestable reports whether an order may give a role. One that the catalogue does not have may be given.
func (p *Policy) Requestable(role string) bool {
	at := slices.IndexFunc(p.catalogue, func(r Role) bool { return r.Name == role })
	return at < 0 || p.catalogue[at].Requestable
}
