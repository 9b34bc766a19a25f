// Package server puts a sandbox together: the tenant's ground, the company, every vendor below its prefix, the control
// endpoints below /sandbox/, and the page at /.
//
// In a test:
//
//	srv := server.New(server.Options{People: 60, Seed: 1})
//	ts := httptest.NewServer(srv.Handler())
//	// point a connector at ts.URL + "/onelogin"
//
// Everything else is driven over HTTP, as the demo does it. A reset builds a new world and swaps it in, so nothing of
// the old one can leak into the next test. Another vendor is one more field of world and one more line in each of its
// three lists.
package server
