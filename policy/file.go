package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// read fills the policy from the file's tree. Problems in the file go to the reader; the error is for what is not the
// file's fault.
func (p *Policy) read(r *reader, body ast.Node) error {
	root := r.section("", body, body, "company", "locations", "naming", "roles", "access", "joiner", "mover", "leaver", "mfa", "events", "review", "safety", "modes", "deciders", "end")
	root.requiredSection("safety", "write at least safety: {protected: []}; docs/policy.md says what it protects")
	root.requiredSection("modes", "say how far each template may go, such as modes: {onboarding: observe, offboarding: observe}")
	p.readEnd(root)
	p.readCompany(root)
	p.readNaming(root)
	p.readJoiner(root)
	p.readMover(root)
	p.readModes(root)
	p.readRoles(root)
	p.readDeciders(root)
	if err := p.readLeaver(root); err != nil {
		return err
	}
	if err := p.readReview(root); err != nil {
		return err
	}
	if err := p.readAccess(root); err != nil {
		return err
	}
	if err := p.readMFA(root); err != nil {
		return err
	}
	if err := p.readEvents(root); err != nil {
		return err
	}
	return p.readSafety(root)
}

func (p *Policy) readCompany(root section) {
	s := root.section("company", "zone", "domain")
	if w, ok := s.required("zone", "name the time zone that stands in where a person's is unknown, like Europe/Berlin"); ok {
		p.zone = s.r.zone("company.zone", w)
	}
	if w, ok := s.required("domain", "name the mail domain of new accounts, like example.com"); ok {
		p.domain = s.domain("domain", w)
	}
	p.locations = map[string]*time.Location{}
	node, ok := root.values["locations"]
	if !ok {
		return
	}
	keys, values := root.r.pairs("locations", node)
	for i, key := range keys {
		path := join("locations", key.text)
		w, ok := root.r.scalar(path, values[i], "the name of a time zone", ast.StringType)
		if !ok {
			continue
		}
		name := foldLocation(key.text)
		if _, twice := p.locations[name]; twice {
			root.r.fail(key.node, "%s is set twice, only the case or the spaces differ: remove one of them", path)
		}
		p.locations[name] = root.r.zone(path, w)
	}
}

