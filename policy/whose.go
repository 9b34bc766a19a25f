package policy

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/identity"
)

// Suitor is a human whom an account may belong to, and how it is tied to them.
type Suitor struct {
	Key string
	Tied
}

// Whose says whose an account is by all who have a tie to it. Certain for two is certain for neither: the account is then a
// candidate, and the reason is the rival. Of several candidates the first by key is named. The zero Suitor with TieNone
// says that it is nobody's.
func Whose(suitors []Suitor) Suitor {
	sorted := slices.Clone(suitors)
	slices.SortFunc(sorted, func(a, b Suitor) int { return cmp.Or(a.rank()-b.rank(), strings.Compare(a.Key, b.Key)) })
	switch {
	case len(sorted) == 0 || sorted[0].Tie == TieNone:
		return Suitor{Tied: Tied{Tie: TieNone}}
	case len(sorted) > 1 && sorted[0].Tie == TieCertain && sorted[1].Tie == TieCertain:
		return Suitor{Key: sorted[0].Key, Tied: Tied{Tie: TieCandidate, Reasons: []string{ReasonRival}}}
	}
	return sorted[0]
}

func (s Suitor) rank() int {
	return slices.Index([]Tie{TieCertain, TieDisputed, TieCandidate, TieNamesake, TieNone}, s.Tie)
}

// RivalOf says what the records of somebody else share with an account.
func (p *Policy) RivalOf(a identity.Account, key string, employed bool, records []identity.Record) Rival {
	t := p.traces(a, Claim{Keys: []string{key}, Records: records})
	return Rival{
		Key: key, Employed: employed, Anchor: t.named || t.bare, Address: t.address || t.private, Work: t.address, Name: t.name,
	}
}
