// Package httpx is the plumbing under every HTTP client of Gatehouse: a client with sane timeouts and many kept-alive
// connections, replies of bounded size, errors that hold no URL, access tokens that are fetched once for everybody,
// and a string type for secrets that prints as "<secret>".
//
// The rules it enforces on every client:
//
//   - a redirect is followed only to the same scheme and host, and only if it keeps the method: a credential never
//     reaches a host it was not meant for, and a PUT is never turned into a GET that "succeeds";
//   - a reply longer than the caller's limit is an error, never a full memory;
//   - an error names what failed at the network, never the URL, because URLs carry e-mail addresses.
package httpx