// foldLocation is how locations compare: HR systems are not careful about case and spaces.
func foldLocation(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

func (s section) domain(key string, w word) string {
	if !isDomain(w.text) {
		s.r.fail(w.node, "%s: %q is not a mail domain: write one like example.com", join(s.path, key), w.text)
		return ""
	}
	return strings.ToLower(w.text)
}

func (p *Policy) readNaming(root section) {
	s := root.section("naming", "username", "domain", "match_external_ids", "reserve_departed")
	p.naming = naming{usernames: defaultUsernames(), externalIDs: defaultExternalIDs(), domain: p.domain, reserve: true}
	if w, ok := s.scalar("domain", "a mail domain", ast.StringType); ok && w.text != "" {
		p.naming.domain = s.domain("domain", w)
	}
	s.boolean("reserve_departed", &p.naming.reserve)
	if _, set := s.values["username"]; set {
		p.naming.usernames = s.templates("username", usernameFields(), ".-abcdefghijklmnopqrstuvwxyz0123456789")
	}
	if _, set := s.values["match_external_ids"]; set {
		p.naming.externalIDs = s.templates("match_external_ids", externalIDFields(), "")
		p.nameless = slices.DeleteFunc(s.words("match_external_ids"), func(w word) bool {
			return strings.Contains(w.text, "{key}") || strings.Contains(w.text, "{source}")
		})
	}
}

func (p *Policy) readJoiner(root section) {
	s := root.section("joiner", "create_before", "activate_at", "early_roles", "credential")
	p.joiner = Joiner{CreateBefore: 7 * day, ActivateAt: "08:00", Credential: CredentialInvite}
	p.activateAt = clock{hour: 8}
	s.duration("create_before", orZero, &p.joiner.CreateBefore)
	s.clock("activate_at", &p.joiner.ActivateAt, &p.activateAt)
	s.choice("credential", &p.joiner.Credential, CredentialInvite, CredentialNone)
	p.joiner.EarlyRoles = p.mentionRoles(s.words("early_roles"))
}

func (p *Policy) readMover(root section) {
	s := root.section("mover", "keep_old_access", "rename")
	p.mover = Mover{Rename: RenameDisplay}
	s.duration("keep_old_access", orZero, &p.mover.KeepOldAccess)
	s.choice("rename", &p.mover.Rename, RenameDisplay, RenameAttention, RenameAccount)
}

func (p *Policy) readLeaver(root section) error {
	s := root.section("leaver", "disable_at", "contain_within", "verify_after", "delete_after", "fallback_owner", "keep_roles",
		"strip_after", "warn_before", "contracts", "doubt")
	p.leaver = Leaver{
		DisableAt: "18:00", ContainWithin: 15 * time.Minute, Doubt: DoubtAsk,
		VerifyAfter: []time.Duration{time.Minute, 15 * time.Minute, 24 * time.Hour},
		WarnBefore:  []time.Duration{14 * day, 7 * day, day},
	}
	p.disableAt = clock{hour: 18}
	s.clock("disable_at", &p.leaver.DisableAt, &p.disableAt)
	s.duration("contain_within", nonZero, &p.leaver.ContainWithin)
	s.durations("verify_after", &p.leaver.VerifyAfter)
	s.duration("delete_after", orNever, &p.leaver.DeleteAfter)
	s.duration("strip_after", orZero, &p.leaver.StripAfter)
	s.durations("warn_before", &p.leaver.WarnBefore)
	s.choice("doubt", &p.leaver.Doubt, DoubtAsk, DoubtSuspend)
	if w, ok := s.required("fallback_owner", "name the e-mail address that gets what nobody else owns, like it@example.com"); ok {
		p.leaver.FallbackOwner = s.r.mailbox("leaver.fallback_owner", w)
	}
	p.leaver.KeepRoles = p.mentionRoles(s.words("keep_roles"))
	w, set := s.text("contracts")
	if !set {
		return nil
	}
	compiler, err := newCompiler(personSubject())
	if err != nil {
		return err
	}
	if c, ok := compiler.compile(s.r, "leaver.contracts", w); ok {
		p.contracts = &c
	}
	return nil
}

// readDeciders reads who may decide what nobody else may.
func (p *Policy) readDeciders(root section) {
	s := root.section("deciders", "hold", "people", "two")
	p.deciders = s.deciders()
	p.two = s.two()
	for i, w := range s.words("hold") {
		p.holdDeciders = append(p.holdDeciders, s.r.mailbox(item("deciders.hold", i), w))
	}
}

// HoldDeciders are the e-mail addresses of those who give, see and release hold orders. Empty means that there are none.
func (p *Policy) HoldDeciders() []string { return slices.Clone(p.holdDeciders) }

func (p *Policy) readModes(root section) {
	s := root.section("modes", "onboarding", "offboarding", "role_change", "mfa")
	mode := func(key string) Mode {
		text := string(ModeObserve)
		s.choice(key, &text, string(ModeObserve), string(ModeApprove), string(ModeEnforce))
		return Mode(text)
	}
	p.modes = Modes{Onboarding: mode("onboarding"), Offboarding: mode("offboarding"), RoleChange: mode("role_change"), MFA: mode("mfa")}
}

func (p *Policy) readSafety(root section) error {
	s := root.section("safety", append([]string{"window", "protected"}, limitKeys()...)...)
	p.safety = s.limits()
	s.duration("window", nonZero, &p.safety.Window)
	if _, ok := root.values["safety"]; ok {
		s.mustHave("protected", "say which accounts are never touched, such as account.username.startsWith(\"breakglass-\"), or write [] for none")
	}
	expressions := s.words("protected")
	p.safety.Protected = names(expressions)
	compiler, err := newCompiler(accountSubject())
	if err != nil {
		return err
	}
	for i, w := range expressions {
		if c, ok := compiler.compile(s.r, item("safety.protected", i), w); ok {
			p.protected = append(p.protected, c)
		}
	}
	return nil
}

// mentionRoles remembers roles for CheckTenant and returns their names.
func (p *Policy) mentionRoles(words []word) []string {
	p.roleRefs = append(p.roleRefs, words...)
	return names(words)
}
