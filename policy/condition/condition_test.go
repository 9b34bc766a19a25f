package condition_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// door is what conditions of this test see.
type door struct {
	name   string
	floor  int64
	keys   []string
	opened time.Time
}

func doors() condition.Subject {
	of := func(name string, typ *cel.Type, get func(*door) any) condition.Field {
		return condition.Field{Name: name, Type: typ, Get: func(v any) any { return get(v.(*door)) }}
	}
	return condition.Subject{Name: "door", Object: "test.Door", Empty: &door{}, Fields: []condition.Field{
		of("name", cel.StringType, func(d *door) any { return d.name }),
		of("floor", cel.IntType, func(d *door) any { return d.floor }),
		of("keys", cel.ListType(cel.StringType), func(d *door) any { return d.keys }),
		of("opened", cel.TimestampType, func(d *door) any { return d.opened }),
	}}
}

// compile compiles the condition that stands under the key when of a file.
func compile(t *testing.T, c *condition.Compiler, text string) (condition.Condition, error) {
	t.Helper()
	r := yamlfile.New("c.yaml", yamlfile.Style{Name: "the file"})
	body, ok := r.Parse([]byte(text))
	require.True(t, ok)
	s := r.Section("", body, body, "when")
	w, ok := s.Text("when")
	require.True(t, ok)
	out, usable := c.Compile(r, "when", w)
	require.Equal(t, r.Err() == nil, usable)
	return out, r.Err()
}

