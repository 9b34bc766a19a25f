// Package mfa holds the scan for people without a second factor and the grace period of each.
package mfa
