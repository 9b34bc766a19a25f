package pager_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/pager"
)

// TestWhatToDoAboutAPage: whoever is woken without a pager has no link, and is told where to look, whatever the run is called.
func TestWhatToDoAboutAPage(t *testing.T) {
	t.Parallel()
	for _, run := range []string{"person/workday-21002", "a\nb: c", `a\nb\c \\`, "{{.WorkflowID}}", "<!channel> & `x`", "%!d", "\u202eevil", strings.Repeat("long ", 500), ""} {
		do, err := pager.ToDo(api.PagerEvent{WorkflowID: run, Summary: "not said again"})
		require.NoError(t, err)
		require.Equal(t, "See what "+run+" waits for: `starter list --attention`.", do)
	}
}
