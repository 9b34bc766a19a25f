package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecideRefusesWhatNoRunCouldTake(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"nobody":          {[]string{"--verb", "allow", "--reason", "test"}, "at least one of the flags in the group [person workflow cause item] is required"},
		"two runs":        {[]string{"--person", "workday-1", "--workflow", "hr-sync-workday"}, "none of the others can be"},
		"a run and all":   {[]string{"--person", "workday-1", "--cause", "0a1b", "--verb", "retry"}, "none of the others can be"},
		"all of an item":  {[]string{"--cause", "0a1b", "--item", "aa", "--verb", "retry"}, "none of the others can be"},
		"all and no verb": {[]string{"--cause", "0a1b"}, "--cause needs --verb: see what is asked with starter attention show 0a1b"},
		"an unknown verb": {[]string{"--person", "workday-1", "--verb", "yes"}, `--verb "yes" answers nothing: write one of retry, skip, abort, allow`},
		"no time":         {[]string{"--person", "workday-1", "--wait", "0s"}, "--wait 0s: write how long to wait for a worker, such as 15s"},
		"no reason":       {[]string{"--person", "workday-1", "--verb", "link"}, "--reason is empty: why link?"},
		"a blank reason":  {[]string{"--person", "workday-1", "--verb", "allow", "--reason", "  "}, "--reason is empty: why allow?"},
		"no name":         {[]string{"--person", "workday-1", "--verb", "allow", "--by", ""}, "--by is empty: who decides?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := command()
			cmd.SetArgs(append([]string{"decide"}, tt.args...))
			cmd.SetErr(&bytes.Buffer{})
			require.ErrorContains(t, cmd.Execute(), tt.want)
		})
	}
}
