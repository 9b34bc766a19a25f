package activities_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/inventory"
	"gatehouse/sandbox/control"
)

func (r *rig) readAnew(in api.AgentReadRequest) api.AgentReadOutcome {
	r.t.Helper()
	in.Agent = "helpdesk"
	var out api.AgentReadOutcome
	for range 2 {
		require.NoError(r.t, r.must(api.AgentReadsRead, in).Get(&out), "reading twice is reading once")
	}
	return out
}

// catalogued is the id of a role, group or app as the catalog has it.
func (r *rig) catalogued(kind inventory.CatalogKind, name string) int64 {
	r.t.Helper()
	found, err := r.app.Ledger.Inventory().Named(r.t.Context(), identity.SystemOneLogin, kind, name)
	require.NoError(r.t, err)
	require.Len(r.t, found, 1, name)
	id, err := strconv.ParseInt(found[0].ID, 10, 64)
	require.NoError(r.t, err)
	return id
}

func (r *rig) holders(role string) []string {
	r.t.Helper()
	ids, err := r.app.Ledger.Inventory().MembersOfRole(r.t.Context(), identity.SystemOneLogin, role)
	require.NoError(r.t, err)
	return ids
}

// renameRole has an administrator's script rename a role over OneLogin's API.
func (r *rig) renameRole(id int64, name string) {
	r.t.Helper()
	send := func(method, path, token string, body any) (answer map[string]any) {
		text, err := json.Marshal(body)
		require.NoError(r.t, err)
		req, err := http.NewRequestWithContext(r.t.Context(), method, r.config.OneLogin.BaseURL+path, bytes.NewReader(text))
		require.NoError(r.t, err)
		req.Header.Set("Content-Type", "application/json")
		if token == "" {
			req.SetBasicAuth(r.config.OneLogin.ClientID, r.config.OneLogin.ClientSecret.Reveal())
		} else {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(r.t, err)
		defer func() { require.NoError(r.t, resp.Body.Close()) }()
		data, err := io.ReadAll(resp.Body)
		require.NoError(r.t, err)
		require.Equal(r.t, 200, resp.StatusCode, "%s", data)
		require.NoError(r.t, json.Unmarshal(data, &answer))
		return answer
	}
	token := send(http.MethodPost, "/auth/oauth2/v2/token", "", map[string]any{"grant_type": "client_credentials"})["access_token"].(string)
	send(http.MethodPut, fmt.Sprintf("/api/2/roles/%d", id), token, map[string]any{"name": name})
}

// TestReadingAnewWritesTheInventoryAndNothingElse: what changed behind our back is known afterwards, no account was touched and nobody
// hinted.
func TestReadingAnewWritesTheInventoryAndNothingElse(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{people: 230})
	r.clock.Advance(2 * time.Hour)
	r.sweep("s1")
	r.sweepRoles("r1", time.Hour)
	people := r.people()
	edited, gone := people[3], people[4]
	require.NotEmpty(t, edited.Roles)
	role, lost := edited.Roles[0], edited.Roles[0]
	id := r.catalogued(inventory.CatalogRole, role)
	before := r.holders(role)
	require.Contains(t, before, strconv.FormatInt(edited.ID, 10))

	r.clock.Advance(time.Hour)
	_, err := r.sandbox.EditAccount(t.Context(), edited.ID, control.Fields{"title": "Conductor", "roles": edited.Roles[1:]})
	require.NoError(t, err)
	require.NoError(t, r.sandbox.DeleteAccount(t.Context(), gone.ID))
	made, err := r.sandbox.CopyAccount(t.Context(), edited.ID, control.Fields{"username": "ada.byron", "email": "ada.byron@acme.example"})
	require.NoError(t, err)
	r.renameRole(id, "Renamed")
	r.clock.Advance(time.Minute)
	mark, hinted := r.mark(), len(r.hints())
	out := r.readAnew(api.AgentReadRequest{Accounts: []int64{edited.ID, gone.ID}, Changes: true, Role: id, Catalog: true})
	require.True(t, out.Complete, "%s", out.Why)

	a, found := r.entry(edited.ID)
	require.True(t, found)
	require.Equal(t, "Conductor", a.Document.Title)
	require.Equal(t, edited.Roles[1:], a.Document.Roles)
	require.Equal(t, r.clock.Now().UTC(), a.ObservedAt)
	_, found = r.entry(gone.ID)
	require.False(t, found, "OneLogin says that it does not exist")
	_, found = r.entry(made.ID)
	require.True(t, found, "whoever is new is known")
	require.Empty(t, r.holders(lost), "the role has another name")
	require.Len(t, r.holders("Renamed"), len(before)-1-count(before, strconv.FormatInt(gone.ID, 10)))
	read, found, err := r.app.Ledger.Inventory().RoleReadOf(t.Context(), identity.SystemOneLogin, strconv.FormatInt(id, 10))
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "Renamed", read.Name)
	require.Empty(t, r.effects(mark), "nothing was written at any vendor")
	require.Len(t, r.hints(), hinted, "and nobody hinted")
}

