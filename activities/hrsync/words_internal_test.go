package hrsync

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/reading"
	"gatehouse/test/golden"
)

// saying is a view in which everything that comes from outside is the given text.
func saying(text string) view {
	return view{
		Count: 7, Employed: 100, Before: 99, Swapped: 5, OneIn: 20, Columns: []string{text, text}, Lost: text, Old: text,
		Doubts: []string{text}, Source: "workday", Code: "c",
	}
}

// TestDoubtsSayWhatIsOnRecord compares what is said about every doubt, and about the records that wait because of it, with what
// was recorded.
func TestDoubtsSayWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	say := func(name, text string) { fmt.Fprintf(&b, "== %s\n%q\n", name, text) }
	for _, text := range []string{"hire_date", "<b> \"{{.Count}}\" `x`\n\\n: \\c \u202e%d"} {
		for _, name := range words.Names() {
			say(name, words.Sure(name, saying(text)))
		}
		people := saying(text)
		people.Before = 0
		say("shrunk by people", words.Sure(reading.DoubtShrunk, people))
		say("quarantined twice", told("workday", []doubt{{code: "c", why: text}, {code: "d", why: "more."}}))
		say("record renumbered", records.Sure(reading.DoubtRenumbered, people))
	}
	for _, name := range records.Names() {
		if name != reading.DoubtRenumbered {
			say("record "+name, records.Sure(name, view{}))
		}
	}
	golden.Equal(t, "doubts.txt", b.String())
}

// TestDataStaysWhereItStands renders every doubt with hostile data: it is shown as it is, and the words around it stay.
func TestDataStaysWhereItStands(t *testing.T) {
	t.Parallel()
	const harmless = "HARMLESS"
	for _, text := range []string{
		"a\nNext: forged", `a\nb\c \\`, "{{.Lost}} {{template \"x\"}}", "<!channel> & `x`", "=HYPERLINK(\"x\")", "%!d", "\u202eevil", "\x00",
		strings.Repeat("very long ", 500), "", " ",
	} {
		for _, name := range words.Names() {
			require.Equal(t, strings.ReplaceAll(words.Sure(name, saying(harmless)), harmless, text), words.Sure(name, saying(text)), name)
		}
		for _, name := range records.Names() {
			require.Equal(t, strings.ReplaceAll(records.Sure(name, saying(harmless)), harmless, text), records.Sure(name, saying(text)), name)
		}
	}
}

// TestEveryDoubtHasWords, and so has every record that waits because of one.
func TestEveryDoubtHasWords(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{
		reading.DoubtMissing, reading.DoubtLost, reading.DoubtShrunk, reading.DoubtGrown, reading.DoubtRenumbered, reading.DoubtRenamed, reading.DoubtBlank,
		reading.DoubtMoved, reading.DoubtUnclear, reading.DoubtGarbled, reading.DoubtRespelled, doubtPostponed,
	} {
		require.True(t, words.Has(kind), kind)
	}
	for _, kind := range []string{
		reading.DoubtGrown, reading.DoubtRenumbered, reading.DoubtRenamed, reading.DoubtUnclear, reading.DoubtGarbled, reading.DoubtRespelled, doubtPostponed,
	} {
		require.True(t, records.Has(kind), kind)
	}
}
