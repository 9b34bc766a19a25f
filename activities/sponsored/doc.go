// Package sponsored looks after people whom HR does not have. They are an HR source of the ledger's own, so that everything that follows
// from a record follows from theirs; what is different is that somebody answers for each of them.
package sponsored
