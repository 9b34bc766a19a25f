// Package schema makes the JSON Schemas by which an editor checks and explains policy.yaml and gatehouse.yaml while somebody
// writes them.
//
// What may stand where comes from the code that reads the files: the policy's reader takes down what it looks for, and the
// settings are found by reflection. What a key means comes from the tables of docs/policy.md and docs/configuration.md, so
// that there is one place for it. A key without a row, and a row without a key, are errors.
//
// A schema knows less than the program: a file that it accepts can still be refused, by a condition that does not compile or
// a role that nobody has. It refuses nothing that the program accepts, but for one thing: it wants numbers without quotes.
package schema
