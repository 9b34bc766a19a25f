package policy

import (
	"regexp"
	"slices"
)

// personField finds the fields of person in a condition's text. What stands in quotes counts too, which costs nothing.
var personField = regexp.MustCompile(`\bperson\.([a-z_]+)`)

// PersonFields lists the fields of HR records that the policy's conditions and attributes use, in order. What they say of somebody whose
// source does not show such a field is not known.
func (p *Policy) PersonFields() []string {
	var texts, names []string
	for _, r := range p.rules {
		texts = append(texts, r.when.Text)
	}
	for _, r := range p.mfa.rules {
		texts = append(texts, r.when.Text)
	}
	for _, c := range p.mfa.exempt {
		texts = append(texts, c.Text)
	}
	for _, w := range p.mfa.weak {
		if w.when != nil {
			texts = append(texts, w.when.Text)
		}
	}
	if p.contracts != nil {
		texts = append(texts, p.contracts.Text)
	}
	texts = append(texts, p.systems.Texts()...)
	for _, text := range texts {
		for _, m := range personField.FindAllStringSubmatch(text, -1) {
			if !slices.Contains([]string{"key", "source", "employee_id", "standing", "zone"}, m[1]) {
				names = append(names, m[1])
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
