package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAttentionRefusesWhatIsNoAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"a severity that is none":     {[]string{"list", "--severity", "urgent"}, `--severity "urgent" is none: write one of critical, info, warning`},
		"no rows":                     {[]string{"list", "--limit", "0"}, "--limit 0: write how many to list, 1 to 1000"},
		"too many rows":               {[]string{"list", "--limit", "1001"}, "--limit 1001: write how many to list, 1 to 1000"},
		"a negative page":             {[]string{"list", "--skip", "-1"}, "--skip -1: write how many to pass over"},
		"two lists":                   {[]string{"list", "--accepted", "--closed"}, "none of the others can be"},
		"an argument":                 {[]string{"list", "x"}, `unknown command "x"`},
		"no item":                     {[]string{"show"}, "accepts 1 arg(s), received 0"},
		"nobody of those who wait":    {[]string{"show", "0a1b", "--limit", "0"}, "--limit 0, --skip 0: write how many of those who wait to show, 1 or more"},
		"taken by nobody":             {[]string{"take", "0a1b", "--by", ""}, "--by is empty: who is it?"},
		"no end":                      {[]string{"accept", "0a1b", "--reason", "x"}, `--until "" is no day: write it as 2027-01-31`},
		"no reason":                   {[]string{"accept", "0a1b", "--until", inDays(30)}, "--reason is empty"},
		"an empty reason":             {[]string{"accept", "0a1b", "--until", inDays(30), "--reason", "  "}, "--reason is empty: why is it right to live with it?"},
		"an end that is no day":       {[]string{"accept", "0a1b", "--until", "next week", "--reason", "x"}, `--until "next week" is no day: write it as 2027-01-31`},
		"an end that has passed":      {[]string{"accept", "0a1b", "--until", "2020-01-31", "--reason", "x"}, "--until 2020-01-31 has passed"},
		"an end that is too far away": {[]string{"accept", "0a1b", "--until", "2099-01-31", "--reason", "x"}, "is more than a year away"},
		"accepted by nobody":          {[]string{"accept", "0a1b", "--until", inDays(30), "--reason", "x", "--by", ""}, "--by is empty: who is it?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := command()
			cmd.SetArgs(append([]string{"attention"}, tt.args...))
			cmd.SetErr(&bytes.Buffer{})
			require.ErrorContains(t, cmd.Execute(), tt.want)
		})
	}
}

func inDays(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
