package sign

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/cli"
	"gatehouse/internal/decider"
	"gatehouse/policy"
)

// now is when every key in these tests is looked for.
var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// seed is the seed of a key that is right.
var seed = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// TestKeyThatCannotBeUsed is refused with its file's name and what to do, and never shown.
func TestKeyThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"empty":                {"", 0o600, "is no key that `starter key` or `starter login` made"},
		"no JSON":              {"-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET\n", 0o600, "is no key that"},
		"of another kind":      {`["SECRET"]`, 0o600, "is no key that"},
		"without a seed":       {`{"address": "ann@acme.example"}`, 0o600, "is no key that"},
		"a seed in hex":        {`{"address": "ann@acme.example", "seed": "SECRET!"}`, 0o600, "is no key that"},
		"a seed that is short": {`{"address": "ann@acme.example", "seed": "U0VDUkVU"}`, 0o600, "is no key that"},
		"cut off":              {`{"address": "ann@acme.example", "seed": "` + seed[:20], 0o600, "is no key that"},
		"read by a group":      {`{"address": "ann@acme.example", "seed": "` + seed + `"}`, 0o640, "can be read by others: chmod 600 it, and make a new key if anybody may have"},
		"read by everybody":    {`{"address": "ann@acme.example", "seed": "` + seed + `"}`, 0o604, "can be read by others"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "operator.key")
			require.NoError(t, os.WriteFile(path, []byte(c.text), c.mode))
			require.NoError(t, os.Chmod(path, c.mode))
			s, err := Find(path, now)
			require.Nil(t, s)
			require.ErrorContains(t, err, "read --key: "+path)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "SECRET")
			require.NotContains(t, err.Error(), seed[:20])
		})
	}
	_, err := Find(filepath.Join(t.TempDir(), "absent.key"), now)
	require.ErrorContains(t, err, "read --key: ")
	require.ErrorIs(t, err, os.ErrNotExist)
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o700)) //nolint:gosec // A directory that only its owner enters.
	_, err = Find(dir, now)
	require.ErrorContains(t, err, "is a directory")
}

// TestSignInThatIsOver signs nothing more, whichever way its key is found.
func TestSignInThatIsOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "login.json")
	keep(t, path, "ann@acme.example", now)
	_, err := Find(path, now)
	require.ErrorContains(t, err, "the sign-in of ann@acme.example is over since 2026-03-02 09:00 UTC: `starter login` again")
	s, err := Find(path, now.Add(-time.Second))
	require.NoError(t, err)
	require.Equal(t, "ann@acme.example", s.Address)
}

// TestWhichKeyIsFound: a sign-in that is not over comes before a key of one's own, and one that cannot be read is not passed over.
func TestWhichKeyIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		login, own string
		expires    time.Time
		want       string
		refused    string
	}{
		"neither":                    {refused: decider.ErrUnproven.Error()},
		"their own":                  {own: "own@acme.example", want: "own@acme.example"},
		"a sign-in":                  {login: "in@acme.example", expires: now.Add(time.Minute), own: "own@acme.example", want: "in@acme.example"},
		"a sign-in that is over":     {login: "in@acme.example", expires: now, own: "own@acme.example", want: "own@acme.example"},
		"nothing but one that is":    {login: "in@acme.example", expires: now.Add(-time.Hour), refused: decider.ErrUnproven.Error()},
		"a sign-in that is broken":   {login: "broken", own: "own@acme.example", refused: "login.json is no key"},
		"a key of one's own that is": {own: "broken", refused: "operator.key is no key"},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			t.Setenv("XDG_CONFIG_HOME", home)
			t.Setenv("HOME", home)
			dir, err := keyDir()
			require.NoError(t, err)
			for file, address := range map[string]string{"login.json": c.login, "operator.key": c.own} {
				path := filepath.Join(dir, file)
				switch address {
				case "":
				case "broken":
					require.NoError(t, os.MkdirAll(dir, 0o700))
					require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
				default:
					expires := time.Time{}
					if file == "login.json" {
						expires = c.expires
					}
					keep(t, path, address, expires)
				}
			}
			s, err := Find("", now)
			if c.refused != "" {
				require.ErrorContains(t, err, c.refused)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, s.Address)
		})
	}
}

// keep writes a new key into a file.
func keep(t *testing.T, path, address string, expires time.Time) *Signer {
	t.Helper()
	s, err := newSigner(address)
	require.NoError(t, err)
	s.Expires = expires
	require.NoError(t, s.write(path))
	return s
}

// printed is what a command printed and exited with.
type printed struct {
	out, refused string
	code         int
}

func runs(t *testing.T, cmd *cobra.Command, args ...string) printed {
	t.Helper()
	var out bytes.Buffer
	root := cli.Prepared(cmd)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&bytes.Buffer{})
	err := root.ExecuteContext(t.Context())
	p := printed{out: out.String(), code: cli.ExitCode(err)}
	if err != nil {
		p.refused = cli.Plainly(err).Error()
	}
	return p
}

// TestKeyCommand makes a key once, prints the half that may be seen, and leaves what is there as it is.
func TestKeyCommand(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "below", "operator.key")
	got := runs(t, Key(), "--address", "ann@acme.example", "--file", path)
	require.Equal(t, cli.ExitDone, got.code, got.refused)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	s, err := readSigner(path)
	require.NoError(t, err)
	require.NotContains(t, got.out, s.Seed)
	require.Contains(t, got.out, fmt.Sprintf("- address: ann@acme.example\n      key: %s\n", decider.FormatKey(s.public())))
	for _, word := range policy.MayWords() {
		require.Contains(t, got.out, word)
	}

	again := runs(t, Key(), "--address", "Ann <ANN@acme.example>", "--file", path)
	require.Equal(t, got.out, again.out, "the key that is there is printed and kept: %s", again.refused)
	for name, c := range map[string]struct {
		address, text, want string
	}{
		"somebody else's":   {"eve@acme.example", "", "is the key of ann@acme.example: name another file with --file"},
		"no address":        {"ann", "-", `--address "ann" is not an e-mail address: write your work address`},
		"a file of another": {"ann@acme.example", "my notes", "is no key that `starter key` or `starter login` made"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := path
			if c.text != "" {
				at = filepath.Join(t.TempDir(), "k")
			}
			if len(c.text) > 1 {
				require.NoError(t, os.WriteFile(at, []byte(c.text), 0o600))
			}
			got := runs(t, Key(), "--address", c.address, "--file", at)
			require.Equal(t, cli.ExitFailed, got.code)
			require.Contains(t, got.refused, c.want)
			require.Empty(t, got.out)
			kept, err := os.ReadFile(at)
			switch {
			case c.text == "-":
				require.ErrorIs(t, err, os.ErrNotExist, "nothing is made")
			case len(c.text) > 1:
				require.Equal(t, c.text, string(kept), "nothing is overwritten")
			default:
				require.Contains(t, string(kept), s.Seed)
			}
		})
	}
	got = runs(t, Key(), "--file", path)
	require.Equal(t, cli.ExitFailed, got.code)
	require.Contains(t, got.refused, "--address is missing")
	require.Contains(t, runs(t, Key(), "--address", "a@b.example", "--file", path, "x").refused, "unknown command")
}
