package replay

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/activity"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/internal/templates"
)

// registered are activities by the names and queues under which workers register them.
type registered map[string]bool

func (r registered) RegisterActivityWithOptions(_ any, o activity.RegisterOptions) { r[o.Name] = true }

// TestEntriesNameWhatRunsHaveDone holds the entries of templates against what recorded runs scheduled: an activity that an entry
// leaves out is registered only for as long as another template of the queue uses it, and after that its runs wait for ever.
func TestEntriesNameWhatRunsHaveDone(t *testing.T) {
	t.Parallel()
	uses, queues := map[string]registered{}, map[string]registered{}
	for _, each := range templates.All() {
		for _, run := range each.Runs {
			uses[run.Type] = registered{}
			for _, group := range run.Uses {
				for name := range maps.Keys(group(activities.Set{})) {
					uses[run.Type][name] = true
				}
			}
		}
	}
	for _, queue := range templates.Queues() {
		queues[queue] = registered{}
		templates.RegisterActivities(queues[queue], templates.All(), activities.Set{}, queue)
	}
	seen := 0
	for _, g := range goldens(t) {
		began := g.History.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
		for _, e := range g.History.GetEvents() {
			name, queue := done(t, e)
			if name == "" {
				continue
			}
			seen++
			if queue == "" {
				queue = began.GetTaskQueue().GetName() // A local activity is where its run is.
			}
			require.True(t, uses[began.GetWorkflowType().GetName()][name], "%s: the entry of %s does not name %s", g.Name, began.GetWorkflowType().GetName(), name)
			require.True(t, queues[queue][name], "%s: nobody registers %s on %s", g.Name, name, queue)
		}
	}
	require.Greater(t, seen, 500)
	require.False(t, uses[api.TypeAccessReview][api.OneLoginEnsureDeleted], "an entry does not name what its runs do not use")
}

// done is the activity that an event is about, and the queue that it was put on; the queue of a local one is empty.
func done(t *testing.T, e *historypb.HistoryEvent) (name, queue string) {
	t.Helper()
	if a := e.GetActivityTaskScheduledEventAttributes(); a != nil {
		return a.GetActivityType().GetName(), a.GetTaskQueue().GetName()
	}
	m := e.GetMarkerRecordedEventAttributes()
	if m.GetMarkerName() != "LocalActivity" {
		return "", ""
	}
	var data struct {
		ActivityType string
	}
	for _, p := range m.GetDetails()["data"].GetPayloads() {
		require.NoError(t, json.Unmarshal(p.GetData(), &data))
	}
	require.NotEmpty(t, data.ActivityType)
	return data.ActivityType, ""
}
