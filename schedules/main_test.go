package main

import (
	"testing"

	"gatehouse/internal/cli/clitest"
)

func TestTheProgramExplainsItself(t *testing.T) {
	t.Parallel()
	clitest.Explained(t, command())
}
