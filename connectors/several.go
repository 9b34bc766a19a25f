package connectors

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Refusals is the error of a call about several objects of which some were refused: the others are done, and repeating the call is
// about those that were refused alone. It unwraps to the refusal that decides its Kind: one that may go away by itself comes before one
// that has to be repaired at the vendor, and that before one that repeating does not help.
type Refusals struct {
	list []refusal
	// rest says that others are done.
	rest bool
}

// refusal is one object that was refused. It is named by the vendor's id, or by what it is called where that is nobody's name.
type refusal struct {
	object string
	err    error
}

// urgencies are the kinds in the order in which they decide.
var urgencies = []Kind{
	KindUnavailable, KindMalformed, KindUnauthorized, KindConflict, KindInvalid, KindRefused, KindNotFound,
}

// Error names the objects and says why each was refused, once for those that were refused alike.
func (r *Refusals) Error() string {
	var reasons []string
	objects := map[string][]string{}
	for _, one := range r.list {
		why := one.err.Error()
		if objects[why] == nil {
			reasons = append(reasons, why)
		}
		objects[why] = append(objects[why], one.object)
	}
	for i, why := range reasons {
		reasons[i] = Listed(objects[why]) + ": " + why
	}
	if r.rest {
		reasons = append(reasons, "the rest is done")
	}
	return strings.Join(reasons, "; ")
}

// Unwrap returns the refusal that decides.
func (r *Refusals) Unwrap() error {
	rank := func(one refusal) int {
		return slices.IndexFunc(urgencies, func(k Kind) bool { return IsKind(one.err, k) })
	}
	return slices.MinFunc(r.list, func(a, b refusal) int { return rank(a) - rank(b) }).err
}

// Objects are those that were refused, in the order in which they were.
func (r *Refusals) Objects() []string {
	objects := make([]string, len(r.list))
	for i, one := range r.list {
		objects[i] = one.object
	}
	return objects
}

// Renamed is the same error with the objects called otherwise.
func (r *Refusals) Renamed(called func(object string) string) *Refusals {
	out := &Refusals{list: slices.Clone(r.list), rest: r.rest}
	for i, one := range out.list {
		out.list[i].object = called(one.object)
	}
	return out
}

// Both is the error of two parts of the same work. A failure that concerned all comes before what was refused.
func Both(one, other error) error {
	var a, b *Refusals
	switch {
	case one == nil:
		return other
	case other == nil || !errors.As(one, &a):
		return one
	case !errors.As(other, &b):
		return other
	}
	return &Refusals{list: slices.Concat(a.list, b.list), rest: a.rest || b.rest}
}

// listedAtMost is how many objects a text names.
const listedAtMost = 10

// Listed names objects, each once in the order of their names, and counts those beyond the first ten.
func Listed(objects []string) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(objects)))
	if more := len(sorted) - listedAtMost; more > 0 {
		sorted = append(sorted[:listedAtMost], fmt.Sprintf("%d more", more))
	}
	return strings.Join(sorted, ", ")
}

// Several collects what comes of calls about several objects, one after the other. The zero value is ready.
type Several struct {
	refused Refusals
	failed  bool
	ended   error
}

// Do does something to an object and reports whether that is done. Nothing is done any more after a failure that concerns all: the vendor
// cannot be reached, asks to wait or does not take the credential, or the context has ended. A vendor that answers that it failed is
// believed to have failed for this object once, and for all the second time.
func (s *Several) Do(object string, do func() error) (done bool) {
	if s.ended != nil {
		return false
	}
	err := do()
	var e *Error
	switch {
	case err == nil:
		s.refused.rest = true
		return true
	case !errors.As(err, &e), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), s.endsWith(e):
		s.ended = err
		return false
	}
	s.failed = s.failed || e.Kind == KindUnavailable || e.Kind == KindMalformed
	s.refused.list = append(s.refused.list, refusal{object, err})
	return false
}

func (s *Several) endsWith(e *Error) bool {
	switch e.Kind {
	case KindRateLimited:
		return true
	case KindUnauthorized:
		return e.Status == http.StatusUnauthorized
	case KindUnavailable, KindMalformed:
		return s.failed || e.Status < http.StatusInternalServerError
	case KindNotFound, KindConflict, KindInvalid, KindRefused:
	}
	return false
}

// Err is nil if everything is done, the failure that concerned all, or else [Refusals].
func (s *Several) Err() error {
	switch {
	case s.ended != nil:
		return s.ended
	case len(s.refused.list) == 0:
		return nil
	}
	return &s.refused
}

// Each does something to each of several objects. What is refused of one keeps it from none of the others; see [Several].
func Each(objects []string, do func(object string) error) error {
	var s Several
	for _, object := range objects {
		s.Do(object, func() error { return do(object) })
	}
	return s.Err()
}
