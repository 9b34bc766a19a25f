package yamlfile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/yamlfile"
)

var rules = yamlfile.Style{Name: "the file", Empty: "the file is empty"}

// orders is a file that tests read.
type orders struct {
	name, kind, zone, owner string
	parts                   []string
	every                   time.Duration
	waits                   []time.Duration
	at                      string
	clock                   yamlfile.Clock
	urgent                  bool
	count                   int
	share                   float64
}

// read reads an order as rules are read.
func read(r *yamlfile.Reader, body ast.Node) orders {
	o := orders{kind: "plain"}
	root := r.Section("", body, body, "name", "kind", "zone", "owner", "parts", "every", "waits", "at", "urgent", "count", "share", "inner")
	if w, ok := root.Required("name", "say what it is called"); ok {
		o.name = w.Text
	}
	root.Choice("kind", &o.kind, "plain", "fancy")
	if w, ok := root.Text("zone"); ok && r.Zone("zone", w) != nil {
		o.zone = w.Text
	}
	if w, ok := root.Text("owner"); ok {
		o.owner = r.Mailbox("owner", w)
	}
	o.parts = yamlfile.Texts(root.Words("parts"))
	root.Duration("every", yamlfile.OrNever, &o.every)
	root.Durations("waits", &o.waits)
	root.Clock("at", &o.at, &o.clock)
	root.Bool("urgent", &o.urgent)
	root.Integer("count", 1, 5, &o.count)
	root.Number("share", 0, 100, &o.share)
	inner := root.Section("inner", "deep")
	inner.Section("deep", "deeper")
	return o
}

func parse(text string) (orders, error) {
	r := yamlfile.New("o.yaml", rules)
	body, ok := r.Parse([]byte(text))
	if !ok {
		return orders{}, r.Err()
	}
	o := read(r, body)
	return o, r.Err()
}

func TestAFileIsRead(t *testing.T) {
	t.Parallel()
	o, err := parse(`
name: |
  two
  lines
kind: fancy
zone: Europe/Berlin
owner: ada@acme.example
parts: [a, "01"]
every: 1d12h
waits: [1m, 2d]
at: "08:30"
urgent: true
count: 5
share: 12.5
inner: {deep: {}}
`)
	require.NoError(t, err)
	require.Equal(t, orders{
		name: "two\nlines\n", kind: "fancy", zone: "Europe/Berlin", owner: "ada@acme.example", parts: []string{"a", "01"}, every: 36 * time.Hour,
		waits: []time.Duration{time.Minute, 2 * yamlfile.Day}, at: "08:30", clock: yamlfile.Clock{Hour: 8, Minute: 30}, urgent: true, count: 5, share: 12.5,
	}, o)
	o, err = parse("name: a\nevery: never\n")
	require.NoError(t, err)
	require.Equal(t, orders{name: "a", kind: "plain", parts: []string{}}, o, "what is not there stays as it was")
}

