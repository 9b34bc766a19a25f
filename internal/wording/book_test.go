package wording_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/wording"
)

// book reads one text and a part that it may use, and returns what it panics with.
func book(text string, samples ...any) (b *wording.Book, wrong any) {
	defer func() { wrong = recover() }()
	files := fstest.MapFS{
		"words/hello.tmpl":  {Data: []byte(text + "\n")},
		"words/_parts.tmpl": {Data: []byte("{{define \"who\"}}Who: {{.Name}}{{end}}")},
	}
	return wording.Must(files, "words", wording.Marked, samples...), nil
}

type view struct {
	Name  string
	Count int
	Items []string
	Any   any
}

// TestDataStaysData holds that whatever data holds neither ends a line, nor makes a label, nor is read as a template, however a
// template prints it.
func TestDataStaysData(t *testing.T) {
	t.Parallel()
	b, wrong := book("Hello {{.Name}}\n{{template \"who\" .}}\n{{range .Items}}\nItem: {{.}}\n{{end}}\n"+
		"{{with .Name}}With: {{.}}{{else}}nobody{{end}}\n{{$x := .Name}}Var: {{$x}}\nCount: {{.Count}}", view{})
	require.Nil(t, wrong)
	for _, evil := range []string{"a\nWho: b", `a\nb`, `\c \\ \`, "{{.Name}}", "a: b: c", "<b>&`*", "", "\u202e"} {
		lines, err := b.Lines("hello", view{Name: evil, Items: []string{evil, evil}, Count: 3})
		require.NoError(t, err)
		require.Equal(t, "Hello "+evil, lines[0].String())
		var got [][2]string
		for _, l := range lines[1:] {
			label, value := l.Cut()
			got = append(got, [2]string{label, value})
		}
		want := [][2]string{{"Who", evil}, {"Item", evil}, {"Item", evil}, {"With", evil}, {"Var", evil}, {"Count", "3"}}
		if evil == "" {
			want[3] = [2]string{"nobody", ""}
		}
		require.Equal(t, want, got)
	}
}

// TestWrongWordsStopTheStart holds that what is wrong with a template is found before anybody is to be told something.
func TestWrongWordsStopTheStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, says string }{
		"a field that is not there":   {"{{.Absent}}", "Absent"},
		"one in a branch":             {"{{if .Name}}{{.Absent}}{{end}}", "Absent"},
		"a part that is not there":    {`{{template "whom" .}}`, "whom"},
		"no template at all":          {"{{if}}", "missing value for if"},
		"nothing to print":            {"{{.Any}}", "and not a"},
		"a list":                      {"{{.Items}}", "and not a"},
		"a backslash":                 {`a\nb`, "backslash"},
		"an item that is not in list": {"{{index .Items 7}}", "index"},
	} {
		_, wrong := book(c.text, view{}, view{Name: "x"})
		err, ok := wrong.(error)
		require.True(t, ok, name)
		require.ErrorContains(t, err, c.says, name)
		require.ErrorContains(t, err, "words/hello.tmpl", name)
	}
	_, wrong := book("{{.missing}}", map[string]any{"there": "x"})
	require.NotNil(t, wrong, "a map without the key is no empty text")
}

func TestTextThatIsNotThere(t *testing.T) {
	t.Parallel()
	b, wrong := book("key: words\nother: more: words")
	require.Nil(t, wrong)
	require.Equal(t, []string{"hello"}, b.Names())
	require.False(t, b.Has("who"), "a part is no text")
	_, err := b.First("nothing", view{})
	require.ErrorContains(t, err, "no template of this name")
	require.Panics(t, func() { b.Sure("nothing", view{}) })
	_, _, err = b.Pair("nothing", view{})
	require.ErrorContains(t, err, "no template of this name")
	require.Panics(t, func() { b.List("nothing", view{}) })
	require.Equal(t, map[string]string{"key": "words", "other": "more: words"}, b.Table("hello", view{}))
	require.Equal(t, []string{"key: words", "other: more: words"}, b.List("hello", view{}))
	twice, _ := book("key: words\nkey: words")
	require.Panics(t, func() { twice.Table("hello", view{}) })
	require.Panics(t, func() { wording.Must(fstest.MapFS{}, "words", wording.Marked) })
}

// TestPairIsTwoLines, whatever the data holds.
func TestPairIsTwoLines(t *testing.T) {
	t.Parallel()
	b, wrong := book("What: {{.Name}}\n{{with .Items}}Do {{index . 0}}{{end}}", view{Items: []string{"x"}})
	require.Nil(t, wrong)
	what, do, err := b.Pair("hello", view{Name: "a\nb: c", Items: []string{"\n"}})
	require.NoError(t, err)
	require.Equal(t, [2]string{"What: a\nb: c", "Do \n"}, [2]string{what, do})
	_, _, err = b.Pair("hello", view{})
	require.ErrorContains(t, err, "it has 1 lines, and not two")
}
