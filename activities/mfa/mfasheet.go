package mfa

import (
	"context"
	"strings"
	"sync"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/gsuite"
	"gatehouse/activities/letters"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/identity"
	"gatehouse/ledger/mfa"
)

const (
	// trackingKey is the key of the tracking sheet's spreadsheet, as google.spreadsheets may name it.
	trackingKey   = "mfa"
	trackingTitle = "MFA tracking"
	// trackingRows is how much the tab grows at a time.
	trackingRows = 1000
	// trackingPage is how many rows are read from the ledger at a time.
	trackingPage = 500
)

// trackingHeader is the first row.
func trackingHeader() []any {
	var row []any
	for _, head := range trackingHeads {
		row = append(row, head)
	}
	return row
}

// tracking remembers between two writes that the tab is there and how many rows it has.
type tracking struct {
	mu          sync.Mutex
	spreadsheet string
	rows        int64
}

// Track writes rows of the tracking sheet: one per person who ever was without a second factor, always the same one.
// Writing a row again changes nothing. Nothing is written while the template only observes, or without Google.
func (m *MFA) Track(ctx context.Context, in api.MFATrackInput) (api.MFATracked, error) {
	if m.Sheets.Client == nil || m.observes() {
		return api.MFATracked{Off: true}, nil
	}
	if in.AccountID != 0 {
		s, found, err := m.Ledger.MFA().State(ctx, in.AccountID)
		if err != nil || !found || s.Row == 0 {
			return api.MFATracked{}, err
		}
		return m.writeRows(ctx, []mfa.State{s})
	}
	var all api.MFATracked
	for after := 0; ; {
		page, err := m.Ledger.MFA().Tracked(ctx, after, trackingPage)
		if err != nil {
			return all, err
		}
		if len(page) == 0 {
			return m.share(ctx, all)
		}
		wrote, err := m.writeRows(ctx, page)
		if err != nil {
			return all, err
		}
		all.Rows, all.URL = all.Rows+wrote.Rows, wrote.URL
		after = page[len(page)-1].Row
		step.Beat(ctx, after)
	}
}

// share lets those who read reviews read the sheet, when everybody is written. Somebody whom Google refuses keeps it from nobody else.
func (m *MFA) share(ctx context.Context, written api.MFATracked) (api.MFATracked, error) {
	if written.Rows == 0 {
		return written, nil
	}
	sheet, err := m.sheet(ctx, 1)
	if err != nil {
		return written, err
	}
	at := gsuite.Place{Spreadsheet: sheet, Tab: gsuite.TabID(trackingKey)}
	written.Unshared, err = m.Sheets.ShareAll(ctx, at, "reader", m.Policy().Review().Readers())
	return written, err
}

// writeRows writes rows in ascending order, each run of neighbours as one block. Where the tab that this process remembers is
// gone, because somebody deleted or renamed it, it is made anew.
func (m *MFA) writeRows(ctx context.Context, states []mfa.State) (api.MFATracked, error) {
	var ranges []gsuite.Range
	for i, s := range states {
		if i == 0 || s.Row != states[i-1].Row+1 {
			ranges = append(ranges, gsuite.Range{At: gsuite.At(trackingTitle, int64(s.Row-1), 0)})
		}
		last := &ranges[len(ranges)-1]
		last.Values = append(last.Values, trackingRow(s))
	}
	lowest := int64(states[len(states)-1].Row)
	sheet, err := m.writeRanges(ctx, lowest, ranges)
	if connectors.IsKind(err, connectors.KindNotFound) || connectors.IsKind(err, connectors.KindInvalid) {
		m.tracking.forget()
		sheet, err = m.writeRanges(ctx, lowest, ranges)
	}
	if err != nil {
		return api.MFATracked{}, err
	}
	return api.MFATracked{Rows: len(states), URL: m.Sheets.URL(sheet, gsuite.TabID(trackingKey))}, nil
}

// writeRanges writes into the tab, which has a row of this number. It returns the spreadsheet, and the error as Google gave it.
func (m *MFA) writeRanges(ctx context.Context, lowest int64, ranges []gsuite.Range) (sheet string, err error) {
	if sheet, err = m.sheet(ctx, lowest); err != nil {
		return "", err
	}
	_, err = m.Sheets.WriteSome(ctx, sheet, ranges)
	return sheet, err
}

