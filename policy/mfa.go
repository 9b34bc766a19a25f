package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/cel-go/cel"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
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
	exempt   []condition.Condition
	rules    []mfaRule
	weak     []weakFactors
	risk     bool
}

type mfaRule struct {
	when  condition.Condition
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
		yes, err := c.Holds(view)
		if err != nil {
			return MFATerms{}, err
		}
		if yes {
			terms := p.mfa.terms
			terms.Exempt = c.Text
			return terms, nil
		}
	}
	for _, r := range p.mfa.rules {
		yes, err := r.when.Holds(view)
		if err != nil {
			return MFATerms{}, fmt.Errorf("mfa rule %q: %w", r.terms.Rule, err)
		}
		if yes {
			return r.terms, nil
		}
	}
	return p.mfa.terms, nil
}

func (p *Policy) readMFA(root yamlfile.Section) error {
	s := root.Section("mfa", "grace", "remind_every", "escalate_to", "restrict_after", "restrict", "rules", "exempt", "weak", "refresh",
		"instructions", "enrol_url", "enrolment_events")
	p.mfa = mfa{
		settings: MFA{Refresh: 90 * yamlfile.Day, Instructions: enrolInstructions, Events: enrolmentEvents()},
		terms:    MFATerms{Grace: 14 * yamlfile.Day, RemindEvery: 3 * yamlfile.Day, EscalateTo: EscalateToManager, RestrictAfter: 7 * yamlfile.Day},
	}
	s.Duration("refresh", yamlfile.NonZero, &p.mfa.settings.Refresh)
	if w, ok := s.Text("instructions"); ok {
		p.mfa.settings.Instructions = w.Text
	}
	if w, ok := s.Text("enrol_url"); ok {
		p.mfa.settings.EnrolURL = w.Text
		if !strings.HasPrefix(w.Text, "https://") {
			s.Fail(w.Node, "mfa.enrol_url: %q is not a link that starts with https://", w.Text)
		}
	}
	if s.Has("enrolment_events") {
		if p.mfa.settings.Events = yamlfile.Texts(s.Words("enrolment_events")); len(p.mfa.settings.Events) == 0 {
			s.Fail(s.Value("enrolment_events"), "mfa.enrolment_events names no event type, so that no enrolment would be seen: remove the key for OneLogin's own")
		}
	}
	p.readTerms(s, &p.mfa.terms)
	compiler, err := condition.NewScoped(mfaScope(), personSubject(), accountSubject())
	if err != nil {
		return err
	}
	for i, w := range s.Words("exempt") {
		if c, ok := compiler.Compile(s.Reader, yamlfile.Item("mfa.exempt", i), w); ok {
			p.mfa.exempt = append(p.mfa.exempt, c)
			p.mfa.risk = p.mfa.risk || strings.Contains(c.Text, "risk")
		}
	}
	lines := map[string]int{}
	for i, node := range s.Items("rules", "rules") {
		p.readMFARule(s, compiler, i, node, lines)
	}
	return p.readWeak(s)
}

func (p *Policy) readMFARule(s yamlfile.Section, compiler *condition.Compiler, i int, node ast.Node, lines map[string]int) {
	path := yamlfile.Item("mfa.rules", i)
	sub := s.Reader.Section(path, node, node, "name", "when", "grace", "remind_every", "escalate_to", "restrict_after", "restrict")
	rule := mfaRule{terms: p.mfa.terms}
	if w, ok := sub.Required("name", "give the rule a name: the evidence quotes it as the reason for a deadline"); ok {
		rule.terms.Rule = w.Text
		if first, twice := lines[w.Text]; twice {
			s.Fail(w.Node, "%s.name: the rule on line %d is also called %q: give each its own name", path, first, w.Text)
		} else {
			lines[w.Text] = w.Line
		}
	}
	p.readTerms(sub, &rule.terms)
	if w, ok := sub.Required("when", "say whom the rule is for: a CEL condition over person, account and risk"); ok {
		if rule.when, ok = compiler.Compile(s.Reader, yamlfile.Join(path, "when"), w); ok {
			p.mfa.rules = append(p.mfa.rules, rule)
			p.mfa.risk = p.mfa.risk || strings.Contains(rule.when.Text, "risk")
		}
	}
}

// readTerms reads the keys that a rule may set anew.
func (p *Policy) readTerms(s yamlfile.Section, t *MFATerms) {
	s.Duration("grace", yamlfile.OrZero, &t.Grace)
	s.Duration("remind_every", yamlfile.NonZero, &t.RemindEvery)
	s.Duration("restrict_after", yamlfile.OrNever, &t.RestrictAfter)
	if w, ok := s.Text("escalate_to"); ok {
		t.EscalateTo = w.Text
		if w.Text != EscalateToManager && !yamlfile.IsMailbox(w.Text) {
			s.Fail(w.Node, "%s: %q is neither manager nor an e-mail address", yamlfile.Join(s.Path, "escalate_to"), w.Text)
		}
	}
	if !s.Has("restrict") {
		return
	}
	r := s.Section("restrict", "group", "suspend")
	t.Restrict = Restriction{}
	r.Bool("suspend", &t.Restrict.Suspend)
	switch group := r.Has("group"); {
	case group && t.Restrict.Suspend:
		s.Fail(r.At, "%s has both a group and suspend: an account that cannot sign in needs no group, so keep one of them", r.Path)
	case !t.Restrict.Suspend:
		r.Lacks("group", "name the OneLogin group of restricted accounts, or write suspend: true")
		if w, ok := r.Text("group"); ok {
			t.Restrict.Group = w.Text
			p.groupRefs = append(p.groupRefs, w)
		}
	}
}

// mfaScope adds risk to what conditions of the mfa section see.
func mfaScope() condition.Scope {
	return condition.Scope{
		Name: "person or account", Numbers: []string{"risk"},
		Empty: mfaView{person: viewOf(&identity.Person{}), account: &identity.Account{}},
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
