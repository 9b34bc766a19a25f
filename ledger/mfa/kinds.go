package mfa

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/ledger/engine"
)

// Kinds are the kinds of somebody's factors in use: of each factor the names that OneLogin has for its kind.
type Kinds [][]string

// Among reports whether there are factors, and each has one of its names among some. Same says which names are the same.
func (k Kinds) Among(names []string, same func(a, b string) bool) bool {
	return len(k) > 0 && !slices.ContainsFunc(k, func(factor []string) bool {
		return !slices.ContainsFunc(factor, func(name string) bool {
			return slices.ContainsFunc(names, func(listed string) bool { return same(name, listed) })
		})
	})
}

// Named are the kinds by the first name of each, every one once.
func (k Kinds) Named() []string {
	var names []string
	for _, factor := range k {
		if len(factor) > 0 && !slices.Contains(names, factor[0]) {
			names = append(names, factor[0])
		}
	}
	return names
}

// text is how kinds stand in the ledger: a line for each factor, its names between tabs. Equal kinds are equal text.
func (k Kinds) text() string {
	lines := make([]string, len(k))
	for i, names := range k {
		lines[i] = listText(names, "\t")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func readKinds(text string) Kinds {
	var k Kinds
	for _, line := range readList(text, "\n") {
		k = append(k, readList(line, "\t"))
	}
	return k
}

// listText joins names, in which neither separator can stand.
func listText(names []string, by string) string {
	clean := make([]string, len(names))
	for i, name := range names {
		clean[i] = strings.Join(strings.Fields(name), " ")
	}
	return strings.Join(clean, by)
}

func readList(text, by string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, by)
}

// kindsIn returns the different kinds that are on record, as they are written down, of the accounts for which a condition holds.
func (s Store) kindsIn(ctx context.Context, where string) (map[string]Kinds, error) {
	all := map[string]Kinds{}
	err := engine.Each(ctx, s.db.Reader(), "SELECT DISTINCT kinds FROM mfa_state WHERE "+where, nil, func(scan func(...any) error) error {
		var text string
		if err := scan(&text); err != nil {
			return err
		}
		all[text] = readKinds(text)
		return nil
	})
	return all, err
}

// KindsSeen returns every name of a kind of factor that somebody who can sign in has in use.
func (s Store) KindsSeen(ctx context.Context) ([]string, error) {
	all, err := s.kindsIn(ctx, "active = 1")
	if err != nil {
		return nil, fmt.Errorf("read which kinds of factors there are: %w", err)
	}
	var names []string
	for _, kinds := range all {
		for _, factor := range kinds {
			names = append(names, factor...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// TouchKinds has a scan look at those who pass for having a factor and of whom all kinds may not count, and at those who have only
// such that did not count: what counts is another question with each policy, and with each position.
func (s Store) TouchKinds(ctx context.Context, scan string, mayNotCount func(Kinds) bool) error {
	all, err := s.kindsIn(ctx, "active = 1 AND factor = 'some'")
	if err != nil {
		return fmt.Errorf("read which kinds of factors count: %w", err)
	}
	var some []string
	for text, kinds := range all {
		if mayNotCount(kinds) {
			some = append(some, text)
		}
	}
	slices.Sort(some)
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "mfa"); err != nil {
			return err
		}
		const touch = "UPDATE mfa_state SET due_in = $1, due_why = 'scan' WHERE active = 1 AND due_in <> $1 AND "
		if _, err := q.ExecContext(ctx, touch+"weak <> ''", scan); err != nil {
			return err
		}
		for part := range slices.Chunk(some, engine.MaxArgs-1) {
			if _, err := q.ExecContext(ctx, touch+"factor = 'some' AND kinds IN "+engine.List(2, len(part)), append([]any{scan}, engine.Anys(part)...)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mark whose factors may not count for scan %s: %w", scan, err)
	}
	return nil
}
