package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

// offers is what the shell is offered for the last word.
func (d *desk) offers(words ...string) []string {
	d.t.Helper()
	var out bytes.Buffer
	cmd := command()
	cmd.SetArgs(append([]string{"__completeNoDesc"}, words...))
	cmd.SetOut(&out)
	cmd.SetErr(&bytes.Buffer{})
	require.NoError(d.t, cmd.ExecuteContext(d.t.Context()))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[:len(lines)-1]
}

// TestTheShellCompletes verbs, kinds and states, and says nothing where there is no ledger to ask.
func TestTheShellCompletes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, server.Options{People: 30, Seed: 7})
	require.Equal(t, []string{"retry", "skip", "abort", "allow", "reject", "link", "separate", "approve", "deny"}, d.offers("decide", "--verb", ""))
	require.Equal(t, orderKinds(), d.offers("order", "give", "--kind", ""))
	require.Contains(t, d.offers("account", "list", "--state", ""), "disputed")
	require.Contains(t, d.offers("plan", "--verdict", ""), "leave")
	require.Equal(t, []string{"table", "json", "csv"}, d.offers("status", "-o", ""))
	require.Empty(t, d.offers("--config", d.path("gatehouse.yaml"), "show", "--person", "workday-"), "there is no ledger yet")
}
