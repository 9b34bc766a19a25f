package activities_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/gsuite"
	"gatehouse/activities/step"
	"gatehouse/sandbox/control"
)

// TestLongCellsAreClippedAndSaySo: Google refuses a whole call for one cell that is too long, counted as it counts. What is left out is said.
func TestLongCellsAreClippedAndSaySo(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	sheets := r.vendors.Activities.Sheets
	id, err := sheets.EnsureSpreadsheet(t.Context(), "k", "t")
	require.NoError(t, err)
	tab := access()
	tab.Content = [][]any{{"Person", "Role", strings.Repeat("h", 60_000)}}
	_, err = sheets.EnsureTab(t.Context(), id, tab)
	require.NoError(t, err)
	require.NoError(t, sheets.Write(t.Context(), id, gsuite.Range{
		At: gsuite.At(tab.Title, 1, 0), Values: [][]any{{"ada", strings.Repeat("x", 50_001), strings.Repeat("x", 50_000)}, {"bob", strings.Repeat("🙂", 30_000), 7}},
	}))
	values := r.sheetsOf()[0].Tab(tab.Title).Values
	for cell, end := range map[any]string{
		values[0][2]: "h… (10032 more characters)", values[1][1]: "x… (33 more characters)", values[1][2]: "xxx", values[2][1]: "🙂… (5032 more characters)",
	} {
		text := cell.(string)
		require.True(t, strings.HasSuffix(text, end), "it ends with %q", text[len(text)-60:])
	}
	require.InDelta(t, 7, values[2][2], 0)
}

// TestOneReaderKeepsASheetFromNobody, whatever Google's reason is. Where it takes nobody, it is about who asks.
func TestOneReaderKeepsASheetFromNobody(t *testing.T) {
	t.Parallel()
	all := []string{"first@acme.example", "second@acme.example", "third@acme.example"}
	for name, tc := range map[string]struct {
		refuses map[string]string
		refused []string
		kind    string
	}{
		"a policy of the domain":     {map[string]string{all[0]: "domainPolicy"}, all[:1], ""},
		"no account":                 {map[string]string{all[1]: "invalidSharingRequest"}, all[1:2], ""},
		"a reason nobody has seen":   {map[string]string{all[0]: "brandNew", all[2]: "brandNew"}, []string{all[0], all[2]}, ""},
		"a policy refuses everybody": {map[string]string{all[0]: "domainPolicy", all[1]: "domainPolicy", all[2]: "domainPolicy"}, all, ""},
		"the robot may share with nobody": {
			map[string]string{all[0]: "insufficientFilePermissions", all[1]: "insufficientFilePermissions", all[2]: "insufficientFilePermissions"}, nil, api.ErrUnauthorized,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			sheets := r.vendors.Activities.Sheets
			id, err := sheets.EnsureSpreadsheet(t.Context(), "k", "t")
			require.NoError(t, err)
			require.NoError(t, r.sandbox.Google(t.Context(), control.GoogleSettings{RefusedReaders: tc.refuses}))
			refused, err := sheets.ShareAll(t.Context(), gsuite.Place{Spreadsheet: id, Tab: 7}, "reader", all)
			var whom []string
			for _, u := range refused {
				whom = append(whom, u.Address)
				require.Contains(t, u.Link, id)
			}
			require.ElementsMatch(t, tc.refused, whom)
			shared := r.sheetsOf()[0].Shared
			for _, address := range all {
				require.Equal(t, tc.refuses[address] == "", shared[address] == "reader", address)
			}
			if tc.kind == "" {
				require.NoError(t, err)
				return
			}
			app := application(t, step.ToApplicationError(err))
			require.Equal(t, tc.kind, app.Type())
			require.NotContains(t, app.Error(), "@", "addresses are nobody's business")
		})
	}
}
