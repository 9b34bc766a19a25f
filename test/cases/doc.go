// Package cases holds inputs by which somebody who has left kept access, or an operator was misled, each a test that is
// named after its case: TestCase_L01_... They run over real HTTP against a real Temporal server and judge by the vendors'
// state in the sandbox alone, never by what Gatehouse says of itself. docs/testing.md has the table of them.
package cases
