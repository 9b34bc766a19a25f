package server_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/api/drive/v3"
	"google.golang.org/api/gmail/v1"

	"gatehouse/sandbox/server"
)

// TestBodiesMayBeAsLargeAsTheVendorsTakeThem, and what is larger is refused in the vendor's own form.
func TestBodiesMayBeAsLargeAsTheVendorsTakeThem(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	mails, err := gmail.NewService(context.Background(), s.service("", gmail.MailGoogleComScope)...)
	require.NoError(t, err)
	letter := "To: ada@acme.example\r\nSubject: Large\r\n\r\n" + strings.Repeat("three million letters\r\n", 140_000)
	_, err = mails.Users.Messages.Send("me", &gmail.Message{Raw: base64.URLEncoding.EncodeToString([]byte(letter))}).Do()
	require.NoError(t, err)
	files, err := drive.NewService(context.Background(), s.service("drive/v3/", drive.DriveScope)...)
	require.NoError(t, err)
	made, err := files.Files.Create(&drive.File{Name: "Large", MimeType: "text/plain"}).Media(strings.NewReader(strings.Repeat("x", 5<<20))).Fields("size").Do()
	require.NoError(t, err)
	require.Equal(t, int64(5<<20), made.Size)

	large := func(n int) string { return `{"x":"` + strings.Repeat("x", n) + `"}` }
	for path, c := range map[string]struct {
		as     option
		size   int
		status int
		says   string
	}{
		"/google/gmail/v1/users/me/messages/send":        {s.googleToken(robot, "https://mail.google.com/"), 50 << 20, http.StatusBadRequest, "Request payload size exceeds the limit: "},
		"/google/upload/gmail/v1/users/me/messages/send": {s.googleToken(robot, "https://mail.google.com/"), 36 << 20, http.StatusRequestEntityTooLarge, "uploadTooLarge"},
		"/google/v4/spreadsheets":                        {s.googleToken(robot, "https://www.googleapis.com/auth/spreadsheets"), 11 << 20, http.StatusBadRequest, `"INVALID_ARGUMENT"`},
		"/pagerduty/v2/enqueue":                          {header("X", "x"), 512 << 10, http.StatusRequestEntityTooLarge, `"status":"invalid event"`},
		"/pagerduty/incidents":                           {header("X", "x"), 5 << 20, http.StatusRequestEntityTooLarge, `"code":2001`},
		"/slack/api/chat.postMessage":                    {header("X", "x"), 5 << 20, http.StatusRequestEntityTooLarge, `"error":"request_timeout"`},
		"/jira/rest/api/3/issue":                         {jiraUser, 5 << 20, http.StatusRequestEntityTooLarge, `"errorMessages":`},
		"/onelogin/api/2/users":                          {s.oneLoginToken("sandbox-onelogin"), 5 << 20, http.StatusRequestEntityTooLarge, `"statusCode":413`},
	} {
		a := s.call("POST", path, large(c.size), c.as)
		require.Equal(t, c.status, a.status, "%s: %s", path, a.body)
		require.Contains(t, a.body, c.says, path)
	}
}

// TestARefusedAppendLeavesTheGrid as large as it was, and one by columns adds as many rows as it has.
func TestARefusedAppendLeavesTheGrid(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(robot, "https://www.googleapis.com/auth/spreadsheets")
	var book struct {
		ID     string `json:"spreadsheetId"`
		Sheets []struct {
			Properties struct {
				Grid struct {
					Rows int `json:"rowCount"`
				} `json:"gridProperties"`
			} `json:"properties"`
		} `json:"sheets"`
	}
	s.call("POST", "/google/v4/spreadsheets", `{"sheets":[{"properties":{"title":"S","gridProperties":{"rowCount":1,"columnCount":2}}}]}`, as).json(t, &book)
	rows := func() int {
		s.call("GET", "/google/v4/spreadsheets/"+book.ID, "", as).json(t, &book)
		return book.Sheets[0].Properties.Grid.Rows
	}
	add := func(body string) answer {
		return s.call("POST", "/google/v4/spreadsheets/"+book.ID+"/values/S!A1:append?valueInputOption=RAW", body, as)
	}
	require.Equal(t, http.StatusBadRequest, add(`{"values":[["a"],["b"],["too","many","columns"]]}`).status)
	require.Equal(t, http.StatusBadRequest, add(`{"values":[["a"],[{}]]}`).status)
	require.Equal(t, 1, rows())
	require.Equal(t, http.StatusOK, add(`{"majorDimension":"COLUMNS","values":[["a","b","c"],["1","2","3"]]}`).status)
	require.Equal(t, 3, rows())
}

