package server_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/api/drive/v3"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/sheets/v4"

	"gatehouse/sandbox/server"
)

// TestDriveFilesAreFoundPagedCopiedAndDeleted does with files what a person does.
func TestDriveFilesAreFoundPagedCopiedAndDeleted(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	s.control("POST", "google", `{"index_lag_ms":-1}`)
	files, err := drive.NewService(context.Background(), s.service("drive/v3/", drive.DriveScope)...)
	require.NoError(t, err)
	var ids []string
	for _, name := range []string{"Budget", "access review", "Access list"} {
		made, err := files.Files.Create(&drive.File{Name: name, MimeType: "text/plain"}).Media(strings.NewReader("what " + name + " says")).Fields("id, size").Do()
		require.NoError(t, err, "its library uploads to the root of the host")
		require.Equal(t, int64(len("what  says")+len(name)), made.Size)
		ids = append(ids, made.Id)
	}
	names := func(q string) (found []string) {
		err := files.Files.List().Q(q).OrderBy("name").PageSize(1).Fields("nextPageToken, files(id, name)").Pages(t.Context(), func(page *drive.FileList) error {
			require.LessOrEqual(t, len(page.Files), 1)
			for _, f := range page.Files {
				found = append(found, f.Name)
			}
			return nil
		})
		require.NoError(t, err)
		return found
	}
	require.Equal(t, []string{"Access list", "Budget", "access review"}, names(""))
	require.Equal(t, []string{"Access list", "access review"}, names("name contains 'access' and trashed = false"))
	require.Equal(t, []string{"Access list", "Budget"}, names("name = 'Budget' or not (name contains 'review')"))
	require.Equal(t, []string{"Budget"}, names("'me' in owners and mimeType != 'text/html' and name = 'Budget'"))

	copied, err := files.Files.Copy(ids[0], &drive.File{Name: "Budget (2)"}).Do()
	require.NoError(t, err)
	_, err = files.Files.Update(ids[0], &drive.File{Trashed: true}).Do()
	require.NoError(t, err)
	require.Equal(t, []string{"Access list", "Budget (2)", "access review"}, names("trashed = false"))
	require.NoError(t, files.Files.Delete(copied.Id).Do())
	_, err = files.Files.Get(copied.Id).Do()
	require.Equal(t, http.StatusNotFound, status(err))

	shared, err := files.Permissions.Create(ids[1], &drive.Permission{Type: "user", Role: "reader", EmailAddress: "ada@acme.example"}).
		SendNotificationEmail(false).Fields("id, emailAddress").Do()
	require.NoError(t, err)
	require.Equal(t, "ada@acme.example", shared.EmailAddress)
	require.NoError(t, files.Permissions.Delete(ids[1], shared.Id).Do())
	_, err = files.Permissions.Get(ids[1], shared.Id).Do()
	require.Equal(t, http.StatusNotFound, status(err))

	s.control("POST", "google", `{"refused_readers":{"guest@acme.example":"domainPolicy"}}`)
	_, err = files.Permissions.Create(ids[1], &drive.Permission{Type: "user", Role: "reader", EmailAddress: "Guest@acme.example"}).Do()
	require.Equal(t, http.StatusForbidden, status(err))
}

