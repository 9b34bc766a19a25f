package replay

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// newField is a field that today's code hands over and a recorded run did not. An activity that gets one must do for a
// run without it what it did before.
type newField struct {
	// Type is that of the activity, or of the workflow that goes on.
	Type string
	// Path is the field in the input: names joined by dots, [] for the elements of a list.
	Path string
	// Reason says why an old run may hand it over.
	Reason string
}

// newFields is the whole list. Everything else that differs fails: a field that is missing, renamed, of another value,
// or new and not listed here.
var newFields = []newField{
	{
		Type: api.OneLoginEnsureSuspended, Path: "log_out",
		Reason: "the suspension ends the sessions as well, if that succeeds at once; its answer says so, and a run whose recorded " +
			"answer does not goes on with the step onelogin.log-out",
	},
	{
		Type: api.PersonDecide, Path: "want",
		Reason: "tells the budget's key of one change of position from that of the next; a leaver's or joiner's key has none",
	},
	{
		Type: api.SlackPost, Path: "asked",
		Reason: "the message shows the question's name and how to answer it; a run of any age names its questions",
	},
	{Type: api.SlackPost, Path: "asked.step", Reason: "the notification says which step waits"},
	{
		Type: api.SlackUpdate, Path: "unverified",
		Reason: "the message says that nobody has shown to be the one whom the outcome names",
	},
	{Type: api.JiraTicket, Path: "severity", Reason: "the ticket has the priority of the severity, whenever its run began"},
	{Type: api.TypeRoleChange, Path: "decided", Reason: "what was decided before goes along, so that it is not carried out twice"},
	{Type: api.TypePerson, Path: "systems", Reason: "what a template came to is said by the run that follows it; a run without it says what it found itself"},
	{Type: api.TypeMFAGrace, Path: "decided", Reason: "what was decided before goes along, so that it is not carried out twice"},
}

// TestInputs replays every recorded run and compares what it hands over: the input of every activity and of every next
// run with the history, and the input of every local activity with what was taken down beside it.
func TestInputs(t *testing.T) {
	t.Parallel()
	c := &comparison{listed: newFields}
	t.Run("histories", func(t *testing.T) {
		for _, g := range goldens(t) {
			t.Run(g.Name, func(t *testing.T) {
				t.Parallel()
				seen, err := observe(t, g.History, worker.WorkflowReplayerOptions{})
				require.NoError(t, err)
				recorded, err := handedOver(g.History, converter.GetDefaultDataConverter())
				require.NoError(t, err)
				taken, err := g.local()
				require.NoError(t, err)
				require.Len(t, seen.of(kindLocal), len(taken),
					"local activities and their inputs in %s: `make histories` takes them down", g.localFile())
				differences := c.compare(slices.Concat(recorded, taken), seen.calls)
				for _, d := range differences {
					t.Errorf("%s\n  was %v\n  is  %v", d, d.Was, d.Is)
				}
				if len(differences) > 0 {
					t.Error("open runs of this kind would hand over something else after a deploy: keep the old input for them, " +
						"or list a new field with its reason in newFields")
				}
			})
		}
	})
	for _, f := range newFields {
		require.NotEmpty(t, f.Reason, "%v", f)
		require.True(t, c.met[f], "no recorded run lacks %s of %s: take it off the list", f.Path, f.Type)
	}
}

// TestRecordLocalInputs takes down the local activities' inputs of the histories that were recorded without them.
func TestRecordLocalInputs(t *testing.T) {
	if !recording() {
		t.Skip("GATEHOUSE_RECORD is not 1: nothing is recorded (`make histories` does)")
	}
	for _, g := range goldens(t) {
		g.takeDown(t)
	}
}

// TestChangedInputFails proves that the comparison can tell, for each kind of call and of change. The replay itself
// notices none of them.
func TestChangedInputFails(t *testing.T) {
	t.Parallel()
	offboarding := recorded(t, terminationByWebhook, api.TypeOffboarding)[api.TypeOffboarding]
	person := recorded(t, terminationByWebhook, api.TypePerson)[api.TypePerson]
	tests := []struct {
		name   string
		g      golden
		kind   string
		typ    string
		change func(map[string]any)
		listed []newField
		want   string
	}{
		{
			name: "another value", g: offboarding, kind: kindActivity, typ: api.OneLoginEnsureNoRoles,
			change: func(in map[string]any) { in["key"] = "another" }, want: "key has another value",
		},
		{
			name: "a dropped field", g: offboarding, kind: kindActivity, typ: api.OneLoginEnsureNoRoles,
			change: func(in map[string]any) { delete(in, "key") }, want: "key was there and is missing",
		},
		{
			name: "a new field", g: offboarding, kind: kindActivity, typ: api.OneLoginEnsureNoRoles,
			change: func(in map[string]any) { in["new"] = true }, want: "new is new and not listed",
		},
		{
			name: "a new field that is listed", g: offboarding, kind: kindActivity, typ: api.OneLoginEnsureNoRoles,
			change: func(in map[string]any) { in["new"] = true },
			listed: []newField{{Type: api.OneLoginEnsureNoRoles, Path: "new", Reason: "a test"}},
		},
		{
			name: "a new field that is listed for another activity", g: offboarding, kind: kindActivity, typ: api.OneLoginEnsureNoRoles,
			change: func(in map[string]any) { in["new"] = true },
			listed: []newField{{Type: api.OneLoginEnsureSuspended, Path: "new", Reason: "a test"}}, want: "new is new and not listed",
		},
		{
			name: "a field that has become another kind of value", g: offboarding, kind: kindActivity, typ: api.OneLoginEnsureNoRoles,
			change: func(in map[string]any) { in["key"] = []string{"another"} }, want: "key has another shape",
		},
		{
			name: "the next run's input", g: person, kind: kindContinueAsNew, typ: api.TypeOffboarding,
			change: func(in map[string]any) { in["key"] = "another" }, want: "key has another value",
		},
		{
			name: "deep in the next run's input", g: person, kind: kindContinueAsNew, typ: api.TypeOffboarding,
			change: func(in map[string]any) { delete(in["assessment"].(map[string]any), "want") }, //nolint:forcetypeassert // a recorded one
			want:   "assessment.want was there and is missing",
		},
		{
			name: "a local activity's input", g: person, kind: kindLocal, typ: api.PersonAssess,
			change: func(in map[string]any) { in["key"] = "another" }, want: "key has another value",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			changed := &changing{kind: tt.kind, typ: tt.typ, change: tt.change}
			seen, err := observe(t, tt.g.History, worker.WorkflowReplayerOptions{}, changed)
			require.NoError(t, err, "Temporal compares ids and types only")
			require.True(t, changed.done, "the change was not made, so that the test proves nothing")
			was, err := handedOver(tt.g.History, converter.GetDefaultDataConverter())
			require.NoError(t, err)
			taken, err := tt.g.local()
			require.NoError(t, err)
			differences := (&comparison{listed: slices.Concat(newFields, tt.listed)}).compare(slices.Concat(was, taken), seen.calls)
			if tt.want == "" {
				require.Empty(t, differences)
				return
			}
			require.NotEmpty(t, differences)
			for _, d := range differences {
				require.Contains(t, d.String(), tt.want)
			}
		})
	}
}

