package server

import (
	"net/http"

	"gatehouse/sandbox/pagerduty"
)

// pagerControls are what the person on call does, and where webhooks go.
// Long because each control is one of a few lines.
func (s *Server) pagerControls(mux *http.ServeMux) {
	mux.HandleFunc("POST /sandbox/pagerduty", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			// EventsPerMinute is how many events an integration may send; left out, the usual limit.
			EventsPerMinute int `json:"events_per_minute"`
		}
		if read(w, r, &body) {
			s.world.Load().pager.SetLimit(body.EventsPerMinute)
			reply(w, http.StatusOK, body)
		}
	})
	mux.HandleFunc("POST /sandbox/pagerduty/act", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			DedupKey string `json:"dedup_key"`
			Status   string `json:"status"`
		}
		if !read(w, r, &body) {
			return
		}
		incident, err := s.world.Load().pager.Act(body.DedupKey, body.Status)
		if err != nil {
			refuse(w, http.StatusConflict, err)
			return
		}
		reply(w, http.StatusOK, incident)
	})
	mux.HandleFunc("POST /sandbox/pagerduty/merge", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			DedupKey string `json:"dedup_key"`
			Into     string `json:"into"`
		}
		if !read(w, r, &body) {
			return
		}
		incident, err := s.world.Load().pager.Merge(body.DedupKey, body.Into)
		if err != nil {
			refuse(w, http.StatusConflict, err)
			return
		}
		reply(w, http.StatusOK, incident)
	})
	mux.HandleFunc("POST /sandbox/pagerduty/alerts", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			// Without has services make incidents without alerts, which have the key themselves.
			Without bool `json:"without"`
		}
		if read(w, r, &body) {
			s.world.Load().pager.SetAlerts(body.Without)
			reply(w, http.StatusOK, body)
		}
	})
	mux.HandleFunc("POST /sandbox/pagerduty/webhook-target", func(w http.ResponseWriter, r *http.Request) {
		var body pagerduty.Target
		if !read(w, r, &body) {
			return
		}
		if err := s.world.Load().pager.AddTarget(body); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		reply(w, http.StatusOK, s.world.Load().pager.Targets())
	})
	mux.HandleFunc("DELETE /sandbox/pagerduty/webhook-target", func(w http.ResponseWriter, _ *http.Request) {
		s.world.Load().pager.ClearTargets()
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	})
	mux.HandleFunc("GET /sandbox/pagerduty/webhook-log", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().pager.Log())
	})
}
