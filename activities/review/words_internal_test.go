package review

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/reviews"
	"gatehouse/test/golden"
)

// evil are texts that would do something where somebody reads them as more than text.
var evil = []string{
	"<script>alert(1)</script>", "a\nSubject: forged\n\nBcc: x", "{{.Compliance}}", "<!channel> & `x`", "=IMPORTXML(\"https://evil.example\")", "+1", "-1", "@x",
	strings.Repeat("very long ", 500), "\u202eevil", "", `a\nb\c`, "Label: forged",
}

// TestDataMakesNoParagraph renders every e-mail and every table with hostile data.
func TestDataMakesNoParagraph(t *testing.T) {
	t.Parallel()
	all := func(text string) view {
		return view{
			Campaign: text, AsOf: text, Compliance: text, Manager: text, Findings: []api.Line{{Label: "Dormant", Value: text}}, People: 300, Listed: 200, PassOn: true,
		}
	}
	for _, name := range []string{"compliance", "manager", "owner", "fallback", "agents", "agents_all"} {
		for _, refused := range []bool{false, true} {
			plain := all("harmless")
			plain.Refused = refused
			want, err := letter(name, plain)
			require.NoError(t, err)
			require.NotEmpty(t, want.Subject)
			for _, text := range evil {
				v := all(text)
				v.Refused = refused
				got, err := letter(name, v)
				require.NoError(t, err)
				require.Len(t, got.Paragraphs, len(want.Paragraphs), "%s: %q", name, text)
				for i, p := range got.Paragraphs {
					require.Equal(t, strings.ReplaceAll(want.Paragraphs[i], "harmless", text), p, "data stays as it is")
					require.NotContains(t, p, "<no value>")
					require.NotContains(t, p, "%!")
				}
			}
		}
	}
	for _, text := range evil {
		rows, err := table("compliance_table", all(text))
		require.NoError(t, err)
		require.Len(t, rows, 5)
		require.Equal(t, []string{"Dormant", text}, rows[3])
	}
}

// TestWhoeverGetsAnEmailIsToldWhatToDo.
func TestWhoeverGetsAnEmailIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"compliance": "Decide in the tabs Findings and Access: keep, remove or unsure, with your name and the date.",
		"manager":    "Please check whether they still need it, and answer to c@acme.example with what is to be removed.",
		"fallback":   "Please check whether they are still needed, and answer to c@acme.example with what is to be removed.",
	} {
		mail, err := letter(name, view{Compliance: "c@acme.example"})
		require.NoError(t, err)
		require.Contains(t, strings.Join(mail.Paragraphs, "\n"), says)
	}
	mail, err := letter("manager", view{PassOn: true, Manager: "Ada"})
	require.NoError(t, err)
	require.Contains(t, mail.Paragraphs[0], "This is for Ada, whose account has no e-mail address that can be written to. Please pass it on.")
}

// TestEveryColumnHasAHead: a key without words would be a column without a head, and a word that begins as a formula does would
// be one where somebody pastes it.
func TestEveryColumnHasAHead(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, c := range slices.Concat(accessColumns(), findingColumns(), besideColumns()) {
		require.NotEmpty(t, heads[c.key], c.key)
		require.NotContains(t, "=+-@", heads[c.key][:1])
		used[c.key] = true
	}
	require.Len(t, heads, len(used), "a head that no column has")
	require.Equal(t, "HR status", heads["hr"])
	rows, err := summaryRows(summary{})
	require.NoError(t, err)
	require.Len(t, rows, int(summaryLength(reviews.Counts{})))
	for i, row := range rows {
		require.Len(t, row, summaryColumns)
		blank := []any{"", "", ""}
		require.Equal(t, slices.Contains([]int{5, 14, 16, 16 + len(findingKinds) + 1}, i), slices.Equal(blank, row), "row %d: %v", i, row)
	}
}