// TestCompare covers what no single recorded call shows.
func TestCompare(t *testing.T) {
	t.Parallel()
	one := func(id, input string) call {
		return call{Kind: kindActivity, ID: id, Type: "T", Input: json.RawMessage(input)}
	}
	tests := []struct {
		name    string
		was, is []call
		want    []string
	}{
		{name: "the same in another order of fields", was: []call{one("a", `[{"x":1,"y":2}]`)}, is: []call{one("a", `[{"y":2,"x":1}]`)}},
		{
			name: "the second of two under one id", was: []call{one("a", `[1]`), one("a", `[2]`)}, is: []call{one("a", `[1]`), one("a", `[3]`)},
			want: []string{"activity a (T): [] has another value"},
		},
		{
			name: "an element more", was: []call{one("a", `[{"x":[1]}]`)}, is: []call{one("a", `[{"x":[1,2]}]`)},
			want: []string{"activity a (T): x has another shape or length"},
		},
		{
			name: "an element of a list", was: []call{one("a", `[{"x":[{"y":1}]}]`)}, is: []call{one("a", `[{"x":[{"y":2}]}]`)},
			want: []string{"activity a (T): x[].y has another value"},
		},
		{
			name: "null for a list", was: []call{one("a", `[{"x":null}]`)}, is: []call{one("a", `[{"x":[]}]`)},
			want: []string{"activity a (T): x has another shape"},
		},
		{name: "not handed over", was: []call{one("a", `[1]`)}, want: []string{"activity a (T):  is not handed over any more"}},
		{name: "handed over and not yet recorded", is: []call{one("a", `[1]`)}},
		{
			name: "a large number", was: []call{one("a", `[9007199254740993]`)}, is: []call{one("a", `[9007199254740992]`)},
			want: []string{"activity a (T): [] has another value"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, d := range (&comparison{}).compare(tt.was, tt.is) {
				got = append(got, d.String())
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// changing has workflow code hand over a changed input, as an edited struct would.
type changing struct {
	interceptor.WorkerInterceptorBase
	kind, typ string
	change    func(map[string]any)
	done      bool
}

func (c *changing) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &changingInbound{WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, c: c}
}

type changingInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	c *changing
}

func (i *changingInbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&changingOutbound{WorkflowOutboundInterceptorBase: interceptor.WorkflowOutboundInterceptorBase{Next: next}, c: i.c})
}

type changingOutbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	c *changing
}

// edited is the arguments as today's code hands them over, with the change made in the first.
func (o *changingOutbound) edited(kind, typ string, args []any) []any {
	if kind != o.c.kind || typ != o.c.typ || len(args) != 1 {
		return args
	}
	text, err := json.Marshal(args[0])
	if err != nil {
		panic(err)
	}
	in := map[string]any{}
	if err := json.Unmarshal(text, &in); err != nil {
		panic(err)
	}
	o.c.change(in)
	o.c.done = true
	return []any{in}
}

func (o *changingOutbound) ExecuteActivity(ctx workflow.Context, typ string, args ...any) workflow.Future {
	return o.Next.ExecuteActivity(ctx, typ, o.edited(kindActivity, typ, args)...)
}

func (o *changingOutbound) ExecuteLocalActivity(ctx workflow.Context, typ string, args ...any) workflow.Future {
	return o.Next.ExecuteLocalActivity(ctx, typ, o.edited(kindLocal, typ, args)...)
}

func (o *changingOutbound) NewContinueAsNewError(ctx workflow.Context, wfn any, args ...any) error {
	typ, _ := wfn.(string)
	return o.Next.NewContinueAsNewError(ctx, wfn, o.edited(kindContinueAsNew, typ, args)...)
}
