package activities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/api/sheets/v4"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/internal/config"
	"gatehouse/ledger/reviews"
	"gatehouse/sandbox/control"
)

// deleteTab deletes a tab, as a person would who takes it for a leftover.
func (r *rig) deleteTab(title string) {
	r.t.Helper()
	book := r.sheetsOf()[0]
	_, err := r.vendors.Activities.Sheets.Client.Sheets.Spreadsheets.BatchUpdate(book.ID, &sheets.BatchUpdateSpreadsheetRequest{
		Requests: []*sheets.Request{{DeleteSheet: &sheets.DeleteSheetRequest{SheetId: book.Tab(title).ID}}},
	}).Context(r.t.Context()).Do()
	require.NoError(r.t, err)
}

// TestTabThatWasDeletedIsWrittenAnew: a tab that somebody deletes while the review is written comes back with its rows.
func TestTabThatWasDeletedIsWrittenAnew(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	reviewAt(api.ReviewWrite)(r)
	r.fault(control.Fault{Op: "google.sheets.batch_update_values", Skip: 1, When: "before", Style: "status", Status: 503})
	_, err := r.run(api.ReviewWrite, review)
	require.Error(t, err)
	before := r.sheetsOf()[0].Tab("2026-03 Summary").Values
	require.NotEmpty(t, before)
	r.deleteTab("2026-03 Summary")
	r.must(api.ReviewWrite, review)
	require.Equal(t, before, r.sheetsOf()[0].Tab("2026-03 Summary").Values)
	require.Len(t, r.sheetsOf()[0].Tabs, 3)
}

// TestReviewGetsOnUnderASmallQuota: every attempt comes further, however few calls a minute allows.
func TestReviewGetsOnUnderASmallQuota(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{config: func(c *config.Config) { c.Google.PerMinute = 3 }})
	require.NoError(t, r.sandbox.Google(t.Context(), control.GoogleSettings{PerMinute: 6}))
	reviewAt(api.ReviewWrite)(r)
	attempts := 1
	for ; attempts <= 10; attempts++ {
		_, err := r.run(api.ReviewWrite, review)
		if err == nil {
			break
		}
		app := application(t, err)
		require.Equal(t, api.ErrRateLimited, app.Type())
		r.clock.Advance(app.NextRetryDelay())
	}
	require.LessOrEqual(t, attempts, 5, "six writes and six reads at three a minute")
	require.Len(t, r.sheetsOf()[0].Tabs, 3)
}

// toldAbout are the subjects of the e-mails to an address in which an account stands.
func (r *rig) toldAbout(username string) map[string][]string {
	r.t.Helper()
	told := map[string][]string{}
	for _, m := range r.mails() {
		if strings.Contains(m.Text, username) {
			told[m.To[0]] = append(told[m.To[0]], m.Subject)
		}
	}
	return told
}

// TestLettersGoToWhoeverCanAnswer: nobody who has left is sent what others have, nobody is asked about themselves, and a
// manager without an address stops nothing.
func TestLettersGoToWhoeverCanAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.hrRead()
	who, err := r.app.Ledger.Review().Open(t.Context(), campaign)
	require.NoError(t, err)
	require.Equal(t, campaign, who.Key)
	person := func(id int64, manager int64, name, email string) reviews.User {
		return reviews.User{ID: id, Included: true, Status: 1, ManagerID: manager, Identity: reviews.Identity{
			Username: name + "@acme.example", Email: email, Name: name,
		}}
	}
	move := func(step string) reviews.StepMove {
		return reviews.StepMove{Step: step, To: `{"policy":"x"}`, Done: true}
	}
	require.NoError(t, r.app.Ledger.Review().Stage(t.Context(), campaign, move("assess"), reviews.Rows{
		Users: []reviews.User{
			person(1, 1, "chief", "chief@acme.example"), person(2, 1, "lead", "lead@acme.example"), person(3, 1, "gone", "gone@acme.example"),
			person(4, 1, "mute", "mute at acme"),
			person(11, 2, "of-lead", "x@acme.example"), person(12, 3, "of-gone", "x@acme.example"), person(13, 4, "of-mute", "x@acme.example"),
		},
		Verdicts: []reviews.Verdict{{UserID: 1, HR: "works here"}, {UserID: 3, HR: "left"}},
	}))
	for _, step := range reviewSteps[5:] {
		r.must(step, review)
	}
	team, rest := "Access review 2026-03: your team", "Access review 2026-03: accounts without a manager"
	for name, want := range map[string]map[string][]string{
		"of-lead": {"lead@acme.example": {team}},
		"of-gone": {"it@acme.example": {rest}},
		"of-mute": {"it@acme.example": {team}},
		"chief":   {"it@acme.example": {rest}},
		"gone":    {"chief@acme.example": {team}},
	} {
		require.Equal(t, want, r.toldAbout(" | "+name+"@acme.example"), name)
	}
	for _, m := range r.mails() {
		if strings.Contains(m.Text, " | of-mute@") {
			require.Contains(t, m.Text, "This is for mute, whose account has no e-mail address that can be written to. Please pass it on.")
		}
	}
}

