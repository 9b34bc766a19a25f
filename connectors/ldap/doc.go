// Package ldap speaks to a directory: OpenLDAP, 389 Directory Server or Active Directory, by LDAP version 3 (RFC 4511).
//
//	Target (capabilities) ──► client (one connection per call, kept for a minute) ──► go-ldap ──► ldaps:// or StartTLS
//
// What a reader would not guess:
//
//   - An entry is known by entryUUID, nsUniqueId or objectGUID and never by its DN, which changes with a name or a place.
//   - A directory hides what one may not read: "no such entry" and "no right to see it" look alike, and are both a success.
//     An empty answer is therefore believed only where the same connection sees other accounts, and asked for twice.
//   - A value is replaced by deleting the old and adding the new one in one request, which fails whole if the old one is not
//     there any more. Active Directory's userAccountControl holds a dozen flags: only the one bit is changed, in that way.
//   - A list is read by its keys first and then entry by entry in their order, so that a cursor is a key and survives a restart.
//     The cookie of a paged search belongs to one connection, and never leaves the call.
//   - A group keeps its members by DN. Whoever deletes an account, or moves one, has to see to its groups.
//   - Active Directory shows long lists of members in ranges, and a primary group in no list at all.
//   - Referrals are not followed: they lead to hosts that nobody has configured, and would be told the password.
//
// Nothing is sent before the connection is encrypted and its certificate checked. There is no anonymous bind.
package ldap
