package condition

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"gatehouse/internal/yamlfile"
)

// Subject is a variable that a condition sees, as a CEL type with declared fields. Declared fields are what
// makes a misspelt field an error when the file is loaded.
type Subject struct {
	Name   string
	Object string
	Fields []Field
	// Empty is the value of a subject of which nothing is known.
	Empty any
}

// Field is one documented field of a subject.
type Field struct {
	Name string
	Type *cel.Type
	Get  func(any) any
	// Set answers has() for a field whose value does not tell; nil where it does.
	Set func(any) bool
}

// Condition is a compiled CEL expression that answers yes or no.
type Condition struct {
	// Text is the expression in CEL's own layout, so that two ways to write the same compare equal.
	Text string
	// Paths are the fields that the expression reads, each by the names that lead to it from a variable.
	Paths [][]string
	// Compared are the texts with which it compares fields.
	Compared []Comparison

	subject string
	program cel.Program
}

// Holds answers for one value of the condition's subject. A subject of several variables is its own activation.
func (c Condition) Holds(value any) (bool, error) {
	variables, several := value.(cel.Activation)
	if !several {
		variables = binding{name: c.subject, value: value}
	}
	out, _, err := c.program.Eval(variables)
	if err != nil {
		return false, fmt.Errorf("evaluate condition %s: %w", c.Text, err)
	}
	yes, ok := out.Value().(bool)
	if !ok {
		return false, fmt.Errorf("evaluate condition %s: the answer is not true or false", c.Text)
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

// provider adds the types of subjects to CEL's own types.
type provider struct {
	*types.Registry
	subjects []Subject
}

// of finds the subject of a type.
func (p provider) of(name string) (Subject, bool) {
	at := slices.IndexFunc(p.subjects, func(s Subject) bool { return s.Object == name })
	if at < 0 {
		return Subject{}, false
	}
	return p.subjects[at], true
}

// FindStructType returns a subject's type.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if _, ours := p.of(name); ours {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Registry.FindStructType(name)
}

// FindStructFieldNames returns a subject's fields.
func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	if s, ours := p.of(name); ours {
		return s.fieldNames(), true
	}
	return p.Registry.FindStructFieldNames(name)
}

// FindStructFieldType returns how to read one of a subject's fields.
func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	s, ours := p.of(name)
	if !ours {
		return p.Registry.FindStructFieldType(name, field)
	}
	for _, f := range s.Fields {
		if f.Name == field {
			set := f.Set
			if set == nil {
				set = func(target any) bool { return isSet(f.Get(target)) }
			}
			return &types.FieldType{
				Type:    f.Type,
				IsSet:   set,
				GetFrom: func(target any) (any, error) { return f.Get(target), nil },
			}, true
		}
	}
	return nil, false
}

// NewValue refuses to build a subject inside an expression.
func (p provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if s, ours := p.of(name); ours {
		return types.NewErr("a condition cannot make a %s", s.Name)
	}
	return p.Registry.NewValue(name, fields)
}

func (s Subject) fieldNames() []string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return names
}

// Scope is what conditions see that have several variables. A value of it is a cel.Activation.
type Scope struct {
	// Name stands for all of them in messages. Numbers are further variables, which are whole numbers.
	Name    string
	Numbers []string
	// Parts are types of fields that have fields of their own, and no variables.
	Parts []Subject
	// Functions are what expressions may call beside CEL's own.
	Functions []cel.EnvOption
	// Empty is a value of which nothing is known.
	Empty any
}

// Compiler compiles conditions over the same variables.
type Compiler struct {
	name   string
	fields []string
	// names are the variables, and numbers those of them that have no fields.
	names, numbers []string
	// subjects and parts are what has fields.
	subjects, parts []Subject

	empty any
	env   *cel.Env
}

// New makes the compiler of conditions over one subject.
func New(s Subject) (*Compiler, error) {
	return NewScoped(Scope{Name: s.Name, Empty: s.Empty}, s)
}

// NewScoped makes the compiler of conditions over several subjects.
func NewScoped(s Scope, subjects ...Subject) (*Compiler, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("prepare conditions over %s: %w", s.Name, err)
	}
	options := []cel.EnvOption{
		cel.CustomTypeAdapter(registry),
		cel.CustomTypeProvider(provider{Registry: registry, subjects: slices.Concat(subjects, s.Parts)}),
		cel.ExtendedValidations(),
	}
	options = append(options, s.Functions...)
	c := &Compiler{name: s.Name, empty: s.Empty, subjects: subjects, parts: s.Parts}
	for _, sub := range subjects {
		options = append(options, cel.Variable(sub.Name, cel.ObjectType(sub.Object)))
		c.fields = append(c.fields, sub.fieldNames()...)
		c.names = append(c.names, sub.Name)
	}
	c.numbers = s.Numbers
	for _, number := range s.Numbers {
		options = append(options, cel.Variable(number, cel.IntType))
	}
	if c.env, err = cel.NewEnv(options...); err != nil {
		return nil, fmt.Errorf("prepare conditions over %s: %w", s.Name, err)
	}
	return c, nil
}

