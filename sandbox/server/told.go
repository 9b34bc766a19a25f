package server

import (
	"errors"
	"net/http"

	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/slack"
)

// eventControls write OneLogin's events and say where its event webhook goes.
func (s *Server) eventControls(mux *http.ServeMux) {
	mux.HandleFunc("POST /sandbox/onelogin/events", func(w http.ResponseWriter, r *http.Request) {
		var body []events.Injection
		if !read(w, r, &body) {
			return
		}
		first, last, err := s.world.Load().onelogin.Inject(body)
		if err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		reply(w, http.StatusOK, map[string]int64{"first": first, "last": last})
	})
	mux.HandleFunc("POST /sandbox/onelogin/event-target", func(w http.ResponseWriter, r *http.Request) {
		var body events.Target
		if !read(w, r, &body) {
			return
		}
		if err := s.world.Load().onelogin.Events().AddTarget(body); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		reply(w, http.StatusOK, s.world.Load().onelogin.Events().Targets())
	})
	mux.HandleFunc("DELETE /sandbox/onelogin/event-target", func(w http.ResponseWriter, _ *http.Request) {
		s.world.Load().onelogin.Events().ClearTargets()
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	})
	mux.HandleFunc("GET /sandbox/onelogin/event-log", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().onelogin.Events().Deliveries())
	})
}

// slackControls have people press buttons, and say who they are.
func (s *Server) slackControls(mux *http.ServeMux) {
	mux.HandleFunc("POST /sandbox/slack/interactivity", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			URL string `json:"url"`
		}
		if read(w, r, &body) {
			s.world.Load().slack.SetInteractivity(body.URL)
			reply(w, http.StatusOK, body)
		}
	})
	mux.HandleFunc("POST /sandbox/slack/channel", func(w http.ResponseWriter, r *http.Request) {
		var body slack.Room
		if read(w, r, &body) {
			answer(w, body, s.world.Load().slack.SetRoom(body))
		}
	})
	mux.HandleFunc("POST /sandbox/slack/click", func(w http.ResponseWriter, r *http.Request) {
		var body slack.Click
		if !read(w, r, &body) {
			return
		}
		clicked, err := s.world.Load().slack.Press(r.Context(), body.PressAt("http://"+r.Host))
		if err != nil {
			refuse(w, http.StatusConflict, err)
			return
		}
		reply(w, http.StatusOK, clicked)
	})
	mux.HandleFunc("POST /sandbox/slack/response/{id}", func(w http.ResponseWriter, r *http.Request) {
		s.world.Load().slack.Respond(w, r, r.PathValue("id"))
	})
	mux.HandleFunc("GET /sandbox/slack/whispers", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().slack.Whispers())
	})
	mux.HandleFunc("POST /sandbox/slack/kind", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Email string `json:"email"`
			Guest bool   `json:"guest"`
			Team  string `json:"team"`
		}
		if !read(w, r, &body) {
			return
		}
		if !s.world.Load().slack.SetKind(body.Email, body.Guest, body.Team) {
			refuse(w, http.StatusNotFound, errors.New("sandbox: no Slack user has this e-mail address"))
			return
		}
		reply(w, http.StatusOK, body)
	})
}
