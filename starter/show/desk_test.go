package show

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/starter/cmdline"
	"gatehouse/test/kit"
)

// desk is where an operator sits: a configuration, a ledger that knows one person, and a Temporal that answers as it is told.
type desk struct {
	t        *testing.T
	dir      string
	temporal *mocks.Client
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), temporal: &mocks.Client{}}
	text, err := os.ReadFile(filepath.Join(kit.Root(), "demo", "gatehouse.yaml"))
	require.NoError(t, err)
	d.write("gatehouse.yaml", string(text))
	d.write("policy.yaml", kit.Policy(t))
	l, err := ledger.Open(t.Context(), filepath.Join(d.dir, "ledger.db"), ledger.Options{})
	require.NoError(t, err)
	_, err = l.People().Admit(t.Context(), "workday-21001", "workday", "21001", persons.Digests{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return d
}

func (d *desk) write(name, text string) {
	d.t.Helper()
	require.NoError(d.t, os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o600))
}

// answers has a run answer with what it is at: a state, or anything else that a run of another kind may say.
func (d *desk) answers(workflow string, state any) {
	d.t.Helper()
	said, err := converter.GetDefaultDataConverter().ToPayloads(state)
	require.NoError(d.t, err)
	d.temporal.On("QueryWorkflow", mock.Anything, workflow, "", api.QueryState).Return(client.NewValue(said), nil)
}

// fails has asking a run end with an error.
func (d *desk) fails(workflow string, err error) {
	d.temporal.On("QueryWorkflow", mock.Anything, workflow, "", api.QueryState).Return(nil, err)
}

// printed is what a command printed and exited with.
type printed struct {
	out, refused string
	code         int
}

// prints runs a command as a terminal does, or with -o and a format.
func (d *desk) prints(format string, do func(*cobra.Command, *app.App) error, parts ...string) printed {
	d.t.Helper()
	cfg, err := config.Load(filepath.Join(d.dir, "gatehouse.yaml"), config.Needs{})
	require.NoError(d.t, err)
	a, err := app.Open(d.t.Context(), cfg, app.Options{Steering: true, Temporal: d.temporal})
	require.NoError(d.t, err)
	defer func() { require.NoError(d.t, a.Close()) }()
	cmd := &cobra.Command{Use: "x", RunE: func(cmd *cobra.Command, _ []string) error { return do(cmd, a) }}
	cli.Prints(cmd, parts...)
	return d.exits(cmd, "-o", format)
}

// commands runs one of the package's commands as the program does.
func (d *desk) commands(make func(*cmdline.Program) *cobra.Command, args ...string) printed {
	d.t.Helper()
	return d.exits(make(&cmdline.Program{Config: filepath.Join(d.dir, "gatehouse.yaml")}), args...)
}

// refuses has a command refuse to work, for a reason.
func (d *desk) refuses(make func(*cmdline.Program) *cobra.Command, args, why string) printed {
	d.t.Helper()
	got := d.commands(make, strings.Fields(args)...)
	require.Equal(d.t, cli.ExitFailed, got.code, args)
	require.Contains(d.t, got.refused, why, args)
	return got
}

func (d *desk) exits(cmd *cobra.Command, args ...string) printed {
	d.t.Helper()
	var out bytes.Buffer
	root := cli.Prepared(cmd)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&bytes.Buffer{})
	err := root.ExecuteContext(d.t.Context())
	p := printed{out: out.String(), code: cli.ExitCode(err)}
	if err != nil {
		p.refused = cli.Plainly(err).Error()
	}
	return p
}
