// Package people says of a person what their HR record, their accounts and the orders about them call for. It is the one place that says whose an account is.
package people
