package server_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

// pageScript is the script of the page as a browser gets it, with the headers that it comes with.
func (s *sandbox) pageScript() (html, script string, header http.Header) {
	a := s.call("GET", "/", "")
	require.Equal(s.t, http.StatusOK, a.status)
	parts := strings.Split(a.body, "script>")
	require.Len(s.t, parts, 3, "the page has one script")
	return a.body, strings.TrimSuffix(parts[1], "</"), a.header
}

func TestThePageRunsNothingButItsOwn(t *testing.T) {
	t.Parallel()
	html, script, header := run(t, server.Options{}).pageScript()
	sum := sha256.Sum256([]byte(script))
	policy := header.Get("Content-Security-Policy")
	require.Contains(t, policy, "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	require.Contains(t, policy, "default-src 'none'")
	require.Contains(t, policy, "frame-ancestors 'none'")
	require.NotRegexp(t, `(?i)innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function`, script, "no data becomes markup")
	rest := strings.Replace(html, `<link rel="icon" href="data:,">`, "", 1)
	require.NotRegexp(t, `(?i)<link|@import|url\(|\ssrc=|\son[a-z]+="`, rest, "nothing comes from elsewhere")
	require.Less(t, len(html), 64<<10)
}

// press is what reached the app.
type press struct {
	signed   bool
	user     string
	action   string
	response string
}

// app listens where Slack sends presses.
func (s *sandbox) app() <-chan press {
	got := make(chan press, 10)
	listens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		mac := hmac.New(sha256.New, []byte("sandbox-slack-signing"))
		mac.Write([]byte("v0:" + r.Header.Get("X-Slack-Request-Timestamp") + ":" + string(body)))
		form, _ := url.ParseQuery(string(body))
		var payload struct {
			User struct {
				ID string `json:"id"`
			} `json:"user"`
			Response string `json:"response_url"`
			Actions  []struct {
				ID string `json:"action_id"`
			} `json:"actions"`
		}
		if json.Unmarshal([]byte(form.Get("payload")), &payload) != nil || len(payload.Actions) != 1 {
			http.Error(w, "no press", http.StatusBadRequest)
			return
		}
		got <- press{
			signed: r.Header.Get("X-Slack-Signature") == "v0="+hex.EncodeToString(mac.Sum(nil)),
			user:   payload.User.ID, action: payload.Actions[0].ID, response: payload.Response,
		}
	}))
	s.t.Cleanup(listens.Close)
	s.control("POST", "slack/interactivity", `{"url":"`+listens.URL+`"}`)
	return got
}

// question posts a message with a button, as an app does.
func (s *sandbox) question() {
	a := s.form("/slack/api/chat.postMessage", url.Values{"token": {"xoxb-sandbox"}, "channel": {"C0SECURITY"}, "text": {"May they?"}, "blocks": {
		`[{"type":"actions","block_id":"b","elements":[{"type":"button","action_id":"approve","text":{"type":"plain_text","text":"Approve"},"value":"v"}]}]`,
	}})
	require.Contains(s.t, a.body, `"ok":true`)
}

func TestAPressOnThePageReachesTheAppAndItsAnswerThePage(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	got := s.app()
	s.question()
	who := s.user("id=100002").Username
	a := s.call("POST", "/sandbox/slack/click", `{"email":"`+who+`","channel":"C0SECURITY","action_id":"approve"}`,
		header("Origin", s.base), header("Sec-Fetch-Site", "same-origin"))
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.JSONEq(t, `{"statuses":[200]}`, a.body)
	p := <-got
	require.True(t, p.signed, "signed as Slack signs")
	require.Equal(t, "approve", p.action)

	answer := s.call("POST", strings.TrimPrefix(p.response, s.base), `{"response_type":"ephemeral","text":"<b>no</b>"}`)
	require.Equal(t, http.StatusOK, answer.status, answer.body)
	var shown struct {
		Whispers []struct {
			Email   string `json:"email"`
			Channel string `json:"channel"`
			Text    string `json:"text"`
			At      string `json:"at"`
		} `json:"whispers"`
	}
	s.control("GET", "overview", "").json(t, &shown)
	require.Len(t, shown.Whispers, 1)
	require.Equal(t, who, shown.Whispers[0].Email)
	require.Equal(t, "C0SECURITY", shown.Whispers[0].Channel)
	require.NotEmpty(t, shown.Whispers[0].At)
}

func TestAPageOfAnotherSiteChangesNothing(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	got := s.app()
	s.question()
	press := `{"email":"` + s.user("id=100002").Username + `","channel":"C0SECURITY","action_id":"approve"}`
	host := func(name string) option { return func(r *http.Request) { r.Host = name } }
	port := regexp.MustCompile(`:[0-9]+$`).FindString(s.base)
	for name, tc := range map[string]struct {
		path, body string
		as         []option
	}{
		"another origin":         {"slack/click", press, []option{header("Origin", "http://evil.example")}},
		"another port":           {"slack/click", press, []option{header("Origin", "http://127.0.0.1:1")}},
		"no origin to speak of":  {"slack/click", press, []option{header("Origin", "null")}},
		"a form":                 {"slack/click", press, []option{header("Origin", "http://evil.example"), header("Content-Type", "text/plain")}},
		"the browser says so":    {"slack/click", press, []option{header("Sec-Fetch-Site", "cross-site")}},
		"a site of this machine": {"slack/click", press, []option{header("Sec-Fetch-Site", "same-site"), header("Origin", "http://localhost:3000")}},
		"a name for 127.0.0.1":   {"slack/click", press, []option{host("evil.example" + port), header("Origin", "http://evil.example"+port)}},
		"the company":            {"reset", ``, []option{header("Origin", "http://evil.example")}},
		"a termination":          {"hr", `{"source":"workday","action":"terminate","employee_id":"21005"}`, []option{header("Origin", "http://evil.example")}},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.call("POST", "/sandbox/"+tc.path, tc.body, tc.as...)
			require.Equal(t, http.StatusForbidden, a.status, a.body)
			require.Contains(t, a.body, "sandbox:")
		})
	}
	require.Empty(t, got, "nothing reached the app")
	require.Equal(t, http.StatusOK, s.call("GET", "/sandbox/overview", "", header("Sec-Fetch-Site", "cross-site")).status, "a browser lets no other site read the answer")
}

