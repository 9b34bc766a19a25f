package server

import (
	"net/http"

	"gatehouse/sandbox/google"
)

// googleControls are what an administrator, a reader of a spreadsheet and the Cloud console do.
func (s *Server) googleControls(mux *http.ServeMux) {
	// The key names the token endpoint by the address that the caller knows the sandbox by.
	mux.HandleFunc("GET /sandbox/google/key", func(w http.ResponseWriter, r *http.Request) {
		key, err := s.world.Load().google.ServiceAccountKey("http://" + r.Host)
		if err != nil {
			refuse(w, http.StatusInternalServerError, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// A client that has gone cannot be told anything.
		_, _ = w.Write(key)
	})
	mux.HandleFunc("POST /sandbox/google", func(w http.ResponseWriter, r *http.Request) {
		var body google.Settings
		if read(w, r, &body) {
			s.world.Load().google.SetSettings(body)
			reply(w, http.StatusOK, body)
		}
	})
	mux.HandleFunc("POST /sandbox/google/expire-tokens", func(w http.ResponseWriter, _ *http.Request) {
		s.world.Load().google.RevokeTokens()
		reply(w, http.StatusOK, map[string]bool{"ok": true})
	})
	mux.HandleFunc("GET /sandbox/google/sheets", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().google.Spreadsheets(-1))
	})
	mux.HandleFunc("GET /sandbox/google/mails", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().google.Mails(0))
	})
	mux.HandleFunc("POST /sandbox/google/edit", s.edit)
}

// edit has a person write into a spreadsheet by hand, where they may.
func (s *Server) edit(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Spreadsheet string  `json:"spreadsheet"`
		Range       string  `json:"range"`
		As          string  `json:"as"`
		Values      [][]any `json:"values"`
	}
	if !read(w, r, &body) {
		return
	}
	if err := s.world.Load().google.Edit(body.Spreadsheet, body.Range, body.As, body.Values); err != nil {
		refuse(w, http.StatusConflict, err)
		return
	}
	reply(w, http.StatusOK, map[string]bool{"ok": true})
}
