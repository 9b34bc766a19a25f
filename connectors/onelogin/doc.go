// Package onelogin is a client for the OneLogin API, versions 1 and 2 together, because neither is complete.
//
//	Client.For(class) ──► guard ──► limiter ──► token ──► HTTP ──► reply ──► *connectors.Error or a plain type
//	                       │          ▲                              │
//	            is the account    X-RateLimit-* headers ◄────────────┤
//	            protected?  ▲                                        │
//	                        └────── every full user that is read ◄───┘
//
// What a reader would not guess about OneLogin, and what this package does about it:
//
//   - One hourly quota is shared by everything that uses the account. The limiter keeps a share of it for those who need
//     it most: a containment is always sent, a sweep is the first to wait. See [Class].
//   - Errors come in four shapes, rate limiting comes as 429 and as 400, an old-API error can come with status 200, and a
//     missing scope is a 401, like an expired token.
//   - The token call returns the same token until its last second, so its end is counted from when it was created, and
//     nothing here ever revokes one: that would take it from every other worker.
//   - Every create and update says mappings=disabled, or OneLogin's own mappings undo what was just decided.
//   - A filter value may hold the wildcard "*". It is refused, and every result is compared with what was asked for.
//
// Writes to protected accounts are refused in here, below every workflow and every mistake in one: see
// [Options.Protected]. A client and all its views may be used by any number of goroutines.
package onelogin
