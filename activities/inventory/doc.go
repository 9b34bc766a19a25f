// Package inventory reads all accounts of OneLogin with their roles, and compares them with everybody who has left.
package inventory
