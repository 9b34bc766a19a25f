package server

import (
	"net/http"

	"gatehouse/sandbox/salesforce"
)

// salesforceControls are what people do in Salesforce by hand, its limits and lies, and how it is.
func (s *Server) salesforceControls(mux *http.ServeMux) {
	mux.HandleFunc("GET /sandbox/salesforce", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, s.world.Load().salesforce.State())
	})
	mux.HandleFunc("GET /sandbox/salesforce/key", func(w http.ResponseWriter, _ *http.Request) {
		key, err := s.world.Load().salesforce.KeyPEM()
		if err != nil {
			refuse(w, http.StatusInternalServerError, err)
			return
		}
		w.Header().Set("Content-Type", "application/x-pem-file")
		// A client that has gone cannot be told anything.
		_, _ = w.Write(key)
	})
	mux.HandleFunc("POST /sandbox/salesforce", func(w http.ResponseWriter, r *http.Request) {
		var body salesforce.Settings
		if read(w, r, &body) {
			answer(w, body, s.world.Load().salesforce.SetSettings(body))
		}
	})
	mux.HandleFunc("POST /sandbox/salesforce/hand", func(w http.ResponseWriter, r *http.Request) {
		var body salesforce.Order
		if read(w, r, &body) {
			result, err := s.world.Load().salesforce.Hand(body)
			answer(w, map[string]string{"result": result}, err)
		}
	})
}
