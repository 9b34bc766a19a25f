// Package google simulates Google Workspace as far as spreadsheets and letters go: the token endpoint for service
// accounts, Sheets v4, Drive v3 and Gmail v1. It is strict where Google is: an unknown field or request, a missing
// field mask, a range beyond the grid, a scope that was not asked for, a shared drive without supportsAllDrives. One
// batchUpdate is applied as a whole or not at all; what is written USER_ENTERED is parsed, so that a name that begins
// with "=" becomes a formula, as it would.
package google
