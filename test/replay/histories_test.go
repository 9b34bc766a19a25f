package replay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
)

// golden is one recorded run.
type golden struct {
	// Name is <Workflow>/<scenario>.
	Name     string
	Workflow string
	Scenario string
	History  *historypb.History
}

// directory is where histories are recorded into and replayed from.
func directory() string {
	if dir := os.Getenv("GATEHOUSE_RECORD_DIR"); dir != "" {
		return dir
	}
	return filepath.Join("testdata", "histories")
}

// goldens reads every recorded run, and fails if there is none: a suite that replays nothing proves nothing.
func goldens(t *testing.T) []golden {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(directory(), "*", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no recorded history in %s: run `make histories`", directory())
	all := make([]golden, 0, len(files))
	for _, path := range files {
		file, err := os.Open(path)
		require.NoError(t, err)
		history, err := client.HistoryFromJSON(file, client.HistoryJSONOptions{})
		require.NoError(t, err, path)
		require.NoError(t, file.Close())
		g := golden{
			Workflow: filepath.Base(filepath.Dir(path)), Scenario: strings.TrimSuffix(filepath.Base(path), ".json"), History: history,
		}
		g.Name = g.Workflow + "/" + g.Scenario
		all = append(all, g)
	}
	return all
}

// recorded returns the recorded runs of a scenario; it fails if one of the wanted workflows is not among them.
func recorded(t *testing.T, scenario string, wanted ...string) map[string]golden {
	t.Helper()
	found := map[string]golden{}
	for _, g := range goldens(t) {
		if g.Scenario == scenario {
			found[g.Workflow] = g
		}
	}
	for _, w := range wanted {
		require.Contains(t, found, w, "scenario %s", scenario)
	}
	return found
}

// history reads a run from the server, the latest of the id if runID is empty.
func history(t testing.TB, c client.Client, workflowID, runID string) *historypb.History {
	t.Helper()
	events := c.GetWorkflowHistory(t.Context(), workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	h := &historypb.History{}
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(t, err)
		h.Events = append(h.Events, e)
	}
	require.NotEmpty(t, h.GetEvents())
	return h
}

// closed lists the ids of a run's activities in the order in which the events say that they began and ended:
// "begin onelogin.suspend", "end onelogin.suspend".
func closed(h *historypb.History) []string {
	ids := map[int64]string{}
	var out []string
	for _, e := range h.GetEvents() {
		var scheduled int64
		switch e.GetEventType() {
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			ids[e.GetEventId()] = e.GetActivityTaskScheduledEventAttributes().GetActivityId()
			out = append(out, "begin "+ids[e.GetEventId()])
			continue
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			scheduled = e.GetActivityTaskCompletedEventAttributes().GetScheduledEventId()
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED:
			scheduled = e.GetActivityTaskFailedEventAttributes().GetScheduledEventId()
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
			scheduled = e.GetActivityTaskCanceledEventAttributes().GetScheduledEventId()
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
			scheduled = e.GetActivityTaskTimedOutEventAttributes().GetScheduledEventId()
		default:
			continue
		}
		out = append(out, "end "+ids[scheduled])
	}
	return out
}

// untilWatch counts the events of a run up to the moment at which it begins to watch, all of them if it never does.
func untilWatch(h *historypb.History) int {
	for i, e := range h.GetEvents() {
		fields := e.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes().GetIndexedFields()
		if stage, ok := fields[api.AttrStage.GetName()]; ok && strings.Contains(string(stage.GetData()), api.StageWatching) {
			return i
		}
	}
	return len(h.GetEvents())
}