func TestConditionsAnswer(t *testing.T) {
	t.Parallel()
	c, err := condition.New(doors())
	require.NoError(t, err)
	open := &door{name: "front", floor: 2, keys: []string{"a", "b"}, opened: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	for text, want := range map[string]bool{
		`door.name == "front"`:                            true,
		`door.floor > 2`:                                  false,
		`"b" in door.keys && size(door.keys) == 2`:        true,
		`door.opened > timestamp("2026-03-02T08:00:00Z")`: true,
		`has(door.name) && has(door.floor)`:               true,
		`true`:                                            true,
	} {
		cond, err := compile(t, c, "when: '"+text+"'\n")
		require.NoError(t, err, text)
		yes, err := cond.Holds(open)
		require.NoError(t, err, text)
		require.Equal(t, want, yes, text)
	}
	absent, err := compile(t, c, "when: has(door.name) || has(door.floor) || has(door.keys) || has(door.opened)\n")
	require.NoError(t, err)
	yes, err := absent.Holds(&door{})
	require.NoError(t, err)
	require.False(t, yes, "an empty text, list or time counts as absent")

	one, err := compile(t, c, "when: door.name==\"front\"\n")
	require.NoError(t, err)
	other, err := compile(t, c, "when: |\n  door.name == 'front'\n")
	require.NoError(t, err)
	require.Equal(t, one.Text, other.Text, "two ways to write the same are equal")
}

// TestTextsThatAreCompared: whoever compares a field with a text means something of that name.
func TestTextsThatAreCompared(t *testing.T) {
	t.Parallel()
	c, err := condition.New(doors())
	require.NoError(t, err)
	for text, want := range map[string]string{
		`"a" in door.keys`:                                       "keys a",
		`!("a" in door.keys) && door.floor > 2`:                  "keys a",
		`door.name == "front" ? "a" in door.keys : false`:        "keys a, name front",
		`door.keys == ["a", "b"]`:                                "keys a, keys b",
		`size(door.keys) > 0 && door.keys[0] == "a"`:             "keys a",
		`(door.floor > 1 ? "a" : "b") in door.keys`:              "keys a, keys b",
		`door.name.startsWith("f") || "a" + door.name == "afoo"`: "",
		`door.name in door.keys || "a" in ["a"]`:                 "",
	} {
		cond, err := compile(t, c, "when: '"+text+"'\n")
		require.NoError(t, err, text)
		found := []string{}
		for _, each := range cond.Compared {
			require.Equal(t, "door", each.Path[0], text)
			if !each.Worked {
				found = append(found, each.Path[1]+" "+each.Text)
			}
		}
		slices.Sort(found)
		require.Equal(t, want, strings.Join(found, ", "), text)
	}
	_, err = compile(t, c, "when: 'door.keys.exists(k, k == \"a\")'\n")
	require.ErrorContains(t, err, "unsupported expression", "a loop would have to be looked into as well")
}

// A condition that fails for the value at hand is an error, and no answer.
func TestConditionsFail(t *testing.T) {
	t.Parallel()
	c, err := condition.New(doors())
	require.NoError(t, err)
	cond, err := compile(t, c, "when: door.floor == 0 || 10 / (door.floor - 2) > 1\n")
	require.NoError(t, err)
	yes, err := cond.Holds(&door{floor: 2})
	require.ErrorContains(t, err, "evaluate condition")
	require.False(t, yes)
}

// TestProblemsPointIntoTheExpression holds that somebody who edits the file sees where it is wrong, however it is written.
func TestProblemsPointIntoTheExpression(t *testing.T) {
	t.Parallel()
	c, err := condition.New(doors())
	require.NoError(t, err)
	for text, want := range map[string]string{
		"when: door.nam == \"a\"\n":              `c.yaml:1:11: when: door has no field "nam" (did you mean "name"?); known fields: name, floor, keys, opened`,
		"when: 'door.nam == \"a\"'\n":            `c.yaml:1:12: when: door has no field "nam" (did you mean "name"?); known fields: name, floor, keys, opened`,
		"when: |\n  door.floor > 1 &&\n  room\n": `c.yaml:3:3: when: unknown name "room" (did you mean "door"?): this condition can only use door and its fields; texts go in quotes`,
		"when: door.floor = 1\n":                 "c.yaml:1:18: when: token recognition error at: '= ': to compare, write ==\nc.yaml:1:20: when: Syntax error: extraneous input '1' expecting <EOF>",
		"when: door.name > 1\n":                  "c.yaml:1:17: when: > does not work on (string, int): compare values of the same type",
		"when: door.name\n":                      "c.yaml:1:7: when must answer true or false, but is of type string: compare it with something",
		"when: door.name.matches(\"[\")\n":       "c.yaml:1:25: when: the pattern of matches is not a regular expression: see the syntax of RE2",
		"when: door.keys[0] == \"a\"\n":          "c.yaml:1:7: when fails where door has empty fields (index out of bounds: 0): test for that first, for example with size(...) > 0",
	} {
		_, err := compile(t, c, text)
		require.Error(t, err, text)
		require.Equal(t, want, err.Error(), text)
	}
}

// room is what conditions over two subjects see.
type room struct {
	in, out *door
	guests  int64
}

// ResolveName implements cel.Activation.
func (r room) ResolveName(name string) (any, bool) {
	value, found := map[string]any{"door": r.in, "exit": r.out, "guests": r.guests}[name]
	return value, found
}

// Parent implements cel.Activation.
func (room) Parent() cel.Activation { return nil }

func TestConditionsOverSeveralSubjects(t *testing.T) {
	t.Parallel()
	exit := doors()
	exit.Name, exit.Object = "exit", "test.Exit"
	c, err := condition.NewScoped(condition.Scope{
		Name: "door or exit", Numbers: []string{"guests"}, Empty: room{in: &door{}, out: &door{}},
	}, doors(), exit)
	require.NoError(t, err)
	cond, err := compile(t, c, "when: door.floor == exit.floor && guests < 10\n")
	require.NoError(t, err)
	for _, tt := range []struct {
		room room
		want bool
	}{
		{room{in: &door{floor: 1}, out: &door{floor: 1}, guests: 3}, true},
		{room{in: &door{floor: 1}, out: &door{floor: 2}, guests: 3}, false},
		{room{in: &door{floor: 1}, out: &door{floor: 1}, guests: 10}, false},
	} {
		yes, err := cond.Holds(tt.room)
		require.NoError(t, err)
		require.Equal(t, tt.want, yes)
	}
	_, err = compile(t, c, "when: exit.nam == \"a\"\n")
	require.ErrorContains(t, err, `door or exit has no field "nam"`)
	_, err = compile(t, c, "when: gests > 1\n")
	require.ErrorContains(t, err, `unknown name "gests" (did you mean "guests"?): this condition can only use door or exit and their fields, and guests; texts`)
	_, err = compile(t, c, "when: 'test.Exit{name: \"a\"}.name == \"a\"'\n")
	require.Error(t, err, "a condition makes no subject")
}
