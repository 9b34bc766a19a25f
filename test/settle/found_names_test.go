package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// unknownNames are the items about names of the policy that a system does not have.
func (h *house) unknownNames() []worklist.Item {
	h.t.Helper()
	items, err := h.app.Ledger.Worklist().Items(h.t.Context(), worklist.ItemFilter{Class: "system_names_unknown"})
	require.NoError(h.t, err)
	return items
}

// starts has the next worker start with the policy file as it is.
func (h *house) starts() {
	h.t.Helper()
	require.NoError(h.t, h.app.Close())
	h.open()
}

// renames gives a group of Google's another address.
func (h *house) renames(group, to string) {
	h.t.Helper()
	h.google("PATCH", "groups/"+group, `{"email":"`+to+`"}`, "admin.directory.group")
}

// TestAGroupThatIsRenamedKeepsNoWorkerFromStarting: a group that a rule gives was renamed in Google. The worker that ran went on, the next
// one did not start, and nobody's departure was carried out anywhere.
func TestAGroupThatIsRenamedKeepsNoWorkerFromStarting(t *testing.T) {
	h := newHouse(t)
	require.Empty(t, h.unknownNames())
	h.renames("sales@acme.example", "vertrieb@acme.example")
	h.starts()
	require.Empty(t, h.unknownNames(), "a list may be wrong for now: what the last reading had counts as well")
	h.pass()
	h.starts()
	items := h.unknownNames()
	require.Len(t, items, 1)
	require.Equal(t, worklist.SeverityCritical, items[0].Severity)
	require.Equal(t, "google", items[0].System)
	require.Contains(t, items[0].Text, `google has no group "sales@acme.example"`)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.leaves(who)
	h.pass()
	require.False(t, h.oneLogin(who).CanSignIn, "a departure waits for no name")
	require.False(t, h.user(id).OwnPassword, "a departure waits for no name")
	require.Empty(t, h.user(id).Groups, "a departure waits for no name")

	h.renames("vertrieb@acme.example", "sales@acme.example")
	h.pass()
	require.Empty(t, h.unknownNames(), "the name is there again")
}

// TestANameThatThePolicyDropsIsNobodysConcern: the item about a name goes with the name, whichever of the two was corrected.
func TestANameThatThePolicyDropsIsNobodysConcern(t *testing.T) {
	h := newHouse(t)
	h.renames("sales@acme.example", "vertrieb@acme.example")
	h.pass()
	require.Len(t, h.unknownNames(), 1, "it is said while a worker runs")
	h.writePolicy(h.config.Policy, "sales@acme.example", "vertrieb@acme.example")
	require.NoError(t, h.vendors.Policy.Reload(t.Context()))
	h.pass()
	require.Empty(t, h.unknownNames())
}

// TestAPolicyThatNamesWhatIsNotThereIsNotTakenUp: what only a start has to live with is refused where a file changes.
func TestAPolicyThatNamesWhatIsNotThereIsNotTakenUp(t *testing.T) {
	h := newHouse(t)
	h.writePolicy(h.config.Policy, "sales@acme.example", "vertrieb@acme.example")
	require.ErrorContains(t, h.vendors.Policy.Reload(t.Context()), `google has no group "vertrieb@acme.example"`)
}

// TestAListThatPassesOverGroupsKeepsNoWorkerFromStarting: nothing was renamed. A reading quarantines such a list, and a worker that started
// believed it.
func TestAListThatPassesOverGroupsKeepsNoWorkerFromStarting(t *testing.T) {
	for name, lie := range map[string]func(*house) error{
		"missing": func(h *house) error { return h.sandbox.Directory(h.t.Context(), groupsThatLie("missing")) },
		"first page": func(h *house) error {
			return h.sandbox.Directory(h.t.Context(), groupsThatLie("first_page"))
		},
		"a bind account that sees less": func(h *house) error { return h.sandbox.LDAPLie(h.t.Context(), "lost rights") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			require.NoError(t, lie(h))
			h.starts()
			require.Empty(t, h.unknownNames())
		})
	}
}

func groupsThatLie(how string) control.DirectorySettings {
	return control.DirectorySettings{ListLagMS: 1, CreationLagMS: 1, TransferMS: 1, Lies: map[string]string{"groups": how}}
}
