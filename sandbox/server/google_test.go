package server_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	oauth "golang.org/x/oauth2/google"
	"google.golang.org/api/drive/v3"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/googleapi"
	googleoption "google.golang.org/api/option"
	"google.golang.org/api/sheets/v4"

	"gatehouse/sandbox/server"
)

const robot = "gatehouse-robot@acme.example"

// googleToken signs the service account in, as a user and with scopes.
func (s *sandbox) googleToken(user string, scopes ...string) option {
	s.t.Helper()
	as, err := s.tryGoogleToken(user, scopes...)
	require.NoError(s.t, err)
	return as
}

func (s *sandbox) tryGoogleToken(user string, scopes ...string) (option, error) {
	s.t.Helper()
	key, err := oauth.JWTConfigFromJSON([]byte(s.control("GET", "google/key", "").body), scopes...)
	require.NoError(s.t, err)
	key.Subject = user
	token, err := key.TokenSource(context.Background()).Token()
	if err != nil {
		return nil, err
	}
	return header("Authorization", "Bearer "+token.AccessToken), nil
}

// service are the options of the real client library against the sandbox.
func (s *sandbox) service(path string, scopes ...string) []googleoption.ClientOption {
	s.t.Helper()
	key, err := oauth.JWTConfigFromJSON([]byte(s.control("GET", "google/key", "").body), scopes...)
	require.NoError(s.t, err)
	key.Subject = robot
	return []googleoption.ClientOption{
		googleoption.WithHTTPClient(key.Client(context.Background())), googleoption.WithEndpoint(s.base + "/google/" + path),
	}
}

// TestGoogleWithItsLibrary reads what the real client library makes of the domain.
func TestGoogleWithItsLibrary(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	ctx := context.Background()
	files, err := drive.NewService(ctx, s.service("drive/v3/", drive.DriveScope)...)
	require.NoError(t, err)
	tables, err := sheets.NewService(ctx, s.service("", sheets.SpreadsheetsScope)...)
	require.NoError(t, err)
	mails, err := gmail.NewService(ctx, s.service("", gmail.GmailModifyScope)...)
	require.NoError(t, err)

	made, err := files.Files.Create(&drive.File{
		Name: "Review", MimeType: "application/vnd.google-apps.spreadsheet", Parents: []string{"1AcmeAccessReports"},
		AppProperties: map[string]string{"k": "it's"},
	}).SupportsAllDrives(true).Do()
	require.NoError(t, err)
	search := func() int {
		found, err := files.Files.List().Q(`'1AcmeAccessReports' in parents and appProperties has { key='k' and value='it\'s' } and trashed = false`).
			SupportsAllDrives(true).IncludeItemsFromAllDrives(true).Do()
		require.NoError(t, err)
		return len(found.Files)
	}
	require.Zero(t, search(), "the index lags behind")
	s.control("POST", "clock", `{"advance":"2s"}`)
	require.Equal(t, 1, search())

	ids, err := files.Files.GenerateIds().Count(1).Do()
	require.NoError(t, err)
	folder := &drive.File{Id: ids.Ids[0], Name: "Private", MimeType: "application/vnd.google-apps.folder"}
	_, err = files.Files.Create(folder).Do()
	require.NoError(t, err)
	_, err = files.Files.Create(folder).Do()
	require.Equal(t, http.StatusConflict, status(err), "a pre-generated id is used once")
	folder.MimeType, folder.Id = "application/vnd.google-apps.spreadsheet", "1x"
	_, err = files.Files.Create(folder).Do()
	require.Equal(t, http.StatusBadRequest, status(err), "spreadsheets take no id")

	write := func(option string, values ...any) {
		_, err := tables.Spreadsheets.Values.Update(made.Id, "Sheet1!A1:E1", &sheets.ValueRange{Values: [][]any{values}}).ValueInputOption(option).Do()
		require.NoError(t, err)
	}
	read := func(render string) [][]any {
		got, err := tables.Spreadsheets.Values.Get(made.Id, "Sheet1!A1:E9").ValueRenderOption(render).Do()
		require.NoError(t, err)
		return got.Values
	}
	write("RAW", "=1+1", "+49", "007", 5, true)
	require.Equal(t, [][]any{{"=1+1", "+49", "007", 5.0, true}}, read("UNFORMATTED_VALUE"))
	write("USER_ENTERED", `=HYPERLINK("http://evil.example")`, "@ada", "007", nil, "TRUE")
	require.Equal(t, [][]any{{`=HYPERLINK("http://evil.example")`, "=@ada", 7.0, 5.0, true}}, read("FORMULA"))
	require.Equal(t, "#NAME?", read("FORMATTED_VALUE")[0][0])
	for range 2 {
		_, err = tables.Spreadsheets.Values.Append(made.Id, "Sheet1!A1", &sheets.ValueRange{Values: [][]any{{"again"}}}).ValueInputOption("RAW").Do()
		require.NoError(t, err)
	}
	require.Len(t, read("UNFORMATTED_VALUE"), 3, "appending twice makes two rows")

	raw := base64.URLEncoding.EncodeToString([]byte("To: a@acme.example\r\nSubject: =?utf-8?q?f=C3=BCr?=\r\nMessage-ID: <own@x>\r\nX-Key: k\r\n\r\nhello"))
	draft, err := mails.Users.Drafts.Create("me", &gmail.Draft{Message: &gmail.Message{Raw: raw}}).Do()
	require.NoError(t, err)
	sent, err := mails.Users.Drafts.Send("me", &gmail.Draft{Id: draft.Id}).Do()
	require.NoError(t, err)
	require.NotEqual(t, draft.Message.Id, sent.Id)
	_, err = mails.Users.Drafts.Send("me", &gmail.Draft{Id: draft.Id}).Do()
	require.Equal(t, http.StatusNotFound, status(err), "a draft can be sent once")
	_, err = mails.Users.Drafts.Get("me", draft.Id).Do()
	require.Equal(t, http.StatusNotFound, status(err))
	got, err := mails.Users.Messages.Get("me", sent.Id).Format("metadata").Do()
	require.NoError(t, err)
	headers := map[string]string{}
	for _, h := range got.Payload.Headers {
		headers[h.Name] = h.Value
	}
	require.Equal(t, "k", headers["X-Key"])
	require.NotContains(t, headers["Message-ID"], "own@x", "Gmail gives an id of its own")
	require.Contains(t, s.control("GET", "google/mails", "").body, `"subject":"für"`)
}

