// Package soql reads the part of Salesforce's query language that clients of people and their access need:
//
//	SELECT fields | COUNT() FROM object [WHERE conditions] [ORDER BY fields] [LIMIT n] [OFFSET n]
//
// Fields may go over relationships, such as Profile.UserLicense.Name. Conditions are comparisons with literals, LIKE, IN and
// NOT IN with lists of literals, joined by AND, OR and NOT. As in Salesforce, AND and OR do not mix without parentheses,
// texts stand in single quotes, and times do not.
//
// What Salesforce knows and this does not is an unexpected token: subqueries, aggregates besides COUNT(), GROUP BY, aliases,
// TYPEOF, WITH, FOR, date literals such as TODAY, and INCLUDES. Sources: developer.salesforce.com, SOQL and SOSL Reference.
package soql
