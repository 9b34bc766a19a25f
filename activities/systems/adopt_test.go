package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// graceIs has HR say who the newcomer is, and where their mail goes.
func (w *works) graceIs(first, last, work string) {
	w.t.Helper()
	rec := identity.Record{
		Source: identity.SourceWorkday, EmployeeID: "777", FirstName: first, LastName: last, WorkEmail: work, Status: identity.StatusActive, HireDate: "2020-01-01",
	}
	w.hr.called = map[string]identity.Record{"777": rec}
	require.NoError(w.t, w.l.People().SetDigests(w.t.Context(), rec.Source, rec.EmployeeID, w.s.Person.Digests(rec)))
}

// seen puts an account of Google's into the inventory, as a reading that showed it long ago.
func (w *works) seen(id string) {
	w.t.Helper()
	u := w.directory().User(id)
	require.NoError(w.t, w.l.Inventory().NoteAccount(w.t.Context(), w.now(), inventory.Account{
		Ref: identity.Ref{System: google, ID: id}, Status: identity.AccountActive,
		Document: identity.Account{Username: u.Email, Email: u.Email, FirstName: "Grace", LastName: "Hopper", ExternalID: u.ExternalID, Status: identity.AccountActive},
	}))
}

// besideAMailbox is a newcomer, and a mailbox that was made by hand under the address that HR has for them, in other letters.
func besideAMailbox(t *testing.T) (w *works, in api.SystemInput, id string) {
	t.Helper()
	w = newWorks(t, "")
	in = w.newcomer()
	w.graceIs("Grace", "Hopper", "G.Hopper@acme.example")
	return w, in, w.byHand(control.GooglePerson{Email: "g.hopper@acme.example"})
}

// TestAMailboxThatWasThereBeforeHR is the person's where a reading would say so, whether one has shown it or not: nobody makes a second.
func TestAMailboxThatWasThereBeforeHR(t *testing.T) {
	t.Parallel()
	for name, seen := range map[string]bool{"a reading has shown it": true, "no reading has": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, in, id := besideAMailbox(t)
			if seen {
				w.seen(id)
			}
			mark := w.mark()
			w.fails(in, api.ErrSuperseded)
			require.Empty(t, w.effects(mark))
			row := w.record(id)
			require.Equal(t, grace, row.Person)
			require.Equal(t, identity.AccountLinked, row.State)
			require.False(t, row.CreatedByUs)
			w.fails(in, api.ErrSuperseded)
		})
	}
}

// TestAMailboxWithTheirEmployeeID of which no reading has found out whose it is.
func TestAMailboxWithTheirEmployeeID(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "naming: {match_external_ids: [\"{key}\", \"{employee_id}\"]}\n")
	in := w.newcomer()
	w.graceIs("Grace", "Hopper", "")
	id := w.byHand(control.GooglePerson{Email: "ghopper@acme.example", ExternalID: "777"})
	w.seen(id)
	w.fails(in, api.ErrSuperseded)
	require.Equal(t, grace, w.record(id).Person)
}

// TestAMailboxThatMayBeTheirs is a question, and nothing is made before somebody has answered it. That nothing was made then is known: an
// account that a person makes afterwards is none of Gatehouse's.
func TestAMailboxThatMayBeTheirs(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.newcomer()
	w.graceIs("Jane", "Doe", "g.hopper@acme.example")
	id := w.byHand(control.GooglePerson{Email: "g.hopper@acme.example"})
	for range 2 {
		w.fails(in, api.ErrSuperseded)
		row := w.record(id)
		require.Equal(t, identity.AccountCandidate, row.State)
		require.Equal(t, grace, row.Person)
	}
	open, err := w.l.Worklist().Items(t.Context(), worklist.ItemFilter{System: google, Class: "system_accounts_whose"})
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Contains(t, open[0].Evidence, id)
	require.Empty(t, w.carrying(grace))

	require.NoError(t, w.l.Inventory().RefuseAccount(t.Context(), identity.Ref{System: google, ID: id}, grace, people.AccountEvidence(w.l, w.record(id).Document), "it"))
	byHand := w.byHand(control.GooglePerson{Email: "jane@acme.example", ExternalID: grace})
	require.Equal(t, byHand, w.carry(in).Ref.ID)
	require.False(t, w.record(byHand).CreatedByUs)
}

// TestAMailboxThatIsNotTheirs is no reason to make none: somebody has refused it, has it, or has said that it is nobody's.
func TestAMailboxThatIsNotTheirs(t *testing.T) {
	t.Parallel()
	for name, decided := range map[string]func(w *works, ref identity.Ref) error{
		"refused": func(w *works, ref identity.Ref) error {
			return w.l.Inventory().RefuseAccount(w.t.Context(), ref, grace, people.AccountEvidence(w.l, w.record(ref.ID).Document), "it")
		},
		"somebody else's": func(w *works, ref identity.Ref) error {
			w.admit("workday-778")
			w.link("workday-778", ref.ID)
			return nil
		},
		"shared": func(w *works, ref identity.Ref) error {
			w.declareAs(ref.ID, identity.KindShared)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, in, id := besideAMailbox(t)
			w.seen(id)
			require.NoError(t, decided(w, identity.Ref{System: google, ID: id}))
			require.NotEqual(t, id, w.carry(in).Ref.ID)
			require.Len(t, w.carrying(grace), 1)
		})
	}
}

// TestALostAnswerIsFoundAsOurs also where HR has the address of the account that an earlier attempt made.
func TestALostAnswerIsFoundAsOurs(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	in := w.newcomer()
	w.graceIs("Grace", "Hopper", "grace.hopper@acme.example")
	w.lose("POST", "/admin/directory/v1/users")
	_, err := w.s.Carry(t.Context(), in)
	require.Error(t, err)
	made := w.carry(in).Ref
	require.Len(t, w.carrying(grace), 1)
	require.True(t, w.record(made.ID).CreatedByUs)
}
