// Package workday simulates a Workday tenant as an integration system user sees it: the refresh-token grant, two custom
// reports over RaaS whose columns are the XML aliases their author chose, and the workers of the staffing REST API.
//
// It shows the records of package hr and changes nothing. What customers' reports do in practice is a control call
// away: a lone entry that is no array, a column that vanished, a report that shrank, values with a Descriptor.
package workday
