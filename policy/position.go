package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"gatehouse/identity"
)

// RuleAccess digests the roles and the group that the rules give somebody, whatever orders add; empty where a rule cannot be decided.
func (p *Policy) RuleAccess(person identity.Person) string {
	access := p.access(&person)
	if len(access.doubts) > 0 || slices.ContainsFunc(access.granted, func(g granted) bool { return g.open }) {
		return ""
	}
	sum := sha256.New()
	for _, name := range append([]string{access.group}, access.roles...) {
		sum.Write([]byte(name + "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// Position digests what HR says about somebody's position: department, title, location, company and type of employment.
// A new manager or a new name is none. It is empty where the source dropped a field, or sent one in a broken encoding: then it
// is not known.
func Position(r identity.Record) string {
	if len(r.Missing)+len(r.WithoutGarbled().Garbled) > 0 {
		return ""
	}
	sum := sha256.New()
	for _, field := range []string{r.Department, r.Title, r.Location, r.Company, r.EmploymentType} {
		sum.Write([]byte(strings.ToLower(strings.Join(strings.Fields(field), " ")) + "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
