package server

import (
	"errors"
	"net/http"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/onelogin"
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
		"now":        w.ground.Now(),
		"hr":         map[string]any{hr.Workday: w.records(hr.Workday), hr.BambooHR: w.records(hr.BambooHR)},
		"onelogin":   w.onelogin.State(),
		"slack":      map[string]any{"channels": w.slack.State(0)},
		"jira":       map[string]any{"issues": w.jira.State(0)},
		"google":     map[string]any{"spreadsheets": w.google.Spreadsheets(stateRows), "mails": w.google.Mails(0), "drafts": w.google.Drafts()},
		"pagerduty":  map[string]any{"incidents": w.pager.State(0), "changes": w.pager.Changes()},
		"salesforce": w.salesforce.State(),
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

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
