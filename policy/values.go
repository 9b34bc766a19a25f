package policy

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// day is the length of the unit "d". Durations are spans of time, not of calendar days: a change to summer time does
// not stretch them.
const day = 24 * time.Hour

// clock is a time of day.
type clock struct {
	hour, minute int
}

func parseClock(text string) (clock, error) {
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return clock{}, errors.New(`not a time of day: write hours and minutes in quotes, like "08:00"`)
	}
	return clock{hour: t.Hour(), minute: t.Minute()}, nil
}

// parseDuration reads Go's notation with days in front: 7d, 1d12h, 15m.
func parseDuration(text string) (time.Duration, error) {
	errBad := errors.New("is not a duration: write a number and a unit, like 15m, 12h or 7d")
	rest, total := text, time.Duration(0)
	if days, after, found := strings.Cut(text, "d"); found {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > uint64(math.MaxInt64/day) {
			return 0, errBad
		}
		rest, total = after, time.Duration(n)*day
	}
	if rest != "" || total == 0 && text == "" {
		d, err := time.ParseDuration(rest)
		if err != nil {
			return 0, errBad
		}
		if d < 0 || total > math.MaxInt64-d {
			return 0, errors.New("is negative or longer than 292 years: write a duration like 15m or 7d")
		}
		total += d
	}
	return total, nil
}

// span says which durations a key accepts.
type span int

const (
	orZero  span = iota // any length, 0 included
	nonZero             // longer than 0
	orNever             // longer than 0, or the word never, which is kept as 0
)

func (s section) duration(key string, accept span, dst *time.Duration) {
	s.r.note(join(s.path, key), func(s *Shape) { s.Kind, s.Never = KindDuration, accept == orNever })
	if number, ok := s.values[key].(*ast.IntegerNode); ok {
		s.r.fail(number, "%s: %s has no unit: write %[2]sd for days, or h, m or s", join(s.path, key), number.GetToken().Value)
		return
	}
	w, ok := s.scalar(key, "a duration with a unit, like 15m or 7d", ast.StringType)
	if !ok {
		return
	}
	path := join(s.path, key)
	if w.text == "never" {
		if accept != orNever {
			s.r.fail(w.node, "%s cannot be never: write a duration, like 15m or 7d", path)
		}
		*dst = 0
		return
	}
	d, err := parseDuration(w.text)
	switch {
	case err != nil:
		s.r.fail(w.node, "%s: %q %v", path, w.text, err)
	case d == 0 && accept == orNever:
		s.r.fail(w.node, "%s cannot be 0: write never, or a duration like 90d", path)
	case d == 0 && accept == nonZero:
		s.r.fail(w.node, "%s cannot be 0: write a duration like 15m or 7d", path)
	default:
		*dst = d
	}
}

// durations reads a list of waits, each longer than 0.
func (s section) durations(key string, dst *[]time.Duration) {
	s.r.noteList(join(s.path, key), KindDuration)
	if _, set := s.values[key]; !set {
		return
	}
	*dst = nil
	for _, w := range s.words(key) {
		d, err := parseDuration(w.text)
		switch {
		case err != nil:
			s.r.fail(w.node, "%s: %q %v", join(s.path, key), w.text, err)
		case d == 0:
			s.r.fail(w.node, "%s cannot hold a 0: write durations like [1m, 15m, 24h]", join(s.path, key))
		default:
			*dst = append(*dst, d)
		}
	}
}

func (s section) clock(key string, text *string, dst *clock) {
	s.r.noteKind(join(s.path, key), KindClock)
	w, ok := s.scalar(key, `a time of day, like "08:00"`, ast.StringType)
	if !ok {
		return
	}
	c, err := parseClock(w.text)
	if err != nil {
		s.r.fail(w.node, "%s: %q is %v", join(s.path, key), w.text, err)
		return
	}
	*text, *dst = w.text, c
}

// choice reads one of a few words.
func (s section) choice(key string, dst *string, allowed ...string) {
	s.r.noteChoices(join(s.path, key), allowed)
	w, ok := s.text(key)
	if !ok {
		return
	}
	if !slices.Contains(allowed, w.text) {
		s.r.fail(w.node, "%s: unknown value %q%s; known values: %s",
			join(s.path, key), w.text, didYouMean(w.text, allowed), strings.Join(allowed, ", "))
		return
	}
	*dst = w.text
}

func (s section) boolean(key string, dst *bool) {
	if w, ok := s.scalar(key, "true or false", ast.BoolType); ok {
		*dst = w.text == "true"
	}
}

func (s section) integer(key string, lowest, highest int, dst *int) {
	s.r.noteBounds(join(s.path, key), float64(lowest), float64(highest))
	w, ok := s.scalar(key, "a whole number", ast.IntegerType)
	if !ok {
		return
	}
	n, err := strconv.Atoi(w.text)
	if err != nil || n < lowest || n > highest {
		s.r.fail(w.node, "%s: %s is out of range: write a whole number from %d to %d", join(s.path, key), w.text, lowest, highest)
		return
	}
	*dst = n
}

func (s section) percent(key string, dst *float64) {
	s.r.noteBounds(join(s.path, key), 0, 100)
	w, ok := s.scalar(key, "a number", ast.IntegerType, ast.FloatType)
	if !ok {
		return
	}
	f, err := strconv.ParseFloat(w.text, 64)
	if err != nil || f < 0 || f > 100 {
		s.r.fail(w.node, "%s: %s is out of range: write a number from 0 to 100", join(s.path, key), w.text)
		return
	}
	*dst = f
}

// zone reads an IANA time zone.
func (r *reader) zone(path string, w word) *time.Location {
	loc, err := time.LoadLocation(w.text)
	if err != nil || w.text == "Local" || w.text == "" {
		r.fail(w.node, "%s: unknown time zone %q: write an IANA name, like Europe/Berlin", path, w.text)
		return nil
	}
	return loc
}

// mailbox checks an e-mail address only as far as a slip in a configuration file goes.
func (r *reader) mailbox(path string, w word) string {
	local, domain, found := strings.Cut(w.text, "@")
	if !found || local == "" || !isDomain(domain) {
		r.fail(w.node, "%s: %q is not an e-mail address", path, w.text)
		return ""
	}
	return w.text
}

func isDomain(text string) bool {
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return false
		}
	}
	return strings.Contains(text, ".")
}