// TestProblems holds what somebody who edits a file gets to read, and where it points.
func TestProblems(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                {"# later\n", []string{"1:1: the file is empty"}},
		"no YAML":                {"name: [a\n", []string{"1:7: not valid YAML: sequence end token ']' not found"}},
		"two files in one":       {"name: a\n---\nname: b\n", []string{"3:5: the file has more than one YAML document: keep one"}},
		"two, one of them empty": {"name: a\n---\n", []string{"2:1: the file has more than one YAML document: keep one"}},
		"no mapping":             {"[a]\n", []string{"1:1: the file must be a mapping of keys to values, not a list"}},
		"a key of nobody":        {"name: a\nkidn: fancy\n", []string{`2:1: unknown key "kidn" in the file (did you mean "kind"?); known keys: name, kind, zone, owner, parts, every, waits, at, urgent, count, share, inner`}},
		"a key too deep":         {"name: a\ninner: {deep: {deper: 1}}\n", []string{`2:16: unknown key "deper" in inner.deep (did you mean "deeper"?); known keys: deeper`}},
		"nothing that fits":      {"name: a\ninner: {x: 1}\n", []string{`2:9: unknown key "x" in inner; known keys: deep`}},
		"a key twice":            {"name: a\nname: b\n", []string{"2:1: name is set twice, first on line 1: remove one of them"}},
		"a merge":                {"name: a\ninner: {<<: {deep: {}}}\n", []string{"2:9: inner uses a YAML merge, anchor, tag or complex key: write the keys out"}},
		"an anchor":              {"name: &x a\n", []string{"1:7: name must be a text, not a YAML anchor, alias or tag"}},
		"what has to be":         {"kind: fancy\n", []string{"1:1: name is missing: say what it is called"}},
		"a number as a text":     {"name: 017\n", []string{`1:7: name must be a text, not a number: put it in quotes, "017"`}},
		"an empty text":          {"name: ' '\n", []string{"1:7: name is empty: give it a value or remove the key"}},
		"no value":               {"name:\n", []string{"1:7: name must be a text, not an empty value"}},
		"no such word":           {"name: a\nkind: fanci\n", []string{`2:7: kind: unknown value "fanci" (did you mean "fancy"?); known values: plain, fancy`}},
		"a text for a list":      {"name: a\nparts: a\n", []string{"2:8: parts must be a list of texts, not a text"}},
		"twice in a list":        {"name: a\nparts: [a, a, '', 3]\n", []string{`2:12: parts[1] repeats "a": remove one of them`, "2:15: parts[2] is empty: give it a value or remove it", `2:19: parts[3] must be a text, not a number: put it in quotes, "3"`}},
		"no unit":                {"name: a\nevery: 7\n", []string{"2:8: every: 7 has no unit: write 7d for days, or h, m or s"}},
		"no time at all":         {"name: a\nevery: 0s\n", []string{"2:8: every cannot be 0: write never, or a duration like 90d"}},
		"no duration":            {"name: a\nevery: soon\n", []string{`2:8: every: "soon" is not a duration: write a number and a unit, like 15m, 12h or 7d`}},
		"back in time":           {"name: a\nevery: -1h\nwaits: [-1h, 0s]\n", []string{`2:8: every: "-1h" is negative or longer than 292 years: write a duration like 15m or 7d`, `3:9: waits: "-1h" is negative or longer than 292 years: write a duration like 15m or 7d`, "3:14: waits cannot hold a 0: write durations like [1m, 15m, 24h]"}},
		"forward and back":       {"name: a\nevery: 1d-1h\n", []string{`2:8: every: "1d-1h" is not a duration: write a number and a unit, like 15m, 12h or 7d`}},
		"an age":                 {"name: a\nevery: 106751d24h\n", []string{`2:8: every: "106751d24h" is negative or longer than 292 years: write a duration like 15m or 7d`}},
		"a late hour":            {"name: a\nat: '24:00'\n", []string{`2:5: at: "24:00" is not a time of day: write hours and minutes in quotes, like "08:00"`}},
		"too many":               {"name: a\ncount: 6\nshare: 100.1\n", []string{"2:8: count: 6 is out of range: write a whole number from 1 to 5", "3:8: share: 100.1 is out of range: write a number from 0 to 100"}},
		"yes and no":             {"name: a\nurgent: yes\n", []string{"2:9: urgent must be true or false, not a text"}},
		"nowhere and nobody":     {"name: a\nzone: Local\nowner: ada\n", []string{`2:7: zone: unknown time zone "Local": write an IANA name, like Europe/Berlin`, `3:8: owner: "ada" is not an e-mail address`}},
		"no number":              {"name: a\nshare: .nan\n", []string{"2:8: share must be a number, not .nan, which stands for what is no number"}},
		"no finite number":       {"name: a\nshare: .inf\n", []string{"2:8: share must be a number, not infinity, which .inf stands for"}},
		"in order":               {"share: x\nkind: no\nnamee: a\n", []string{"1:1: name is missing: say what it is called", `1:8: share must be a number, not a text`, `2:7: kind: unknown value "no"; known values: plain, fancy`, `3:1: unknown key "namee" in the file (did you mean "name"?); known keys: name, kind, zone, owner, parts, every, waits, at, urgent, count, share, inner`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(tt.text)
			var problems *yamlfile.Problems
			require.ErrorAs(t, err, &problems)
			require.Equal(t, "o.yaml:"+strings.Join(tt.want, "\no.yaml:"), err.Error())
		})
	}
}

// TestTheShapeIsWhatIsRead holds that a schema can be made of what a reader asks for.
func TestTheShapeIsWhatIsRead(t *testing.T) {
	t.Parallel()
	s, err := yamlfile.ShapeOf("name: a\n", func(r *yamlfile.Reader, body ast.Node) error { read(r, body); return nil })
	require.NoError(t, err)
	require.Equal(t, yamlfile.KindSection, s.Kind)
	require.Equal(t, []string{"name"}, s.Required)
	require.Equal(t, "inner.deep", s.Keys["inner"].Keys["deep"].Path)
	kinds := map[string]yamlfile.Kind{}
	for name, sub := range s.Keys {
		kinds[name] = sub.Kind
	}
	require.Equal(t, map[string]yamlfile.Kind{
		"name": yamlfile.KindText, "kind": yamlfile.KindText, "zone": yamlfile.KindText, "owner": yamlfile.KindText, "parts": yamlfile.KindList,
		"every": yamlfile.KindDuration, "waits": yamlfile.KindList, "at": yamlfile.KindClock, "urgent": yamlfile.KindBool, "count": yamlfile.KindInteger,
		"share": yamlfile.KindNumber, "inner": yamlfile.KindSection,
	}, kinds)
	require.True(t, s.Keys["every"].Never)
	require.Equal(t, []string{"plain", "fancy"}, s.Keys["kind"].Choices)
	require.InDelta(t, 5, s.Keys["count"].Highest, 0)
}

// FuzzParse holds that no text makes the reader panic, and that a text which cannot be read has a problem.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"", "name: a", "a: &a [*a]", "? [a]\n: b", "<<: {name: a}", "name: !!str 1", "\x00", "a:\n\t- b", "{a: b", "--- a\n--- b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := parse(text)
		require.True(t, err != nil || o.name != "")
		var s settings
		r := yamlfile.New("s.yaml", secret)
		if body, ok := r.Parse([]byte(text)); ok {
			r.Decode(body, &s)
		} else {
			require.Error(t, r.Err())
		}
	})
}
