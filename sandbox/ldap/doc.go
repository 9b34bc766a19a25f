// Package ldap simulates a company's directory: LDAP version 3 (RFC 4511) as OpenLDAP's slapd with its overlay ppolicy serves it,
// and as strict.
//
//	Server ── session (one per connection: who signed in, its cookies) ── tree (entries by DN) ── schema
//
// It listens on this machine with a certificate of its own. Nothing is said before the connection is encrypted, nobody reads
// before they have signed in, and only the service account does then. Attributes, object classes, syntaxes and matching rules are those
// of core, cosine, inetorgperson and nis, as far as people and groups need them; any other is refused as slapd refuses
// what it does not know. A differential test in connectors/ldap holds its answers against slapd's own.
//
// It can be told to fail ([Fault]) and to lie ([Lie]), and keeps a journal of what it was asked and what was changed.
//
// It is made on the encoding alone (asn1-ber). github.com/jimlambrt/gldap, which would have served, knows no renaming and no
// values of extended operations, reads filters with the connector's own library, and cannot cut a connection off.
//
// Out of it stay SASL, referrals, aliases, compare, subtypes and options of attributes, and replication.
package ldap
