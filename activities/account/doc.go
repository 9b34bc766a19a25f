// Package account makes an account what it has to be: suspended, active, of this profile, with these roles, out of every
// session. Each step reads before it writes and reads back after it.
//
// [Target] does in any system what its connector is able to (package target). [OneLogin] does what only OneLogin can, and
// the same as Target under the names that runs of earlier versions know.
package account
