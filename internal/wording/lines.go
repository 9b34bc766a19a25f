package wording

import (
	"fmt"
	"strings"
)

// marks keep in a piece of data what would end a line or a label, and plain takes them out again.
var (
	marks = strings.NewReplacer(`\`, `\\`, "\n", `\n`, ":", `\c`)
	plain = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\c`, ":")
)

// Marked is the escape of texts that are read line by line: data neither ends a line nor a label.
func Marked(data string) string { return marks.Replace(data) }

// Line is a line of a text whose data is marked.
type Line string

// Lines are the lines of a text whose data is marked. Empty ones are left out, save the first.
func (b *Book) Lines(name string, view any) ([]Line, error) {
	text, err := b.Text(name, view)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for i, line := range strings.Split(text, "\n") {
		if line != "" || i == 0 {
			lines = append(lines, Line(line))
		}
	}
	return lines, nil
}

// String is the line as it is to be read.
func (l Line) String() string { return plain.Replace(string(l)) }

// Cut splits a line at the first colon that the template wrote.
func (l Line) Cut() (label, value string) {
	before, after, _ := strings.Cut(string(l), ": ")
	return plain.Replace(before), plain.Replace(after)
}

// First is the first line of a text.
func (b *Book) First(name string, view any) (string, error) {
	lines, err := b.Lines(name, view)
	if err != nil {
		return "", err
	}
	return lines[0].String(), nil
}

// Pair reads a text of two lines, such as what is the matter and what to do.
func (b *Book) Pair(name string, view any) (first, second string, err error) {
	lines, err := b.Lines(name, view)
	if err != nil {
		return "", "", err
	}
	if len(lines) != 2 {
		return "", "", fmt.Errorf("write %q: it has %d lines, and not two", name, len(lines))
	}
	return lines[0].String(), lines[1].String(), nil
}

// Sure is First where nothing can go wrong any more: at the start of a program, or with a view of a type that the start has tried in
// every branch.
func (b *Book) Sure(name string, view any) string {
	text, err := b.First(name, view)
	if err != nil {
		panic(err)
	}
	return text
}

// List reads a text in which each line is one thing. Like Sure, it is for the start of a program.
func (b *Book) List(name string, view any) []string {
	lines, err := b.Lines(name, view)
	if err != nil {
		panic(err)
	}
	var list []string
	for _, l := range lines {
		list = append(list, l.String())
	}
	return list
}

// Table reads a text in which each line is a key and what it is called. Like Sure, it is for the start of a program.
func (b *Book) Table(name string, view any) map[string]string {
	lines, err := b.Lines(name, view)
	if err != nil {
		panic(err)
	}
	table := map[string]string{}
	for _, l := range lines {
		key, value := l.Cut()
		if key == "" || value == "" || table[key] != "" {
			panic(fmt.Errorf("%s: %q is no key with its words, or there twice", name, l))
		}
		table[key] = value
	}
	return table
}
