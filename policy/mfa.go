package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"gatehouse/identity"
)

// EscalateToManager is the value of MFATerms.EscalateTo that stands for the person's own manager.
const EscalateToManager = "manager"

// MFA says how people without a second factor are treated, whoever they are.
type MFA struct {
	// Refresh is how old a reading of somebody's factors may grow before a scan reads them again. Default 90 days.
	Refresh time.Duration
	// Instructions say how to enrol, for the people who have to. Default a sentence that fits any tenant.
	Instructions string
	// EnrolURL is a page to enrol on, empty if there is none.
	EnrolURL string
	// Events are the names of OneLogin's event types that say that somebody's factors have changed.
	Events []string
}

// Restriction is what happens to an account whose person has not enrolled in time. The zero value restricts nobody.
type Restriction struct {
	// Group is the OneLogin group that the account moves to.
	Group string
	// Suspend ends sign-in instead.
	Suspend bool
}

// None reports whether nothing happens.
func (r Restriction) None() bool { return r == Restriction{} }

// MFATerms are what holds for one person.
type MFATerms struct {
	// Rule is the name of the rule that matched, empty for the terms of everybody.
	Rule string
	// Exempt is the condition that excuses the account altogether, empty if none does.
	Exempt string
	// Grace is how long a person may go without a factor. Default 14 days.
	Grace time.Duration
	// RemindEvery is the time between reminders. Default 3 days.
	RemindEvery time.Duration
	// EscalateTo is EscalateToManager, the default, or an e-mail address.
	EscalateTo string
	// RestrictAfter is how long after the escalation the account is restricted; 0 means never. Default 7 days.
	RestrictAfter time.Duration
	Restrict      Restriction
}

// mfa is the section as it was read.
type mfa struct {
	settings MFA
	terms    MFATerms
	exempt   []condition
	rules    []mfaRule
	risk     bool
}

type mfaRule struct {
	when  condition
	terms MFATerms
}

const enrolInstructions = "Sign in to OneLogin, open your profile, choose Security Factors, and add a factor such as an authenticator " +
	"app or a security key. It takes a few minutes."

// enrolmentEvents are the names of the event types 22 and 24.
func enrolmentEvents() []string {
	return []string{"USER_ADDED_OTP_DEVICE", "USER_REMOVED_OTP_DEVICE"}
}

// MFA returns what holds for everybody.
func (p *Policy) MFA() MFA {
	m := p.mfa.settings
	m.Events = slices.Clone(m.Events)
	return m
}

// MFAUsesRisk reports whether any condition asks for the risk of a person, which costs a call to find out.
func (p *Policy) MFAUsesRisk() bool { return p.mfa.risk }

// MFATerms returns what holds for one person: the terms of the first rule that matches. account may be nil; risk is
// the highest recent risk score of OneLogin's events, 0 to 100. A condition that fails is an error: it must neither
// excuse nor restrict anybody.
func (p *Policy) MFATerms(person *identity.Person, account *identity.Account, risk int) (MFATerms, error) {
	if account == nil {
		account = &identity.Account{}
	}
	view := mfaView{person: viewOf(person), account: account, risk: int64(risk)}
	for _, c := range p.mfa.exempt {
		yes, err := c.eval(view)
		if err != nil {
			return MFATerms{}, err
		}
		if yes {
			terms := p.mfa.terms
			terms.Exempt = c.text
			return terms, nil
		}
	}
	for _, r := range p.mfa.rules {
		yes, err := r.when.eval(view)
		if err != nil {
			return MFATerms{}, fmt.Errorf("mfa rule %q: %w", r.terms.Rule, err)
		}
		if yes {
			return r.terms, nil
		}
	}
	return p.mfa.terms, nil
}

func (p *Policy) readMFA(root section) error {
	s := root.section("mfa", "grace", "remind_every", "escalate_to", "restrict_after", "restrict", "rules", "exempt", "refresh",
		"instructions", "enrol_url", "enrolment_events")
	p.mfa = mfa{
		settings: MFA{Refresh: 90 * day, Instructions: enrolInstructions, Events: enrolmentEvents()},
		terms:    MFATerms{Grace: 14 * day, RemindEvery: 3 * day, EscalateTo: EscalateToManager, RestrictAfter: 7 * day},
	}
	s.duration("refresh", nonZero, &p.mfa.settings.Refresh)
	if w, ok := s.text("instructions"); ok {
		p.mfa.settings.Instructions = w.text
	}
	if w, ok := s.text("enrol_url"); ok {
		p.mfa.settings.EnrolURL = w.text
		if !strings.HasPrefix(w.text, "https://") {
			s.r.fail(w.node, "mfa.enrol_url: %q is not a link that starts with https://", w.text)
		}
	}
	if _, set := s.values["enrolment_events"]; set {
		p.mfa.settings.Events = names(s.words("enrolment_events"))
	}
	p.readTerms(s, &p.mfa.terms)
	compiler, err := newMFACompiler()
	if err != nil {
		return err
	}
	for i, w := range s.words("exempt") {
		if c, ok := compiler.compile(s.r, item("mfa.exempt", i), w); ok {
			p.mfa.exempt = append(p.mfa.exempt, c)
			p.mfa.risk = p.mfa.risk || strings.Contains(c.text, "risk")
		}
	}
	lines := map[string]int{}
	for i, node := range s.items("rules", "rules") {
		p.readMFARule(s, compiler, i, node, lines)
	}
	return nil
}

