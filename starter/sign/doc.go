// Package sign knows who says something, and shows that by their key where the policy names who may decide.
package sign