// TestSheetsShowWhatStandsInThem in all forms in which they are asked for.
func TestSheetsShowWhatStandsInThem(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	tables, err := sheets.NewService(context.Background(), s.service("", sheets.SpreadsheetsScope)...)
	require.NoError(t, err)
	made, err := tables.Spreadsheets.Create(&sheets.Spreadsheet{
		Properties: &sheets.SpreadsheetProperties{Title: "T"},
		Sheets:     []*sheets.Sheet{{Properties: &sheets.SheetProperties{Title: "People"}}, {Properties: &sheets.SheetProperties{Title: "Roles"}}},
	}).Do()
	require.NoError(t, err)
	require.Equal(t, "Roles", made.Sheets[1].Properties.Title)
	_, err = tables.Spreadsheets.Values.Update(made.SpreadsheetId, "People!A1", &sheets.ValueRange{
		MajorDimension: "COLUMNS", Values: [][]any{{"name", "ada"}, {"age", 36}},
	}).ValueInputOption("RAW").Do()
	require.NoError(t, err)
	got, err := tables.Spreadsheets.Values.Get(made.SpreadsheetId, "People!A1:B2").MajorDimension("COLUMNS").Do()
	require.NoError(t, err)
	require.Equal(t, [][]any{{"name", "ada"}, {"age", "36"}}, got.Values)

	plain, err := tables.Spreadsheets.Get(made.SpreadsheetId).Do()
	require.NoError(t, err)
	require.Empty(t, plain.Sheets[0].Data)
	full, err := tables.Spreadsheets.Get(made.SpreadsheetId).Ranges("People!A2:B2").IncludeGridData(true).Do()
	require.NoError(t, err)
	require.Len(t, full.Sheets, 1)
	require.Equal(t, int64(1), full.Sheets[0].Data[0].StartRow)
	require.Equal(t, "36", full.Sheets[0].Data[0].RowData[0].Values[1].FormattedValue)
	require.InDelta(t, 36, *full.Sheets[0].Data[0].RowData[0].Values[1].EffectiveValue.NumberValue, 0)
}

// TestMailboxesAreSearchedAndPaged, with drafts that change and labels.
func TestMailboxesAreSearchedAndPaged(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	mails, err := gmail.NewService(context.Background(), s.service("", gmail.MailGoogleComScope)...)
	require.NoError(t, err)
	letter := func(to, subject string) *gmail.Message {
		return &gmail.Message{Raw: base64.URLEncoding.EncodeToString([]byte("To: " + to + "\r\nSubject: " + subject + "\r\n\r\nhello there"))}
	}
	var ids []string
	for _, subject := range []string{"first", "second one", "third"} {
		sent, err := mails.Users.Messages.Send("me", letter("ada@acme.example", subject)).Do()
		require.NoError(t, err)
		ids = append(ids, sent.Id)
	}
	search := func(q string) (found []string) {
		err := mails.Users.Messages.List("me").Q(q).MaxResults(2).Pages(t.Context(), func(page *gmail.ListMessagesResponse) error {
			require.LessOrEqual(t, len(page.Messages), 2)
			for _, m := range page.Messages {
				found = append(found, m.Id)
			}
			return nil
		})
		require.NoError(t, err)
		return found
	}
	require.Equal(t, []string{ids[2], ids[1], ids[0]}, search("in:sent to:ada@acme.example newer_than:1d"))
	require.Equal(t, []string{ids[1]}, search(`subject:"second one" -first`))
	require.Empty(t, search("in:inbox"))

	draft, err := mails.Users.Drafts.Create("me", &gmail.Draft{Message: letter("ada@acme.example", "draft")}).Do()
	require.NoError(t, err)
	_, err = mails.Users.Drafts.Update("me", draft.Id, &gmail.Draft{Message: letter("bob@acme.example", "other")}).Do()
	require.NoError(t, err)
	require.Len(t, search("in:drafts subject:other"), 1)
	label, err := mails.Users.Labels.Create("me", &gmail.Label{Name: "Reviews"}).Do()
	require.NoError(t, err)
	_, err = mails.Users.Messages.Modify("me", ids[0], &gmail.ModifyMessageRequest{AddLabelIds: []string{label.Id}}).Do()
	require.NoError(t, err)
	found, err := mails.Users.Messages.List("me").LabelIds(label.Id).Do()
	require.NoError(t, err)
	require.Len(t, found.Messages, 1)
	require.NoError(t, mails.Users.Messages.Delete("me", ids[2]).Do())
	require.Len(t, search("in:sent"), 2)

	for _, to := range []string{"ada@acme", "\"a b\"@acme.example", "d\u00f6rte@acme.example"} {
		_, err = mails.Users.Messages.Send("me", letter(to, "x")).Do()
		require.Equal(t, http.StatusBadRequest, status(err), to)
	}
	s.control("POST", "google", `{"refused_recipients":{"ada@acme.example":"invalidArgument"}}`)
	_, err = mails.Users.Messages.Send("me", letter("ada@acme.example", "x")).Do()
	require.Equal(t, http.StatusBadRequest, status(err))
}
