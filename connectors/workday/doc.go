// Package workday reads people from Workday. It writes nothing.
//
//	single-worker report ──► Worker  ─┐
//	roster report        ──► Roster  ─┼─► identity.Record
//	staffing REST        ──► Workers ─┘   (ids and status only: a cross-check)
//
// The truth comes from reports as a service: they are the one plain HTTP source that has hire date, last day and
// manager. A report's columns are named by whoever wrote it, so [Columns] maps our names to the tenant's.
//
// What a reader would not guess about Workday, and what this package does about it:
//
//   - Empty columns are left out, a lone row may not be in a list, and values may be strings, flags or nested objects.
//   - A missing right does not fail: columns, or all rows, are silently absent. A required field that is not there is
//     named in Record.Missing, or in Roster.MissingColumns if no row has it. It is never read as a change.
//   - A contractor who becomes an employee, or a rehire, has two profiles with one employee id. The active one counts.
//   - Active=0 is shown for future hires too, so it never means terminated.
//   - Dates may carry an offset. The calendar date counts.
//   - There are no rate limit headers; HTTP 500 can be throttling.
//
// There is no "changed since" anywhere: whoever wants changes compares rosters.
package workday
