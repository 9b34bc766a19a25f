package yamlfile_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/yamlfile"
)

type hidden string

// settings is a file that tests decode.
type settings struct {
	URL   string        `yaml:"url"`
	Key   hidden        `yaml:"key"`
	Every time.Duration `yaml:"every"`
	Most  int           `yaml:"most"`
	Cells int64         `yaml:"cells"`
	Ready bool          `yaml:"ready"`
	Keys  []hidden      `yaml:"keys"`
	Names []string      `yaml:"names"`
	Inner struct {
		Deep string `yaml:"deep"`
	} `yaml:"inner"`
	By     map[string]hidden          `yaml:"by"`
	Values map[string]yamlfile.Values `yaml:"values"`

	Ours string
	kept string
}

var secret = yamlfile.Style{Name: "the settings", Empty: "the file is empty", Secret: true}

func decode(text string) (settings, error) {
	s := settings{URL: "standard", Every: time.Hour, Most: 7, Ours: "ours", kept: "kept"}
	r := yamlfile.New("s.yaml", secret)
	if body, ok := r.Parse([]byte(text)); ok {
		r.Decode(body, &s)
	}
	return s, r.Err()
}

func TestSettingsAreDecoded(t *testing.T) {
	t.Parallel()
	s, err := decode(`
url: 17
key: "0123"
every: 1d30m
most: "12"
cells: 10_000_000
ready: true
keys: [a, "", ]
names: []
inner: {deep: true}
by: {a: b, c: }
values: {a: 7, b: [c, d], e: []}
`)
	require.NoError(t, err)
	want := settings{
		URL: "17", Key: "0123", Every: yamlfile.Day + 30*time.Minute, Most: 12, Cells: 10_000_000, Ready: true, Keys: []hidden{"a", ""}, Names: []string{},
		By: map[string]hidden{"a": "b", "c": ""}, Ours: "ours", kept: "kept",
		Values: map[string]yamlfile.Values{"a": {"7"}, "b": {"c", "d"}, "e": {}},
	}
	want.Inner.Deep = "true"
	require.Equal(t, want, s)
	s, err = decode("url:\nevery:\nmost:\nnames:\ninner:\nby:\n")
	require.NoError(t, err)
	require.Equal(t, settings{URL: "standard", Every: time.Hour, Most: 7, Ours: "ours", kept: "kept"}, s, "what has no value stays as it was")
	s, err = decode("every: -1h\n")
	require.NoError(t, err)
	require.Equal(t, -time.Hour, s.Every, "whoever reads it says what is wrong with that")
}

// TestNoValueIsQuoted holds that settings which cannot be read are told by place and kind: a value may be a secret.
func TestNoValueIsQuoted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"url: [s3cr3t]\nokta: s3cr3t\n": "1:6: url must be a text, not a list\n" +
			`2:1: unknown key "okta" in the settings; known keys: url, key, every, most, cells, ready, keys, names, inner, by, values`,
		"url: {a: s3cr3t}\n":           "1:6: url must be a text, not a mapping",
		"url: &s3cr3t a\n":             "1:6: url must be a text, not a YAML anchor, alias or tag",
		"key: 0123\n":                  "1:6: key is a number to YAML and would not stay as it is written: put it in quotes",
		"key: 1.50\n":                  "1:6: key is a number to YAML and would not stay as it is written: put it in quotes",
		"key: .inf\n":                  "1:6: key is a number to YAML and would not stay as it is written: put it in quotes",
		"every: s3cr3t\n":              "1:8: every: the value is not a duration: write a number and a unit, like 15m, 12h or 7d",
		"every: 15\n":                  "1:8: every must be a duration with a unit, like 15m or 7d, not a number",
		"every: never\n":               "1:8: every cannot be never: write a duration, like 15m or 7d",
		"most: s3cr3t\n":               "1:7: most must be a whole number, not a text",
		"most: 1.5\n":                  "1:7: most must be a whole number, not a number",
		"most: 99999999999999999999\n": "1:7: most is a larger number than there may be: write a smaller one",
		"ready: s3cr3t\n":              "1:8: ready must be true or false, not a text",
		"keys: s3cr3t\n":               "1:7: keys must be a list, not a text",
		"keys: [a, [s3cr3t]]\n":        "1:11: keys[1] must be a text, not a list",
		"inner: s3cr3t\n":              "1:8: inner must be a mapping of keys to values, not a text",
		"by: [s3cr3t]\n":               "1:5: by must be a mapping of keys to values, not a list",
		"values: {a: {b: s3cr3t}}\n":   "1:13: values.a must be a text or a list of texts, not a mapping",
		"by: {a: s3cr3t, a: b}\n":      "1:17: by.a is set twice, first on line 1: remove one of them",
		"s3cr3t\n":                     "1:1: the settings must be a mapping of keys to values, not a text",
		"key: s3cr3t: b\n":             "1:6: not valid YAML: check indentation, colons and quotes",
		"key: 's3cr3t\n":               "1:6: not valid YAML: check indentation, colons and quotes",
		"":                             "1:1: the file is empty",
	} {
		_, err := decode(text)
		require.EqualError(t, err, "s.yaml:"+strings.ReplaceAll(want, "\n", "\ns.yaml:"), "%s", text)
	}
}

func TestEachTextIsFound(t *testing.T) {
	t.Parallel()
	s, err := decode("url: a\nkeys: [b, c]\nnames: [d]\ninner: {deep: e}\nby: {z: f, y: g}\nvalues: {b: [h, i], a: j}\n")
	require.NoError(t, err)
	found, hiddens := map[string]string{}, 0
	var order []string
	yamlfile.EachText(&s, func(path string, text reflect.Value, set func(string)) {
		found[path] = text.String()
		order = append(order, path)
		if text.Type() == reflect.TypeFor[hidden]() {
			hiddens++
			set("<" + text.String() + ">")
		}
	})
	require.Equal(t, map[string]string{"url": "a", "key": "", "keys[0]": "b", "keys[1]": "c", "names[0]": "d", "inner.deep": "e", "by.z": "f", "by.y": "g", "values.a[0]": "j", "values.b[0]": "h", "values.b[1]": "i"}, found)
	require.Equal(t, []string{"url", "key", "keys[0]", "keys[1]", "names[0]", "inner.deep", "by.y", "by.z", "values.a[0]", "values.b[0]", "values.b[1]"}, order)
	require.Equal(t, 5, hiddens)
	require.Equal(t, []hidden{"<b>", "<c>"}, s.Keys)
	require.Equal(t, map[string]hidden{"z": "<f>", "y": "<g>"}, s.By)
	require.Equal(t, "a", s.URL)
}
