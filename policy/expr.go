package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// subject is the one variable that a condition sees, as a CEL type with declared fields. Declared fields are what
// makes a misspelt field an error when the file is loaded.
type subject struct {
	name   string
	object string
	fields []field
	// empty is the value of a person or account of which nothing is known.
	empty any
}

// field is one documented field of a subject.
type field struct {
	name string
	typ  *cel.Type
	get  func(any) any
}

// condition is a compiled CEL expression that answers yes or no.
type condition struct {
	// text is the expression in CEL's own layout, so that two ways to write the same compare equal.
	text    string
	subject string
	program cel.Program
}

// eval answers for one value of the condition's subject. A subject of several variables is its own activation.
func (c condition) eval(value any) (bool, error) {
	variables, several := value.(cel.Activation)
	if !several {
		variables = binding{name: c.subject, value: value}
	}
	out, _, err := c.program.Eval(variables)
	if err != nil {
		return false, fmt.Errorf("evaluate condition %s: %w", c.text, err)
	}
	yes, ok := out.Value().(bool)
	if !ok {
		return false, fmt.Errorf("evaluate condition %s: the answer is not true or false", c.text)
	}
	return yes, nil
}

// binding is a CEL activation with one variable; it saves the map that cel.NewActivation would copy.
type binding struct {
	name  string
	value any
}

// ResolveName returns the value of the variable.
func (b binding) ResolveName(name string) (any, bool) {
	return b.value, name == b.name
}

// Parent returns nil: there is no outer scope.
func (b binding) Parent() cel.Activation { return nil }

// provider adds the subject's type to CEL's own types.
type provider struct {
	*types.Registry
	subject subject
}

// FindStructType returns the subject's type.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if name == p.subject.object {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Registry.FindStructType(name)
}

// FindStructFieldNames returns the subject's fields.
func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	if name == p.subject.object {
		return p.subject.fieldNames(), true
	}
	return p.Registry.FindStructFieldNames(name)
}

// FindStructFieldType returns how to read one of the subject's fields.
func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if name != p.subject.object {
		return p.Registry.FindStructFieldType(name, field)
	}
	for _, f := range p.subject.fields {
		if f.name == field {
			return &types.FieldType{
				Type:    f.typ,
				IsSet:   func(target any) bool { return isSet(f.get(target)) },
				GetFrom: func(target any) (any, error) { return f.get(target), nil },
			}, true
		}
	}
	return nil, false
}

// NewValue refuses to build a subject inside an expression.
func (p provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if name == p.subject.object {
		return types.NewErr("a condition cannot make a %s", p.subject.name)
	}
	return p.Registry.NewValue(name, fields)
}

func (s subject) fieldNames() []string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return names
}

// compiler compiles the conditions of one subject.
type compiler struct {
	subject subject
	env     *cel.Env
}

func newCompiler(s subject) (*compiler, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("prepare conditions over %s: %w", s.name, err)
	}
	env, err := cel.NewEnv(
		cel.CustomTypeAdapter(registry),
		cel.CustomTypeProvider(provider{Registry: registry, subject: s}),
		cel.Variable(s.name, cel.ObjectType(s.object)),
		cel.ExtendedValidations(),
	)
	if err != nil {
		return nil, fmt.Errorf("prepare conditions over %s: %w", s.name, err)
	}
	return &compiler{subject: s, env: env}, nil
}

// compile compiles one expression and reports everything that is wrong with it.
func (c *compiler) compile(r *reader, path string, w word) (condition, bool) {
	tree, issues := c.env.Compile(w.text)
	if issues.Err() != nil {
		for _, issue := range issues.Errors() {
			line, col := inside(w, issue.Location.Line(), issue.Location.Column())
			r.failAt(line, col, "%s: %s", path, c.explain(issue.Message))
		}
		return condition{}, false
	}
	if !tree.OutputType().IsExactType(cel.BoolType) {
		r.fail(w.node, "%s must answer true or false, but is of type %s: compare it with something", path, tree.OutputType())
		return condition{}, false
	}
	text, err := cel.AstToString(tree)
	if err != nil {
		r.fail(w.node, "%s cannot be used: %v", path, err)
		return condition{}, false
	}
	program, err := c.env.Program(tree, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		r.fail(w.node, "%s cannot be used: %v", path, err)
		return condition{}, false
	}
	cond := condition{text: text, subject: c.subject.name, program: program}
	// What fails for a value without any content fails in production sooner or later: better now.
	if _, err := cond.eval(c.subject.empty); err != nil {
		r.fail(w.node, "%s fails where %s has empty fields (%v): test for that first, for example with size(...) > 0",
			path, c.subject.name, unwrapped(err))
		return condition{}, false
	}
	return cond, true
}

var (
	undefinedField  = regexp.MustCompile(`^undefined field '([^']+)'`)
	undeclaredName  = regexp.MustCompile(`^undeclared reference to '([^']+)'`)
	noMatchOverload = regexp.MustCompile(`^found no matching overload for '([^']+)' applied to '([^']+)'`)
)

// explain puts a message of the CEL compiler into the words of somebody who edits the file.
func (c *compiler) explain(message string) string {
	known := c.subject.fieldNames()
	if strings.Contains(message, "token recognition error at: '= ") {
		return strings.TrimPrefix(message, "Syntax error: ") + ": to compare, write =="
	}
	if message == "invalid matches argument" {
		return "the pattern of matches is not a regular expression: see the syntax of RE2"
	}
	if m := undefinedField.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s has no field %q%s; known fields: %s",
			c.subject.name, m[1], didYouMean(m[1], known), strings.Join(known, ", "))
	}
	if m := undeclaredName.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("unknown name %q: this condition can only use %s and its fields; texts go in quotes", m[1], c.subject.name)
	}
	if m := noMatchOverload.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s does not work on %s: compare values of the same type", strings.Trim(m[1], "_"), m[2])
	}
	return strings.TrimSuffix(message, ".")
}

// inside returns the place in the file of a place in an expression.
func inside(w word, line, col int) (int, int) {
	line, col = max(line, 1), max(col, 0)
	if literal, ok := w.node.(*ast.LiteralNode); ok {
		raw := literal.Value.GetToken().Origin
		return w.line + line, len(raw) - len(strings.TrimLeft(raw, " ")) + col + 1
	}
	switch w.node.GetToken().Type {
	case token.DoubleQuoteType, token.SingleQuoteType:
		col++
	default:
	}
	return w.line, w.col + col
}

func unwrapped(err error) error {
	type wrapper interface{ Unwrap() error }
	if w, ok := err.(wrapper); ok && w.Unwrap() != nil {
		return w.Unwrap()
	}
	return err
}

// names returns the texts of words.
func names(words []word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.text
	}
	return slices.Clip(out)
}
