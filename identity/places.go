package identity

import "strings"

// SamePlace reports that two texts name one place of a system's tree: case, and spaces beside separators, do not count.
func SamePlace(a, b string) bool {
	tidy := func(text string) string {
		parts := strings.Split(text, ",")
		for i := range parts {
			key, value, found := strings.Cut(parts[i], "=")
			if parts[i] = strings.TrimSpace(key); found {
				parts[i] += "=" + strings.TrimSpace(value)
			}
		}
		return strings.ToLower(strings.TrimSuffix(strings.Join(parts, ","), "/"))
	}
	return tidy(a) == tidy(b)
}