func (p *Policy) readMFARule(s section, compiler *compiler, i int, node ast.Node, lines map[string]int) {
	path := item("mfa.rules", i)
	sub := s.r.section(path, node, node, "name", "when", "grace", "remind_every", "escalate_to", "restrict_after", "restrict")
	rule := mfaRule{terms: p.mfa.terms}
	if w, ok := sub.required("name", "give the rule a name: the evidence quotes it as the reason for a deadline"); ok {
		rule.terms.Rule = w.text
		if first, twice := lines[w.text]; twice {
			s.r.fail(w.node, "%s.name: the rule on line %d is also called %q: give each its own name", path, first, w.text)
		} else {
			lines[w.text] = w.line
		}
	}
	p.readTerms(sub, &rule.terms)
	if w, ok := sub.required("when", "say whom the rule is for: a CEL condition over person, account and risk"); ok {
		if rule.when, ok = compiler.compile(s.r, join(path, "when"), w); ok {
			p.mfa.rules = append(p.mfa.rules, rule)
			p.mfa.risk = p.mfa.risk || strings.Contains(rule.when.text, "risk")
		}
	}
}

// readTerms reads the keys that a rule may set anew.
func (p *Policy) readTerms(s section, t *MFATerms) {
	s.duration("grace", orZero, &t.Grace)
	s.duration("remind_every", nonZero, &t.RemindEvery)
	s.duration("restrict_after", orNever, &t.RestrictAfter)
	if w, ok := s.text("escalate_to"); ok {
		t.EscalateTo = w.text
		if w.text != EscalateToManager {
			s.r.mailbox(join(s.path, `escalate_to is neither "manager" nor an address`), w)
		}
	}
	if _, set := s.values["restrict"]; !set {
		return
	}
	r := s.section("restrict", "group", "suspend")
	t.Restrict = Restriction{}
	r.boolean("suspend", &t.Restrict.Suspend)
	switch _, group := r.values["group"]; {
	case group && t.Restrict.Suspend:
		s.r.fail(r.at, "%s has both a group and suspend: an account that cannot sign in needs no group, so keep one of them", r.path)
	case !t.Restrict.Suspend:
		r.lacks("group", "name the OneLogin group of restricted accounts, or write suspend: true")
		if w, ok := r.text("group"); ok {
			t.Restrict.Group = w.text
			p.groupRefs = append(p.groupRefs, w)
		}
	}
}

// mfaView is what a condition of the mfa section sees.
type mfaView struct {
	person  personView
	account *identity.Account
	risk    int64
}

// ResolveName returns the value of a variable.
func (v mfaView) ResolveName(name string) (any, bool) {
	switch name {
	case "person":
		return v.person, true
	case "account":
		return v.account, true
	case "risk":
		return v.risk, true
	}
	return nil, false
}

// Parent returns nil: there is no outer scope.
func (v mfaView) Parent() cel.Activation { return nil }

// newMFACompiler compiles conditions over person, account and risk.
func newMFACompiler() (*compiler, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("prepare conditions of mfa: %w", err)
	}
	person, account := personSubject(), accountSubject()
	env, err := cel.NewEnv(
		cel.CustomTypeAdapter(registry),
		cel.CustomTypeProvider(twoSubjects{provider: provider{Registry: registry, subject: person}, second: provider{Registry: registry, subject: account}}),
		cel.Variable(person.name, cel.ObjectType(person.object)),
		cel.Variable(account.name, cel.ObjectType(account.object)),
		cel.Variable("risk", cel.IntType),
		cel.ExtendedValidations(),
	)
	if err != nil {
		return nil, fmt.Errorf("prepare conditions of mfa: %w", err)
	}
	return &compiler{env: env, subject: subject{
		name: "person or account", fields: append(person.fields, account.fields...),
		empty: mfaView{person: viewOf(&identity.Person{}), account: &identity.Account{}},
	}}, nil
}

// twoSubjects adds a second subject's type to those of a provider.
type twoSubjects struct {
	provider
	second provider
}

func (p twoSubjects) of(name string) provider {
	if name == p.second.subject.object {
		return p.second
	}
	return p.provider
}

// FindStructType returns the type of either subject.
func (p twoSubjects) FindStructType(name string) (*types.Type, bool) {
	return p.of(name).FindStructType(name)
}

// FindStructFieldNames returns the fields of either subject.
func (p twoSubjects) FindStructFieldNames(name string) ([]string, bool) {
	return p.of(name).FindStructFieldNames(name)
}

// FindStructFieldType returns how to read a field of either subject.
func (p twoSubjects) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	return p.of(name).FindStructFieldType(name, field)
}

// NewValue refuses to build a subject inside an expression.
func (p twoSubjects) NewValue(name string, fields map[string]ref.Val) ref.Val {
	return p.of(name).NewValue(name, fields)
}
