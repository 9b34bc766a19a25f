package server

import (
	"errors"
	"net/http"

	"gatehouse/sandbox/onelogin"
	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/mapping"
)

// byHandControls are what administrators, mappings and directories do to accounts behind the API's back.
func (s *Server) byHandControls(mux *http.ServeMux) {
	mux.HandleFunc("POST /sandbox/onelogin/account", func(w http.ResponseWriter, r *http.Request) {
		var body onelogin.Hand
		if read(w, r, &body) {
			u, err := s.world.Load().onelogin.ByHand(body)
			answer(w, u, err)
		}
	})
	mux.HandleFunc("POST /sandbox/onelogin/mappings", func(w http.ResponseWriter, r *http.Request) {
		body := mapping.Mapping{Enabled: true}
		if read(w, r, &body) {
			m, err := s.world.Load().onelogin.AddMapping(body)
			answer(w, m, err)
		}
	})
	mux.HandleFunc("POST /sandbox/onelogin/mappings/enable", func(w http.ResponseWriter, r *http.Request) {
		body := struct {
			Enabled bool `json:"enabled"`
		}{Enabled: true}
		if read(w, r, &body) {
			s.world.Load().onelogin.SetMappings(body.Enabled)
			reply(w, http.StatusOK, body)
		}
	})
	mux.HandleFunc("POST /sandbox/onelogin/run-mappings", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]int{"changed": s.world.Load().onelogin.RunMappings()})
	})
	mux.HandleFunc("POST /sandbox/onelogin/directory-entry", func(w http.ResponseWriter, r *http.Request) {
		var body onelogin.Entry
		if read(w, r, &body) {
			u, err := s.world.Load().onelogin.SetEntry(body)
			answer(w, u, err)
		}
	})
	mux.HandleFunc("POST /sandbox/onelogin/directory-sync", s.directorySync)
	mux.HandleFunc("POST /sandbox/onelogin/credential", s.credential)
}

// answer replies with what came of a control call.
func answer(w http.ResponseWriter, v any, err error) {
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	reply(w, http.StatusOK, v)
}

func (s *Server) directorySync(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Directory int64 `json:"directory_id"`
	}
	if !read(w, r, &body) {
		return
	}
	run, changed, err := s.world.Load().onelogin.SyncDirectory(body.Directory)
	answer(w, map[string]int64{"run": run, "changed": int64(changed)}, err)
}

// credential switches an API credential off or on.
func (s *Server) credential(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Client   string `json:"client_id"`
		Disabled bool   `json:"disabled"`
	}{Client: access.Credentials()[0].ID, Disabled: true}
	if !read(w, r, &body) {
		return
	}
	if !s.world.Load().onelogin.SetCredential(body.Client, body.Disabled) {
		refuse(w, http.StatusNotFound, errors.New("sandbox: OneLogin has no such API credential"))
		return
	}
	reply(w, http.StatusOK, body)
}
