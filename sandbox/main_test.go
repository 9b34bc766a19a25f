package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/cli/clitest"
	"gatehouse/sandbox/google"
)

// readSettings reads a command line as the program does.
func readSettings(args []string, env func(string) string) (*settings, error) {
	s, err := defaults(env)
	if err != nil {
		return s, err
	}
	fs := pflag.NewFlagSet("sandbox", pflag.ContinueOnError)
	s.flags(fs)
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	return s, s.check()
}

// execute runs the program with a command line.
func execute(t *testing.T, args []string, env func(string) string) error {
	cmd := command(env)
	cmd.SetArgs(args)
	return cmd.ExecuteContext(t.Context())
}

func TestReadSettings(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args   []string
		env    map[string]string
		addr   string
		people int
		err    string
	}{
		"defaults":               {nil, nil, "127.0.0.1:8484", 60, ""},
		"environment":            {nil, map[string]string{"SANDBOX_ADDR": "localhost:1", "SANDBOX_PEOPLE": "10000"}, "localhost:1", 10000, ""},
		"flags before":           {[]string{"--people", "7", "--addr", "[::1]:2"}, map[string]string{"SANDBOX_PEOPLE": "9"}, "[::1]:2", 7, ""},
		"every interface":        {[]string{"--addr", ":8484"}, nil, "", 0, "can be reached from other machines"},
		"another machine":        {[]string{"--addr", "10.0.0.1:8484"}, nil, "", 0, "can be reached from other machines"},
		"a name is no loopback":  {[]string{"--addr", "example.com:8484"}, nil, "", 0, "can be reached from other machines"},
		"public on purpose":      {[]string{"--addr", ":8484", "--public"}, nil, ":8484", 60, ""},
		"a directory for others": {[]string{"--ldap", ":8389"}, nil, "", 0, "can be reached from other machines"},
		"no directory":           {[]string{"--ldap", "none"}, map[string]string{"SANDBOX_LDAP": ":8389"}, "127.0.0.1:8484", 60, ""},
		"a directory by name":    {nil, map[string]string{"SANDBOX_LDAP": "example.com:8389"}, "", 0, "can be reached from other machines"},
		"no people":              {[]string{"--people", "0"}, nil, "", 0, "at least one"},
		"fewer than nobody":      {[]string{"--forgotten", "-1"}, nil, "", 0, "forgotten is -1"},
		"people is no number":    {nil, map[string]string{"SANDBOX_PEOPLE": "many"}, "", 0, "SANDBOX_PEOPLE"},
		"no port":                {[]string{"--addr", "localhost"}, nil, "", 0, "read address"},
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

// TestGoogleKeyIsMadeOnce: the worker and the sandbox read one file, and a second start changes nothing under them.
func TestGoogleKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "google.json")
	none := func(string) string { return "" }
	args := []string{"--addr", "0.0.0.0:8484", "--public", "--google-key", path, "--make-google-key"}
	require.NoError(t, execute(t, args, none))
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(first), "http://127.0.0.1:8484/google/token")
	require.NoError(t, execute(t, args, none))
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(first), string(again))
	key, err := google.ReadKey(first)
	require.NoError(t, err)
	same, err := key.JSON("http://127.0.0.1:8484")
	require.NoError(t, err)
	require.Equal(t, string(first), string(same))

	_, err = readSettings([]string{"--make-google-key"}, none)
	require.ErrorContains(t, err, "needs --google-key")
	for _, bad := range []string{"", "{}", `{"private_key":"x"}`} {
		_, err := google.ReadKey([]byte(bad))
		require.Error(t, err, bad)
	}
}

func TestTheProgramExplainsItself(t *testing.T) {
	t.Parallel()
	clitest.Explained(t, command(func(string) string { return "" }))
}
