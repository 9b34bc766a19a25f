package ticket

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// maxTicketSummary is the longest title that Jira takes. Jira counts characters as UTF-16 does.
const maxTicketSummary = 250

// Bounds that keep a text below what Jira refuses, 32,767 characters, with room for the words around the data.
const (
	maxLines = 60
	maxLine  = 400
	// mostLines and mostRoles are how long all lines, and all roles, may be together.
	mostLines = 24000
	mostRoles = 4000
	// mostLink is how long an address may be. A longer one is left out, because half of it leads nowhere.
	mostLink = 4000
)

// length is how many characters Jira counts.
func length(text string) int {
	n := 0
	for _, r := range text {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// clip cuts a text off after so many characters, and shows that it did.
func clip(text string, most int) string {
	if length(text) <= most {
		return text
	}
	n := 0
	for at, r := range text {
		if n += max(1, utf16.RuneLen(r)); n > most-1 {
			return text[:at] + "…"
		}
	}
	return text
}

// fitting is an address that there is room for, or nothing.
func fitting(address string) string {
	if length(address) > mostLink {
		return ""
	}
	return address
}

// flat makes a text fit into one line.
func flat(text string, most int) string {
	return clip(strings.Join(strings.Fields(text), " "), most)
}

// lines are each one line, as many as there is room for.
func lines(all []string) (some []string, more int) {
	room := mostLines
	for _, line := range all[:min(len(all), maxLines)] {
		line = flat(line, maxLine)
		if room -= length(line) + 1; room < 0 {
			break
		}
		some = append(some, line)
	}
	return some, len(all) - len(some)
}

// roles names as many roles as there is room for, and says where the others are.
func roles(all []string) string {
	room := mostRoles
	for n, role := range all {
		if room -= length(role) + len(", "); room < 0 {
			return strings.TrimSpace(fmt.Sprintf("%s and %d more of %d, in the history of the run", strings.Join(all[:n], ", "), len(all)-n, len(all)))
		}
	}
	return strings.Join(all, ", ")
}
