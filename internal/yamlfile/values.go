package yamlfile

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Day is the length of the unit "d". Durations are spans of time, not of calendar days: a change to summer time does
// not stretch them.
const Day = 24 * time.Hour

// Clock is a time of day.
type Clock struct {
	Hour, Minute int
}

// ParseClock reads a time of day, "15:04".
func ParseClock(text string) (Clock, error) {
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return Clock{}, errors.New(`not a time of day: write hours and minutes in quotes, like "08:00"`)
	}
	return Clock{Hour: t.Hour(), Minute: t.Minute()}, nil
}

// errLong is said of durations below and above what there is.
var errLong = errors.New("is negative or longer than 292 years: write a duration like 15m or 7d")

// parseDuration reads Go's notation with days in front: 7d, 1d12h, 15m.
func parseDuration(text string) (time.Duration, error) {
	errBad := errors.New("is not a duration: write a number and a unit, like 15m, 12h or 7d")
	rest, total := text, time.Duration(0)
	if days, after, found := strings.Cut(text, "d"); found {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > uint64(math.MaxInt64/Day) {
			return 0, errBad
		}
		rest, total = after, time.Duration(n)*Day
	}
	if rest != "" || total == 0 && text == "" {
		d, err := time.ParseDuration(rest)
		if err != nil {
			return 0, errBad
		}
		if d < 0 && total > 0 {
			return 0, errBad
		}
		if total > math.MaxInt64-max(d, 0) {
			return 0, errLong
		}
		total += d
	}
	return total, nil
}

// Span says which durations a key accepts.
type Span int

// The spans.
const (
	OrZero    Span = iota // any length, 0 included
	NonZero               // longer than 0
	OrNever               // longer than 0, or the word never, which is kept as 0
	AnyLength             // negative as well: whoever reads it says what is wrong with that
)

// Duration reads a span of time into dst, which keeps what it has where the key is not there.
func (s Section) Duration(key string, accept Span, dst *time.Duration) {
	s.Reader.note(Join(s.Path, key), func(s *Shape) { s.Kind, s.Never = KindDuration, accept == OrNever })
	if number, ok := s.values[key].(*ast.IntegerNode); ok && !s.Reader.style.Secret {
		s.Fail(number, "%s: %s has no unit: write %[2]sd for days, or h, m or s", Join(s.Path, key), number.GetToken().Value)
		return
	}
	w, ok := s.Scalar(key, "a duration with a unit, like 15m or 7d", ast.StringType)
	if !ok {
		return
	}
	path := Join(s.Path, key)
	if w.Text == "never" {
		if accept != OrNever {
			s.Fail(w.Node, "%s cannot be never: write a duration, like 15m or 7d", path)
		}
		*dst = 0
		return
	}
	d, err := parseDuration(w.Text)
	if err == nil && d < 0 && accept != AnyLength {
		err = errLong
	}
	switch {
	case err != nil:
		s.Fail(w.Node, "%s: %s %v", path, s.Reader.said(w), err)
	case d == 0 && accept == OrNever:
		s.Fail(w.Node, "%s cannot be 0: write never, or a duration like 90d", path)
	case d == 0 && accept == NonZero:
		s.Fail(w.Node, "%s cannot be 0: write a duration like 15m or 7d", path)
	default:
		*dst = d
	}
}

// Durations reads a list of waits, each longer than 0.
func (s Section) Durations(key string, dst *[]time.Duration) {
	s.Reader.noteList(Join(s.Path, key), KindDuration)
	if !s.Has(key) {
		return
	}
	*dst = nil
	for _, w := range s.Words(key) {
		d, err := parseDuration(w.Text)
		if err == nil && d < 0 {
			err = errLong
		}
		switch {
		case err != nil:
			s.Fail(w.Node, "%s: %s %v", Join(s.Path, key), s.Reader.said(w), err)
		case d == 0:
			s.Fail(w.Node, "%s cannot hold a 0: write durations like [1m, 15m, 24h]", Join(s.Path, key))
		default:
			*dst = append(*dst, d)
		}
	}
}

// Clock reads a time of day, as it is written and as a Clock.
func (s Section) Clock(key string, text *string, dst *Clock) {
	s.Reader.noteKind(Join(s.Path, key), KindClock)
	w, ok := s.Scalar(key, `a time of day, like "08:00"`, ast.StringType)
	if !ok {
		return
	}
	c, err := ParseClock(w.Text)
	if err != nil {
		s.Fail(w.Node, "%s: %q is %v", Join(s.Path, key), w.Text, err)
		return
	}
	*text, *dst = w.Text, c
}

// Choice reads one of a few words.
func (s Section) Choice(key string, dst *string, allowed ...string) {
	s.Reader.NoteChoices(Join(s.Path, key), allowed)
	w, ok := s.Text(key)
	if !ok {
		return
	}
	if !slices.Contains(allowed, w.Text) {
		s.Fail(w.Node, "%s: unknown value %q%s; known values: %s",
			Join(s.Path, key), w.Text, DidYouMean(w.Text, allowed), strings.Join(allowed, ", "))
		return
	}
	*dst = w.Text
}

// Bool reads true or false.
func (s Section) Bool(key string, dst *bool) {
	if w, ok := s.Scalar(key, "true or false", ast.BoolType); ok {
		*dst = w.Text == "true"
	}
}

// Integer reads a whole number within bounds.
func (s Section) Integer(key string, lowest, highest int, dst *int) {
	s.Reader.noteBounds(Join(s.Path, key), float64(lowest), float64(highest))
	w, ok := s.Scalar(key, "a whole number", ast.IntegerType)
	if !ok {
		return
	}
	n, err := strconv.Atoi(w.Text)
	if err != nil || n < lowest || n > highest {
		s.Fail(w.Node, "%s: %s is out of range: write a whole number from %d to %d", Join(s.Path, key), w.Text, lowest, highest)
		return
	}
	*dst = n
}

// Number reads a number within bounds.
func (s Section) Number(key string, lowest, highest float64, dst *float64) {
	s.Reader.noteBounds(Join(s.Path, key), lowest, highest)
	w, ok := s.Scalar(key, "a number", ast.IntegerType, ast.FloatType)
	if !ok {
		return
	}
	f, err := strconv.ParseFloat(w.Text, 64)
	if err != nil || math.IsNaN(f) || f < lowest || f > highest {
		s.Fail(w.Node, "%s: %s is out of range: write a number from %g to %g", Join(s.Path, key), w.Text, lowest, highest)
		return
	}
	*dst = f
}

// Zone reads an IANA time zone.
func (r *Reader) Zone(path string, w Word) *time.Location {
	loc, err := time.LoadLocation(w.Text)
	if err != nil || w.Text == "Local" || w.Text == "" {
		r.Fail(w.Node, "%s: unknown time zone %q: write an IANA name, like Europe/Berlin", path, w.Text)
		return nil
	}
	return loc
}

// Mailbox checks an e-mail address only as far as a slip in a configuration file goes.
func (r *Reader) Mailbox(path string, w Word) string {
	if !IsMailbox(w.Text) {
		r.Fail(w.Node, "%s: %q is not an e-mail address", path, w.Text)
		return ""
	}
	return w.Text
}

// IsMailbox reports whether a text is written like an e-mail address.
func IsMailbox(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	return found && local != "" && IsDomain(domain)
}

// IsDomain reports whether a text is written like a mail domain.
func IsDomain(text string) bool {
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return false
		}
	}
	return strings.Contains(text, ".")
}
