package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/internal/yamlfile"
	"gatehouse/policy/agent"
	"gatehouse/policy/condition"
	"gatehouse/policy/detect"
)

// read fills the policy from the file's tree. Problems in the file go to the reader; the error is for what is not the
// file's fault.
func (p *Policy) read(r *yamlfile.Reader, body ast.Node) error {
	root := r.Section("", body, body, "company", "locations", "naming", "roles", "accounts", "access", "joiner", "mover", "leaver", "mfa", "events", "review", "safety", "modes", "messages", "deciders", "agents", "agents_canaries", "sponsored", "systems", "attributes", "tables", "end")
	root.RequiredSection("safety", "write at least safety: {protected: []}; docs/policy.md says what it protects")
	root.RequiredSection("modes", "say how far each template may go, such as modes: {onboarding: observe, offboarding: observe}")
	p.readEnd(root)
	p.readCompany(root)
	p.readNaming(root)
	p.readJoiner(root)
	p.readMover(root)
	p.readModes(root)
	p.readRoles(root)
	p.readDeciders(root)
	p.readMessages(root)
	p.readSponsored(root)
	if err := p.readLeaver(root); err != nil {
		return err
	}
	if err := p.readReview(root); err != nil {
		return err
	}
	if err := p.readAccounts(root); err != nil {
		return err
	}
	if err := p.readSystems(root); err != nil {
		return err
	}
	if err := p.readAccess(root); err != nil {
		return err
	}
	if err := p.readMFA(root); err != nil {
		return err
	}
	var err error
	if p.detection, err = detect.Read(root, p.file); err != nil {
		return err
	}
	if p.agents, err = agent.Read(root); err != nil {
		return err
	}
	p.canaries = agent.ReadCanaries(root)
	return p.readSafety(root)
}

func (p *Policy) readCompany(root yamlfile.Section) {
	s := root.Section("company", "zone", "domain")
	if w, ok := s.Required("zone", "name the time zone that stands in where a person's is unknown, like Europe/Berlin"); ok {
		p.zone = s.Reader.Zone("company.zone", w)
	}
	if w, ok := s.Required("domain", "name the mail domain of new accounts, like example.com"); ok {
		p.domain = domainOf(s, "domain", w)
	}
	p.locations = map[string]*time.Location{}
	node := root.Value("locations")
	if node == nil {
		return
	}
	keys, values := root.Reader.Pairs("locations", node)
	for i, key := range keys {
		path := yamlfile.Join("locations", key.Text)
		w, ok := root.Reader.Scalar(path, values[i], "the name of a time zone", ast.StringType)
		if !ok {
			continue
		}
		name := foldLocation(key.Text)
		if _, twice := p.locations[name]; twice {
			root.Fail(key.Node, "%s is set twice, with only case or spaces different: remove one of them", path)
		}
		p.locations[name] = root.Reader.Zone(path, w)
	}
}

