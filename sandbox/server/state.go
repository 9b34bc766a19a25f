package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/google"
	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/jira"
	"gatehouse/sandbox/onelogin"
	"gatehouse/sandbox/pagerduty"
	"gatehouse/sandbox/slack"
	"gatehouse/sandbox/tenant"
)

// hrState is an HR record with its standing today.
type hrState struct {
	*hr.Record
	Standing string `json:"standing"`
}

func (w *world) records(source string) []hrState {
	today := w.ground.Today()
	out := []hrState{}
	for _, r := range w.hr.List(source) {
		out = append(out, hrState{r, r.Standing(today)})
	}
	return out
}

func (s *Server) state(rw http.ResponseWriter, _ *http.Request) {
	w := s.world.Load()
	reply(rw, http.StatusOK, map[string]any{
		"now":       w.ground.Now(),
		"hr":        map[string]any{hr.Workday: w.records(hr.Workday), hr.BambooHR: w.records(hr.BambooHR)},
		"onelogin":  w.onelogin.State(),
		"slack":     map[string]any{"channels": w.slack.State(0)},
		"jira":      map[string]any{"issues": w.jira.State(0)},
		"google":    map[string]any{"spreadsheets": w.google.Spreadsheets(stateRows), "mails": w.google.Mails(0), "drafts": w.google.Drafts()},
		"pagerduty": map[string]any{"incidents": w.pager.State(0), "changes": w.pager.Changes()},
	})
}

// userState is one account with the HR records of the human whose it is, whatever its external id says.
type userState struct {
	onelogin.UserState
	HR []hrState `json:"hr"`
}

func (s *Server) stateUser(rw http.ResponseWriter, r *http.Request) {
	w, q := s.world.Load(), r.URL.Query()
	u, found := w.onelogin.Find(q.Get("id"), q.Get("username"), q.Get("external_id"))
	if !found {
		refuse(rw, http.StatusNotFound, errors.New("sandbox: no OneLogin user has this id, username or external_id"))
		return
	}
	out := userState{UserState: u, HR: []hrState{}}
	for _, source := range []string{hr.Workday, hr.BambooHR} {
		for _, rec := range w.records(source) {
			if u.Owner != "" && rec.Human == u.Owner {
				out.HR = append(out.HR, rec)
			}
		}
	}
	reply(rw, http.StatusOK, out)
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
	Issues   []*jira.Issue        `json:"issues"`
	// Sheets show the first rows of their tabs; Mails are the newest ones, newest first.
	Sheets    []google.SpreadsheetState `json:"sheets"`
	Mails     []*google.Mail            `json:"mails"`
	Calls     []*tenant.Entry           `json:"calls"`
	Quota     onelogin.QuotaState       `json:"quota"`
	Incidents []*pagerduty.Incident     `json:"incidents"`
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
	shownRows      = 60
	shownIncidents = 20
)

// overview answers the page. q searches people; calls=effects leaves out calls that changed nothing.
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
	o.Sheets, o.Mails = w.google.Spreadsheets(shownRows), w.google.Mails(shownMails)
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

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