// TestNobodyIsToldOfGo: what cannot be read is refused in words that a vendor could say.
func TestNobodyIsToldOfGo(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	sheet := s.googleToken(robot, "https://www.googleapis.com/auth/spreadsheets")
	file := s.googleToken(robot, "https://www.googleapis.com/auth/drive")
	for _, c := range []struct {
		path, body, says string
		as               option
	}{
		{"/google/v4/spreadsheets", `{"properties":{"title":7}}`, "Invalid value at 'properties.title' (TYPE_STRING), number", sheet},
		{"/google/v4/spreadsheets", `{"properties":[]}`, `Unknown name \"properties\": Proto field is not repeating, cannot start list.`, sheet},
		{"/google/v4/spreadsheets", `{"sheets":{}}`, "Invalid value at 'sheets'", sheet},
		{"/google/v4/spreadsheets", `{"titel":"x"}`, `Unknown name \"titel\": Cannot find field.`, sheet},
		{"/google/v4/spreadsheets", `[]`, "Root element must be a message.", sheet},
		{"/google/v4/spreadsheets", `{"properties":}`, "Unexpected token.", sheet},
		{"/google/v4/spreadsheets", `{"properties":`, "Unexpected end of string.", sheet},
		{"/google/drive/v3/files", `{"parents":"root"}`, "Invalid value at 'parents'", file},
		{"/google/drive/v3/files", `{"size":true}`, "Unexpected token.", file},
		{"/pagerduty/v2/enqueue", `{"payload":{"summary":7}}`, "'payload.summary' is invalid", file},
		{"/pagerduty/v2/enqueue", `{"payload":[]}`, "'payload' is invalid", file},
		{"/pagerduty/v2/enqueue", `{"payload":`, "JSON parse error", file},
		{"/pagerduty/v2/enqueue", `{"urgency":"high"}`, "'urgency' is not recognized", file},
		{"/pagerduty/incidents", `{"incident":{"title":7}}`, "incident.title is invalid.", nil},
		{"/pagerduty/incidents", `[]`, "Request body is not valid JSON.", nil},
	} {
		a := pager(s, "POST", strings.TrimPrefix(c.path, "/pagerduty"), c.body)
		if c.as != nil {
			a = s.call("POST", c.path, c.body, c.as)
		}
		require.Equal(t, http.StatusBadRequest, a.status, "%s %s: %s", c.path, c.body, a.body)
		require.Contains(t, a.body, c.says, c.body)
		for _, word := range []string{"json:", "Go struct", "unmarshal", "struct {", "int64"} {
			require.NotContains(t, a.body, word, c.body)
		}
	}
}

