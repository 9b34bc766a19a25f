// Package google is the way into Google Workspace: Sheets, Drive and Gmail by Google's own Go library, signed in with
// the key of a service account that may act for two identities of the domain.
//
//	subject  the robot that owns the spreadsheets   Sheets, Drive
//	sender   the mailbox that e-mails are sent from Gmail
//
// The library does no retry of its own and knows neither timeouts nor quotas, so this package adds what it leaves out:
// one token per identity, renewed in the background and fetched anew when Google rejects it; a limit on the calls per
// minute, which refuses at once instead of waiting; a timeout for each call; and one error that holds neither a reply's
// body nor an address.
package google
