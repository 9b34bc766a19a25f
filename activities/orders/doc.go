// Package orders keeps what a person has ordered about somebody, and the lists of departures and moves that were authorised beforehand.
package orders
