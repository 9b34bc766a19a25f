// Package account account makes a OneLogin account what it has to be: suspended, active, of this profile, with these roles, out of every session. Each step reads before it writes and reads back after it.
package account
