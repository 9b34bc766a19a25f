package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
)

// Kinds of calls whose input is compared.
const (
	kindActivity      = "activity"
	kindLocal         = "local activity"
	kindContinueAsNew = "continue as new"
)

// call is one hand-over of an input: to an activity, or to the next run of a chain.
type call struct {
	Kind string `json:"-"`
	// ID is the activity's id; a local activity's is its number in the run, as in its marker.
	ID    string          `json:"id"`
	Type  string          `json:"type"`
	Input json.RawMessage `json:"input"`
}

func (c call) String() string { return fmt.Sprintf("%s %s (%s)", c.Kind, c.ID, c.Type) }

// observer is an interceptor that takes down every input that a replay hands over. Temporal itself compares types and
// ids only.
type observer struct {
	interceptor.WorkerInterceptorBase
	mu    sync.Mutex
	calls []call
	err   error
	local int
}

func (o *observer) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &observedInbound{WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, o: o}
}

func (o *observer) add(kind, id, typ string, args []any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if kind == kindLocal {
		o.local++
		id = fmt.Sprint(o.local)
	}
	input, err := json.Marshal(args)
	o.err = errors.Join(o.err, err)
	o.calls = append(o.calls, call{Kind: kind, ID: id, Type: typ, Input: input})
}

// of are the calls of a kind, in their order.
func (o *observer) of(kind string) []call {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(o.calls), func(c call) bool { return c.Kind != kind })
}

type observedInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	o *observer
}

func (i *observedInbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&observedOutbound{WorkflowOutboundInterceptorBase: interceptor.WorkflowOutboundInterceptorBase{Next: next}, o: i.o})
}

type observedOutbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	o *observer
}

func (i *observedOutbound) ExecuteActivity(ctx workflow.Context, typ string, args ...any) workflow.Future {
	i.o.add(kindActivity, workflow.GetActivityOptions(ctx).ActivityID, typ, args)
	return i.Next.ExecuteActivity(ctx, typ, args...)
}

func (i *observedOutbound) ExecuteLocalActivity(ctx workflow.Context, typ string, args ...any) workflow.Future {
	i.o.add(kindLocal, "", typ, args)
	return i.Next.ExecuteLocalActivity(ctx, typ, args...)
}

func (i *observedOutbound) NewContinueAsNewError(ctx workflow.Context, wfn any, args ...any) error {
	i.o.add(kindContinueAsNew, "next", fmt.Sprint(wfn), args)
	return i.Next.NewContinueAsNewError(ctx, wfn, args...)
}

// observe replays a history and returns what it handed over.
func observe(t testing.TB, h *historypb.History, o worker.WorkflowReplayerOptions, more ...interceptor.WorkerInterceptor) (*observer, error) {
	t.Helper()
	seen := &observer{}
	// The first interceptor is the last that a call passes on its way out, and sees what the others have made of it.
	o.Interceptors = slices.Concat([]interceptor.WorkerInterceptor{seen}, more)
	o.DisableRegistrationAliasing = true
	r, err := worker.NewWorkflowReplayerWithOptions(o)
	require.NoError(t, err)
	register(r)
	// A replay writes into the history it is given: upserted search attributes end up in the start event.
	copied, ok := proto.Clone(h).(*historypb.History)
	require.True(t, ok)
	err = replay(r, copied)
	return seen, errors.Join(err, seen.err)
}

