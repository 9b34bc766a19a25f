package server_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

// TestForgedPagesAreRefused: numbers that no list has, and cursors that nobody gave, are answered as the vendors answer them.
func TestForgedPagesAreRefused(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	std, raw := base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	directory, bot := s.oneLoginToken("sandbox-onelogin"), header("Authorization", "Bearer xoxb-sandbox")
	drive := s.googleToken(robot, "https://www.googleapis.com/auth/drive")
	for _, c := range []struct {
		path   string
		as     option
		status int
	}{
		{"/onelogin/api/2/users?page=92233720368547760&limit=100", directory, http.StatusOK},
		{"/onelogin/api/2/users?cursor=" + std([]byte(`{"limit":9223372036854775807,"page":2}`)), directory, http.StatusBadRequest},
		{"/slack/api/users.list?cursor=" + std([]byte("next:-5")), bot, http.StatusOK},
		{"/slack/api/users.list?cursor=" + std([]byte("next:9223372036854775807")), bot, http.StatusOK},
		{"/google/drive/v3/files?pageToken=" + raw([]byte("from:-5")), drive, http.StatusBadRequest},
		{"/google/drive/v3/files?pageToken=" + raw([]byte("from:9223372036854775807")), drive, http.StatusBadRequest},
	} {
		a := s.call("GET", c.path, "", c.as)
		require.Equal(t, c.status, a.status, "%s: %s", c.path, a.body)
	}
	require.Contains(t, s.call("GET", "/slack/api/users.list?cursor="+std([]byte("next:-5")), "", bot).body, "invalid_cursor")
	require.Equal(t, http.StatusBadRequest, pager(s, "GET", "/incidents?offset=9223372036854775800", "").status)
	for _, offset := range []string{"-5", "9223372036854775807"} {
		forged := base64.URLEncoding.EncodeToString([]byte(offset))
		require.Equal(t, http.StatusBadRequest, s.call("GET", "/jira/rest/api/3/search/jql?jql=project%3DIT&nextPageToken="+forged, "", jiraUser).status)
	}
}

// TestRangesOutsideTheGrid: a row that is none is no range, and one beyond every grid is not the first one.
func TestRangesOutsideTheGrid(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(robot, "https://www.googleapis.com/auth/spreadsheets")
	var book struct {
		ID     string `json:"spreadsheetId"`
		Sheets []struct {
			Properties struct {
				ID int `json:"sheetId"`
			} `json:"properties"`
		} `json:"sheets"`
	}
	s.call("POST", "/google/v4/spreadsheets", `{"sheets":[{"properties":{"title":"S","sheetId":7}}]}`, as).json(t, &book)
	for path, want := range map[string]string{
		"S!A0": "Unable to parse range", "S!A99999999999999999999": "exceeds grid limits", "S!A1:B0": "Unable to parse range",
	} {
		a := s.call("GET", "/google/v4/spreadsheets/"+book.ID+"/values/"+path, "", as)
		require.Equal(t, http.StatusBadRequest, a.status)
		require.Contains(t, a.body, want, path)
	}
	for _, request := range []string{
		`{"updateSheetProperties":{"properties":{"sheetId":7,"gridProperties":{"rowCount":9223372036854775807}},"fields":"gridProperties.rowCount"}}`,
		`{"appendDimension":{"sheetId":7,"dimension":"ROWS","length":9223372036854775807}}`,
	} {
		a := s.call("POST", "/google/v4/spreadsheets/"+book.ID+":batchUpdate", `{"requests":[`+request+`]}`, as)
		require.Equal(t, http.StatusBadRequest, a.status, a.body)
	}
}

// TestNothingIsTakenThatNobodyKnows: parts of texts and messages of kinds that there are none of are refused.
func TestNothingIsTakenThatNobodyKnows(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	issue := func(description string) answer {
		return s.call("POST", "/jira/rest/api/3/issue", `{"fields":{"project":{"key":"IT"},"issuetype":{"name":"Task"},"summary":"x","description":{"type":"doc","version":1,"content":[`+
			description+`]}}}`, jiraUser)
	}
	require.Equal(t, http.StatusCreated, issue(`{"type":"paragraph","content":[{"type":"text","text":"x"}]}`).status)
	require.Equal(t, http.StatusBadRequest, issue(`{"type":"paragraf"}`).status)
	require.Equal(t, http.StatusBadRequest, issue(`{"type":"paragraph","content":[{"type":"text"}]}`).status)
	require.Equal(t, http.StatusUnsupportedMediaType, s.call("POST", "/jira/rest/api/2/issue", `{}`, jiraUser, header("Content-Type", "text/plain")).status)
	require.Equal(t, http.StatusBadRequest, s.call("GET", "/jira/rest/api/3/search/jql?jql=project%3DIT+AND", "", jiraUser).status)

	post := s.call("POST", "/slack/api/chat.postMessage", `{"channel":"C0IT","text":"x","blocks":[{"type":"sektion"}]}`, header("Authorization", "Bearer xoxb-sandbox"))
	require.Contains(t, post.body, "invalid_blocks")
	for _, body := range []string{`{"incidents":[]}`, `{"incidents":null}`} {
		require.Equal(t, http.StatusBadRequest, pager(s, "PUT", "/incidents", body).status)
	}
}
