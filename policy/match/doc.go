// Package match says whose an account is.
//
// It compares what an account carries with what HR knows of a human: external ids, addresses, usernames, names. The answer
// is a tie, from certain to none, with reasons that carry no personal data. Handles find whom to compare among many; a tie
// proves, a handle proves nothing. Everything here is a pure function.
package match
