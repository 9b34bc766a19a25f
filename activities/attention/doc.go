// Package attention keeps the list of what needs a person: it raises an item when a run has to wait, renews it while the run waits, and closes it when nobody waits any more.
package attention