// TestIssuesAreFoundByTheirDates, relative ones too, and no other field is compared.
func TestIssuesAreFoundByTheirDates(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	s.control("POST", "jira", `{"index_lag_ms":0}`)
	for _, due := range []string{`,"duedate":"2020-01-02"`, ``} {
		a := s.call("POST", "/jira/rest/api/2/issue", `{"fields":{"project":{"key":"IT"},"issuetype":{"name":"Task"},"summary":"x"`+due+`}}`, jiraUser)
		require.Equal(t, http.StatusCreated, a.status, a.body)
	}
	search := func(jql string) answer {
		return s.call("GET", "/jira/rest/api/3/search/jql?jql="+url.QueryEscape("project = IT AND "+jql), "", jiraUser)
	}
	for jql, want := range map[string]int{
		"created >= -7d": 2, "created<-7d": 0, "updated > '-1w 2d' AND created <= now()": 2, "created >= 2020-01-01": 2,
		`createdDate < "2020/01/01 10:30"`: 0, "due <= 2d": 1, "due = 2020-01-02": 1, "due != 2020-01-02": 0, "duedate in (2020-01-02, 2020-01-03)": 1,
		"due is empty": 1, "due is not empty": 1, "due > now()": 0, "created is empty": 0,
	} {
		var found struct {
			Issues []any `json:"issues"`
		}
		a := search(jql)
		require.Equal(t, http.StatusOK, a.status, "%s: %s", jql, a.body)
		a.json(t, &found)
		require.Len(t, found.Issues, want, jql)
	}
	for jql, says := range map[string]string{
		"created >= yesterday": "Date value 'yesterday' for field 'created' is invalid.", "created ~ -7d": "The operator '~' is not supported by the 'created' field.",
		"summary > x": "The operator '>' is not supported by the 'summary' field.", "created >": "expecting a value after 'created'",
		"created >= someday()": "Unable to find JQL function 'someday()'.", "created >= 99999999999d": "is invalid", "created >= -999999w": "is invalid",
	} {
		a := search(jql)
		require.Equal(t, http.StatusBadRequest, a.status, "%s: %s", jql, a.body)
		require.Contains(t, a.body, says, jql)
	}
}

// TestBlocksHaveWhatTheirTypeNeeds, and the text of a markdown block is no object.
func TestBlocksHaveWhatTheirTypeNeeds(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	post := func(block string) string {
		return s.call("POST", "/slack/api/chat.postMessage", `{"channel":"C0IT","text":"x","blocks":[`+block+`]}`, header("Authorization", "Bearer xoxb-sandbox")).body
	}
	for _, block := range []string{
		`{"type":"table"}`, `{"type":"table","rows":[]}`, `{"type":"input"}`, `{"type":"input","label":{"type":"plain_text","text":"x"}}`, `{"type":"rich_text"}`,
		`{"type":"image"}`, `{"type":"markdown"}`, `{"type":"markdown","text":""}`, `{"type":"header","text":"no object"}`,
	} {
		require.Contains(t, post(block), `"invalid_blocks"`, block)
	}
	for _, block := range []string{
		`{"type":"divider"}`, `{"type":"markdown","text":"*x*"}`, `{"type":"table","rows":[[{"type":"raw_text","text":"x"}]]}`,
		`{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[]}]}`,
	} {
		require.Contains(t, post(block), `"ok":true`, block)
	}
}

// TestIncidentsAreListedWithinARange of at most six months, by the statuses that there are.
func TestIncidentsAreListedWithinARange(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	now := start
	for query, want := range map[string]string{
		"since=" + now.AddDate(0, 0, -5).Format("2006-01-02"): `"incidents":`, "since=" + now.AddDate(0, 0, -5).Format("2006-01-02T15:04Z"): `"incidents":`,
		"since=2026-01-01&until=2026-06-30": `"incidents":`, "since=2026-01-01&until=2026-07-02": `"code":2005`, "since=2026-02-01&until=2026-01-01": `"code":2005`,
		"since=01.11.2026": `"code":2004`, "until=tomorrow": `"code":2004`, "since=2020-01-01&date_range=all": `"incidents":`,
		"statuses[]=open": `"code":2001`, "statuses[]=triggered&statuses[]=": `"code":2001`, "statuses[]=resolved": `"incidents":`, "urgencies[]=medium": `"code":2001`,
	} {
		require.Contains(t, pager(s, "GET", "/incidents?"+query, "").body, want, query)
	}
}
