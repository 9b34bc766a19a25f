// Package directory simulates what an administrator of Google Workspace manages by API: users with their aliases, groups and their
// members, organizational units, administrator roles and what signs users in (Directory API, directory_v1), licences (Enterprise
// License Manager, licensing v1) and the hand-over of files and calendars (Data Transfer, datatransfer_v1).
//
// It is strict where Google is: the caller has to be an administrator with the privilege, and an administrator of all to touch another
// one; an unknown field or parameter; a list that a field does not take or that is larger than it may be; an address that somebody
// has; a page token that is not of this list; a user that is not created completely yet. Arrays are replaced as a whole. PATCH cannot
// clear them, PUT can. What is written shows at once by its key, and in lists and searches after a while.
//
// Settings say how long that while is, which quotas there are, and which lists lie: see Lies.
//
// What stays out: custom schemas, photos, guests, devices, domains, watching, undeleting groups, security settings of groups, and
// conditions of roles.
package directory
