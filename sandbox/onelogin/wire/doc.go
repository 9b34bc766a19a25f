// Package wire is how OneLogin's API speaks, whatever it speaks about: the answers, errors, pages and cursors of its two versions.
package wire
