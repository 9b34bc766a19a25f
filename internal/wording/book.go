package wording

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// ext is how the files of templates end. A file whose name begins with an underscore holds parts that the others share.
const ext = ".tmpl"

// Book is the texts of a folder, by the names of their files without the ending.
type Book struct {
	// set has the texts and the parts that they share.
	set   *template.Template
	names []string
}

// Escape keeps a piece of data from being anything else in the text that it stands in.
type Escape func(data string) string

// Must reads the templates of a folder, and executes each with each sample: a program whose words are wrong does not start.
func Must(files fs.FS, folder string, escape Escape, samples ...any) *Book {
	book, err := read(files, folder, escape)
	if err == nil {
		err = book.try(folder, samples)
	}
	if err != nil {
		panic(fmt.Errorf("read the templates of texts in %s: %w", folder, err))
	}
	return book
}

func read(files fs.FS, folder string, escape Escape) (*Book, error) {
	found, err := fs.Glob(files, folder+"/*"+ext)
	if err != nil {
		return nil, err
	}
	book := &Book{set: template.New("").Option("missingkey=error").Funcs(template.FuncMap{"data": data(escape)})}
	for _, file := range found {
		if err := add(book.set, files, file); err != nil {
			return nil, err
		}
		if !holdsParts(file) {
			book.names = append(book.names, named(file))
		}
	}
	for _, each := range book.set.Templates() {
		mark(each.Root)
	}
	if len(book.names) == 0 {
		return nil, errors.New("there are none")
	}
	return book, nil
}

// add reads a file into a set of templates.
func add(t *template.Template, files fs.FS, file string) error {
	text, err := fs.ReadFile(files, file)
	if err != nil {
		return err
	}
	if strings.Contains(string(text), `\`) {
		return fmt.Errorf("%s has a backslash, which is how data is marked", file)
	}
	if _, err := t.New(named(file)).Parse(strings.TrimSuffix(string(text), "\n")); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// named is what the text of a file is called.
func named(file string) string { return strings.TrimSuffix(path.Base(file), ext) }

// holdsParts reports that a file is no text of its own.
func holdsParts(file string) bool { return strings.HasPrefix(path.Base(file), "_") }

// try executes every template of a folder with every sample.
func (b *Book) try(folder string, samples []any) error {
	for _, name := range b.names {
		for _, sample := range samples {
			if _, err := b.Text(name, sample); err != nil {
				return fmt.Errorf("%s: %w", path.Join(folder, name+ext), err)
			}
		}
	}
	return nil
}

// Names are the texts that there are, in alphabetical order.
func (b *Book) Names() []string { return slices.Clone(b.names) }

// Has reports whether there is a text of this name.
func (b *Book) Has(name string) bool { return slices.Contains(b.names, name) }

// Text writes a text. All data in it is escaped.
func (b *Book) Text(name string, view any) (string, error) {
	if !b.Has(name) {
		return "", fmt.Errorf("write %q: there is no template of this name", name)
	}
	var out strings.Builder
	if err := b.set.ExecuteTemplate(&out, name, view); err != nil {
		return "", fmt.Errorf("write %q: %w", name, err)
	}
	return out.String(), nil
}

// data prints what a template prints. What has no form of its own as text is a mistake of the template.
func data(escape Escape) func(any) (string, error) {
	return func(v any) (string, error) {
		switch v := v.(type) {
		case string:
			return escape(v), nil
		case int, int64:
			return escape(fmt.Sprint(v)), nil
		}
		return "", fmt.Errorf("a template prints texts and numbers, and not a %T", v)
	}
}

// mark pipes everything that a template prints through the function data.
func mark(node parse.Node) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, each := range n.Nodes {
			mark(each)
		}
	case *parse.ActionNode:
		if len(n.Pipe.Decl) == 0 {
			name := parse.NewIdentifier("data").SetTree(nil).SetPos(n.Pos)
			n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{name}})
		}
	case *parse.IfNode:
		mark(n.List)
		mark(n.ElseList)
	case *parse.RangeNode:
		mark(n.List)
		mark(n.ElseList)
	case *parse.WithNode:
		mark(n.List)
		mark(n.ElseList)
	}
}
