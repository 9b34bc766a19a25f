package step

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"gatehouse/activities/api"
)

// RunLink points at a run in the Temporal UI.
func RunLink(ui, namespace, workflowID string) string {
	return strings.TrimSuffix(ui, "/") + "/namespaces/" + url.PathEscape(namespace) + "/workflows/" + url.PathEscape(workflowID)
}

// WhoseRun names a run to the starter.
func WhoseRun(workflow, key string) string {
	if key != "" && workflow == api.PersonID(key) {
		return "--person " + key
	}
	return "--workflow " + workflow
}

// Clip shortens a text to a number of characters and says that it did.
func Clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// leftOut is how many characters it takes to say how many are left out.
const leftOut = 32

// Shorten is Clip for a text of which somebody may want the rest: it says how much is left out.
func Shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	kept := max(0, most-leftOut)
	return fmt.Sprintf("%s… (%d more characters)", string(runes[:kept]), len(runes)-kept)
}

// Listed joins names as far as a number of characters goes, and says how many are left out.
func Listed(names []string, between string, most int) string {
	var b strings.Builder
	left := most
	for i, name := range names {
		n := utf8.RuneCountInString(between) + utf8.RuneCountInString(name)
		if left -= n; left < 0 && i > 0 {
			fmt.Fprintf(&b, "%sand %d more", between, len(names)-i)
			break
		}
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(name)
	}
	return b.String()
}

// atOnce is how many hints are under way at a time.
const atOnce = 8

// Mark turns a key into a marker that says nothing to anybody who can read metadata.
func Mark(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:10])
}
