// Package page is the sandbox's live page: one HTML file without external assets that polls an overview of the tenant
// every second and shows what changed.
package page

import (
	_ "embed"
	"net/http"
)

//go:embed page.html
var html []byte

// Handler serves the page. Its data comes from GET /sandbox/overview on the same server.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:")
		h.Set("Cache-Control", "no-cache")
		// A client that has gone cannot be told anything.
		_, _ = w.Write(html)
	})
}
