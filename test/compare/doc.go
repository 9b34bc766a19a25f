// Command compare measures two builds of Gatehouse against each other: this tree, and a commit before it.
//
// A machine differs from itself by a factor of three from hour to hour, so two figures of different hours say nothing.
// Compare therefore runs both builds in turn, round after round, and judges by the ratio of each round. Temporal is
// measured alone in every run, beside them.
package main
