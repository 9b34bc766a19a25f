// Package api holds the registered names of Gatehouse's activities and the types that cross the wire to them. Workflows
// import this package and never the implementation, so that workflow code cannot reach a client, a clock or a policy.
//
// Names and the JSON of these types are kept in workflow histories: a field may be added, never renamed or removed.
package api
