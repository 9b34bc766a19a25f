// Package tenant is what every simulated vendor stands on: one clock, one journal, one list of faults, and the path a
// call takes from the network to a vendor's handler and back.
//
//	request ─► latency ─► route ─► faults "before" ─► guard ─► handler ─► journal ─► faults "after" ─► reply
//	                        │                     (auth, scope, quota)  (commits)
//	                        └─ unknown path: the vendor's own 404, journalled as unknown
//
// A vendor is a value of type Vendor: a name, a table of routes, and the vendor's own words for everything that can go
// wrong before a handler runs. Handlers return a Reply and never touch the connection, so that a fault can drop,
// truncate or replace what a handler answered after its effect has been committed.
package tenant
