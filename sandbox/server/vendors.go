package server

import (
	"errors"
	"net/http"
	"time"

	"gatehouse/sandbox/bamboohr"
	"gatehouse/sandbox/jira"
	"gatehouse/sandbox/workday"
)

// person names whom a simulated act is about.
type person struct {
	Username string `json:"username"`
}

// act makes an endpoint of something a person does in OneLogin.
func (s *Server) act(do func(w *world, username string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var who person
		if !read(w, r, &who) {
			return
		}
		if err := do(s.world.Load(), who.Username); err != nil {
			refuse(w, http.StatusConflict, err)
			return
		}
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	}
}

// oneLoginControls are what people and administrators do that the API cannot.
func (s *Server) oneLoginControls(mux *http.ServeMux) {
	mux.HandleFunc("POST /sandbox/onelogin/accept-invite", s.act(func(w *world, username string) error {
		return w.onelogin.AcceptInvite(username)
	}))
	mux.HandleFunc("POST /sandbox/onelogin/sign-in", s.signIn)
	mux.HandleFunc("GET /sandbox/onelogin/sessions", s.sessions)
	mux.HandleFunc("POST /sandbox/onelogin/enrol", s.enrol)
	mux.HandleFunc("POST /sandbox/onelogin/event", s.event)
	mux.HandleFunc("POST /sandbox/onelogin/status", s.status)
	s.byHandControls(mux)
	mux.HandleFunc("POST /sandbox/onelogin/expire-tokens", func(w http.ResponseWriter, _ *http.Request) {
		s.world.Load().onelogin.RevokeTokens()
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	})
	mux.HandleFunc("POST /sandbox/onelogin/settings", s.oneLoginSettings)
	mux.HandleFunc("POST /sandbox/quota", s.quota)
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	var who person
	if !read(w, r, &who) {
		return
	}
	reason, err := s.world.Load().onelogin.SignIn(who.Username)
	if err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"ok": reason == "", "reason": reason})
}

func (s *Server) sessions(w http.ResponseWriter, r *http.Request) {
	list, err := s.world.Load().onelogin.Sessions(r.URL.Query().Get("username"))
	if err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	reply(w, http.StatusOK, list)
}

// enrol registers a factor, "OneLogin Protect" and in use unless the body says otherwise.
func (s *Server) enrol(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Username string `json:"username"`
		Factor   string `json:"factor"`
		Active   bool   `json:"active"`
	}{Factor: "OneLogin Protect", Active: true}
	if !read(w, r, &body) {
		return
	}
	if err := s.world.Load().onelogin.Enrol(body.Username, body.Factor, body.Active); err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	reply(w, http.StatusOK, map[string]bool{"ok": true})
}

// event writes OneLogin events of any type, so many of them as times says.
func (s *Server) event(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Username string `json:"username"`
		Type     int    `json:"event_type_id"`
		Note     string `json:"note"`
		Times    int    `json:"times"`
		Risk     *int   `json:"risk_score"`
	}{Times: 1}
	if !read(w, r, &body) {
		return
	}
	for range body.Times {
		if err := s.world.Load().onelogin.Record(body.Username, body.Type, body.Note, body.Risk); err != nil {
			refuse(w, http.StatusNotFound, err)
			return
		}
	}
	reply(w, http.StatusOK, map[string]int{"recorded": body.Times})
}

// status changes a user's status behind the API's back.
func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Username string `json:"username"`
		Status   int    `json:"status"`
	}
	if !read(w, r, &body) {
		return
	}
	if err := s.world.Load().onelogin.SetStatus(body.Username, body.Status); err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	reply(w, http.StatusOK, map[string]bool{"ok": true})
}

