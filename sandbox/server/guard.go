package server

import (
	"errors"
	"net"
	"net/http"
	"strings"
)

// guarded lets no page but the sandbox's own change the tenant: a browser sends to this machine for whichever site it shows. Programs
// say nothing of a site and are let through. A name may be one that another site gave this machine, so a browser has to use its address.
func guarded(next http.Handler) http.Handler {
	sites := http.NewCrossOriginProtection()
	sites.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, errors.New("sandbox: another site's page may change nothing here"))
	}))
	own := sites.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		browser := r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
		if !reads && browser && !addressed(r.Host) {
			refuse(w, http.StatusForbidden, errors.New("sandbox: open this page by its address, such as http://127.0.0.1:8484, to change something"))
			return
		}
		own.ServeHTTP(w, r)
	})
}

// addressed reports that a host is an address, or this machine's own name for itself.
func addressed(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	return name == "localhost" || net.ParseIP(name) != nil
}
