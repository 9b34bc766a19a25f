package cases

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/internal/doctor"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// examine runs the real command and returns its findings by code.
func examine(t *testing.T, d *kit.Desk) (code int, found map[string][]doctor.Result) {
	t.Helper()
	p := d.Run("doctor", "--json")
	var all []doctor.Result
	require.NoError(t, json.Unmarshal([]byte(p.Out), &all), p.Err)
	found = map[string][]doctor.Result{}
	for _, r := range all {
		found[r.Code] = append(found[r.Code], r)
	}
	for _, c := range doctor.Codes() {
		require.NotEmpty(t, found[c[0]], "%s says something", c[0])
	}
	return p.Code, found
}

// worst is the worst that a code came to.
func worst(all []doctor.Result) doctor.Result {
	rank := map[doctor.State]int{doctor.Fine: 0, doctor.Warning: 1, doctor.Unknown: 2, doctor.Failure: 3}
	w := doctor.Result{State: doctor.Fine}
	for _, r := range all {
		if rank[r.State] > rank[w.State] {
			w = r
		}
	}
	return w
}

// TestCase_O10_DoctorFindsWhatWouldStopALeaver: each of them is named with its code and what mends it, before anybody leaves.
func TestCase_O10_DoctorFindsWhatWouldStopALeaver(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{NoWorker: true})
	d := s.Desk(nil)
	mark := s.Mark()
	code, found := examine(t, d)
	require.Equal(t, doctor.ExitFailures, code)
	require.Empty(t, s.Effects(mark), "it changes nothing")
	for _, c := range []string{"GH-D04", "GH-D05", "GH-D16", "GH-D17", "GH-D22"} {
		require.Equal(t, doctor.Failure, worst(found[c]).State, "%s before anything runs: %v", c, found[c])
		require.NotEmpty(t, worst(found[c]).Mend, c)
	}
	for _, c := range []string{"GH-D02", "GH-D03", "GH-D06", "GH-D10", "GH-D11", "GH-D12", "GH-D13", "GH-D20", "GH-D21", "GH-D30", "GH-D31", "GH-D32", "GH-D33"} {
		require.Equal(t, doctor.Fine, worst(found[c]).State, "%s: %v", c, found[c])
	}

	s.StartWorkers()
	s.Baseline()
	_, err := s.App.ApplySchedules(t.Context())
	require.NoError(t, err)
	_, found = examine(t, d)
	require.Equal(t, doctor.Fine, worst(found["GH-D04"]).State)
	require.NotEqual(t, doctor.Failure, worst(found["GH-D05"]).State, "the desk has no Google, and a review is asked for by nothing")
	require.Equal(t, doctor.Fine, worst(found["GH-D22"]).State)
	require.NoError(t, s.Temporal.ScheduleClient().GetHandle(t.Context(), "event-watch").Pause(t.Context(), client.SchedulePauseOptions{Note: "noise"}))

	// The owner of the credential is a person, and leaves; a mapping activates everybody; a column is gone.
	owner := s.Account("workday-21006")
	s.HR("workday-21006", "terminate", control.Fields{"last_day": "today+10"})
	_, found = examine(t, s.Desk(func(text string) string {
		return kit.Replace(t, text, "credential_owners: [breakglass-1@acme.example]", fmt.Sprintf("credential_owners: [%s]", owner.Username))
	}))
	require.Contains(t, fmt.Sprint(found["GH-D13"]), fmt.Sprintf("onelogin/%d owns a credential, and its person leaves", owner.ID))
	require.NoError(t, s.Sandbox.AddMapping(t.Context(), control.Mapping{Name: "Back to work", Actions: []control.MappingAction{{Action: "set_status", Value: []string{"1"}}}}))
	require.NoError(t, s.Sandbox.EnableMappings(t.Context(), true))
	require.NoError(t, s.Sandbox.Workday(t.Context(), map[string]any{"drop_columns": []string{"Hire_Date"}}))
	require.NoError(t, s.Sandbox.SetDirectoryEntry(t.Context(), control.DirectoryEntry{Directory: 77, ID: owner.ID}))
	late := shifted(t, s.Sandbox.URL(), 6*time.Minute)
	odd := s.Desk(func(text string) string {
		text = kit.Replace(t, text, "credential_owners: [breakglass-1@acme.example]", fmt.Sprintf("credential_owners: [%s, nobody@acme.example]", owner.Username),
			"client_id: sandbox-onelogin\n", "client_id: sandbox-onelogin-users\n", "client_secret: sandbox-onelogin-secret\n", "client_secret: sandbox-onelogin-users-secret\n",
			"token: xoxb-sandbox\n", "token: xoxb-sandbox-narrow\n", "project: IT\n", "project: NONE\n")
		return strings.ReplaceAll(text, s.Sandbox.URL()+"/jira", late+"/jira")
	})
	code, found = examine(t, odd)
	require.Equal(t, doctor.ExitFailures, code)
	for c, says := range map[string]string{
		"GH-D05": "event-watch is paused: noise", "GH-D11": "less than Manage All", "GH-D20": "empty in every record: hire_date",
		"GH-D30": "missing_scope", "GH-D32": "jira.project cannot be searched", "GH-D33": "Jira's clock is 6m",
	} {
		w := worst(found[c])
		require.Equal(t, doctor.Failure, w.State, "%s: %v", c, found[c])
		require.Contains(t, w.Found, says)
		require.NotEmpty(t, w.Mend)
	}
	require.Contains(t, fmt.Sprint(found["GH-D13"]), "owner 2 of onelogin.credential_owners is no user of OneLogin")
	require.Contains(t, worst(func() []doctor.Result { _, f := examine(t, d); return f["GH-D14"] }()).Found, `("Back to work") activates accounts again`)
	for _, r := range found {
		require.NotContains(t, fmt.Sprint(r), owner.LastName, "a finding names nobody")
		require.NotContains(t, fmt.Sprint(r), owner.Username)
	}

	require.NoError(t, s.Sandbox.DisableCredential(t.Context(), true))
	_, found = examine(t, d)
	require.Equal(t, doctor.Failure, worst(found["GH-D10"]).State)
	require.NoError(t, s.Sandbox.DisableCredential(t.Context(), false))
	blind := s.Desk(func(text string) string {
		return kit.Replace(t, text, "  client_secret: sandbox-onelogin-secret\n", "")
	})
	code, found = examine(t, blind)
	require.Equal(t, doctor.ExitFailures, code, "the column is still gone")
	require.Equal(t, doctor.Unknown, worst(found["GH-D10"]).State, "what cannot be asked is not known, and not fine")
	p := blind.Run("doctor")
	require.Contains(t, p.Out, "GH-D10  NOT KNOWN")
	require.Equal(t, 2, p.Code)
	broken := s.Desk(func(text string) string { return text + "\nunknown_section: 1\n" })
	require.Equal(t, 2, broken.Run("doctor").Code)
}

