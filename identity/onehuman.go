package identity

import (
	"slices"
	"strings"
	"time"
)

// NotOneHuman says what keeps two records of one name and one private address from being one human's, "" if nothing
// does. Father and son may share both.
func NotOneHuman(a, b Record, now time.Time) string {
	switch {
	case differ(a.WorkEmail, b.WorkEmail):
		return "their work addresses differ"
	case differ(string(a.BirthDate), string(b.BirthDate)):
		return "their birth dates differ"
	}
	for _, one := range append([]Record{a}, a.Others...) {
		for _, other := range append([]Record{b}, b.Others...) {
			if why := overlap(one, other, now); why != "" {
				return why
			}
		}
	}
	return ""
}

// differ compares what both records have.
func differ(a, b string) bool {
	a, b = FoldAddress(a), FoldAddress(b)
	return a != "" && b != "" && a != b
}

// overlap says so if two employments were, or may have been, at the same time. That one ends on the day on which the
// other begins is no overlap.
func overlap(a, b Record, now time.Time) string {
	if a.Status == StatusRescinded || b.Status == StatusRescinded {
		return ""
	}
	if b.HireDate < a.HireDate {
		a, b = b, a
	}
	if a.HireDate == "" || b.HireDate == "" {
		return "a first day is not known, so that their employments may overlap"
	}
	end := lastDay(a, now)
	if end == "" || end > b.HireDate {
		return "their employments overlap"
	}
	return ""
}

// lastDay is the day by which an employment has ended, "" if it goes on.
func lastDay(r Record, now time.Time) Date {
	last := r.LastDay
	if last == "" {
		last = r.TerminationDate
	}
	if last == "" && r.Status == StatusTerminated {
		return Date(now.UTC().Format(time.DateOnly))
	}
	if last < r.HireDate && r.Status != StatusTerminated {
		// It belongs to an employment before.
		return ""
	}
	return last
}

// PlaceholderAddress reports that an address stands for having none.
func PlaceholderAddress(address string) bool {
	local, _, _ := strings.Cut(FoldAddress(address), "@")
	return slices.Contains([]string{
		"none", "no", "na", "n/a", "nil", "null", "nobody", "nomail", "no-mail", "noemail", "no-email", "no.email", "no_email",
		"noreply", "no-reply", "donotreply", "do-not-reply", "unknown", "placeholder", "test", "xxx", "x",
	}, local)
}
