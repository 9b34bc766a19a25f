// Package step holds what every activity needs: the error that Temporal acts on, a creation that happens once, the evidence, and the marks by which a repeated step finds its own work.
package step
