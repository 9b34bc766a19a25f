package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
	_ "time/tzdata"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/agent"
	"gatehouse/policy/condition"
	"gatehouse/policy/detect"
	"gatehouse/policy/system"
)

// Policy is one parsed policy file. It never changes and is safe for concurrent use.
type Policy struct {
	file string
	hash string

	zone      *time.Location
	domain    string
	locations map[string]*time.Location

	naming naming
	rules  []rule
	// compared are the objects of other systems by whose names something is decided, each once.
	compared   []identity.SystemObject
	managed    map[string]bool
	privileged map[string]bool
	// catalogue are the roles of the section roles, in the order of the file.
	catalogue []Role
	// drift is what happens to managed access that nobody knows the giver of.
	drift     string
	conflicts []Conflict
	protected []condition.Condition
	// contracts says whose end is warned of; nil leaves that to the employment type.
	contracts *condition.Condition

	safety  Safety
	leaver  Leaver
	joiner  Joiner
	mover   Mover
	mfa     mfa
	review  Review
	service []condition.Condition
	// nonPersonal are the accounts that are no person's own.
	nonPersonal []nonPersonal
	modes       Modes
	// messages says what carries each kind of message.
	messages messages
	// holdDeciders may give, see and release hold orders.
	holdDeciders []string
	deciders     []Decider
	// two are the budgets whose questions two people have to allow.
	two        []string
	detection  *detect.Rules
	systems    *system.Set
	agents     []agent.Agent
	sponsored  Sponsored
	canaries   agent.Canaries
	activateAt yamlfile.Clock
	disableAt  yamlfile.Clock

	// roleRefs and groupRefs are all mentions of a role or group, for CheckTenant.
	roleRefs  []yamlfile.Word
	groupRefs []yamlfile.Word
	// nameless are the formats of external ids that do not say which source an employee id is from.
	nameless []yamlfile.Word
}

// Load reads and parses a policy file. The error is the reason why the file cannot be read, or *Problems.
func Load(path string) (*Policy, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read policy (set its path in the configuration or create the file): %w", err)
	}
	return Parse(path, data)
}

// Parse parses the text of a policy file; name is only used to say where a problem is. The error is *Problems with
// everything that is wrong at once. Of a text that is not YAML it is told where, and whether it is cut off.
func Parse(name string, data []byte) (*Policy, error) {
	r := yamlfile.New(name, style())
	checkWhole(r, data)
	body, ok := r.Parse(data)
	if !ok {
		return nil, r.Err()
	}
	p := &Policy{file: name}
	if err := p.read(r, body); err != nil {
		return nil, err
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	p.hash = hex.EncodeToString(sum[:])[:12]
	return p, nil
}

// style is how a policy is read.
func style() yamlfile.Style {
	return yamlfile.Style{Name: "the policy", Empty: "the policy is empty: start from the example in the documentation"}
}

// Hash identifies the policy: the first 12 hexadecimal digits of the SHA-256 of the file's bytes.
func (p *Policy) Hash() string { return p.hash }

// CheckTenant compares every role and group named in the policy with those the tenant has. The error is *Problems,
// one for each mention of an unknown name.
func (p *Policy) CheckTenant(roles, groups []string) error {
	var list []yamlfile.Problem
	check := func(what string, refs []yamlfile.Word, known []string) {
		for _, ref := range refs {
			if slices.Contains(known, ref.Text) {
				continue
			}
			list = append(list, yamlfile.Problem{File: p.file, Line: ref.Line, Col: ref.Col, Text: fmt.Sprintf(
				"OneLogin has no %s %q%s: create it there or correct the name", what, ref.Text, yamlfile.DidYouMean(ref.Text, known))})
		}
	}
	check("role", p.roleRefs, roles)
	check("group", p.groupRefs, groups)
	return yamlfile.AsError(list)
}

// CheckSources compares the policy with the HR sources that are configured. The error is *Problems: with two sources, an
// external id that is an employee id and does not say of which source would fit two people.
func (p *Policy) CheckSources(sources []string) error {
	list := p.sponsoredUnread(sources)
	// What the ledger calls the people whom HR does not have is no employee id of anybody.
	sources = slices.DeleteFunc(slices.Clone(sources), func(s string) bool { return s == identity.SourceSponsored })
	if len(sources) < 2 {
		return yamlfile.AsError(list)
	}
	for _, w := range p.nameless {
		list = append(list, yamlfile.Problem{File: p.file, Line: w.Line, Col: w.Col, Text: fmt.Sprintf(
			"naming.match_external_ids: %q cannot tell %s apart, which may use one employee id for two people: use {key}, or put {source} in it",
			w.Text, strings.Join(sources, " and "))})
	}
	return yamlfile.AsError(list)
}

// ManagedRoles returns the roles that a mover may lose, in alphabetical order.
func (p *Policy) ManagedRoles() []string { return sortedKeys(p.managed) }

// PrivilegedRoles returns the roles whose grants draw on a budget, in alphabetical order.
func (p *Policy) PrivilegedRoles() []string { return sortedKeys(p.privileged) }

// Domain returns the mail domain of new accounts: a username candidate and "@" and the domain is the account's e-mail
// address.
func (p *Policy) Domain() string { return p.naming.domain }

// Protected returns why an account must not be changed, or "" if it may be. A condition that cannot be evaluated
// protects: nobody can tell then whether the account may be touched. What two people have lifted protects no more.
func (p *Policy) Protected(account identity.Account) (reason string) {
	if account.Lifted {
		return ""
	}
	for _, c := range p.protected {
		yes, err := c.Holds(&account)
		if err != nil {
			return "a condition in safety.protected cannot be evaluated: " + c.Text
		}
		if yes {
			return "protected by " + c.Text
		}
	}
	return ""
}

// Privileged reports that an account holds a privileged role or is protected.
func (p *Policy) Privileged(a identity.Account) bool {
	return p.Protected(a) != "" || slices.ContainsFunc(a.Roles, func(role string) bool { return p.privileged[role] })
}

// Mover returns how access changes hands.
func (p *Policy) Mover() Mover { return p.mover }

// Safety returns the limits on the blast radius.
func (p *Policy) Safety() Safety {
	s := p.safety
	s.Protected = slices.Clone(s.Protected)
	return s
}

// Leaver returns how access ends.
func (p *Policy) Leaver() Leaver {
	l := p.leaver
	l.KeepRoles, l.WarnBefore = slices.Clone(l.KeepRoles), slices.Clone(l.WarnBefore)
	return l
}

// Detection says which of OneLogin's events make an incident.
func (p *Policy) Detection() *detect.Rules { return p.detection }

// Modes returns how far each template may go.
func (p *Policy) Modes() Modes { return p.modes }

// sortedKeys returns the keys of a set in order.
func sortedKeys(set map[string]bool) []string {
	return slices.Sorted(maps.Keys(set))
}