// sheet returns the spreadsheet, with a tab that has a row of this number.
func (m *MFA) sheet(ctx context.Context, row int64) (string, error) {
	t := &m.tracking
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.spreadsheet != "" && row <= t.rows {
		return t.spreadsheet, nil
	}
	id, err := m.Sheets.EnsureSpreadsheet(ctx, trackingKey, trackingTitle)
	if err != nil {
		return "", err
	}
	columns := int64(len(trackingHeads))
	if _, err := m.Sheets.EnsureTab(ctx, id, gsuite.Tab{
		ID: gsuite.TabID(trackingKey), Title: trackingTitle, First: true, Rows: trackingRows, Columns: columns, FrozenRows: 1, FrozenColumns: 1,
		Content: [][]any{trackingHeader()}, Filter: true, Widths: []int64{150, 130, 240},
		Protected: []gsuite.Protection{{Area: gsuite.Area{Columns: columns}, Note: protectedNote}},
		Highlights: []gsuite.Highlight{
			{Area: gsuite.Area{FirstRow: 1, FirstColumn: 4, Columns: 1}, Text: mfa.StageRestricted, Colour: "red"},
			{Area: gsuite.Area{FirstRow: 1, FirstColumn: 4, Columns: 1}, Text: mfa.StageEscalated, Colour: "yellow"},
			{Area: gsuite.Area{FirstRow: 1, FirstColumn: 4, Columns: 1}, Text: mfa.StageEnrolled, Colour: "green"},
		},
	}); err != nil {
		return "", err
	}
	size, err := m.Sheets.Size(ctx, id)
	if err != nil {
		return "", err
	}
	rows := size.Tabs[gsuite.TabID(trackingKey)].Rows
	if row > rows {
		rows = (row/trackingRows + 1) * trackingRows
		if err := m.Sheets.Resize(ctx, id, gsuite.TabID(trackingKey), rows); err != nil {
			return "", err
		}
	}
	t.spreadsheet, t.rows = id, rows
	return id, nil
}

func (t *tracking) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spreadsheet, t.rows = "", 0
}

func trackingRow(s mfa.State) []any {
	return []any{
		s.Key, s.AccountID, s.Username, factorCell(s), stageCell(s), date(s.Since), date(s.Deadline), s.Reminders,
		date(s.ExemptUntil), date(s.CheckedAt), date(s.StageAt),
	}
}

// stageCell is the stage, and of an account that is no person's own what it is.
func stageCell(s mfa.State) string {
	if kind := identity.AccountKind(s.Kind).Title(); kind != "" && s.Stage == mfa.StageExempt {
		return s.Stage + ": " + kind
	}
	return s.Stage
}

// factorCell says whether there is a second factor, and of those that do not count which they are.
func factorCell(s mfa.State) string {
	if len(s.Weak) == 0 {
		return string(s.Factor)
	}
	return words.Sure("weak", weakView{Has: step.Listed(s.Kinds.Named(), ", ", maxKinds), Weak: step.Listed(s.Weak, ", ", maxKinds)})
}

// date is a moment in the sheet, empty for none, so that what stood there goes.
func date(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04")
}

// Letter mails a person whom Slack does not reach, once. Sent is false where there is no mail service or no address, or where Google
// refuses it: then somebody has to be told.
func (m *MFA) Letter(ctx context.Context, in api.MFALetterInput) (api.MFALettered, error) {
	sent, err := m.letter(ctx, in)
	return api.MFALettered{Sent: sent}, err
}

func (m *MFA) letter(ctx context.Context, in api.MFALetterInput) (bool, error) {
	if !m.Letters.Configured() {
		return false, nil
	}
	u, err := m.OneLogin.User(ctx, in.AccountID)
	if step.IsNotFound(err) || (err == nil && u.Email == "") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	subject, err := m.Title(api.Message{Kind: in.Kind, Text: in.Text})
	if err != nil {
		return false, err
	}
	letter := letters.Letter{OnceKey: in.OnceKey, To: u.Email, Subject: subject, Paragraphs: strings.Split(in.Text, "\n")}
	if link := m.Policy().MFA().EnrolURL; link != "" {
		letter.Link, letter.LinkText = link, enrolLink
	}
	_, err = m.Letters.Deliver(ctx, letter)
	if letters.Refuses(err) {
		return false, nil
	}
	return err == nil, err
}
