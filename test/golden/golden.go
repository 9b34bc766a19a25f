// Package golden compares what a test makes with what was recorded in its testdata. Only tests import it.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "record in testdata what the tests make now")

// Equal compares text with a file in testdata, which -update records first.
func Equal(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update and read what it writes")
	// By parts, so that what differs can be read.
	parts := strings.Split(got, "\n== ")
	for i, w := range strings.Split(string(want), "\n== ") {
		require.Less(t, i, len(parts))
		require.Equal(t, w, parts[i])
	}
	require.Equal(t, string(want), got)
}
