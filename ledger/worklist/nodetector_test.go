//go:build !race

package worklist_test

// detector is how many times as long a measured piece of work may take under the race detector.
const detector = 1
