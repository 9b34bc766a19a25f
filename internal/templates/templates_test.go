package templates_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/internal/schedule"
	"gatehouse/internal/templates"
)

const root = "../.."

func TestTheEntriesAreWhole(t *testing.T) {
	t.Parallel()
	require.NoError(t, templates.Check(templates.All()))
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := func() templates.Template {
		return templates.Template{Name: "Sketch", Does: "nothing", Fired: "nobody", Runs: []templates.Run{{
			Type: "Sketch", Workflow: func() {}, Queues: []string{api.QueueSweep},
			Uses: []templates.Group{activities.Set.Telling},
		}}}
	}
	for want, change := range map[string]func(*templates.Template){
		"it needs a name":                               func(e *templates.Template) { e.Name = "" },
		"and a type of runs":                            func(e *templates.Template) { e.Runs = nil },
		`its runs "Sketch" need`:                        func(e *templates.Template) { e.Runs[0].Uses = nil },
		`no worker serves the queue "gatehouse-sweeps"`: func(e *templates.Template) { e.Runs[0].Queues = []string{"gatehouse-sweeps"} },
	} {
		e := good()
		change(&e)
		require.ErrorContains(t, templates.Check([]templates.Template{e}), want)
	}
	require.ErrorContains(t, templates.Check([]templates.Template{good(), good()}), "the name Sketch is of two templates")
	timed := func(id, workflow, queue string) func(*config.Config) []schedule.Schedule {
		return func(*config.Config) []schedule.Schedule {
			s := schedule.Every(id, time.Hour, time.Hour).Starting(workflow, nil, "")
			s.Queue = queue
			return []schedule.Schedule{s}
		}
	}
	for want, schedules := range map[string]func(*config.Config) []schedule.Schedule{
		`starts "Other"`: timed("one", "Other", api.QueueSweep),
		`on the queue "` + api.QueueTemplates + `"`: timed("one", "Sketch", api.QueueTemplates),
	} {
		e := good()
		e.Schedules = schedules
		require.ErrorContains(t, templates.Check([]templates.Template{e}), want)
	}
	first, second := good(), good()
	second.Name, second.Runs[0].Type = "Second", "Second"
	first.Schedules, second.Schedules = timed("one", "Sketch", api.QueueSweep), timed("one", "Second", api.QueueSweep)
	require.ErrorContains(t, templates.Check([]templates.Template{first, second}), "the schedule one is of two templates")
	other := good()
	other.Name = "Other"
	require.ErrorContains(t, templates.Check([]templates.Template{good(), other}), "the workflow Sketch is of two templates")
	require.NoError(t, templates.Check([]templates.Template{good()}))
}

// TestReadmeNamesEachTemplate: the table of the README is made of the entries.
func TestReadmeNamesEachTemplate(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	want := "| template | what it does | fired by |\n|---|---|---|\n"
	for _, each := range templates.All() {
		if !each.Machinery {
			want += "| " + each.Name + " | " + each.Does + " | " + each.Fired + " |\n"
		}
	}
	require.Contains(t, string(readme), want, "the table of templates in README.md is another")
}

// TestTheDemoShowsEachTemplate: each template has a story, and each story shows a template.
func TestTheDemoShowsEachTemplate(t *testing.T) {
	t.Parallel()
	told := stories(t)
	require.Greater(t, len(told), 10)
	shown := map[string]bool{}
	for _, each := range templates.All() {
		require.True(t, each.Machinery || len(each.Stories) > 0, "the demo does not show %q", each.Name)
		for _, story := range each.Stories {
			require.Contains(t, told, story, "the demo has no story %q, which %q names", story, each.Name)
			shown[story] = true
		}
	}
	for _, story := range told {
		require.True(t, shown[story], "the story %q shows no template that names it", story)
	}
}

// stories are the functions that tell the demo, in their order.
func stories(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "demo", "stories.go"), nil, 0)
	require.NoError(t, err)
	var told []string
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "stories" {
			continue
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok && lit.Type == nil && len(lit.Elts) == 2 {
				told = append(told, lit.Elts[1].(*ast.Ident).Name)
			}
			return true
		})
	}
	return told
}

// TestSchedulesAreOfTheConfiguration: what is not configured is known and off, so that a schedule left over on the server is deleted.
func TestSchedulesAreOfTheConfiguration(t *testing.T) {
	t.Parallel()
	c := &config.Config{}
	c.Workday.BaseURL, c.Systems.Salesforce.BaseURL = "https://hr.example", "https://crm.example"
	off := map[string]bool{}
	for _, s := range templates.Schedules(templates.All(), c) {
		off[s.ID] = s.Off
		require.NotEmpty(t, s.Workflow, s.ID)
		require.NotEmpty(t, s.Queue, s.ID)
		require.NotContains(t, s.Summary, "\n", s.ID)
	}
	require.Equal(t, map[string]bool{
		"hr-sync-workday": false, "hr-sync-bamboohr": true, "hr-sync-sponsored": true, "event-watch": false, api.AccountSweepID: false, api.ReconcileID: false,
		"mfa-compliance": false, "access-review": true,
		"system-sweep-google": true, "system-sweep-salesforce": false, "system-sweep-ldap": true,
	}, off)
}
