// Package workspace is Google Workspace as a system in which people have access: users, groups, organizational units, what signs
// users in, administrator roles, licences, and what a leaver leaves behind in mail, files and calendars.
//
//	Options.Admin ──► Directory, Licensing, Data Transfer API   one identity, an administrator
//	the mailbox   ──► Gmail settings                            each mailbox by itself, while its user is not suspended
//
// A user is named by the immutable id, never by an address: addresses are renamed, and given to others. Memberships of an account
// are its groups. PUT has the semantics of a patch at Google, in which a list is replaced as a whole: lists are read, changed in the one
// place that is meant, and written with the ETag that was read, so that nobody's edit in between is lost.
//
// What Google shows in lists lags behind, and a list has no count. So a list is walked to an end that is looked at from the other side
// too, a page that comes twice is an error, and an empty company is none.
package workspace