// shifted is the sandbox behind a gateway whose clock is ahead.
func shifted(t *testing.T, base string, by time.Duration) string {
	t.Helper()
	target, err := url.Parse(base)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
		return nil
	}
	gateway := httptest.NewServer(proxy)
	t.Cleanup(gateway.Close)
	return gateway.URL
}

// TestCase_V04_DoctorSaysBothPossibilities: Slack does not tell a wrong id from a private channel without the app.
func TestCase_V04_DoctorSaysBothPossibilities(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{NoWorker: true})
	d := s.Desk(nil)
	out := false
	require.NoError(t, s.Sandbox.SetChannel(t.Context(), control.Channel{ID: "C0IT", Private: true, Bot: &out}))
	require.NoError(t, s.Sandbox.SetChannel(t.Context(), control.Channel{ID: "C0SECURITY", Archived: true}))
	_, found := examine(t, d)
	require.Len(t, found["GH-D31"], 2)
	it, security := found["GH-D31"][0], found["GH-D31"][1]
	require.Equal(t, doctor.Failure, it.State)
	require.Contains(t, it.Found, "either the id is wrong, or the channel is private and the app is not in it")
	require.Contains(t, it.Mend, "/invite")
	require.Contains(t, it.Mend, "slack.channels.it")
	require.Contains(t, security.Found, "archived")
	in := true
	require.NoError(t, s.Sandbox.SetChannel(t.Context(), control.Channel{ID: "C0IT", Private: true, Bot: &in}))
	_, found = examine(t, d)
	require.Equal(t, doctor.Fine, found["GH-D31"][0].State)
}
