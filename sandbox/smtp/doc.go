// Package smtp simulates a company's mail server: RFC 5321 with STARTTLS (RFC 3207) and AUTH (RFC 4954), as strict as a server that
// does not know its sender.
//
// It listens on this machine with a certificate of its own, takes one e-mail after the other and keeps them by Message-ID, as servers
// do that know a repetition. Nothing is said to it before the connection is encrypted; nobody sends before they have signed in. It
// refuses commands out of turn, bare line feeds, lines over 998 characters, headers that stand twice or are missing, and addresses that
// a test names. It can be told to be busy, to break off, and to lose its reply after it has taken a text.
//
// Out of it stay CHUNKING, PIPELINING, DSN and SMTPUTF8, which it does not offer, and several recipients of one e-mail, which it
// refuses with 452 as servers do that take one at a time.
package smtp
