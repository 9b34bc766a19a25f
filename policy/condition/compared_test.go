package condition_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy/condition"
)

// TestTheTextsOfComparisonsAreKnown, with their places, however the comparison is written: a name that does not exist never matches.
func TestTheTextsOfComparisonsAreKnown(t *testing.T) {
	t.Parallel()
	c, err := condition.New(doors())
	require.NoError(t, err)
	keys, name := []string{"door", "keys"}, []string{"door", "name"}
	for text, want := range map[string][]condition.Comparison{
		`"a" in door.keys`:                                          {{Path: keys, Text: "a", Line: 1, Col: 8}},
		`!("a" in door.keys) && door.name != "b"`:                   {{Path: keys, Text: "a", Line: 1, Col: 10}, {Path: name, Text: "b", Line: 1, Col: 44}},
		`"b" == door.name`:                                          {{Path: name, Text: "b", Line: 1, Col: 8}},
		`door.name in ["b", "c"]`:                                   {{Path: name, Text: "b", Line: 1, Col: 22}, {Path: name, Text: "c", Line: 1, Col: 27}},
		`door.keys == ["a"]`:                                        {{Path: keys, Text: "a", Line: 1, Col: 22}},
		`"a" in dyn(door.keys)`:                                     {{Path: keys, Text: "a", Line: 1, Col: 8}},
		`"a" in door.keys + ["b"]`:                                  {{Path: keys, Text: "a", Line: 1, Col: 8, Worked: true}},
		`"a" in {"x": door.keys}["x"]`:                              {{Path: keys, Text: "a", Line: 1, Col: 8, Worked: true}},
		`size(door.keys) == dyn("a")`:                               nil,
		`door.floor == 2 && door.keys == [door.name] && "x" == "y"`: nil,
	} {
		got, err := compile(t, c, "when: '"+text+"'\n")
		require.NoError(t, err, text)
		require.ElementsMatch(t, want, got.Compared, text)
	}
	got, err := compile(t, c, "when: |\n  true &&\n    \"a\" in door.keys\n")
	require.NoError(t, err)
	require.Equal(t, []condition.Comparison{{Path: keys, Text: "a", Line: 3, Col: 5}}, got.Compared)
}
