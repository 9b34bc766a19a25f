package people

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/test/golden"
)

// notices are all notices, in the order of the record.
var notices = []string{
	"reused_id", "accounts_undecided", "accounts_not_compared", "account_disputed", "account_vanished", "account_doubt", "account_foreign",
	"account_ambiguous", "nothing_to_contain", "account_gone", "possible_duplicate", "possible_renumbered", "brought_back", "asked",
	"not_deleted", "termination_withdrawn", "provisioning_deletes",
}

// saying is a view in which everything that comes from outside is the given text.
func saying(text string) view {
	return view{Key: text, Other: text, Record: text, Account: 4200042, Ref: text, Why: text, Count: 3}
}

// TestNoticesSayWhatIsOnRecord compares every notice and item with what was recorded.
func TestNoticesSayWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, words.Names(), notices)
	var b strings.Builder
	for _, text := range []string{"workday-21002", "<b> \"{{.ID}}\" `x`\n\\n: \\c \u202e%d"} {
		for _, name := range notices {
			v := saying(text)
			switch name {
			case "account_doubt":
				v.Why = text + "; " + text
			case "brought_back":
				v.Record = text + "-" + text
			}
			fmt.Fprintf(&b, "== %s\n%q\n", name, words.Sure(name, v))
		}
		for _, class := range []string{itemNoAccount, ItemNotCompared, itemNotDeleted} {
			says, next, err := items.Pair(class, saying(text))
			require.NoError(t, err)
			fmt.Fprintf(&b, "== item %s\n%q\n== next %s\n%q\n", class, says, class, next)
		}
	}
	golden.Equal(t, "notices.txt", b.String())
}

// evil are texts that would do something where somebody reads them as more than text.
var evil = []string{
	"a\nNext: forged", `a\nb\c \\`, "{{.Key}} {{template \"x\"}}", "<!channel> & `x`", "<script>x</script>", "=HYPERLINK(\"x\")", "%!d", "\u202eevil", "\x00",
	strings.Repeat("very long ", 500), "", " ",
}

// TestDataStaysWhereItStands renders every notice and item with hostile data: it is shown as it is, and the words around it stay.
func TestDataStaysWhereItStands(t *testing.T) {
	t.Parallel()
	const harmless = "HARMLESS"
	for _, text := range evil {
		as := func(plain string) string {
			plain = strings.ReplaceAll(plain, fmt.Sprintf("%q", harmless), fmt.Sprintf("%q", text))
			return strings.ReplaceAll(plain, harmless, text)
		}
		for _, name := range notices {
			require.Equal(t, as(words.Sure(name, saying(harmless))), words.Sure(name, saying(text)), name)
		}
		for _, class := range items.Names() {
			says, next, err := items.Pair(class, saying(text))
			require.NoError(t, err)
			plain, plainNext, err := items.Pair(class, saying(harmless))
			require.NoError(t, err)
			require.Equal(t, [2]string{as(plain), as(plainNext)}, [2]string{says, next}, class)
		}
	}
}
