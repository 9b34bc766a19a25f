package systems_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// changing is a step that writes attributes, of each what it is, what it is to be, and its normal form.
func changing(all ...[3]string) identity.SystemStep {
	s := identity.SystemStep{Kind: identity.SystemWriteProfile}
	for _, c := range all {
		s.Changes = append(s.Changes, identity.SystemChange{Attribute: c[0], From: c[1], To: c[2], Normal: c[2]})
	}
	return s
}

// TestOneValueThatIsRefused is set aside, and everything else is written, each time.
func TestOneValueThatIsRefused(t *testing.T) {
	t.Parallel()
	w, site, id := org(t)
	long := strings.Repeat("7", 60)
	in := w.in(salesforce.System, id, changing(
		[3]string{target.AttributeTitle, "Analyst", "Countess"}, [3]string{target.AttributePhone, "", long},
		[3]string{target.AttributeDepartment, "", "Sales"}, [3]string{target.AttributeManager, "", "0055g00000AAAAAAA0"},
	), false)
	for i := range 2 {
		state := w.carry(in)
		require.Equal(t, i == 0, state.Changed)
		require.Len(t, state.Left, 2)
		require.Contains(t, state.Left[0], "salesforce: it does not take the phone")
		require.Contains(t, state.Left[1], "manager")
		require.NotContains(t, strings.Join(state.Left, ""), "777")
		u, _ := site.ByID(id)
		require.Equal(t, "Countess", u.Title)
		require.Equal(t, "Sales", u.Department)
		require.Empty(t, u.Phone)
		values := w.shown(salesforce.System).Values
		require.Equal(t, w.l.Digest(long), values[target.AttributePhone].Written, "so it is not written again")
		require.Equal(t, w.l.Digest(""), values[target.AttributePhone].Seen)
		require.Equal(t, w.l.Digest("Countess"), values[target.AttributeTitle].Seen)
	}
	// Alone it is set aside as well.
	state := w.carry(w.in(salesforce.System, id, changing([3]string{target.AttributePhone, "", long}), false))
	require.Len(t, state.Left, 1)
	// Its owner has corrected it.
	require.Empty(t, w.carry(w.in(salesforce.System, id, changing([3]string{target.AttributePhone, "", "030 1234"}), false)).Left)
	u, _ := site.ByID(id)
	require.Equal(t, "030 1234", u.Phone)
}

// TestAValueThatSomebodyChangedHoldsNoOthers: they are written, and that one is decided anew.
func TestAValueThatSomebodyChangedHoldsNoOthers(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	w.hand("title", w.user, "Duchess")
	department, _ := w.attribute(target.AttributeDepartment)
	in := w.order(changing([3]string{target.AttributeTitle, "Analyst", "Countess"}, [3]string{target.AttributeDepartment, department, "Finance"}))
	for range 2 {
		w.fails(in, api.ErrSuperseded)
		has, _ := w.attribute(target.AttributeDepartment)
		require.Equal(t, "Finance", has)
		title, _ := w.attribute(target.AttributeTitle)
		require.Equal(t, "Duchess", title)
		require.NotContains(t, w.view().Values, target.AttributeTitle)
		require.Contains(t, w.view().Values, target.AttributeDepartment)
		require.Equal(t, "Duchess", w.view().Document.Title, "the next plan is made by what is there")
	}
}

// attribute is what the user's account shows.
func (w *works) attribute(name string) (string, bool) {
	w.t.Helper()
	a, err := w.s.Targets[google].Read(w.t.Context(), target.ReadRequest{ID: w.user})
	require.NoError(w.t, err)
	return a.Attribute(name)
}

// TestAnAddressThatIsTaken stays with whom it belongs to, and everything else is written.
func TestAnAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "")
	was, other := w.account(), w.other()
	title, _ := w.attribute(target.AttributeTitle)
	in := w.order(changing([3]string{target.AttributeEmail, was.Email, other.Email}, [3]string{target.AttributeTitle, title, "Countess"}))
	for range 2 {
		require.Len(t, w.carry(in).Left, 1)
		require.Equal(t, was.Email, w.account().Email)
		require.Equal(t, other, *w.directory().User(other.ID), "nobody else's account has changed")
		now, _ := w.attribute(target.AttributeTitle)
		require.Equal(t, "Countess", now)
		require.NotEqual(t, w.view().Values[target.AttributeEmail].Written, w.view().Values[target.AttributeEmail].Seen)
	}
}
