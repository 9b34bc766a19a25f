package condition_test

import (
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// floors is a value of house, whose fields have fields of their own.
type floors map[string]*door

// ResolveName returns the value of the variable.
func (f floors) ResolveName(name string) (any, bool) { return f, name == "house" }

// Parent returns nil: there is no outer scope.
func (f floors) Parent() cel.Activation { return nil }

// houses compiles expressions over house.front, which is a door.
func houses(t *testing.T) *condition.Compiler {
	t.Helper()
	part := doors()
	part.Name = "a door"
	whole := condition.Subject{Name: "house", Object: "test.House", Fields: []condition.Field{
		{Name: "front", Type: cel.ObjectType(part.Object), Get: func(v any) any {
			if d := v.(floors)["front"]; d != nil {
				return d
			}
			return &door{}
		}},
	}}
	twice := cel.Function("twice", cel.Overload("test_twice", []*cel.Type{cel.StringType, cel.StringType}, cel.StringType,
		cel.BinaryBinding(func(a, b ref.Val) ref.Val { return types.String(a.Value().(string) + b.Value().(string)) })))
	c, err := condition.NewScoped(condition.Scope{Name: "house", Parts: []condition.Subject{part}, Functions: []cel.EnvOption{twice}, Empty: floors{}}, whole)
	require.NoError(t, err)
	return c
}

func compileText(t *testing.T, c *condition.Compiler, text string) (condition.Text, error) {
	t.Helper()
	r := yamlfile.New("c.yaml", yamlfile.Style{Name: "the file"})
	body, ok := r.Parse([]byte("from: '" + text + "'\n"))
	require.True(t, ok)
	w, ok := r.Section("", body, body, "from").Text("from")
	require.True(t, ok)
	out, usable := c.CompileText(r, "from", w)
	require.Equal(t, r.Err() == nil, usable)
	return out, r.Err()
}

func TestTextsAreMadeOfFieldsOfFields(t *testing.T) {
	t.Parallel()
	text, err := compileText(t, houses(t), `twice(house.front.name, "!") + twice(house.front.name, house.front.name)`)
	require.NoError(t, err)
	got, known, err := text.Of(floors{"front": &door{name: "oak"}})
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, "oak!oakoak", got)
	require.Contains(t, text.Paths, []string{"house", "front", "name"})
	constants, all := text.Constants("twice", 1)
	require.Equal(t, []string{"!"}, constants)
	require.False(t, all, "one of the arguments is worked out")
	constants, all = text.Constants("never", 0)
	require.Empty(t, constants)
	require.True(t, all)
}

// TestATextOfWhatIsUnknown is not known where its answer depends on that, and only there.
func TestATextOfWhatIsUnknown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`house.front.name + "!"`:                                       "",
		`twice(house.front.name, "x")`:                                 "",
		`house.front.name == "" ? "none" : "some"`:                     "",
		`has(house.front.name) ? "some" : "none"`:                      "",
		`size(house.front.keys) > 0 ? house.front.name : "no keys"`:    "",
		`size(house.front.keys) > 1 ? house.front.name : "one key"`:    "one key",
		`house.front.floor == 0 || house.front.name == "" ? "a" : "b"`: "a",
		`house.front.keys[0]`:                                          "key",
	} {
		if strings.HasSuffix(text, "[0]") {
			text = "size(house.front.keys) > 0 ? " + text + ` : ""`
		}
		made, err := compileText(t, houses(t), text)
		require.NoError(t, err, text)
		got, known, err := made.Of(floors{"front": &door{name: "oak", keys: []string{"key"}}}, []string{"house", "front", "name"}, []string{"house", "back"})
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		require.Equal(t, want != "", known, text)
	}
}

func TestWhatIsWrongWithATextIsSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`house.front.nme`:       `from: house.front has no field "nme" (did you mean "name"?); known fields: name, floor, keys, opened`,
		`house.font.name`:       `from: house has no field "font" (did you mean "front"?); known fields: front`,
		`house.front.floor`:     `from must be a text, but is of type int: choose between texts, as in condition ? text : text`,
		`house.front.keys[0]`:   `from fails where house has empty fields (index out of bounds: 0): test for that first, for example with size(...) > 0`,
		`twice(house.front, 1)`: `from: twice does not work on (test.Door, int): compare values of the same type`,
	} {
		_, err := compileText(t, houses(t), text)
		require.Error(t, err, text)
		require.Contains(t, strings.ReplaceAll(err.Error(), "\n", " "), want, text)
	}
}
