package httpx

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The errors of lenient decoding name no value, because the value may be somebody's.
var (
	errNotText   = errors.New("value is neither text nor a number")
	errNotNumber = errors.New("value is not a whole number")
	errNotTime   = errors.New("value is not a time in a known format")
)

// Text decodes a JSON string, number or boolean as text, and null as "".
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*t = ""
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return errNotText
		}
		*t = Text(s)
	case b[0] == '{' || b[0] == '[':
		return errNotText
	default:
		*t = Text(b)
	}
	return nil
}

// Int decodes a whole JSON number or a string holding one; null and "" are 0. Sent tells a 0 from a missing key.
type Int struct {
	Value int64
	Sent  bool
	// Null says that the key was there and held null or "".
	Null bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (i *Int) UnmarshalJSON(b []byte) error {
	s := strings.TrimSpace(strings.Trim(string(b), `"`))
	*i = Int{Sent: true}
	if s == "" || s == "null" {
		i.Null = true
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return errNotNumber
	}
	i.Value = n
	return nil
}

// Time decodes a time in any format that [ParseTime] knows; null and "" are the zero time.
type Time struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(b []byte) error {
	s := strings.TrimSpace(strings.Trim(string(b), `"`))
	if s == "" || s == "null" {
		t.Time = time.Time{}
		return nil
	}
	parsed, ok := ParseTime(s)
	if !ok {
		return errNotTime
	}
	t.Time = parsed
	return nil
}

// timeLayouts are the formats seen at vendors. Go accepts a fraction of a second after each of them.
var timeLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700", // BambooHR's webhooks: +0000 without a colon
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05 UTC",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05",
}

// ParseTime reads a time as vendors write them: RFC 3339, with or without a colon in the offset, with a space for the
// T, without a zone (taken as UTC), or as Unix seconds or milliseconds. The result is in UTC.
func ParseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch {
		case n >= 1e11 && n < 1e14:
			return time.UnixMilli(n).UTC(), true
		case n >= 0 && n < 1e11:
			return time.Unix(n, 0).UTC(), true
		}
		return time.Time{}, false
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
