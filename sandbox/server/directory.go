package server

import (
	"net/http"

	"gatehouse/sandbox/google/directory"
	"gatehouse/sandbox/google/mailbox"
)

// workspace is the directory with what is set in mailboxes.
type workspace struct {
	directory.State
	Mailboxes []mailbox.SettingsState `json:"mailboxes"`
}

// shownUsers is how many users of Google the page shows at most.
const shownUsers = 40

// shownWorkspace is the directory on the page, as soon as anybody asks it.
type shownWorkspace struct {
	Users     []directory.UserState   `json:"users"`
	All       int                     `json:"all"`
	Mailboxes []mailbox.SettingsState `json:"mailboxes"`
}

func (w *world) workspace(query string) shownWorkspace {
	users, all := w.google.People().Few(query, shownUsers)
	return shownWorkspace{users, all, w.google.MailSettings()}
}

// directoryControls are what users and administrators do in Google by hand, what its lists lie about, and how it is.
func (s *Server) directoryControls(mux *http.ServeMux) {
	mux.HandleFunc("GET /sandbox/google/directory", func(w http.ResponseWriter, _ *http.Request) {
		g := s.world.Load().google
		reply(w, http.StatusOK, workspace{g.People().State(), g.MailSettings()})
	})
	mux.HandleFunc("POST /sandbox/google/directory", func(w http.ResponseWriter, r *http.Request) {
		var body directory.Settings
		if read(w, r, &body) {
			answer(w, body, s.world.Load().google.People().SetSettings(body))
		}
	})
	mux.HandleFunc("POST /sandbox/google/directory/hand", func(w http.ResponseWriter, r *http.Request) {
		var body directory.Order
		if read(w, r, &body) {
			id, err := s.world.Load().google.Hand(body)
			answer(w, map[string]string{"id": id}, err)
		}
	})
	mux.HandleFunc("POST /sandbox/google/directory/delegating", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Allowed bool `json:"allowed"`
		}
		if read(w, r, &body) {
			s.world.Load().google.Delegating(body.Allowed)
			reply(w, http.StatusOK, body)
		}
	})
}
