// Package census compares everybody whom HR has with every account of OneLogin, at once and read only. It is how an
// operator sees what Gatehouse would do before it does anything: whose every account is, who has left and still gets in,
// who has no account, and what a policy would change.
//
// It reads HR and OneLogin in bulk, takes what the ledger knows, if there is one, and judges with the code that acts:
// [policy.Policy.Tie] says whose an account is, and [policy.Policy.Plan] what follows. What can only be told by reading one
// account by itself, such as its second factors, it does not say.
package census