// TestFindingsSayWhatIsOnRecord compares the title of every kind, and what is said about one, with what was recorded.
func TestFindingsSayWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	require.Len(t, findingKinds, len(findingWords.Names()))
	var b strings.Builder
	for _, text := range []string{"2026-03-02", "<b> \"{{.ID}}\" `x`\n\\n: \\c \u202e%d"} {
		for _, k := range findingKinds {
			title, found, err := findingWords.Pair(k.kind, findingView{Status: text, Since: text, Rule: text})
			require.NoError(t, err)
			require.Equal(t, title, findingTitle(k.kind))
			fmt.Fprintf(&b, "== %s %d\ntitle %q\nfound %q\n", k.kind, severityOf(k.kind), k.title, found)
		}
	}
	golden.Equal(t, "findings.txt", b.String())
}

// TestDataMakesNoTitle renders every finding with hostile data.
func TestDataMakesNoTitle(t *testing.T) {
	t.Parallel()
	for _, k := range findingKinds {
		_, plain, err := findingWords.Pair(k.kind, findingView{Status: "HARMLESS", Since: "HARMLESS", Rule: "HARMLESS"})
		require.NoError(t, err)
		for _, text := range evil {
			if text == "" {
				continue // A rule, a day and a status are always something.
			}
			title, found, err := findingWords.Pair(k.kind, findingView{Status: text, Since: text, Rule: text})
			require.NoError(t, err)
			require.Equal(t, k.title, title)
			require.Equal(t, strings.ReplaceAll(plain, "HARMLESS", text), found)
		}
	}
}

// TestWhatIsSaidOfAnAccountThatIsNoPersons.
func TestWhatIsSaidOfAnAccountThatIsNoPersons(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]findingView{
		"break-glass account, by the entry emergency of accounts.non_personal; s@acme.example answers for it": {
			Kind: "break-glass account", Entry: "emergency", Owner: "s@acme.example", Rule: "account.id == 1",
		},
		"the entry rooms of accounts.non_personal matches it, and HR has a record of whose it is: it stays a person's": {
			Kind: "shared account", Entry: "rooms", Owner: "o@acme.example", Doubtful: true,
		},
		"service account, as somebody has declared": {Kind: "service account"},
		"account.id == 1": {Rule: "account.id == 1"},
	} {
		_, found, err := findingWords.Pair(findingNotAPerson, v)
		require.NoError(t, err)
		require.Equal(t, want, found)
	}
	_, found, err := findingWords.Pair(findingNoMFA, findingView{Kinds: "OneLogin SMS"})
	require.NoError(t, err)
	require.Equal(t, "no second factor that counts; the policy does not count OneLogin SMS", found)
}

// TestOtherSystemsStandOnTheSummary: as many lines as are laid out, and the chart shows every kind of finding.
func TestOtherSystemsStandOnTheSummary(t *testing.T) {
	t.Parallel()
	counts := reviews.Counts{Systems: []reviews.SystemCount{{System: reviews.System{System: "google"}, Accounts: 3}, {System: reviews.System{System: "ldap", Stale: true}}}}
	s := summary{campaign: reviews.Campaign{Counts: counts}}
	rows, err := summaryRows(s)
	require.NoError(t, err)
	require.Len(t, rows, int(summaryLength(counts)))
	for _, row := range rows {
		require.Len(t, row, summaryColumns)
	}
	first, last := s.findingTable()
	for i, k := range kindsOf(counts) {
		require.Equal(t, k.title, rows[int(first)+i][0])
	}
	require.Equal(t, int(last-first), len(findingKinds)+len(besideKinds))
	require.Len(t, besideKinds, len(besideWords.Names()))
}

// TestDataMakesNoTitleOfOtherSystems renders what is found in other systems with hostile data.
func TestDataMakesNoTitleOfOtherSystems(t *testing.T) {
	t.Parallel()
	for _, text := range evil {
		if text == "" {
			continue
		}
		detail, err := foundText(findingNotRead, findingView{Since: text, Rule: text})
		require.NoError(t, err)
		require.Equal(t, "it was last read whole on "+text+", which is more than "+text+" ago: what is shown of it may have changed since, and what was added "+
			"since is missing", detail)
		detail, err = foundText(findingOrphan, findingView{Perhaps: text, Left: true})
		require.NoError(t, err)
		require.Equal(t, "it may be the account of "+text+", who has left, and nobody has decided: starter account link, or refuse", detail)
		_, err = letter("manager", view{Others: 300, OthersListed: 200, Compliance: text})
		require.NoError(t, err)
	}
}
