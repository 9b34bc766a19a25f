package policy

import (
	"github.com/goccy/go-yaml/ast"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// NonPersonal is an entry of accounts.non_personal: accounts that are no person's own.
type NonPersonal struct {
	// Name is quoted wherever the entry counts.
	Name string
	// Kind is identity.KindService, KindShared or KindBreakGlass.
	Kind identity.AccountKind
	// Owner is the e-mail address of whoever answers for the accounts, and reviews them.
	Owner string
	// Rule is the condition.
	Rule string
}

type nonPersonal struct {
	entry NonPersonal
	when  condition.Condition
}

// NonPersonalEntries returns the entries, in the order of the file.
func (p *Policy) NonPersonalEntries() []NonPersonal {
	entries := make([]NonPersonal, len(p.nonPersonal))
	for i, n := range p.nonPersonal {
		entries[i] = n.entry
	}
	return entries
}

// NonPersonal returns the first entry of accounts.non_personal that an account matches. It says nothing of whether the account carries
// the traces of a person, whose it stays then. A condition that cannot be evaluated matches nothing: no account is excused by a mistake.
func (p *Policy) NonPersonal(account identity.Account) (NonPersonal, bool) {
	for _, n := range p.nonPersonal {
		if yes, err := n.when.Holds(&account); err == nil && yes {
			return n.entry, true
		}
	}
	return NonPersonal{}, false
}

func (p *Policy) readAccounts(root yamlfile.Section) error {
	s := root.Section("accounts", "non_personal")
	compiler, err := condition.New(accountSubject())
	if err != nil {
		return err
	}
	lines := map[string]int{}
	for i, node := range s.Items("non_personal", "entries") {
		p.readNonPersonal(s, compiler, i, node, lines)
	}
	return nil
}

func (p *Policy) readNonPersonal(s yamlfile.Section, compiler *condition.Compiler, i int, node ast.Node, lines map[string]int) {
	path := yamlfile.Item("accounts.non_personal", i)
	sub := s.Reader.Section(path, node, node, "name", "kind", "when", "owner")
	var out nonPersonal
	if w, ok := sub.Required("name", "give the entry a name: reviews, tickets and items quote it"); ok {
		out.entry.Name = w.Text
		if first, twice := lines[w.Text]; twice {
			s.Fail(w.Node, "%s.name: the entry on line %d is also called %q: give each its own name", path, first, w.Text)
		} else {
			lines[w.Text] = w.Line
		}
	}
	kind := ""
	sub.MustHave("kind", "say what the accounts are: service, shared or break_glass")
	sub.Choice("kind", &kind, string(identity.KindService), string(identity.KindShared), string(identity.KindBreakGlass))
	out.entry.Kind = identity.AccountKind(kind)
	if w, ok := sub.Required("owner", "name the e-mail address of whoever answers for these accounts and reviews them"); ok {
		out.entry.Owner = s.Reader.Mailbox(yamlfile.Join(path, "owner"), w)
	}
	w, ok := sub.Required("when", "say which accounts these are: a CEL condition over account")
	if !ok {
		return
	}
	if out.when, ok = compiler.Compile(s.Reader, yamlfile.Join(path, "when"), w); !ok {
		return
	}
	out.entry.Rule = out.when.Text
	if out.entry.Rule == "true" {
		s.Fail(w.Node, "%s.when matches every account, so that nobody's would be a person's: say which accounts these are", path)
	}
	p.nonPersonal = append(p.nonPersonal, out)
}
