package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/gsuite"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/reviews"
)

// writePage is how many accounts, or findings, are written between two commits. About a megabyte of cells: few writes,
// of which Google allows 60 a minute, and little memory.
const writePage = 1000

// writePlace is where a tab goes on: Row is the number of the next row of the table, over all its tabs.
type writePlace struct {
	// Book is the spreadsheet that the tab is in.
	Book    string               `json:"book,omitempty"`
	Row     int64                `json:"row"`
	After   int64                `json:"after,omitempty"`
	Finding reviews.FindingPlace `json:"finding,omitzero"`
	Beside  reviews.SystemPlace  `json:"beside,omitzero"`
}

// Write writes a frozen campaign into spreadsheets. Every row has its place from the stage, so that writing it again
// changes nothing; columns that belong to reviewers are never written.
func (r *Review) Write(ctx context.Context, in api.ReviewInput) (api.ReviewWritten, error) {
	written, err := r.write(ctx, in.Campaign)
	return written, err
}

func (r *Review) write(ctx context.Context, key string) (api.ReviewWritten, error) {
	w, err := r.writer(ctx, key)
	if err != nil {
		return api.ReviewWritten{}, err
	}
	if err := w.forgetLost(ctx); err != nil {
		return api.ReviewWritten{}, err
	}
	var out api.ReviewWritten
	var start writePlace
	var books []gsuite.Place
	for i, t := range w.tabs {
		// The second tab of a table begins where the first one ended.
		if i == 0 || w.tabs[i-1].Kind != t.Kind {
			start = writePlace{}
		}
		if start, err = w.tab(ctx, t, start); err != nil {
			return out, err
		}
		if t.Kind == tabSummary {
			out.Link = r.Sheets.URL(start.Book, t.SheetID)
		}
		out.Rows += t.Rows
		at := gsuite.Place{Spreadsheet: start.Book, Tab: t.SheetID}
		if !slices.ContainsFunc(books, func(p gsuite.Place) bool { return p.Spreadsheet == at.Spreadsheet }) {
			books = append(books, at)
		}
	}
	for _, at := range books {
		without, failed := r.Sheets.ShareAll(ctx, at, "writer", w.Policy().Review().Readers())
		out.Unshared = append(out.Unshared, without...)
		err = cmp.Or(err, failed)
	}
	return out, err
}

// writeStep is the step of a tab in the ledger.
func writeStep(t reviews.Tab) string { return "write/" + t.Title }

// forgetLost has tabs that were begun, and that somebody has deleted since, written anew from their first row. It comes
// before anything is added, so that a tab that is made anew is never taken for one that has its rows.
func (w *writer) forgetLost(ctx context.Context) error {
	books := map[string]gsuite.Size{}
	var lost []string
	for _, t := range w.tabs {
		at, _, err := w.Ledger.Review().Step(ctx, w.campaign.Key, writeStep(t))
		if err != nil {
			return err
		}
		var place writePlace
		if err := step.ReadPlace(at, &place); err != nil {
			return err
		}
		if place.Book == "" {
			continue
		}
		if _, read := books[place.Book]; !read {
			if books[place.Book], err = w.Sheets.Size(ctx, place.Book); err != nil {
				return err
			}
		}
		if _, there := books[place.Book].Tabs[t.SheetID]; !there {
			lost = append(lost, writeStep(t))
		}
	}
	return w.Ledger.Review().ForgetSteps(ctx, w.campaign.Key, lost...)
}

// writer is what all tabs of a campaign are written from.
type writer struct {
	*Review
	summary
	tabs    []reviews.Tab
	catalog reviews.Catalog
}

func (r *Review) writer(ctx context.Context, key string) (*writer, error) {
	campaign, found, err := r.Ledger.Review().Campaign(ctx, key)
	switch {
	case err != nil:
		return nil, err
	case !found || campaign.FrozenAt.IsZero():
		return nil, step.NonRetryable(api.ErrInvalid, "the review is not frozen yet and cannot be written")
	case !campaign.PrunedAt.IsZero():
		return nil, step.NonRetryable(api.ErrInvalid, "the rows of this review were deleted after their retention; start one under another name")
	}
	w := &writer{Review: r, summary: summary{campaign: campaign}}
	if w.tabs, err = r.Ledger.Review().Tabs(ctx, key); err != nil {
		return nil, err
	}
	if w.catalog, err = r.Ledger.Review().Catalog(ctx, key); err != nil {
		return nil, err
	}
	at, _, err := r.Ledger.Review().Step(ctx, key, stepAssess)
	if err != nil {
		return nil, err
	}
	var judged assessPlace
	err = step.ReadPlace(at, &judged)
	w.dormantAfter, w.read = judged.DormantAfter, judged.HRRead
	return w, err
}