// TestReviewTakenUpLateBeginsAgain: what was collected days ago is not mixed with what is read now.
func TestReviewTakenUpLateBeginsAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		later time.Duration
		anew  bool
	}{"within a day": {23 * time.Hour, false}, "days later": {25 * time.Hour, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			reviewAt(api.ReviewRoles)(r)
			r.clock.Advance(c.later)
			mark := r.mark()
			for _, step := range reviewSteps[:4] {
				r.must(step, review)
			}
			read := 0
			if c.anew {
				read = 1
			}
			require.Equal(t, read, r.calls(mark, "onelogin.list_users"))
			state, _, err := r.app.Ledger.Review().Campaign(t.Context(), campaign)
			require.NoError(t, err)
			require.Equal(t, c.anew, state.StartedAt.Equal(r.clock.Now()))
		})
	}
}

// TestSummarySaysHowOldHRIs: whether somebody works here is only as good as the last reading.
func TestSummarySaysHowOldHRIs(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.hrRead()
	r.clock.Advance(50 * time.Hour)
	reviewAt(api.ReviewMail)(r)
	var lines []string
	for _, row := range r.sheetsOf()[0].Tab("2026-03 Summary").Values {
		lines = append(lines, fmt.Sprint(row...))
	}
	require.Contains(t, strings.Join(lines, "\n"), "bamboohr 2026-03-02 09:00 UTC, workday 2026-03-02 09:00 UTC")
	require.Contains(t, lines[1], "2026-03-04 11:00 UTC", "the as-of line is the time of the freeze")
}

// TestLargeReviewStaysWithinTheCallBudget holds the calls of OneLogin for ten thousand people and two hundred apps.
func TestLargeReviewStaysWithinTheCallBudget(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: 10_000, apps: 180})
	_, err := r.app.Ledger.Review().Open(t.Context(), campaign)
	require.NoError(t, err)
	mark := r.mark()
	for _, step := range reviewSteps[1:4] {
		r.must(step, review)
	}
	entries, err := r.sandbox.Journal(t.Context(), mark, false)
	require.NoError(t, err)
	require.LessOrEqual(t, len(entries), 1_500)
	var apps []onelogin.App
	apps, err = r.vendors.OneLogin.Apps(t.Context())
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(apps), 200)
	page, err := r.app.Ledger.Review().Accounts(t.Context(), campaign, 0, 10_000)
	require.NoError(t, err)
	require.Greater(t, len(page), 9_000, "everybody who has not left is there")
	t.Logf("%d calls for %d open accounts and %d apps", len(entries), len(page), len(apps))
}

// refusal is how Google says that it does not do something for one recipient.
func refusal(op string, skip, times int) control.Fault {
	return control.Fault{
		Op: op, When: "before", Style: "status", Status: 400, Skip: skip, Times: times,
		Body:        `{"error":{"code":400,"message":"Bad Request","errors":[{"domain":"global","reason":"invalidSharingRequest","message":"no"}]}}`,
		ContentType: "application/json",
	}
}

// TestReaderWhomGoogleRefusesKeepsItFromNobody: all tabs are written, the other readers have access, and who is refused is
// returned for somebody to give them access by hand.
func TestReaderWhomGoogleRefusesKeepsItFromNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"compliance: compliance@acme.example", "compliance: compliance@acme.example\n  reviewers: [partner@other.example, it@acme.example]"}})
	reviewAt(api.ReviewWrite)(r)
	r.fault(refusal("google.drive.create_permission", 1, 1))
	var out api.ReviewWritten
	require.NoError(t, r.must(api.ReviewWrite, review).Get(&out))
	require.Len(t, r.sheetsOf()[0].Tabs, 3)
	require.Len(t, out.Unshared, 1)
	require.Equal(t, "partner@other.example", out.Unshared[0].Address)
	require.Contains(t, out.Unshared[0].Link, r.sheetsOf()[0].ID)
	shared := r.sheetsOf()[0].Shared
	require.Equal(t, "writer", shared["compliance@acme.example"])
	require.Equal(t, "writer", shared["it@acme.example"])
	require.NotContains(t, shared, "partner@other.example")
}

// TestManagerWhomGoogleRefusesStopsNobody: what was for them goes to the fallback owner, and everybody else has theirs.
func TestManagerWhomGoogleRefusesStopsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	reviewAt(api.ReviewManagers)(r)
	before := len(r.mails())
	r.fault(refusal("google.gmail.send_draft", 2, 1))
	var out api.ReviewMailed
	require.NoError(t, r.must(api.ReviewManagers, review).Get(&out))
	require.Zero(t, out.Refused)
	require.Len(t, r.mails()[before:], 12)
	passedOn := 0
	for _, m := range r.mails()[before:] {
		if strings.Contains(m.Text, "whose account has an e-mail address that is refused. Please pass it on.") {
			require.Equal(t, "it@acme.example", m.To[0])
			passedOn++
		}
	}
	require.Equal(t, 1, passedOn)
}
