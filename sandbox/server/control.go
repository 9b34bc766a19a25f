package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"gatehouse/sandbox/bamboohr"
	"gatehouse/sandbox/google"
	"gatehouse/sandbox/google/directory"
	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/jira"
	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/pagerduty"
	"gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/slack"
	"gatehouse/sandbox/tenant"
	"gatehouse/sandbox/workday"
)

// controls are the endpoints below /sandbox/ that no vendor has.
func (s *Server) controls() http.Handler {
	mux := http.NewServeMux()
	s.pageHandlers(mux)
	mux.HandleFunc("GET /sandbox/credentials", s.credentials)
	mux.HandleFunc("GET /sandbox/journal", s.journal)
	mux.HandleFunc("DELETE /sandbox/journal", func(w http.ResponseWriter, _ *http.Request) {
		s.world.Load().ground.Journal.Clear()
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	})
	mux.HandleFunc("GET /sandbox/journal/counts", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().ground.Journal.Counts())
	})
	mux.HandleFunc("GET /sandbox/state", s.state)
	mux.HandleFunc("GET /sandbox/state/user", s.stateUser)
	mux.HandleFunc("GET /sandbox/state/left-with-access", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().leftWithAccess())
	})
	mux.HandleFunc("POST /sandbox/reset", s.resetControl)
	mux.HandleFunc("POST /sandbox/hr", s.hrControl)
	mux.HandleFunc("POST /sandbox/hr/bulk", func(w http.ResponseWriter, r *http.Request) {
		var b hr.Bulk
		if !read(w, r, &b) {
			return
		}
		s.Tick()
		ids, err := s.world.Load().hr.DoBulk(b)
		answer(w, map[string][]string{"employee_ids": ids}, err)
	})
	mux.HandleFunc("GET /sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().ground.Faults.List())
	})
	mux.HandleFunc("POST /sandbox/faults", s.addFault)
	mux.HandleFunc("DELETE /sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.world.Load().ground.Faults.Clear()
		if d := s.directory.Load(); d != nil {
			d.Mend()
		}
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	})
	mux.HandleFunc("POST /sandbox/latency", s.latency)
	mux.HandleFunc("POST /sandbox/clock", s.clock)
	s.oneLoginControls(mux)
	s.otherControls(mux)
	s.googleControls(mux)
	s.directoryControls(mux)
	s.pagerControls(mux)
	s.salesforceControls(mux)
	s.eventControls(mux)
	s.slackControls(mux)
	s.ldapControls(mux)
	return mux
}

// reply sends JSON. A client that has gone cannot be told anything.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

// refuse says what is wrong with a control call.
func refuse(w http.ResponseWriter, status int, err error) {
	reply(w, status, map[string]string{"error": err.Error()})
}

// read decodes a control call's body strictly; an empty body is an empty object.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if r.ContentLength == 0 {
		return true
	}
	if err := tenant.DecodeStrict(r.Body, into); err != nil {
		refuse(w, http.StatusBadRequest, fmt.Errorf("sandbox: read the body of %s: %w", r.URL.Path, err))
		return false
	}
	return true
}

