package gsuite

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/drive/v3"
	"google.golang.org/api/sheets/v4"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/google"
)

// DefaultCellLimit is how many cells a spreadsheet can have, over all its tabs. Source: Google, "Files you can store in
// Google Drive".
const DefaultCellLimit = 10_000_000

// spreadsheetType is what makes a file in Drive a spreadsheet.
const spreadsheetType = "application/vnd.google-apps.spreadsheet"

// markerProperty carries the marker of a spreadsheet. Only this project's credentials can see it.
const markerProperty = "gatehouse"

// EnsureSpreadsheet returns the one spreadsheet of a key, and creates it the first time. A spreadsheet that somebody
// made beforehand (google.spreadsheets) is used as it is. Google takes no idempotency key for spreadsheets and no id of
// ours, so the file carries an opaque marker, and an attempt that may be the second one searches the folder for it.
func (s *Sheets) EnsureSpreadsheet(ctx context.Context, key, title string) (string, error) {
	if s.Client == nil {
		return "", NotConfigured()
	}
	if id := s.Known[key]; id != "" {
		return id, nil
	}
	if s.Folder == "" {
		return "", step.NonRetryable(api.ErrInvalid, fmt.Sprintf("there is no spreadsheet for %q and no folder to create one in: set "+
			"google.folder_id, or google.spreadsheets with the id of one that you made", key))
	}
	marker := step.Mark(key)
	return step.Once(ctx, s.Ledger, s.Clock, step.Creation[string]{
		Key: "sheet/" + key, Lag: s.IndexLag,
		Find: func(ctx context.Context, _ time.Time) (string, bool, error) { return s.findSpreadsheet(ctx, marker) },
		Make: func(ctx context.Context) (string, error) { return s.createSpreadsheet(ctx, marker, title) },
	})
}

// createSpreadsheet goes through Drive and not Sheets: only there are folder, marker and file one call.
func (s *Sheets) createSpreadsheet(ctx context.Context, marker, title string) (string, error) {
	file, err := ask(ctx, s.Client, "create a spreadsheet", func(ctx context.Context) (*drive.File, error) {
		return s.Client.Drive.Files.Create(&drive.File{
			Name: inOneLine(title), MimeType: spreadsheetType, Parents: []string{s.Folder},
			AppProperties: map[string]string{markerProperty: marker},
		}).SupportsAllDrives(true).Fields("id").Context(ctx).Do()
	})
	if err != nil {
		return "", err
	}
	if file.Id == "" {
		return "", &connectors.Error{System: google.System, Op: "create a spreadsheet", Kind: connectors.KindMalformed}
	}
	return file.Id, nil
}

// findSpreadsheet searches the folder for the marker; of several files the oldest counts.
func (s *Sheets) findSpreadsheet(ctx context.Context, marker string) (string, bool, error) {
	query := fmt.Sprintf("'%s' in parents and appProperties has { key='%s' and value='%s' } and trashed = false",
		quotedDrive(s.Folder), markerProperty, marker)
	list, err := ask(ctx, s.Client, "search for a spreadsheet", func(ctx context.Context) (*drive.FileList, error) {
		call := s.Client.Drive.Files.List().Q(query).OrderBy("createdTime").Fields("files(id)").
			SupportsAllDrives(true).IncludeItemsFromAllDrives(true)
		if s.Drive != "" {
			call = call.Corpora("drive").DriveId(s.Drive)
		}
		return call.Context(ctx).Do()
	})
	if err != nil || len(list.Files) == 0 {
		return "", false, err
	}
	return list.Files[0].Id, true, nil
}

// quotedDrive makes a value safe inside a string of Drive's search language.
func quotedDrive(s string) string { return strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) }

// TabID is the id of the tab that parts name together, such as a campaign and a kind of table: positive, within 31
// bits, and the same on every attempt.
func TabID(parts ...string) int64 {
	h := fnv.New64a()
	for _, part := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part) // a hash takes everything
	}
	return int64(h.Sum64()%(1<<31-1)) + 1
}

// Size is what a spreadsheet holds.
type Size struct {
	// Cells counts the cells of all grids, empty ones too, as Google's limit does.
	Cells int64
	Tabs  map[int64]TabSize
}

// TabSize is the grid of one tab.
type TabSize struct {
	Title         string
	Rows, Columns int64
}

// Size reads the tabs of a spreadsheet.
func (s *Sheets) Size(ctx context.Context, spreadsheet string) (Size, error) {
	if s.Client == nil {
		return Size{}, NotConfigured()
	}
	got, err := ask(ctx, s.Client, "read the tabs of a spreadsheet", func(ctx context.Context) (*sheets.Spreadsheet, error) {
		return s.Client.Sheets.Spreadsheets.Get(spreadsheet).
			Fields("sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)))").Context(ctx).Do()
	})
	if err != nil {
		return Size{}, err
	}
	size := Size{Tabs: map[int64]TabSize{}}
	for _, sheet := range got.Sheets {
		p := sheet.Properties
		if p == nil || p.GridProperties == nil {
			continue
		}
		size.Tabs[p.SheetId] = TabSize{Title: p.Title, Rows: p.GridProperties.RowCount, Columns: p.GridProperties.ColumnCount}
		size.Cells += p.GridProperties.RowCount * p.GridProperties.ColumnCount
	}
	return size, nil
}

// URL is where a person opens a tab of a spreadsheet.
func (s *Sheets) URL(spreadsheet string, tab int64) string {
	web := s.Web
	if web == "" {
		web = "https://docs.google.com"
	}
	return strings.TrimSuffix(web, "/") + "/spreadsheets/d/" + url.PathEscape(spreadsheet) + "/edit#gid=" + strconv.FormatInt(tab, 10)
}

// inOneLine keeps a value from starting another line or header.
func inOneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
}
