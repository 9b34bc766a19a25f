// Package inventory is the sweep over all accounts.
package inventory