// status is the HTTP status of an error of the library.
func status(err error) int {
	if answer, ok := err.(*googleapi.Error); ok { //nolint:errorlint // the library returns it as it is
		return answer.Code
	}
	return 0
}

// newSheet makes a spreadsheet of the robot's own and returns its path.
func (s *sandbox) newSheet(as option) string {
	s.t.Helper()
	a := s.call("POST", "/google/v4/spreadsheets", `{"properties":{"title":"T"}}`, as)
	require.Equal(s.t, 200, a.status, a.body)
	var made struct {
		ID string `json:"spreadsheetId"`
	}
	a.json(s.t, &made)
	return "/google/v4/spreadsheets/" + made.ID
}

func TestBatchUpdateIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(robot, sheets.SpreadsheetsScope)
	path := s.newSheet(as)
	s.control("POST", "google", `{"cell_limit":30000,"per_minute":1000}`)
	add := func(id int, title string) string {
		return fmt.Sprintf(`{"addSheet":{"properties":{"sheetId":%d,"title":%q,"gridProperties":{"rowCount":10,"columnCount":3}}}}`, id, title)
	}
	before := s.call("GET", path, "", as).body
	for name, tc := range map[string]struct{ second, want string }{
		"id that exists":     {add(0, "B"), "already exists. Please use another id"},
		"title that exists":  {add(8, "a"), "already exists. Please enter another name"},
		"unknown request":    {`{"addShet":{}}`, "Unknown name"},
		"unknown field":      {`{"addSheet":{"propertys":{}}}`, "propertys"},
		"two kinds at once":  {`{"addSheet":{},"deleteSheet":{}}`, "exactly one"},
		"beyond the grid":    {`{"updateCells":{"start":{"sheetId":7,"rowIndex":10},"fields":"*","rows":[{"values":[{}]}]}}`, "beyond"},
		"no field mask":      {`{"updateCells":{"start":{"sheetId":7},"rows":[]}}`, "At least one field"},
		"wrong field":        {`{"repeatCell":{"range":{"sheetId":7},"cell":{},"fields":"colour"}}`, "Invalid field"},
		"wrong format":       {`{"repeatCell":{"range":{"sheetId":7},"cell":{"userEnteredFormat":{"bold":true}},"fields":"userEnteredFormat"}}`, "Unknown name"},
		"two values":         {`{"repeatCell":{"range":{"sheetId":7},"cell":{"userEnteredValue":{"stringValue":"a","boolValue":true}},"fields":"userEnteredValue"}}`, "exactly one kind"},
		"no such sheet":      {`{"setBasicFilter":{"filter":{"range":{"sheetId":9}}}}`, "No grid with id: 9"},
		"too many cells":     {`{"appendDimension":{"sheetId":7,"dimension":"ROWS","length":9999}}`, "above the limit of 30000 cells"},
		"all rows frozen":    {`{"updateSheetProperties":{"properties":{"sheetId":7,"gridProperties":{"frozenRowCount":10}},"fields":"gridProperties.frozenRowCount"}}`, "freeze"},
		"hole in a range":    {`{"addProtectedRange":{"protectedRange":{"range":{"sheetId":7,"endRowIndex":2},"unprotectedRanges":[{"sheetId":7}]}}}`, "only supported on protected sheets"},
		"chart from nowhere": {`{"addChart":{"chart":{"spec":{"basicChart":{"chartType":"COLUMN","series":[{"targetAxis":"LEFT_AXIS"}]}},"position":{"overlayPosition":{"anchorCell":{"sheetId":7}}}}}}`, "source range"},
		"axis of a bar":      {`{"addChart":{"chart":{"spec":{"basicChart":{"chartType":"BAR","series":[{"targetAxis":"LEFT_AXIS"}]}}}}}`, "BOTTOM_AXIS"},
		"choice of nothing":  {`{"setDataValidation":{"range":{"sheetId":7},"rule":{"condition":{"type":"ONE_OF_LIST"}}}}`, "at least one value"},
		"last sheet":         {`{"deleteSheet":{"sheetId":7}},{"deleteSheet":{}}`, "remove all the sheets"},
	} {
		a := s.call("POST", path+":batchUpdate", `{"requests":[`+add(7, "A")+`,`+tc.second+`]}`, as)
		require.Equal(t, 400, a.status, name)
		require.Contains(t, a.body, tc.want, name)
		require.Equal(t, before, s.call("GET", path, "", as).body, "%s: nothing may be left of the first request", name)
	}
	a := s.call("POST", path+":batchUpdate", `{"requests":[`+add(7, "A")+`]}`, as)
	require.Equal(t, 200, a.status, a.body)
	require.Contains(t, a.body, `"sheetId":7`)
}

