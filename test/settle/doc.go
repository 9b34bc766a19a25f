// Package settle proves that the systems come to rest. A company's people are changed at random, in HR and by hand in every system, while
// readings lie, calls fail after they took effect, and runs are cut off. After that at most two passes bring everything to where its
// owner wants it, and a third one writes nothing.
package settle
