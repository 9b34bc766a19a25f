// Package salesforce simulates a Salesforce org: users and their access over the REST API, in any version that is served.
//
//	POST /services/oauth2/token                        client credentials, or a JWT (RS256) whose audience is the My Domain URL
//	GET  /services/data/vNN.0/query?q=SOQL             pages by nextRecordsUrl; package soql says what of the language is read
//	     /services/data/vNN.0/sobjects/OBJECT/...      create, read, change, delete, describe, upsert by external id
//	POST /services/data/vNN.0/composite[/sobjects]     subrequests with references, collections
//	GET  /services/data/vNN.0/limits
//
// Objects are User, UserLogin (freezing), AuthSession, Profile, UserLicense, UserRole, PermissionSet and PermissionSetAssignment.
//
// As with the real one: users are never deleted; a username is taken in all orgs of the world; a frozen user keeps the
// licence, a deactivated one gives it back; who is named in a setting of the org, such as the default owner of leads, cannot be
// deactivated; an upsert by an external id that several users have changes nothing and is answered with 300; errors are a list and
// quote what was sent; a session ends without notice; a right that the running user lost makes fields and rows vanish rather
// than refusing the call; and a profile is a permission set, too, whose assignments stand among the others.
//
// Not documented, and chosen here: the error code of a refused deactivation (FIELD_INTEGRITY_EXCEPTION; Settings has it changed),
// that deactivation leaves sessions and assignments as they are, and the words of some errors. What is not there and
// answered with 404: other objects, SOAP, Bulk, Tooling and UI APIs, SCIM, search, approvals, batches and graphs of requests.
//
// Sources: developer.salesforce.com, REST API Developer Guide and Object Reference; help.salesforce.com articles
// 000384761, 000384586, 000386275 and 005385527 on what keeps a user from being deactivated.
package salesforce
