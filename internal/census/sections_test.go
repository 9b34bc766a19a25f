package census_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/census"
	"gatehouse/test/golden"
)

// TestSectionsSayWhatIsOnRecord compares the title, the meaning and the advice of every section with what was recorded. They hold no
// data.
func TestSectionsSayWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, s := range census.Sections() {
		fmt.Fprintf(&b, "== %s\n%s\n%s\n%s\n", s.Name, s.Title, s.Meaning, s.Next)
		require.Nil(t, s.Rows)
	}
	golden.Equal(t, "sections.txt", b.String())

	changed := census.Sections()
	changed[0].Rows = append(changed[0].Rows, census.Row{Account: "onelogin/1"})
	require.Nil(t, census.Sections()[0].Rows, "a report's rows are its own")
}
