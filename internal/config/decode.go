package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// decode reads one YAML document strictly. Its errors say where, what and what to do, and quote nothing of the file:
// a line of it may hold a secret.
func decode(data []byte, into *Config) error {
	if err := checkScalars(data); err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	if err := dec.Decode(into); err != nil {
		return explain(err)
	}
	if err := dec.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return errors.New("the file has more than one YAML document: keep one")
	}
	return nil
}

// checkScalars refuses values that YAML would change on their way into a text: 0123 is 83 to it, and a secret or an id
// that looks like that would be another one.
func checkScalars(data []byte) error {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return explain(err)
	}
	scalars := &changed{}
	for _, doc := range tree.Docs {
		if doc.Body != nil {
			ast.Walk(scalars, doc.Body)
		}
	}
	if at := scalars.at; at != nil {
		return fmt.Errorf("line %d, column %d: the value is a number to YAML and would not stay as it is written: put it in quotes", at.Line, at.Column)
	}
	return nil
}

// changed finds the first number that is written differently from how it reads.
type changed struct{ at *token.Position }

// Visit implements ast.Visitor.
func (c *changed) Visit(node ast.Node) ast.Visitor {
	var value any
	switch n := node.(type) {
	case *ast.IntegerNode:
		value = n.Value
	case *ast.FloatNode:
		value = n.Value
	case *ast.InfinityNode, *ast.NanNode:
		value = nil
	default:
		return c
	}
	if c.at == nil && fmt.Sprint(value) != node.GetToken().Value {
		c.at = node.GetToken().Position
	}
	return c
}

// explain puts an error of the YAML library into the words of somebody who edits the file.
func explain(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty: copy gatehouse.example.yaml and edit it")
	}
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		// What has no place in the file is a value that did not parse, and all such values are durations.
		return errors.New("a duration cannot be read: write a number and a unit, such as 30s or 15m")
	}
	place := at.GetToken().Position
	var unknown *yaml.UnknownFieldError
	var wrongType *yaml.TypeError
	var wrongNode *yaml.UnexpectedNodeTypeError
	what := "not valid YAML: check indentation, colons and quotes"
	switch {
	case errors.As(err, &unknown):
		what = unknown.Message + ": correct the name or remove it"
	case strings.Contains(at.GetMessage(), "already defined"):
		what = "the key is set twice: remove one of them"
	case errors.As(err, &wrongNode):
		what = "the value is of the wrong kind: write a section with keys of its own"
		if wrongNode.Expected == ast.SequenceType {
			what = "the value is of the wrong kind: write a list"
		}
	case errors.As(err, &wrongType):
		what = "the value is of the wrong kind: write " + kind(wrongType.DstType)
	}
	return fmt.Errorf("line %d, column %d: %s", place.Line, place.Column, what)
}

// kind names what a setting takes.
func kind(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a duration such as 30s or 15m"
	case t.Kind() == reflect.String:
		return "a text, in quotes if it looks like something else"
	}
	return "what gatehouse.example.yaml has there"
}
