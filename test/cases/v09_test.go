package cases

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// choosy has Google refuse one reader by a policy of the domain, one who has no account, and the mail to compliance.
func choosy(t *testing.T, s *kit.Stack) {
	t.Helper()
	require.NoError(t, s.Sandbox.Google(t.Context(), control.GoogleSettings{
		RefusedReaders:    map[string]string{"guest@acme.example": "domainPolicy"},
		RefusedRecipients: map[string]string{"compliance@acme.example": "invalidArgument"},
	}))
}

// readers are a policy's for the review: the two whom Google refuses stand first.
func readers(t *testing.T) func(string) string {
	return func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), "compliance: compliance@acme.example",
			"compliance: compliance@acme.example\n  reviewers: [partner@other.example, guest@acme.example, it@acme.example]")
	}
}

// TestCase_V09_RefusedReadersOfAReview: the others have all tabs and their mail, IT is told whom to give access and whom to write to,
// and nothing waits for an answer.
func TestCase_V09_RefusedReadersOfAReview(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: readers(t)})
	choosy(t, s)
	s.Baseline()
	_, err := s.App.Launch.Review(t.Context(), "2026-11")
	require.NoError(t, err)
	var out api.ReviewOutcome
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, s.Temporal.GetWorkflow(ctx, api.ReviewID("2026-11"), "").Get(ctx, &out))
	require.Equal(t, "reviewed", out.Result)
	books, err := s.Sandbox.Spreadsheets(t.Context())
	require.NoError(t, err)
	require.Len(t, books, 1)
	require.Len(t, books[0].Tabs, 3)
	require.Len(t, books[0].Tab("2026-11 Access").Values, int(out.Snapshot.Access)+1)
	shared := books[0].Shared
	require.Equal(t, "writer", shared["compliance@acme.example"])
	require.Equal(t, "writer", shared["it@acme.example"])
	require.NotContains(t, shared, "partner@other.example")
	require.NotContains(t, shared, "guest@acme.example")
	mails, err := s.Sandbox.Mails(t.Context())
	require.NoError(t, err)
	require.Len(t, mails, int(out.Mailed.Managers)+1, "one to each manager, one to the fallback owner")

	s.Until("IT is told", func() bool {
		said := s.Messages(it)
		return strings.Contains(said, "give somebody access") && strings.Contains(said, "refuses the e-mail")
	})
	said := s.Messages(it)
	for _, part := range []string{"partner@other.example", "guest@acme.example", "review.compliance", books[0].ID} {
		require.Contains(t, said, part)
	}
	require.NotContains(t, said, "starter decide", "nobody is asked anything")
}

// TestCase_V09_RefusedReadersOfTheTrackingSheet: the sheet of the grace periods is written and shared with whom it can be.
func TestCase_V09_RefusedReadersOfTheTrackingSheet(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: readers(t)})
	choosy(t, s)
	s.Baseline()
	account := s.WithoutFactors("workday-21009")
	s.ScanMFA()
	books, err := s.Sandbox.Spreadsheets(t.Context())
	require.NoError(t, err)
	require.Len(t, books, 1)
	require.Equal(t, "MFA tracking", books[0].Title)
	require.Equal(t, "reader", books[0].Shared["compliance@acme.example"])
	require.Equal(t, "reader", books[0].Shared["it@acme.example"])
	require.NotContains(t, books[0].Shared, "guest@acme.example")
	found := false
	for _, row := range books[0].Tab("MFA tracking").Values {
		found = found || row[0] == "workday-21009"
	}
	require.True(t, found, "the row of account %d is there", account.ID)
	s.Until("IT is told whom to give access", func() bool {
		said := s.Messages(it)
		return strings.Contains(said, "guest@acme.example") && strings.Contains(said, "partner@other.example")
	})
}