// TestThePageShowsASheetAsItIs: newest first, with its colours, its rules, its filter and its chart.
func TestThePageShowsASheetAsItIs(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(robot, "https://www.googleapis.com/auth/spreadsheets")
	s.newSheet(as)
	path := s.newSheet(as)
	s.control("POST", "clock", `{"advance":"1m"}`)
	batch := func(requests string) {
		t.Helper()
		a := s.call("POST", path+":batchUpdate", `{"requests":[`+requests+`]}`, as)
		require.Equal(t, 200, a.status, a.body)
	}
	batch(`{"addSheet":{"properties":{"sheetId":7,"title":"Older"}}}`)
	s.control("POST", "clock", `{"advance":"1m"}`)
	batch(`{"addSheet":{"properties":{"sheetId":8,"title":"Newer"}}},{"addSheet":{"properties":{"sheetId":9,"title":"Newer, second"}}}`)
	cell := func(v string) string { return `{"userEnteredValue":{` + v + `}}` }
	row := func(name, n string) string {
		return `{"values":[` + cell(`"stringValue":"`+name+`"`) + `,` + cell(n) + `]}`
	}
	batch(`{"updateCells":{"start":{"sheetId":8},"fields":"userEnteredValue","rows":[` +
		row("finding", `"stringValue":"count"`) + `,` + row("<script>alert(1)</script>", `"numberValue":3`) + `,` + row("dormant", `"numberValue":1`) + `]}}`)
	batch(`{"repeatCell":{"range":{"sheetId":8,"endRowIndex":1},"fields":"userEnteredFormat(backgroundColor,textFormat.bold)",
		"cell":{"userEnteredFormat":{"backgroundColor":{"red":0.9,"green":0.92,"blue":0.96},"textFormat":{"bold":true}}}}}`)
	batch(`{"addConditionalFormatRule":{"index":0,"rule":{"ranges":[{"sheetId":8,"startRowIndex":1,"endColumnIndex":1}],"booleanRule":{
		"condition":{"type":"TEXT_EQ","values":[{"userEnteredValue":"dormant"}]},"format":{"backgroundColor":{"red":1}}}}}}`)
	batch(`{"setBasicFilter":{"filter":{"range":{"sheetId":8,"endRowIndex":3,"endColumnIndex":2}}}}`)
	source := func(column string) string {
		return `{"sourceRange":{"sources":[{"sheetId":8,"endRowIndex":3,` + column + `}]}}`
	}
	batch(`{"addChart":{"chart":{"position":{"overlayPosition":{"anchorCell":{"sheetId":8}}},"spec":{"title":"Findings","basicChart":{"chartType":"BAR",
		"domains":[{"domain":` + source(`"endColumnIndex":1`) + `}],"series":[{"targetAxis":"BOTTOM_AXIS","series":` + source(`"startColumnIndex":1,"endColumnIndex":2`) + `}]}}}}}`)

	type tab struct {
		Title  string  `json:"title"`
		Values [][]any `json:"values"`
		Looks  struct {
			Paints []map[string]any `json:"paints"`
			Rules  []map[string]any `json:"rules"`
			Filter map[string]any   `json:"filter"`
			Charts []map[string]any `json:"charts"`
		} `json:"looks"`
	}
	var o struct {
		Sheets []struct {
			ID   string `json:"id"`
			Tabs []tab  `json:"tabs"`
		} `json:"sheets"`
		Shown struct {
			Book string `json:"book"`
			Tab  int64  `json:"tab"`
		} `json:"shown"`
	}
	s.control("GET", "overview", "").json(t, &o)
	require.Len(t, o.Sheets, 2)
	require.True(t, strings.HasSuffix(path, o.Sheets[0].ID), "the newest spreadsheet first")
	require.Equal(t, o.Sheets[0].ID, o.Shown.Book)
	require.Equal(t, int64(8), o.Shown.Tab)
	newest := o.Sheets[0].Tabs[0]
	require.Equal(t, "Newer", newest.Title, "the newest tab first")
	require.Equal(t, "Newer, second", o.Sheets[0].Tabs[1].Title, "those that were made together in their order")
	require.Len(t, newest.Values, 3)
	require.Equal(t, "#e6ebf5", newest.Looks.Paints[0]["colour"])
	require.Equal(t, true, newest.Looks.Paints[0]["bold"])
	require.Equal(t, "#ff0000", newest.Looks.Rules[0]["colour"])
	require.Equal(t, []any{"dormant"}, newest.Looks.Rules[0]["values"])
	require.InDelta(t, 2, newest.Looks.Filter["end_column"], 0)
	require.Equal(t, []any{"<script>alert(1)</script>", "dormant"}, newest.Looks.Charts[0]["names"])
	require.Equal(t, []any{3.0, 1.0}, newest.Looks.Charts[0]["values"])
	require.Empty(t, o.Sheets[0].Tabs[1].Values, "of the others only that they are there")

	s.control("GET", "overview?book="+o.Shown.Book+"&tab=7", "").json(t, &o)
	require.Equal(t, int64(7), o.Shown.Tab)
}