// handedOver reads from a history what its run handed over: the inputs of activities and of the next run. A marker of
// a local activity has its id, its type and its result, but no input (SDK 1.50.0).
func handedOver(h *historypb.History, dc converter.DataConverter) ([]call, error) {
	var all []call
	add := func(kind, id, typ string, input *commonpb.Payloads) error {
		args := make([]json.RawMessage, len(input.GetPayloads()))
		for i, p := range input.GetPayloads() {
			if err := dc.FromPayload(p, &args[i]); err != nil {
				return fmt.Errorf("input of %s %s: %w", kind, id, err)
			}
			if args[i] == nil {
				args[i] = json.RawMessage("null")
			}
		}
		text, err := json.Marshal(args)
		all = append(all, call{Kind: kind, ID: id, Type: typ, Input: text})
		return err
	}
	for _, e := range h.GetEvents() {
		var err error
		if a := e.GetActivityTaskScheduledEventAttributes(); a != nil {
			err = add(kindActivity, a.GetActivityId(), a.GetActivityType().GetName(), a.GetInput())
		}
		if a := e.GetWorkflowExecutionContinuedAsNewEventAttributes(); a != nil {
			err = add(kindContinueAsNew, "next", a.GetWorkflowType().GetName(), a.GetInput())
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// comparison compares what a replay hands over with what the run handed over, and remembers which of the listed new
// fields it met.
type comparison struct {
	listed []newField
	mu     sync.Mutex
	met    map[newField]bool
}

// compare matches calls by kind and id, the nth of one with the nth of the other. A replay may hand over more than was
// recorded: what an open run was about to do, and what began and was cancelled within one task.
func (c *comparison) compare(was, is []call) []difference {
	var out []difference
	waiting := map[string][]call{}
	for _, each := range is {
		waiting[each.Kind+each.ID] = append(waiting[each.Kind+each.ID], each)
	}
	for _, old := range was {
		queue := waiting[old.Kind+old.ID]
		if len(queue) == 0 {
			out = append(out, difference{Call: old, What: "is not handed over any more"})
			continue
		}
		waiting[old.Kind+old.ID] = queue[1:]
		if queue[0].Type != old.Type {
			out = append(out, difference{Call: old, What: "has type " + queue[0].Type + " now"})
			continue
		}
		before, err := decode(old.Input)
		after, err2 := decode(queue[0].Input)
		if err = errors.Join(err, err2); err != nil {
			out = append(out, difference{Call: old, What: err.Error()})
			continue
		}
		c.diff(old, "", before, after, &out)
	}
	return out
}

func decode(text json.RawMessage) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// difference is one place in which two inputs differ. Its text has no value in it: a value may be personal.
type difference struct {
	Call    call
	Path    string
	What    string
	Was, Is any
}

func (d difference) String() string { return fmt.Sprintf("%s: %s %s", d.Call, d.Path, d.What) }

func (c *comparison) diff(at call, path string, was, is any, out *[]difference) {
	note := func(path, what string, was, is any) {
		*out = append(*out, difference{Call: at, Path: path, What: what, Was: was, Is: is})
	}
	switch was := was.(type) {
	case map[string]any:
		is, same := is.(map[string]any)
		if !same {
			note(path, "has another shape", was, is)
			return
		}
		for name, value := range was {
			if now, there := is[name]; there {
				c.diff(at, join(path, name), value, now, out)
			} else {
				note(join(path, name), "was there and is missing", value, nil)
			}
		}
		for name, value := range is {
			if _, there := was[name]; !there && !c.isListed(at, join(path, name)) {
				note(join(path, name), "is new and not listed", nil, value)
			}
		}
	case []any:
		is, same := is.([]any)
		if !same || len(is) != len(was) {
			note(path, "has another shape or length", was, is)
			return
		}
		for i := range was {
			c.diff(at, path+"[]", was[i], is[i], out)
		}
	default:
		// What is left are nil, bool, string and json.Number; a map or a slice in is does not compare.
		switch is.(type) {
		case map[string]any, []any:
			note(path, "has another shape", was, is)
		default:
			if was != is {
				note(path, "has another value", was, is)
			}
		}
	}
}

func join(path, name string) string {
	// The first brackets are the list of arguments: ours take one.
	if path == "" || path == "[]" {
		return name
	}
	return path + "." + name
}

func (c *comparison) isListed(at call, path string) bool {
	for _, f := range c.listed {
		if f.Type == at.Type && f.Path == path {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.met == nil {
				c.met = map[newField]bool{}
			}
			c.met[f] = true
			return true
		}
	}
	return false
}

// localFile is where the inputs of a run's local activities are kept: beside the histories, because the markers in
// these have none. They were taken down by replaying with the code of the day, and like a history they are never replaced.
func (g golden) localFile() string {
	return filepath.Join(directory(), "localinputs", g.Workflow, g.Scenario+".json")
}

// local reads them.
func (g golden) local() ([]call, error) {
	text, err := os.ReadFile(g.localFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var calls []call
	if err := json.Unmarshal(text, &calls); err != nil {
		return nil, fmt.Errorf("%s: %w", g.localFile(), err)
	}
	for i := range calls {
		calls[i].Kind = kindLocal
	}
	return calls, nil
}

// takeDown writes the inputs of the run's local activities, unless it has none or they are there.
func (g golden) takeDown(t testing.TB) {
	t.Helper()
	seen, err := observe(t, g.History, worker.WorkflowReplayerOptions{})
	require.NoError(t, err, g.Name)
	local := seen.of(kindLocal)
	if _, err := os.Stat(g.localFile()); err == nil || len(local) == 0 {
		return
	}
	text, err := json.MarshalIndent(local, "", " ")
	require.NoError(t, err)
	require.NoError(t, save(g.localFile(), append(text, '\n')))
}
