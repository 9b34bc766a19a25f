package httpx

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// mask is what a secret prints as.
const mask = "<secret>"

// Secret is a string that does not print itself: every fmt verb, JSON, YAML and slog show "<secret>". An empty secret
// prints as nothing, so that a dump of a configuration shows what is not set. It decodes like any string.
type Secret string

// Reveal returns the secret itself. It belongs in a request and nowhere else.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) masked() string {
	if s == "" {
		return ""
	}
	return mask
}

// String returns the mask.
func (s Secret) String() string { return s.masked() }

// GoString returns the mask, for %#v.
func (s Secret) GoString() string { return s.masked() }

// Format prints the mask for every verb, %x and %q included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.masked()) }

// MarshalText returns the mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.masked()), nil }

// MarshalJSON returns the mask. It leaves the angle brackets as they are, which encoding/json would escape in text.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.masked()) }

// MarshalYAML returns the mask.
func (s Secret) MarshalYAML() (any, error) { return s.masked(), nil }

// LogValue returns the mask, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.masked()) }
