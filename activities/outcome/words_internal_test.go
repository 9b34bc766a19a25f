package outcome

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/test/golden"
)

// texts are all of the words, in the order of the record.
var texts = []string{"held_with_others", "held", "held_undecided", "beyond_policy"}

// saying is a view in which everything that comes from outside is the given text.
func saying(text string) view {
	return view{
		Account: 4200042, Roles: []string{text, text}, Budget: text, Hold: text, Used: 3, Allowed: 3, Window: (90 * time.Minute).String(),
	}
}

// TestWordsSayWhatIsOnRecord compares every text with what was recorded.
func TestWordsSayWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, words.Names(), texts)
	var b strings.Builder
	for _, text := range []string{"workday-21002", "<b> \"{{.ID}}\" `x`\n\\n: \\c \u202e%d"} {
		for _, name := range texts {
			fmt.Fprintf(&b, "== %s\n%q\n", name, words.Sure(name, saying(text)))
		}
	}
	golden.Equal(t, "words.txt", b.String())
}

// evil are texts that would do something where somebody reads them as more than text.
var evil = []string{
	"a\nNext: forged", `a\nb\c \\`, "{{.Hold}} {{template \"x\"}}", "<!channel> & `x`", "<script>x</script>", "=HYPERLINK(\"x\")", "%!d", "\u202eevil", "\x00",
	strings.Repeat("very long ", 500), "", " ",
}

// TestDataStaysWhereItStands renders every text with hostile data: it is shown as it is, and the words around it stay.
func TestDataStaysWhereItStands(t *testing.T) {
	t.Parallel()
	const harmless = "HARMLESS"
	for _, text := range evil {
		for _, name := range texts {
			plain := strings.ReplaceAll(words.Sure(name, saying(harmless)), fmt.Sprintf("%q", harmless), fmt.Sprintf("%q", text))
			require.Equal(t, strings.ReplaceAll(plain, harmless, text), words.Sure(name, saying(text)), name)
		}
	}
}
