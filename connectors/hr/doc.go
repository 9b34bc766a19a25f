// Package hr says what Gatehouse asks of an HR system: all records at once, one of them, and how much of it can be believed.
package hr
