// Package mfa finds people without a second factor, keeps their grace periods and the sheet that tracks them.
package mfa
