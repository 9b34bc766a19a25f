package server

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/google"
	"gatehouse/sandbox/google/mailbox"
	"gatehouse/sandbox/jira"
	"gatehouse/sandbox/onelogin"
	"gatehouse/sandbox/page"
	"gatehouse/sandbox/pagerduty"
	"gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/slack"
	"gatehouse/sandbox/tenant"
)

// pageHandlers serve the live page and its data.
func (s *Server) pageHandlers(mux *http.ServeMux) {
	mux.Handle("GET /{$}", page.Handler())
	mux.HandleFunc("GET /sandbox/overview", s.overview)
}

// row is a person on the page.
type row struct {
	// Key is that of the human's newest record, the account's external id if nobody is behind it.
	Key        string   `json:"key"`
	Human      string   `json:"human"`
	Kind       string   `json:"kind"`
	Name       string   `json:"name"`
	Title      string   `json:"title"`
	Department string   `json:"department"`
	Source     string   `json:"source"`
	Standing   string   `json:"standing"`
	AccountID  int64    `json:"account_id"`
	Username   string   `json:"username"`
	Status     int      `json:"status"`
	Group      string   `json:"group"`
	Roles      []string `json:"roles"`
	Factors    int      `json:"factors"`
	Sessions   int      `json:"sessions"`
	CanSignIn  bool     `json:"can_sign_in"`
	Obstacle   string   `json:"obstacle"`
	// changed orders the rows: who changed last comes first.
	changed time.Time
}

// overview is what the page shows.
type overview struct {
	Now      time.Time            `json:"now"`
	Summary  map[string]int       `json:"summary"`
	People   []row                `json:"people"`
	Matching int                  `json:"matching"`
	Channels []slack.ChannelState `json:"channels"`
	// Whispers are what one person alone sees in a channel, oldest first.
	Whispers []slack.Whisper `json:"whispers"`
	Issues   []*jira.Issue   `json:"issues"`
	// Sheets are the newest first, and so are their tabs; the one at Shown has its first rows. Mails are the newest ones, newest first.
	Sheets    []google.SpreadsheetState `json:"sheets"`
	Shown     shownTab                  `json:"shown"`
	Mails     []*mailbox.Mail           `json:"mails"`
	Calls     []*tenant.Entry           `json:"calls"`
	Quota     onelogin.QuotaState       `json:"quota"`
	Incidents []*pagerduty.Incident     `json:"incidents"`
	Workspace shownWorkspace            `json:"workspace"`
	// CRM is Salesforce, as soon as anybody asks it.
	CRM salesforce.State `json:"crm"`
}

// stateRows is how many rows of each tab the whole state shows; /sandbox/google/sheets has all of them.
const stateRows = 1000

// What the page shows at most of each kind.
const (
	shownPeople    = 100
	shownChannels  = 20
	shownMessages  = 8
	shownIssues    = 20
	shownCalls     = 60
	shownMails     = 20
	shownRows      = 500
	shownIncidents = 20
	shownWhispers  = 20
	shownCRM       = 40
)

// shownTab says of which tab the page shows the cells.
type shownTab struct {
	Book string `json:"book"`
	Tab  int64  `json:"tab"`
}

// overview answers the page. q searches people; calls=effects leaves out calls that changed nothing; book and tab say which cells to
// show, the newest tab's if they name none.
func (s *Server) overview(rw http.ResponseWriter, r *http.Request) {
	w, q := s.world.Load(), r.URL.Query()
	rows := w.rows()
	summary := w.summarise(rows)
	calls := w.ground.Journal.List(tenant.Filter{Effects: q.Get("calls") == "effects", Last: shownCalls})
	slices.Reverse(calls)
	o := overview{
		Now: w.ground.Now(), Summary: summary, Quota: w.onelogin.Quota(),
		Issues: w.jira.State(shownIssues), Incidents: w.pager.State(shownIncidents), Calls: append([]*tenant.Entry{}, calls...),
	}
	o.CRM = w.salesforce.Overview(shownCRM)
	total := 0
	for _, ops := range w.ground.Journal.Counts() {
		total += ops["total"]
	}
	o.Summary["calls"], o.Summary["tickets"] = total, len(w.jira.State(0))
	o.Summary["mails"] = len(w.google.Mails(0))
	for _, c := range w.slack.State(shownMessages) {
		if len(c.Messages) > 0 {
			slices.Reverse(c.Messages)
			o.Channels = append(o.Channels, c)
		}
	}
	slices.SortStableFunc(o.Channels, func(a, b slack.ChannelState) int {
		return strings.Compare(b.Messages[0].TS, a.Messages[0].TS)
	})
	o.Channels = append([]slack.ChannelState{}, o.Channels[:min(len(o.Channels), shownChannels)]...)
	slices.Reverse(o.Issues)
	o.Sheets, o.Shown = openSheet(w.google.Spreadsheets(shownRows), q.Get("book"), q.Get("tab"))
	o.Mails = w.google.Mails(shownMails)
	o.Workspace = w.workspace(strings.ToLower(q.Get("q")))
	whispers := w.slack.Whispers()
	o.Whispers = whispers[max(0, len(whispers)-shownWhispers):]
	slices.Reverse(o.Mails)
	slices.Reverse(o.Incidents)
	rows = slices.DeleteFunc(rows, func(p row) bool { return !p.matches(strings.ToLower(q.Get("q"))) })
	o.Matching = len(rows)
	o.People = rows[:min(len(rows), shownPeople)]
	reply(rw, http.StatusOK, o)
}

func (p *row) matches(query string) bool {
	return query == "" || strings.Contains(strings.ToLower(strings.Join([]string{
		p.Name, p.Key, p.Username, p.Department, p.Title, p.Standing, p.Group, strconv.FormatInt(p.AccountID, 10),
		strings.Join(p.Roles, " "),
	}, " ")), query)
}

// openSheet puts the newest first and leaves the cells of all tabs out but of the one that is asked for. Tabs that were made together, as
// those of a review are, keep their order.
func openSheet(books []google.SpreadsheetState, book, tab string) ([]google.SpreadsheetState, shownTab) {
	var shown shownTab
	slices.Reverse(books)
	for i := range books {
		slices.SortStableFunc(books[i].Tabs, func(a, b google.TabState) int {
			return b.Made.Truncate(time.Minute).Compare(a.Made.Truncate(time.Minute))
		})
	}
	at := max(0, slices.IndexFunc(books, func(b google.SpreadsheetState) bool { return b.ID == book }))
	for i := range books {
		tabs := books[i].Tabs
		wanted := max(0, slices.IndexFunc(tabs, func(t google.TabState) bool { return strconv.FormatInt(t.ID, 10) == tab }))
		for j := range tabs {
			if i == at && j == wanted {
				shown = shownTab{books[i].ID, tabs[j].ID}
				continue
			}
			tabs[j].Values, tabs[j].Looks = nil, google.Looks{}
		}
	}
	return books, shown
}
