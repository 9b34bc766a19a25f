package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// weakFactors is one entry of mfa.weak.
type weakFactors struct {
	kinds []string
	// when is nil for everybody.
	when *condition.Condition
}

// SameFactor reports that two names are of one kind of factor. Tenants name factors of their own, and people write such names down.
func SameFactor(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// MFAWeak returns the kinds of factors that do not count for one person, as mfa.weak names them. account may be nil. A condition
// that fails is an error: it must neither excuse nor restrict anybody.
func (p *Policy) MFAWeak(person *identity.Person, account *identity.Account) ([]string, error) {
	if account == nil {
		account = &identity.Account{}
	}
	view := mfaView{person: viewOf(person), account: account}
	var kinds []string
	for i, w := range p.mfa.weak {
		if w.when != nil {
			yes, err := w.when.Holds(view)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", yamlfile.Item("mfa.weak", i), err)
			}
			if !yes {
				continue
			}
		}
		kinds = addKinds(kinds, w.kinds)
	}
	return kinds, nil
}

// MFAWeakForAll returns the kinds of factors that count for nobody, and MFAWeakForSome every kind that does not count for somebody.
func (p *Policy) MFAWeakForAll() []string {
	return p.weakKinds(func(w weakFactors) bool { return w.when == nil })
}

// MFAWeakForSome returns every kind of factor that mfa.weak names.
func (p *Policy) MFAWeakForSome() []string {
	return p.weakKinds(func(weakFactors) bool { return true })
}

func (p *Policy) weakKinds(which func(weakFactors) bool) []string {
	var kinds []string
	for _, w := range p.mfa.weak {
		if which(w) {
			kinds = addKinds(kinds, w.kinds)
		}
	}
	return kinds
}

func addKinds(to, kinds []string) []string {
	for _, kind := range kinds {
		if !slices.ContainsFunc(to, func(known string) bool { return SameFactor(known, kind) }) {
			to = append(to, kind)
		}
	}
	return to
}

func (p *Policy) readWeak(s yamlfile.Section) error {
	scope := mfaScope()
	scope.Numbers = nil
	compiler, err := condition.NewScoped(scope, personSubject(), accountSubject())
	if err != nil {
		return err
	}
	for i, node := range s.Items("weak", "entries") {
		p.readWeakEntry(s, compiler, yamlfile.Item("mfa.weak", i), node)
	}
	return nil
}

func (p *Policy) readWeakEntry(s yamlfile.Section, compiler *condition.Compiler, path string, node ast.Node) {
	sub := s.Reader.Section(path, node, node, "factors", "when")
	sub.MustHave("factors", "name the kinds of factors that do not count, as OneLogin calls them, like OneLogin SMS")
	words := sub.Words("factors")
	entry := weakFactors{kinds: yamlfile.Texts(words)}
	for j, w := range words {
		for _, before := range words[:j] {
			if SameFactor(before.Text, w.Text) {
				s.Fail(w.Node, "%s names the kind %q twice, with only case or spaces different: remove one of them", yamlfile.Join(path, "factors"), w.Text)
			}
		}
	}
	if list, ok := sub.Value("factors").(*ast.SequenceNode); ok && len(list.Values) == 0 {
		s.Fail(node, "%s names no factor: name at least one, or remove the entry", path)
	}
	if w, ok := sub.Text("when"); ok {
		c, ok := compiler.Compile(s.Reader, yamlfile.Join(path, "when"), w)
		if !ok {
			return
		}
		entry.when = &c
	}
	p.mfa.weak = append(p.mfa.weak, entry)
}