// foldLocation is how locations compare: HR systems are not careful about case and spaces.
func foldLocation(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

func domainOf(s yamlfile.Section, key string, w yamlfile.Word) string {
	if !yamlfile.IsDomain(w.Text) {
		s.Fail(w.Node, "%s: %q is not a mail domain: write one like example.com", yamlfile.Join(s.Path, key), w.Text)
		return ""
	}
	return strings.ToLower(w.Text)
}

func (p *Policy) readNaming(root yamlfile.Section) {
	s := root.Section("naming", "username", "domain", "match_external_ids", "reserve_departed")
	p.naming = naming{usernames: defaultUsernames(), externalIDs: defaultExternalIDs(), domain: p.domain}
	if w, ok := s.Scalar("domain", "a mail domain", ast.StringType); ok && w.Text != "" {
		p.naming.domain = domainOf(s, "domain", w)
	}
	reserve := true
	if s.Bool("reserve_departed", &reserve); !reserve {
		s.Fail(s.Value("reserve_departed"), "naming.reserve_departed cannot be false: usernames of people who have left always stay taken")
	}
	if s.Has("username") {
		p.naming.usernames = readTemplates(s, "username", usernameFields(), usernameLetters)
	}
	if s.Has("match_external_ids") {
		p.naming.externalIDs = readTemplates(s, "match_external_ids", externalIDFields(), "")
		p.nameless = slices.DeleteFunc(s.Words("match_external_ids"), func(w yamlfile.Word) bool {
			return strings.Contains(w.Text, "{key}") || strings.Contains(w.Text, "{source}")
		})
	}
}

func (p *Policy) readJoiner(root yamlfile.Section) {
	s := root.Section("joiner", "create_before", "activate_at", "early_roles", "credential")
	p.joiner = Joiner{CreateBefore: 7 * yamlfile.Day, ActivateAt: "08:00", Credential: CredentialInvite}
	p.activateAt = yamlfile.Clock{Hour: 8}
	s.Duration("create_before", yamlfile.OrZero, &p.joiner.CreateBefore)
	s.Clock("activate_at", &p.joiner.ActivateAt, &p.activateAt)
	s.Choice("credential", &p.joiner.Credential, CredentialInvite, CredentialNone)
	p.joiner.EarlyRoles = p.mentionRoles(s.Words("early_roles"))
}

func (p *Policy) readMover(root yamlfile.Section) {
	s := root.Section("mover", "keep_old_access", "rename")
	p.mover = Mover{Rename: RenameDisplay}
	s.Duration("keep_old_access", yamlfile.OrZero, &p.mover.KeepOldAccess)
	s.Choice("rename", &p.mover.Rename, RenameDisplay, RenameAttention, RenameAccount)
}

func (p *Policy) readLeaver(root yamlfile.Section) error {
	s := root.Section("leaver", "disable_at", "contain_within", "verify_after", "delete_after", "fallback_owner", "keep_roles",
		"strip_after", "undo_within", "warn_before", "contracts", "doubt")
	p.leaver = Leaver{
		DisableAt: "18:00", ContainWithin: 15 * time.Minute, Doubt: DoubtAsk, UndoWithin: 30 * yamlfile.Day,
		VerifyAfter: []time.Duration{time.Minute, 15 * time.Minute, 24 * time.Hour},
		WarnBefore:  []time.Duration{14 * yamlfile.Day, 7 * yamlfile.Day, yamlfile.Day},
	}
	p.disableAt = yamlfile.Clock{Hour: 18}
	s.Clock("disable_at", &p.leaver.DisableAt, &p.disableAt)
	s.Duration("contain_within", yamlfile.NonZero, &p.leaver.ContainWithin)
	s.Durations("verify_after", &p.leaver.VerifyAfter)
	p.readDeleteAfter(s)
	s.Duration("strip_after", yamlfile.OrZero, &p.leaver.StripAfter)
	s.Duration("undo_within", yamlfile.OrZero, &p.leaver.UndoWithin)
	s.Durations("warn_before", &p.leaver.WarnBefore)
	s.Choice("doubt", &p.leaver.Doubt, DoubtAsk, DoubtSuspend)
	if w, ok := s.Required("fallback_owner", "name the e-mail address that gets what nobody else owns, like it@example.com"); ok {
		p.leaver.FallbackOwner = s.Reader.Mailbox("leaver.fallback_owner", w)
	}
	p.leaver.KeepRoles = p.mentionRoles(s.Words("keep_roles"))
	s.NotEmpty("verify_after", "an account that somebody opens again would be noticed by a sweep only. Write at least one wait, like [24h]")
	w, set := s.Text("contracts")
	if !set {
		return nil
	}
	compiler, err := condition.New(personSubject())
	if err != nil {
		return err
	}
	if c, ok := compiler.Compile(s.Reader, "leaver.contracts", w); ok {
		p.contracts = &c
	}
	return nil
}

// readDeciders reads who may decide what nobody else may.
func (p *Policy) readDeciders(root yamlfile.Section) {
	s := root.Section("deciders", "hold", "people", "two")
	p.deciders = readPeople(s)
	p.two = readTwo(s)
	for i, w := range s.Words("hold") {
		p.holdDeciders = append(p.holdDeciders, s.Reader.Mailbox(yamlfile.Item("deciders.hold", i), w))
	}
}

// HoldDeciders are the e-mail addresses of those who give, see and release hold orders. Empty means that there are none.
func (p *Policy) HoldDeciders() []string { return slices.Clone(p.holdDeciders) }

func (p *Policy) readModes(root yamlfile.Section) {
	s := root.Section("modes", "onboarding", "offboarding", "role_change", "mfa")
	mode := func(key string) Mode {
		text := string(ModeObserve)
		s.Choice(key, &text, string(ModeObserve), string(ModeApprove), string(ModeEnforce))
		return Mode(text)
	}
	p.modes = Modes{Onboarding: mode("onboarding"), Offboarding: mode("offboarding"), RoleChange: mode("role_change"), MFA: mode("mfa")}
}

func (p *Policy) readSafety(root yamlfile.Section) error {
	s := root.Section("safety", append([]string{"window", "protected"}, limitKeys()...)...)
	p.safety = limitsOf(s)
	s.Duration("window", yamlfile.NonZero, &p.safety.Window)
	if root.Has("safety") {
		s.MustHave("protected", "say which accounts are never touched, such as account.username.startsWith(\"breakglass-\"), or write [] for none")
	}
	expressions := s.Words("protected")
	p.safety.Protected = yamlfile.Texts(expressions)
	compiler, err := condition.New(accountSubject())
	if err != nil {
		return err
	}
	for i, w := range expressions {
		if c, ok := compiler.Compile(s.Reader, yamlfile.Item("safety.protected", i), w); ok {
			p.protected = append(p.protected, c)
		}
	}
	return nil
}

// mentionRoles remembers roles for CheckTenant and returns their names.
func (p *Policy) mentionRoles(words []yamlfile.Word) []string {
	p.roleRefs = append(p.roleRefs, words...)
	return yamlfile.Texts(words)
}
