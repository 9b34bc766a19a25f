// Package page is the sandbox's live page: one HTML file without external assets that polls an overview of the tenant every second,
// shows what changed, and has people press the buttons of messages.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
)

//go:embed page.html
var html []byte

// Handler serves the page. Its data comes from GET /sandbox/overview on the same server, and presses go to POST /sandbox/slack/click.
func Handler() http.Handler {
	policy := "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'; img-src data:; " +
		"style-src 'unsafe-inline'; script-src '" + scriptHash(html) + "'"
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		// A client that has gone cannot be told anything.
		_, _ = w.Write(html)
	})
}

// scriptHash names the page's one script, so that no other runs: names in the tenant's data may be anybody's.
func scriptHash(page []byte) string {
	_, rest, _ := bytes.Cut(page, []byte("<script>"))
	script, _, _ := bytes.Cut(rest, []byte("</script>"))
	sum := sha256.Sum256(script)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
