package wire

import (
	"encoding/json"
	"strings"
)

// Wildcard matches without regard to case; "*" stands for any run of characters.
func Wildcard(pattern, value string) bool { return Matcher(pattern)(value) }

// Matcher is Wildcard for many values: a list of all users asks it of each of them.
func Matcher(pattern string) func(value string) bool {
	pattern = strings.ToLower(pattern)
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return func(value string) bool { return strings.EqualFold(pattern, value) }
	}
	first, middle, last := parts[0], parts[1:len(parts)-1], parts[len(parts)-1]
	return func(value string) bool {
		value, found := strings.CutPrefix(strings.ToLower(value), first)
		if !found {
			return false
		}
		for _, part := range middle {
			if _, value, found = strings.Cut(value, part); !found {
				return false
			}
		}
		return strings.HasSuffix(value, last)
	}
}

// ReadFields reads a comma list and returns the first name that is not a field of what is listed.
func ReadFields(list string, of any) (fields []string, bad string) {
	if list == "" {
		return nil, ""
	}
	all := Encoded(of)
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		if _, known := all[name]; !known {
			return nil, name
		}
		fields = append(fields, name)
	}
	return fields, ""
}

// OnlyFields leaves of each item what was asked for.
func OnlyFields[T any](items []T, fields []string) []map[string]json.RawMessage {
	out := make([]map[string]json.RawMessage, len(items))
	for i, item := range items {
		all := Encoded(item)
		out[i] = make(map[string]json.RawMessage, len(fields))
		for _, name := range fields {
			out[i][name] = all[name]
		}
	}
	return out
}
