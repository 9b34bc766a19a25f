package codec

import (
	"fmt"
	"net/http"
	"net/url"

	"go.temporal.io/sdk/converter"
)

// maxRequest bounds what is opened at once: more than Temporal lets a history page hold.
const maxRequest = 16 << 20

// Endpoint opens and seals payloads for the Temporal UI and CLI. Whoever reaches it reads what they hold, so it belongs
// on an operator's own machine; a web page of another origin than the UI's is refused.
// Source: docs.temporal.io, codec server.
func (c *Codec) Endpoint(ui string) (http.Handler, error) {
	u, err := url.Parse(ui)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("temporal.ui is %q: write the address at which the Temporal UI is opened, such as http://127.0.0.1:8233", ui)
	}
	origin := u.Scheme + "://" + u.Host
	payloads := http.MaxBytesHandler(converter.NewPayloadCodecHTTPHandler(c), maxRequest)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch from := r.Header.Get("Origin"); from {
		case "": // The CLI, which sends none.
		case origin:
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Methods", "POST")
			w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Namespace")
		default:
			http.Error(w, "this page is not the Temporal UI of temporal.ui", http.StatusForbidden)
			return
		}
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		payloads.ServeHTTP(w, r)
	}), nil
}