func TestGoogleRefuses(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(robot, sheets.SpreadsheetsScope, drive.DriveScope)
	other := s.googleToken("it-security@acme.example", sheets.SpreadsheetsScope)
	readOnly := s.googleToken(robot, sheets.SpreadsheetsReadonlyScope)
	sendOnly := s.googleToken(robot, gmail.GmailSendScope)
	path := s.newSheet(as)
	const shared = "/google/drive/v3/files/1AcmeAccessReports"
	for name, tc := range map[string]struct {
		method, path, body string
		as                 option
		status             int
		want               string
	}{
		"no token":             {"GET", path, "", bearer(""), 401, "UNAUTHENTICATED"},
		"scope":                {"PUT", path + "/values/A1?valueInputOption=RAW", `{}`, readOnly, 403, "insufficient authentication scopes"},
		"drafts need compose":  {"GET", "/google/gmail/v1/users/me/drafts", "", sendOnly, 403, "insufficient"},
		"search needs reading": {"GET", "/google/gmail/v1/users/me/messages?q=x", "", sendOnly, 403, "insufficient"},
		"another mailbox":      {"POST", "/google/gmail/v1/users/boss@acme.example/messages/send", `{}`, sendOnly, 403, "Delegation denied"},
		"message without body": {"POST", "/google/gmail/v1/users/me/messages/send", `{}`, sendOnly, 400, "raw"},
		"somebody's file":      {"GET", path, "", other, 403, "permission"},
		"no such file":         {"GET", "/google/v4/spreadsheets/1none", "", as, 404, "not found"},
		"shared drive":         {"GET", shared, "", as, 404, "File not found"},
		"drive search":         {"GET", "/google/drive/v3/files?q=name+sounds+'x'", "", as, 400, "Invalid Value"},
		"drive without id":     {"GET", "/google/drive/v3/files?corpora=drive&supportsAllDrives=true&includeItemsFromAllDrives=true", "", as, 400, "driveId"},
		"role":                 {"POST", shared + "/permissions?supportsAllDrives=true", `{"type":"user","role":"boss","emailAddress":"a@b"}`, as, 400, "role"},
		"query parameter":      {"GET", path + "?colour=red", "", as, 400, "colour"},
		"option of values":     {"PUT", path + "/values/A1", `{"values":[["x"]]}`, as, 400, "valueInputOption"},
		"range":                {"GET", path + "/values/Nowhere!A1", "", as, 400, "Unable to parse range"},
		"beyond the grid":      {"PUT", path + "/values/Sheet1!A1000?valueInputOption=RAW", `{"values":[["x"],["y"]]}`, as, 400, "exceeds grid limits"},
		"more than the range":  {"PUT", path + "/values/A1:A1?valueInputOption=RAW", `{"values":[["x","y"]]}`, as, 400, "tried writing"},
		"value":                {"PUT", path + "/values/A1?valueInputOption=RAW", `{"values":[[{"a":1}]]}`, as, 400, "Invalid values"},
		"unknown path":         {"GET", "/google/v5/x", "", as, 404, "404"},
		"field mask":           {"GET", path + "?fields=sheets(", "", as, 400, "Invalid field selection"},
		"unknown field":        {"GET", path + "?fields=spreadsheetId,+sheets(properties(titel))", "", as, 400, "Invalid field selection titel"},
		"mask of a write":      {"POST", path + ":batchUpdate?fields=repliez", `{"requests":[{"addSheet":{}}]}`, as, 400, "repliez"},
		"long cell":            {"PUT", path + "/values/A1?valueInputOption=RAW", `{"values":[["` + strings.Repeat("x", 50_001) + `"]]}`, as, 400, "50000 characters"},
		"page size":            {"GET", "/google/drive/v3/files?pageSize=1001", "", as, 400, "[1, 1000]"},
		"page token":           {"GET", "/google/drive/v3/files?pageToken=x", "", as, 400, "Invalid Value"},
		"order":                {"GET", "/google/drive/v3/files?orderBy=size", "", as, 400, "Invalid Value"},
		"no account":           {"POST", shared + "/permissions?supportsAllDrives=true&sendNotificationEmail=false", `{"type":"user","role":"reader","emailAddress":"a@elsewhere.example"}`, as, 400, "invalidSharingRequest"},
		"organizers delete":    {"DELETE", shared + "?supportsAllDrives=true", "", as, 403, "insufficientFilePermissions"},
		"not a signed token":   {"POST", "/google/token", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c", header("Content-Type", "application/x-www-form-urlencoded"), 400, "invalid_grant"},
		"another grant":        {"POST", "/google/token", "grant_type=password", header("Content-Type", "application/x-www-form-urlencoded"), 400, "unsupported_grant_type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.call(tc.method, tc.path, tc.body, tc.as)
			require.Equal(t, tc.status, a.status, a.body)
			require.Contains(t, a.body, tc.want)
		})
	}
}

