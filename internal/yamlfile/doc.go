// Package yamlfile reads the YAML files that operators write, policy.yaml and gatehouse.yaml.
//
// A Reader walks the tree of a file and collects problems instead of stopping at the first: each has its line and column and
// says what to do. Sections have fixed keys, so that a key which does nothing is an error. Values are typed: texts,
// durations, times of day, numbers within bounds, words of a list.
//
// The same calls that read a file also record what may stand where: see ShapeOf. The schemas that editors use are made of
// that, so that they cannot differ from what is read.
package yamlfile