func (s *Server) oneLoginSettings(w http.ResponseWriter, r *http.Request) {
	var body struct {
		// RateLimitStatus is what an exceeded quota answers: 400 or 429.
		RateLimitStatus int `json:"rate_limit_status"`
		// TokenSeconds is how long tokens issued from now on last.
		TokenSeconds int `json:"token_seconds"`
		// Cut is to how many characters the texts of profiles are cut; 0 for not at all.
		Cut *int `json:"cut"`
	}
	if !read(w, r, &body) {
		return
	}
	ol := s.world.Load().onelogin
	switch body.RateLimitStatus {
	case 0:
	case http.StatusBadRequest, http.StatusTooManyRequests:
		ol.SetLimitStatus(body.RateLimitStatus)
	default:
		refuse(w, http.StatusBadRequest, errors.New("sandbox: rate_limit_status must be 400 or 429"))
		return
	}
	if body.Cut != nil {
		ol.SetCut(*body.Cut)
	}
	if body.TokenSeconds > 0 {
		ol.SetTokenLife(time.Duration(body.TokenSeconds) * time.Second)
	}
	reply(w, http.StatusOK, body)
}

func (s *Server) quota(w http.ResponseWriter, r *http.Request) {
	before := s.world.Load().onelogin.Quota()
	body := struct {
		Limit     int  `json:"limit"`
		Remaining *int `json:"remaining"`
	}{Limit: before.Limit}
	if !read(w, r, &body) {
		return
	}
	remaining := body.Limit
	if body.Remaining != nil {
		remaining = *body.Remaining
	}
	s.world.Load().onelogin.SetQuota(body.Limit, remaining)
	reply(w, http.StatusOK, s.world.Load().onelogin.Quota())
}

// otherControls are the settings of the other vendors. A setting that is left out goes back to its default.
// Long because each control is one line.
func (s *Server) otherControls(mux *http.ServeMux) {
	mux.HandleFunc("POST /sandbox/workday", func(w http.ResponseWriter, r *http.Request) {
		var body workday.Settings
		if read(w, r, &body) {
			s.world.Load().workday.SetSettings(body)
			reply(w, http.StatusOK, body)
		}
	})
	mux.HandleFunc("POST /sandbox/workday/expire-tokens", func(w http.ResponseWriter, _ *http.Request) {
		s.world.Load().workday.RevokeTokens()
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	})
	mux.HandleFunc("POST /sandbox/bamboohr", func(w http.ResponseWriter, r *http.Request) {
		var body bamboohr.Settings
		if read(w, r, &body) {
			s.world.Load().bamboohr.SetSettings(body)
			reply(w, http.StatusOK, body)
		}
	})
	mux.HandleFunc("POST /sandbox/bamboohr/webhook-target", func(w http.ResponseWriter, r *http.Request) {
		var body bamboohr.Target
		if !read(w, r, &body) {
			return
		}
		if err := s.world.Load().bamboohr.AddTarget(body); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		reply(w, http.StatusOK, s.world.Load().bamboohr.Targets())
	})
	mux.HandleFunc("DELETE /sandbox/bamboohr/webhook-target", func(w http.ResponseWriter, _ *http.Request) {
		s.world.Load().bamboohr.ClearTargets()
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	})
	mux.HandleFunc("GET /sandbox/bamboohr/webhook-log", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().bamboohr.Log())
	})
	mux.HandleFunc("POST /sandbox/jira", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			IndexLagMS *int `json:"index_lag_ms"`
			// Require are fields without which an issue is refused.
			Require *[]string `json:"require"`
			// Project changes the project of its key.
			Project *jira.Project `json:"project"`
		}
		if !read(w, r, &body) {
			return
		}
		site := s.world.Load().jira
		if body.IndexLagMS != nil {
			site.SetIndexLag(time.Duration(*body.IndexLagMS) * time.Millisecond)
		}
		if body.Require != nil {
			site.Require(*body.Require)
		}
		if body.Project != nil {
			if err := site.Configure(*body.Project); err != nil {
				refuse(w, http.StatusBadRequest, err)
				return
			}
		}
		reply(w, http.StatusOK, body)
	})
	mux.HandleFunc("POST /sandbox/slack/deactivate", func(w http.ResponseWriter, r *http.Request) {
		body := struct {
			Email   string `json:"email"`
			Deleted bool   `json:"deleted"`
		}{Deleted: true}
		if !read(w, r, &body) {
			return
		}
		if !s.world.Load().slack.SetDeleted(body.Email, body.Deleted) {
			refuse(w, http.StatusNotFound, errors.New("sandbox: no Slack user has this e-mail address"))
			return
		}
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	})
}