// tab writes the rows of a tab from where it goes on, and returns where the table does. What is written already costs
// no call.
func (w *writer) tab(ctx context.Context, t reviews.Tab, start writePlace) (writePlace, error) {
	at, done, err := w.Ledger.Review().Step(ctx, w.campaign.Key, writeStep(t))
	if err != nil {
		return start, err
	}
	start.Book = ""
	if err := step.ReadPlace(at, &start); err != nil {
		return start, err
	}
	step.Beat(ctx, t.Title, start.Row)
	if start.Book == "" {
		if start.Book, err = w.Sheets.Place(ctx, seriesKey(w.campaign.Key), seriesTitle(w.campaign.Key), w.tabLayout(t)); err != nil {
			return start, err
		}
	}
	for !done {
		step.Beat(ctx, t.Title, start.Row)
		if start, at, done, err = w.onePage(ctx, t, start, at); err != nil {
			return start, err
		}
	}
	return start, nil
}

// onePage writes a page of a tab and moves the tab's step on.
func (w *writer) onePage(ctx context.Context, t reviews.Tab, place writePlace, at string) (writePlace, string, bool, error) {
	rows, first, next, err := w.page(ctx, t, place)
	if err != nil {
		return place, at, false, err
	}
	// A page may hold rows of the tab before and of the tab after.
	end := t.FirstRow + t.Rows
	from, to := max(first, t.FirstRow), min(first+int64(len(rows)), end)
	if from < to {
		head := int64(headRows)
		if t.Kind == tabSummary {
			head = 0
		}
		blocks, err := gsuite.Blocks(t.Title, from-t.FirstRow+head, rows[from-first:to-first])
		if err != nil {
			return place, at, false, err
		}
		if err := w.Sheets.Write(ctx, place.Book, blocks...); err != nil {
			return place, at, false, err
		}
	}
	last := len(rows) == 0 || next.Row >= end
	if next.Row > end {
		// The page reaches into the next tab, which begins with it.
		next = place
	}
	move, err := moveTo(writeStep(t), at, next, last)
	if err != nil {
		return place, at, false, err
	}
	return next, move.To, last, w.Ledger.Review().Move(ctx, w.campaign.Key, move)
}

// page returns rows of a table, the number of the first of them, and where the table goes on after them.
func (w *writer) page(ctx context.Context, t reviews.Tab, at writePlace) ([][]any, int64, writePlace, error) {
	next := at
	var rows [][]any
	var err error
	switch t.Kind {
	case tabSummary:
		rows, err = summaryRows(w.summary)
	case tabFindings:
		rows, next.Finding, err = w.findings(ctx, at.Finding)
	case tabAccess:
		rows, next.After, err = w.access(ctx, at.After)
	case tabBeside:
		rows, next.Beside, err = w.beside(ctx, at.Beside)
	}
	next.Row += int64(len(rows))
	return rows, at.Row, next, err
}

func (w *writer) access(ctx context.Context, after int64) ([][]any, int64, error) {
	accounts, err := w.Ledger.Review().Accounts(ctx, w.campaign.Key, after, writePage)
	if err != nil || len(accounts) == 0 {
		return nil, after, err
	}
	var people []int64
	for _, a := range accounts {
		people = append(people, a.ManagerID)
		for _, m := range a.Members {
			people = append(people, m.AddedBy)
		}
	}
	who, err := w.who(ctx, people)
	if err != nil {
		return nil, after, err
	}
	var rows [][]any
	for _, a := range accounts {
		if len(a.Members) == 0 {
			rows = append(rows, w.accessRow(a, nil, who))
		}
		for _, m := range a.Members {
			rows = append(rows, w.accessRow(a, &m, who))
		}
	}
	return rows, accounts[len(accounts)-1].ID, nil
}

// who returns the names of accounts by id; one that the campaign does not know is called by its id.
func (w *writer) who(ctx context.Context, ids []int64) (func(int64) string, error) {
	slices.Sort(ids)
	known, err := w.Ledger.Review().Identities(ctx, w.campaign.Key, slices.Compact(ids))
	return func(id int64) string {
		if id == 0 {
			return ""
		}
		if who := cmp.Or(known[id].Email, known[id].Username, known[id].Name); who != "" {
			return who
		}
		return fmt.Sprintf("OneLogin user %d", id)
	}, err
}