// Compile compiles one expression and reports everything that is wrong with it.
func (c *Compiler) Compile(r *yamlfile.Reader, path string, w yamlfile.Word) (Condition, bool) {
	made, ok := c.compile(r, path, w, cel.BoolType)
	if !ok {
		return Condition{}, false
	}
	cond := Condition{Text: made.text, Paths: made.paths, Compared: made.compared, subject: c.name, program: made.program}
	// What fails for a value without any content fails in production sooner or later: better now.
	if _, err := cond.Holds(c.empty); err != nil {
		c.failsEmpty(r, path, w, err)
		return Condition{}, false
	}
	return cond, true
}

func (c *Compiler) failsEmpty(r *yamlfile.Reader, path string, w yamlfile.Word, err error) {
	r.Fail(w.Node, "%s fails where %s has empty fields (%v): test for that first, for example with size(...) > 0",
		path, c.name, unwrapped(err))
}

// made is a compiled expression of whatever type.
type made struct {
	text     string
	paths    [][]string
	compared []Comparison
	calls    []call
	program  cel.Program
}

func (c *Compiler) compile(r *yamlfile.Reader, path string, w yamlfile.Word, want *cel.Type) (made, bool) {
	tree, issues := c.env.Compile(w.Text)
	if issues.Err() != nil {
		for _, issue := range issues.Errors() {
			line, col := inside(w, issue.Location.Line(), issue.Location.Column())
			r.FailAt(line, col, "%s: %s", path, c.explain(issue.Message, before(w.Text, issue.Location.Line(), issue.Location.Column())))
		}
		return made{}, false
	}
	if !tree.OutputType().IsExactType(want) {
		advice := "must answer true or false, but is of type %s: compare it with something"
		if want == cel.StringType {
			advice = "must be a text, but is of type %s: choose between texts, as in condition ? text : text"
		}
		r.Fail(w.Node, "%s "+advice, path, tree.OutputType())
		return made{}, false
	}
	text, err := cel.AstToString(tree)
	if err != nil {
		r.Fail(w.Node, "%s cannot be used: %v", path, err)
		return made{}, false
	}
	options := []cel.EvalOption{cel.OptOptimize}
	if want == cel.StringType {
		options = append(options, cel.OptPartialEval)
	}
	program, err := c.env.Program(tree, cel.EvalOptions(options...))
	if err != nil {
		r.Fail(w.Node, "%s cannot be used: %v", path, err)
		return made{}, false
	}
	paths, calls := walk(tree)
	return made{text: text, paths: paths, compared: compared(tree, w), calls: calls, program: program}, true
}

var (
	undefinedField  = regexp.MustCompile(`^undefined field '([^']+)'`)
	undeclaredName  = regexp.MustCompile(`^undeclared reference to '([^']+)'`)
	noMatchOverload = regexp.MustCompile(`^found no matching overload for '([^']+)' applied to '([^']+)'`)
)

// explain puts a message of the CEL compiler about what follows a text into the words of somebody who edits the file.
func (c *Compiler) explain(message, before string) string {
	if strings.Contains(message, "token recognition error at: '= ") {
		return strings.TrimPrefix(message, "Syntax error: ") + ": to compare, write =="
	}
	if message == "invalid matches argument" {
		return "the pattern of matches is not a regular expression: see the syntax of RE2"
	}
	if m := undefinedField.FindStringSubmatch(message); m != nil {
		if name, fields, found := c.ownerOf(before); found {
			return fmt.Sprintf("%s has no field %q%s; known fields: %s", name, m[1], yamlfile.DidYouMean(m[1], fields), strings.Join(fields, ", "))
		}
		return fmt.Sprintf("%s has no field %q%s; known fields: %s",
			c.name, m[1], yamlfile.DidYouMean(m[1], c.fields), strings.Join(c.fields, ", "))
	}
	if m := undeclaredName.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("unknown name %q%s: this condition can only use %s; texts go in quotes",
			m[1], yamlfile.DidYouMean(m[1], slices.Concat(c.names, c.numbers)), c.usable())
	}
	if m := noMatchOverload.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s does not work on %s: compare values of the same type", strings.Trim(m[1], "_"), m[2])
	}
	return strings.TrimSuffix(message, ".")
}

// usable names what a condition can be about.
func (c *Compiler) usable() string {
	text := c.name + " and its fields"
	if len(c.names) > 1 {
		text = c.name + " and their fields"
	}
	if len(c.numbers) > 0 {
		text += ", and " + strings.Join(c.numbers, ", ")
	}
	return text
}

// inside returns the place in the file of a place in an expression.
func inside(w yamlfile.Word, line, col int) (int, int) {
	line, col = max(line, 1), max(col, 0)
	if literal, ok := w.Node.(*ast.LiteralNode); ok {
		raw := literal.Value.GetToken().Origin
		return w.Line + line, len(raw) - len(strings.TrimLeft(raw, " ")) + col + 1
	}
	switch w.Node.GetToken().Type {
	case token.DoubleQuoteType, token.SingleQuoteType:
		col++
	default:
	}
	return w.Line, w.Col + col
}

func unwrapped(err error) error {
	type wrapper interface{ Unwrap() error }
	if w, ok := err.(wrapper); ok && w.Unwrap() != nil {
		return w.Unwrap()
	}
	return err
}

// isSet answers CEL's has(): an empty text, list or time counts as absent.
func isSet(value any) bool {
	switch v := value.(type) {
	case string:
		return v != ""
	case bool:
		return v
	case int64:
		return v != 0
	case []string:
		return len(v) > 0
	case time.Time:
		return !v.IsZero()
	}
	return false
}
