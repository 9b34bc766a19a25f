package step

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

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

// atOnce is how many hints are under way at a time.
const atOnce = 8

// Mark turns a key into a marker that says nothing to anybody who can read metadata.
func Mark(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:10])
}