func (s *Server) credentials(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{
		"onelogin": access.Credentials(),
		"workday": map[string]string{
			"tenant": workday.Tenant, "client_id": workday.ClientID, "client_secret": workday.ClientSecret,
			"refresh_token": workday.RefreshToken, "report_owner": workday.ReportOwner,
			"roster_report": workday.RosterReport, "worker_report": workday.WorkerReport,
		},
		"bamboohr": map[string]string{"api_key": bamboohr.APIKey, "webhook_private_key": bamboohr.WebhookKey},
		"slack": map[string]string{
			"bot_token": slack.BotToken, "narrow_bot_token": slack.NarrowToken, "it_channel": slack.ChannelIT,
			"security_channel": slack.ChannelSecurity, "general_channel": slack.ChannelGeneral,
			"signing_secret": slack.SigningSecret, "team_id": slack.TeamID, "app_id": slack.AppID,
		},
		"jira": map[string]string{"user": jira.User, "token": jira.Token, "project": jira.ProjectIT},
		"google": map[string]string{
			"key": "/sandbox/google/key", "subject": google.Robot, "sender": google.Sender, "folder_id": google.Folder,
			"drive_id": google.SharedDrive, "admin": google.Admin, "delegated": google.Delegated, "customer": directory.Customer,
		},
		"pagerduty": map[string]string{
			"routing_key": pagerduty.RoutingKey, "second_routing_key": pagerduty.SecondKey, "token": pagerduty.Token,
			"read_only_token": pagerduty.ReadOnlyToken, "from": pagerduty.UserEmail, "webhook_secret": pagerduty.WebhookSecret,
		},
		"salesforce": map[string]string{
			"client_id": salesforce.ClientID, "client_secret": salesforce.ClientSecret, "username": salesforce.Integration,
			"key": "/sandbox/salesforce/key", "read_only_client_id": salesforce.ReadOnlyID, "read_only_client_secret": salesforce.ReadOnlySecret,
		},
	})
}

// journal answers JSON lines.
func (s *Server) journal(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f := tenant.Filter{System: q.Get("system"), Effects: q.Get("effects") == "true"}
	for name, into := range map[string]func(uint64){
		"since": func(n uint64) { f.Since = n },
		"last":  func(n uint64) { f.Last = int(min(n, 1<<30)) },
	} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.ParseUint(q.Get(name), 10, 64)
		if err != nil {
			refuse(w, http.StatusBadRequest, fmt.Errorf("sandbox: %s must be a number: %w", name, err))
			return
		}
		into(n)
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, e := range s.world.Load().ground.Journal.List(f) {
		if enc.Encode(e) != nil {
			return
		}
	}
}

func (s *Server) resetControl(w http.ResponseWriter, r *http.Request) {
	o := s.world.Load().options
	body := struct {
		People *int    `json:"people"`
		Seed   *uint64 `json:"seed"`
		Quota  *int    `json:"quota"`
		Legacy *bool   `json:"legacy"`
	}{}
	if !read(w, r, &body) {
		return
	}
	if body.People != nil {
		o.People = *body.People
	}
	if body.Seed != nil {
		o.Seed = *body.Seed
	}
	if body.Quota != nil {
		o.Quota = *body.Quota
	}
	if body.Legacy != nil {
		o.Legacy = *body.Legacy
	}
	s.Reset(o)
	reply(w, http.StatusOK, map[string]any{"people": o.People, "seed": o.Seed, "quota": o.Quota, "legacy": o.Legacy})
}

func (s *Server) hrControl(w http.ResponseWriter, r *http.Request) {
	var o hr.Order
	if !read(w, r, &o) {
		return
	}
	s.Tick()
	result, err := s.world.Load().hr.Do(o)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	reply(w, http.StatusOK, result)
}

func (s *Server) addFault(w http.ResponseWriter, r *http.Request) {
	var f tenant.Fault
	if !read(w, r, &f) {
		return
	}
	f, err := s.world.Load().ground.Faults.Add(f)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	reply(w, http.StatusOK, f)
}

func (s *Server) latency(w http.ResponseWriter, r *http.Request) {
	var body struct {
		MS int `json:"ms"`
	}
	if !read(w, r, &body) {
		return
	}
	s.world.Load().ground.SetLatency(time.Duration(max(0, body.MS)) * time.Millisecond)
	reply(w, http.StatusOK, body)
}

// clock moves the tenant's time forward, by a Go duration such as "26h".
func (s *Server) clock(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Advance string `json:"advance"`
	}
	if !read(w, r, &body) {
		return
	}
	d, err := time.ParseDuration(body.Advance)
	if err != nil || d < 0 {
		refuse(w, http.StatusBadRequest, fmt.Errorf("sandbox: advance must be a duration such as 26h, and not negative"))
		return
	}
	ground := s.world.Load().ground
	ground.Advance(d)
	s.Tick()
	reply(w, http.StatusOK, map[string]time.Time{"now": ground.Now()})
}