// accessRow is one row in the order of accessColumns.
func (w *writer) accessRow(a reviews.Access, m *reviews.Member, who func(int64) string) []any {
	role, apps, kind, since, by := "no role", "", "", "", ""
	marks := w.marks(a)
	if m != nil {
		role, kind, since, by = nameOf(w.catalog, reviews.NameRole, m.RoleID), "outside the policy", "not told", who(m.AddedBy)
		if w.catalog.Names[reviews.NameManaged][m.RoleID] != "" {
			kind = "managed"
		}
		if !m.AddedAt.IsZero() {
			since = instantText(m.AddedAt)
		}
		apps = w.appsOf(m.RoleID)
		if w.catalog.Names[reviews.NamePrivileged][m.RoleID] != "" {
			marks = append(marks, "privileged")
		}
	}
	return []any{
		cmp.Or(a.Username, a.Email), a.Name, a.Title, a.Department, a.Verdict.PersonKey, a.Verdict.HR,
		identity.AccountStatus(a.Status).String(), w.group(a), role, apps, kind, since, by, signIn(a.LastLogin), a.Verdict.MFA,
		cmp.Or(a.Verdict.Owner, who(a.ManagerID)), strings.Join(marks, ", "),
	}
}

func (w *writer) group(a reviews.Access) string {
	if a.GroupID == 0 {
		return ""
	}
	return nameOf(w.catalog, reviews.NameGroup, a.GroupID)
}

func (w *writer) marks(a reviews.Access) []string {
	var marks []string
	if a.Verdict.Protected != "" {
		marks = append(marks, "protected")
	}
	switch a.Verdict.HR {
	case hrNotAPerson:
		marks = append(marks, identity.KindService.Title())
	case identity.KindService.Title(), identity.KindShared.Title(), identity.KindBreakGlass.Title():
		marks = append(marks, a.Verdict.HR)
	}
	return marks
}

func (w *writer) appsOf(role int64) string {
	var names []string
	for _, app := range w.catalog.RoleApps[role] {
		names = append(names, nameOf(w.catalog, reviews.NameApp, app))
	}
	slices.Sort(names)
	return step.Listed(names, ", ", maxList)
}

// maxList is how many characters of a list of names stand in a cell, of gsuite.MaxCell.
const maxList = 40_000

func signIn(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return instantText(at)
}

func (w *writer) findings(ctx context.Context, after reviews.FindingPlace) ([][]any, reviews.FindingPlace, error) {
	found, err := w.Ledger.Review().Findings(ctx, w.campaign.Key, after, writePage)
	if err != nil || len(found) == 0 {
		return nil, after, err
	}
	ids := make([]int64, 0, len(found))
	var refs []identity.Ref
	for _, f := range found {
		if ids = append(ids, f.UserID); f.Ref.ID != "" {
			refs = append(refs, f.Ref)
		}
	}
	slices.Sort(ids)
	accounts, err := w.Ledger.Review().AccountsByID(ctx, w.campaign.Key, slices.Compact(ids))
	if err != nil {
		return nil, after, err
	}
	beside, err := w.Ledger.Review().SystemAccountsByRef(ctx, w.campaign.Key, refs)
	if err != nil {
		return nil, after, err
	}
	var managers []int64
	for _, a := range accounts {
		managers = append(managers, a.ManagerID)
	}
	for _, a := range beside {
		managers = append(managers, a.Manager)
	}
	who, err := w.who(ctx, managers)
	if err != nil {
		return nil, after, err
	}
	rows := make([][]any, 0, len(found))
	for _, f := range found {
		if f.Ref.System != "" {
			rows = append(rows, besideFindingRow(f, beside[f.Ref], who))
			continue
		}
		rows = append(rows, findingRow(f, accounts[f.UserID], who))
	}
	last := found[len(found)-1]
	return rows, reviews.FindingPlace{Severity: last.Severity, Kind: last.Kind, UserID: last.UserID, Item: last.Item}, nil
}

// findingRow is one row in the order of findingColumns.
func findingRow(f reviews.Finding, a reviews.Access, who func(int64) string) []any {
	return []any{
		f.Severity, findingTitle(f.Kind), cmp.Or(a.Username, a.Email), a.Name, a.Department, a.Verdict.PersonKey, f.Item, f.Detail,
		identity.AccountStatus(a.Status).String(), cmp.Or(a.Verdict.Owner, who(a.ManagerID)),
	}
}

func findingTitle(kind string) string { return kindNamed(kind).title }
