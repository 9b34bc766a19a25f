package ledger_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
)

// The environment variables that turn this test binary into a process that uses a ledger: what it does, and where.
const (
	childTask   = "LEDGER_TEST_CHILD"
	childLedger = "LEDGER_TEST_FILE"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childTask) {
	case "":
		os.Exit(m.Run())
	case "contend":
		exit(contend(os.Getenv(childLedger)))
	case "settle":
		exit(settleOneByOne(os.Getenv(childLedger)))
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func child(t *testing.T, task, file string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childTask+"="+task, childLedger+"="+file)
	cmd.Stderr = os.Stderr
	return cmd
}

// contend reserves and claims what its siblings reserve and claim, and prints what it was given.
func contend(file string) error {
	ctx := context.Background()
	l, err := ledger.Open(ctx, file, ledger.Options{})
	if err != nil {
		return err
	}
	for i := range 50 {
		held, err := l.Budgets().Reserve(ctx, budgets.Reservation{
			Budget: "contain", Keys: []string{fmt.Sprintf("%d-%d", os.Getpid(), i)}, Limit: budgets.Limit{Count: 60},
		})
		if err != nil {
			return err
		}
		if held.Granted {
			fmt.Println("granted")
		}
		c, err := l.Journal().Claim(ctx, fmt.Sprintf("ticket/%d", i))
		if err != nil {
			return err
		}
		if c.State == journal.Fresh {
			fmt.Println("fresh")
		}
	}
	return l.Close()
}

// TestProcessesOnOneFile has several processes create, migrate and use one file at once.
func TestProcessesOnOneFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ledger.db")
	const processes = 4
	outputs := make([]string, processes)
	require.NoError(t, storetest.AtOnce(processes, func(i int) error {
		out, err := child(t, "contend", file).Output()
		outputs[i] = string(out)
		return err
	}))
	all := strings.Join(outputs, "")
	require.Equal(t, 60, strings.Count(all, "granted"), "together they must get exactly the limit")
	require.Equal(t, 50, strings.Count(all, "fresh"), "each claim is fresh for one of them")
}

const crashChanges = 2000

func settleOneByOne(file string) error {
	ctx := context.Background()
	l, err := ledger.Open(ctx, file, ledger.Options{})
	if err != nil {
		return err
	}
	changes := make([]roster.StagedChange, crashChanges)
	for i := range changes {
		changes[i] = storetest.Change(fmt.Sprint(i), "new", "d")
	}
	if err := l.Roster().Stage(ctx, "b1", changes); err != nil {
		return err
	}
	for i := 0; i < crashChanges; i += 2 {
		if err := l.Roster().Settle(ctx, "b1", []string{fmt.Sprint(i), fmt.Sprint(i + 1)}); err != nil {
			return err
		}
		fmt.Println("settled", i)
	}
	return l.Close()
}

// TestKilledWhileSettling kills a process in the middle: of every pair both changes are settled and in the roster, or
// neither is, and nothing that was reported is lost.
func TestKilledWhileSettling(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ledger.db")
	cmd := child(t, "settle", file)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	reported := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if reported++; reported == 100 {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait(), "the process must have been killed")

	l := storetest.Open(t, file, ledger.Options{})
	moved := storetest.RosterDigests(t, l)
	waiting := map[string]bool{}
	for _, c := range storetest.Staged(t, l, 0) {
		waiting[c.EmployeeID] = true
	}
	settled := 0
	for i := 0; i < crashChanges; i += 2 {
		one, two := fmt.Sprint(i), fmt.Sprint(i+1)
		require.Equal(t, waiting[one], waiting[two], "pair %d", i)
		for _, id := range []string{one, two} {
			require.NotEqual(t, waiting[id], moved[id] != "", "change %s is either waiting or in the roster", id)
		}
		if !waiting[one] {
			settled++
		}
	}
	require.GreaterOrEqual(t, settled, reported)
	require.Less(t, settled, crashChanges/2, "the process must have been killed before its end")
}
