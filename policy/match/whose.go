package match

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

// Closeness weighs what an account and a human have in common. It says who of two explains an account better, and never
// whose it is.
func (m Matcher) Closeness(a identity.Account, c Claim) int { return m.Likeness(a, c).Closeness() }

// Likeness is what an account and a human have in common. To find it is most of the work of a comparison: what compares many
// with many finds it once, for all that it asks of the two.
type Likeness struct {
	t traces
	l *looked
}

// Likeness compares an account with the keys and the records of a claim.
func (m Matcher) Likeness(a identity.Account, c Claim) Likeness { return m.Look(a)(c) }

// Look returns what compares an account with one claim after the other, for one caller at a time.
func (m Matcher) Look(a identity.Account) func(Claim) Likeness {
	l := m.look(a)
	return func(c Claim) Likeness { return Likeness{l.traces(c), l} }
}

// Rival is the human as a rival of others.
func (l Likeness) Rival(key string, employed bool) Rival {
	t := l.t
	return Rival{
		Key: key, Employed: employed, Anchor: t.named || t.bare, Address: t.address || t.private, Work: t.address, Name: t.name,
	}
}

// Closeness is [Matcher.Closeness].
func (l Likeness) Closeness() int { return l.t.points() }
