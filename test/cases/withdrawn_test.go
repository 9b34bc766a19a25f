package cases

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"gatehouse/activities/api"
	"gatehouse/test/kit"
)

// TestCase_O11_WithdrawnWithoutTemporal: a lay-off that two people have approved is taken back while Temporal does not answer the
// operator. At its moment nobody is touched.
func TestCase_O11_WithdrawnWithoutTemporal(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	keys, ids := berliners(s, 4)
	list := filepath.Join(t.TempDir(), "list.csv")
	require.NoError(t, os.WriteFile(list, []byte("person\n"+strings.Join(keys, "\n")+"\n"), 0o600))
	d := s.Desk(nil)
	moment := time.Now().Add(time.Minute)
	out := d.MustRun("authorise", "file", "--id", "berlin", "--csv", list, "--source", "workday", "--kind", "contain",
		"--at", moment.Format(time.RFC3339), "--reason", "office closes", "--by", "cleo@acme.example")
	hash := regexp.MustCompile(`--hash (\S+)`).FindStringSubmatch(out)
	require.Len(t, hash, 2)
	for _, by := range []string{"ann@acme.example", "bob@acme.example"} {
		d.MustRun("authorise", "approve", "--id", "berlin", "--hash", hash[1], "--by", by)
	}
	intact := untouched(s)
	awaitMoment(s, api.AuthorisedID("berlin"), 3)

	cut := s.Desk(nil)
	cut.Env = []string{"TEMPORAL_ADDRESS=127.0.0.1:1"}
	require.Contains(t, cut.MustRun("authorise", "list"), "approved by ann@acme.example (unverified) and bob@acme.example (unverified)")
	out = cut.MustRun("authorise", "withdraw", "--id", "berlin", "--by", "ann@acme.example")
	require.Contains(t, out, "berlin: withdrawn, nothing is done")
	require.Contains(t, out, "its run was not told, and finds it withdrawn at the moment")
	require.Contains(t, cut.MustRun("authorise", "list"), "withdrawn by ann@acme.example")
	require.True(t, time.Now().Before(moment), "before its moment")
	var result any
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), api.AuthorisedID("berlin"), "").Get(t.Context(), &result))
	require.False(t, time.Now().Before(moment.Truncate(time.Second)), "its run waits for the moment")
	require.Equal(t, len(ids), inside(s, ids))
	intact()
}

// awaitMoment returns once the run of a list has taken so many words about it and waits for the list's moment.
func awaitMoment(s *kit.Stack, id string, words int) {
	s.T.Helper()
	for it := s.Temporal.GetWorkflowHistory(s.T.Context(), id, "", true, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		require.NoError(s.T, err)
		switch {
		case e.GetWorkflowExecutionSignaledEventAttributes() != nil:
			words--
		case e.GetTimerStartedEventAttributes() != nil && words <= 0:
			return
		}
	}
	require.Fail(s.T, "the run has ended and waited for nothing", id)
}