func TestGoogleQuotaAndGrant(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(robot, sheets.SpreadsheetsScope)
	path := s.newSheet(as)
	s.control("POST", "clock", `{"advance":"1m"}`)
	s.control("POST", "google", `{"per_minute":3}`)
	write := func() answer { return s.call("PUT", path+"/values/A1?valueInputOption=RAW", `{"values":[["x"]]}`, as) }
	for range 3 {
		require.Equal(t, 200, write().status)
	}
	a := write()
	require.Equal(t, 429, a.status)
	require.Contains(t, a.body, "RATE_LIMIT_EXCEEDED")
	require.Equal(t, 200, s.call("GET", path, "", as).status, "reads are counted by themselves")
	s.control("POST", "clock", `{"advance":"1m"}`)
	require.Equal(t, 200, write().status)

	s.control("POST", "google", `{"scopes":["`+sheets.SpreadsheetsScope+`"]}`)
	key, err := oauth.JWTConfigFromJSON([]byte(s.control("GET", "google/key", "").body), drive.DriveScope)
	require.NoError(t, err)
	key.Subject = robot
	_, err = key.TokenSource(context.Background()).Token()
	require.ErrorContains(t, err, "unauthorized_client")
	key.Subject, key.Scopes = "somebody@elsewhere.example", []string{sheets.SpreadsheetsScope}
	_, err = key.TokenSource(context.Background()).Token()
	require.ErrorContains(t, err, "invalid_grant")
}

func TestSharingNotifiesUnlessToldNotTo(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(robot, drive.DriveScope)
	const path = "/google/drive/v3/files/1AcmeAccessReports/permissions?supportsAllDrives=true"
	const body = `{"type":"group","role":"reader","emailAddress":"compliance@acme.example"}`
	require.Equal(t, 200, s.call("POST", path+"&sendNotificationEmail=false", body, as).status)
	require.NotContains(t, s.control("GET", "google/mails", "").body, "compliance")
	for range 2 {
		require.Equal(t, 200, s.call("POST", path, body, as).status)
	}
	require.Equal(t, []string{
		"google.drive.create_permission file:1AcmeAccessReports: shared as reader",
		"google.drive.create_permission file:1AcmeAccessReports: mail about sharing sent",
		"google.drive.create_permission file:1AcmeAccessReports: mail about sharing sent",
	}, s.effects(), "the mail comes again with each call, the entry does not")
	require.NotContains(t, s.call("GET", path, "", as).body, "compliance", "without a field mask Drive does not say whose it is")
	require.Contains(t, s.call("GET", path+"&fields=permissions(emailAddress)", "", as).body, "compliance")
}
