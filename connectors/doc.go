// Package connectors holds what the clients of vendor APIs have in common: one typed error, and for those that speak through
// a vendor's own library, a [Library] that keeps what such libraries drop.
//
// Each connector is a package of its own below this one (onelogin, workday, slack). A connector speaks one vendor's
// HTTP API, turns its replies into plain types, and turns everything that can go wrong into an [Error] whose [Kind]
// says what the caller can do about it. A connector never retries in a loop: it answers once, at once, and whoever
// called decides when to come back. The one exception is an access token that has expired, which is renewed once.
//
//	caller ──► connector ──► httpx.Client ──► vendor
//	  ▲            │
//	  └── *Error ──┘  kind, status, retry after, the vendor's stable error name
//
// An Error never carries a secret, an e-mail address, a name, a reply's body or a URL: it may be logged, shown in the
// Temporal UI and stored. The conformance package holds every connector to that.
package connectors
