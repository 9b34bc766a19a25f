// Package step is what the workflows share: the console on which a run shows what it does and waits for, one step that retries until it is done or a person decides, and what is told about it.
package step
