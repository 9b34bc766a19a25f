package cases

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// profileWrites counts the writes to an account's profile since a mark.
func profileWrites(s *kit.Stack, mark uint64, id int64) int {
	s.T.Helper()
	calls, err := s.Sandbox.Journal(s.T.Context(), mark, false)
	require.NoError(s.T, err)
	n := 0
	for _, c := range calls {
		if c.System == "onelogin" && c.Method == http.MethodPut && c.Path == fmt.Sprintf("/api/2/users/%d", id) {
			n++
		}
	}
	return n
}

// TestCase_V07_AValueThatIsCut: HR has a title that OneLogin cuts. It is written once for each change of HR's, whoever asks again, and
// a notice says so; when OneLogin takes it, it is written.
func TestCase_V07_AValueThatIsCut(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	account := s.Account("workday-21009")
	require.NoError(t, s.Sandbox.Cut(t.Context(), 12))
	title := func() string { return s.Of(account.ID).Title }
	changes := func(to string) {
		mark := s.Mark()
		s.HR("workday-21009", "change", control.Fields{"title": to})
		s.Hint("workday-21009", "webhook")
		s.Until("the title is written and cut", func() bool { return title() == strings.TrimSpace(to[:12]) })
		for range 3 {
			s.Hint("workday-21009", "test")
			s.Outcome("workday-21009")
		}
		require.Equal(t, 1, profileWrites(s, mark, account.ID), "once for each change")
	}
	changes("Staff engineer of everything")
	require.Contains(t, s.Desk(nil).MustRun("plan", "--person", "workday-21009"), "value_not_kept")
	s.Until("IT is told", func() bool {
		return strings.Contains(s.Messages(it), "OneLogin has been told HR's title and keeps something else")
	})
	changes("Head of engineering")

	require.NoError(t, s.Sandbox.Cut(t.Context(), 0))
	_, err := s.Sandbox.EditAccount(t.Context(), account.ID, control.Fields{"title": "By hand"})
	require.NoError(t, err)
	s.Hint("workday-21009", "test")
	s.Until("what OneLogin takes is written", func() bool { return title() == "Head of engineering" })
	require.NotContains(t, s.Desk(nil).MustRun("plan", "--person", "workday-21009"), "value_not_kept")
}

// TestCase_V07_AValueThatIsTakenBack: a directory sets its own title every night. HR's is written three times, and then somebody is told.
func TestCase_V07_AValueThatIsTakenBack(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	account := s.Account("workday-21009")
	mark := s.Mark()
	for range 6 {
		_, err := s.Sandbox.EditAccount(t.Context(), account.ID, control.Fields{"title": "Clerk"})
		require.NoError(t, err)
		s.Hint("workday-21009", "test")
		s.Outcome("workday-21009")
	}
	require.Equal(t, 3, profileWrites(s, mark, account.ID))
	require.Equal(t, "Clerk", s.Of(account.ID).Title)
	require.Contains(t, s.Desk(nil).MustRun("plan", "--person", "workday-21009"), "value_not_kept")
	s.Until("IT is told", func() bool {
		return strings.Contains(s.Messages(it), "OneLogin has been told HR's title and keeps something else")
	})
}

// TestCase_V08_TheManagersAccountIsGone: somebody joins, and somebody else is given another title, while the account of their manager
// has been deleted by hand.
func TestCase_V08_TheManagersAccountIsGone(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	report := s.Account("workday-21009")
	s.HR("workday-21009", "change", control.Fields{"manager_id": "21005"})
	s.Hint("workday-21009", "webhook")
	manager := s.Account("workday-21005")
	s.Until("the manager is written", func() bool { return s.Of(report.ID).ManagerID == manager.ID })
	require.NoError(t, s.Sandbox.DeleteAccount(t.Context(), manager.ID))

	s.HR("workday-21009", "change", control.Fields{"title": "Principal"})
	s.Hint("workday-21009", "webhook")
	s.Until("the title is written", func() bool { return s.Of(report.ID).Title == "Principal" })
	joiner := s.Hire("workday", control.Fields{
		"first_name": "Nora", "last_name": "Newcomer", "department": "Engineering", "title": "Engineer", "location": "Berlin",
		"manager_id": "21005", "hire_date": "today",
	})
	s.Hint(joiner, "webhook")
	s.Until("the joiner can sign in", func() bool {
		p, found, err := s.Sandbox.ByExternalID(t.Context(), joiner)
		require.NoError(t, err)
		return found && p.Status == 1
	})
	s.Until("IT is told that the joiner has no manager", func() bool {
		return strings.Contains(s.Messages(it), "the manager whom HR names has no OneLogin account") || strings.Contains(s.Messages(it), "keeps something else")
	})
}