func count(ids []string, id string) (n int) {
	for _, each := range ids {
		if each == id {
			n++
		}
	}
	return n
}

// TestEventsReadAnewAreStillNewsToTheRules: what an agent has read is judged when the watch reads it.
func TestEventsReadAnewAreStillNewsToTheRules(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"end: policy", `events:
  rules:
    - {name: failures, types: [USER_FAILED_ONELOGIN_LOGIN], count: 100, within: 10m, severity: low}
end: policy`}})
	r.sweep("s1")
	r.sweepRoles("r1", time.Hour)
	r.must(api.EventsCollect, api.Nothing{})
	r.clock.Advance(time.Minute)
	who := r.people()[3]
	app := r.catalogued(inventory.CatalogApp, "Slack")
	_, _, err := r.sandbox.Events(t.Context(),
		control.Event{Type: 6, Usernames: []string{who.Username}, IP: "203.0.113.9", Times: 60},
		control.Event{Type: 8, Usernames: []string{who.Username}, App: "Slack", AppID: app},
		control.Event{Type: 8, Usernames: []string{who.Username}, App: "Other", AppID: app + 1})
	require.NoError(t, err)
	mark, now := r.mark(), r.clock.Now()
	between := incidents.Between{Since: now.Add(-time.Minute), Until: now.Add(time.Minute)}
	of := api.AgentReadEvents{Users: []int64{who.ID}, Since: between.Since, Until: between.Until}
	out := r.readAnew(api.AgentReadRequest{Events: &of})
	require.True(t, out.Complete, "%s", out.Why)
	require.Equal(t, 62, out.Events)
	counted := func(about incidents.About) int {
		counts, err := r.app.Ledger.Incidents().CountAbout(t.Context(), about, between)
		require.NoError(t, err)
		return counts[who.ID]
	}
	require.Equal(t, 62, counted(incidents.About{Users: []int64{who.ID}}))
	require.Equal(t, 1, r.readAnew(api.AgentReadRequest{Events: &api.AgentReadEvents{App: app, Since: between.Since, Until: between.Until}}).Events)
	require.Equal(t, 1, counted(incidents.About{App: app}))
	require.Empty(t, r.effects(mark))

	var report api.CollectReport
	require.NoError(t, r.must(api.EventsCollect, api.Nothing{}).Get(&report))
	require.GreaterOrEqual(t, report.New, 60, "the rules have not seen them yet")
	require.Equal(t, 62, counted(incidents.About{Users: []int64{who.ID}}), "and each is known once")
}

// TestReadingAnewLeavesTheQuotaToOthers: a tenant that is nearly out of calls has nothing read because an agent asks.
func TestReadingAnewLeavesTheQuotaToOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.sweep("s1")
	require.NoError(t, r.sandbox.Quota(t.Context(), 5000, 100))
	r.clock.Advance(time.Minute)
	who := r.people()[3]
	for range 3 {
		_, err := r.run(api.AgentReadsRead, api.AgentReadRequest{Agent: "helpdesk", Accounts: []int64{who.ID}})
		if err != nil {
			require.NotContains(t, err.Error(), who.Username)
			return
		}
		r.clock.Advance(time.Minute)
	}
	t.Fatal("it went on reading")
}
