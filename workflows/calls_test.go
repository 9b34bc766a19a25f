package workflows_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/internal/templates"
)

// registered are the registered activities by name, as functions.
type registered map[string]any

// RegisterActivityWithOptions implements templates.ActivityRegistry.
func (r registered) RegisterActivityWithOptions(fn any, options activity.RegisterOptions) {
	r[options.Name] = fn
}

// TestCallsAreWhatIsRegistered: each registered activity has a call that takes what the function takes, and gives what it returns.
func TestCallsAreWhatIsRegistered(t *testing.T) {
	t.Parallel()
	functions := registered{}
	templates.RegisterActivities(functions, templates.All(), activities.Set{}, "")
	calls := reflect.ValueOf(api.Call)
	for i := range calls.NumMethod() {
		method := calls.Type().Method(i).Name
		call, in, out := signature(t, method, calls.Method(i))
		fn, known := functions[call.Name()]
		require.True(t, known, "api.Call.%s: nobody registers %q", method, call.Name())
		require.Equal(t, fmt.Sprint(reflect.TypeOf(fn).In(1)), fmt.Sprint(in), "api.Call.%s: what %s is given", method, call.Name())
		var returns reflect.Type
		if reflect.TypeOf(fn).NumOut() == 2 {
			returns = reflect.PointerTo(reflect.TypeOf(fn).Out(0))
		}
		require.Equal(t, fmt.Sprint(returns), fmt.Sprint(out), "api.Call.%s: where the result of %s goes", method, call.Name())
		delete(functions, call.Name())
	}
	require.Empty(t, functions, "registered activities without a method of api.Call")
}

// signature makes a call by a method of api.Call, and says what the method takes: the input, api.Nothing if there is none, and
// a pointer for the result, nil if there is none.
func signature(t *testing.T, name string, method reflect.Value) (call api.Activity, in, out reflect.Type) {
	t.Helper()
	in = reflect.TypeFor[api.Nothing]()
	var args, unwanted []reflect.Value
	for i := range method.Type().NumIn() {
		param := method.Type().In(i)
		arg := reflect.New(param).Elem()
		unwanted = append(unwanted, arg)
		if param.Kind() == reflect.Pointer {
			out, arg = param, reflect.New(param.Elem())
		} else {
			in = param
		}
		args = append(args, arg)
	}
	call = method.Call(args)[0].Interface().(api.Activity)
	if call.Input() != nil {
		require.Equal(t, fmt.Sprint(in), fmt.Sprintf("%T", call.Input()), "api.Call.%s: what it passes on", name)
	}
	require.Equal(t, fmt.Sprint(out), fmt.Sprintf("%T", call.Result()), "api.Call.%s: where its result goes", name)
	ignored := method.Call(unwanted)[0].Interface().(api.Activity)
	require.Equal(t, "<nil>", fmt.Sprintf("%T", ignored.Result()), "api.Call.%s: a result that nobody wants goes nowhere", name)
	return call, in, out
}

// TestActivitiesAreCalledBySteps: whoever called an activity by its name could give it anything.
func TestActivitiesAreCalledBySteps(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*/*.go")
	require.NoError(t, err)
	calls := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "ExecuteActivity" && sel.Sel.Name != "ExecuteLocalActivity" {
				return true
			}
			calls++
			require.Equal(t, filepath.Join("step", "options.go"), name, "workflows call activities by api.Call and step.Step")
			return true
		})
	}
	require.Equal(t, 2, calls, "a step calls an activity in one place, and a local one in another")
}
