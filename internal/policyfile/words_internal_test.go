package policyfile

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/test/golden"
)

// TestItemAboutTheFileIsOnRecord compares what the item says, for each reason, with what was recorded.
func TestItemAboutTheFileIsOnRecord(t *testing.T) {
	t.Parallel()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	var b strings.Builder
	for _, hash := range []string{"0a1b2c3d", "<b> \"{{.ID}}\" `x`\n\\n: \\c \u202e%d", ""} {
		for _, refused := range []string{
			policies.PolicyGone, policies.PolicyUnreadable, policies.PolicyUnsettled, policies.PolicyWeaker, policies.PolicyInvalid, "a reason of tomorrow",
		} {
			require.NoError(t, raise(t.Context(), l, policies.PolicyState{Hash: hash, Refused: refused}, time.Now()))
			items, err := l.Worklist().Items(t.Context(), worklist.ItemFilter{})
			require.NoError(t, err)
			require.Len(t, items, 1)
			fmt.Fprintf(&b, "== %s\ntext %q\nnext %q\n", refused, items[0].Text, items[0].Next)
		}
	}
	golden.Equal(t, "item.txt", b.String())
}

// TestNoDataBecomesMore holds that a hash is shown as it is, and that what to do is never of somebody else's making.
func TestNoDataBecomesMore(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a\nb: c", `a\nb\c \\`, "{{.Why}}", "<!channel> & `x`", "%!d", "\u202eevil", strings.Repeat("long ", 500), ""} {
		says, next, err := words.Pair("refused", view{Why: text, Hash: text})
		require.NoError(t, err)
		require.Equal(t, "The policy file "+text+". Policy "+text+" stays in force.", says)
		require.Equal(t, "starter policy show", next)
	}
}
