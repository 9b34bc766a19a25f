package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadSettings(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args   []string
		env    map[string]string
		addr   string
		people int
		err    string
	}{
		"defaults":              {nil, nil, "127.0.0.1:8484", 60, ""},
		"environment":           {nil, map[string]string{"SANDBOX_ADDR": "localhost:1", "SANDBOX_PEOPLE": "10000"}, "localhost:1", 10000, ""},
		"flags before":          {[]string{"-people", "7", "-addr", "[::1]:2"}, map[string]string{"SANDBOX_PEOPLE": "9"}, "[::1]:2", 7, ""},
		"every interface":       {[]string{"-addr", ":8484"}, nil, "", 0, "can be reached from other machines"},
		"another machine":       {[]string{"-addr", "10.0.0.1:8484"}, nil, "", 0, "can be reached from other machines"},
		"a name is no loopback": {[]string{"-addr", "example.com:8484"}, nil, "", 0, "can be reached from other machines"},
		"public on purpose":     {[]string{"-addr", ":8484", "-public"}, nil, ":8484", 60, ""},
		"no people":             {[]string{"-people", "0"}, nil, "", 0, "at least one"},
		"people is no number":   {nil, map[string]string{"SANDBOX_PEOPLE": "many"}, "", 0, "SANDBOX_PEOPLE"},
		"no port":               {[]string{"-addr", "localhost"}, nil, "", 0, "read address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := readSettings(tc.args, func(k string) string { return tc.env[k] })
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.addr, s.addr)
			require.Equal(t, tc.people, s.server.People)
		})
	}
}
