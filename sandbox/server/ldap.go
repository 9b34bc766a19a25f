package server

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/ldap"
)

// ServeLDAP starts the company's directory on an address of its own, with everybody in it who works there.
func (s *Server) ServeLDAP(addr string) error {
	clock := func() time.Time { return s.world.Load().ground.Now() }
	d, err := ldap.Start(ldap.Options{Addr: addr, Clock: clock, TokenLength: 3})
	if err != nil {
		return fmt.Errorf("serve LDAP: %w", err)
	}
	if err := s.world.Load().staff(d); err != nil {
		d.Close()
		return fmt.Errorf("serve LDAP: %w", err)
	}
	s.directory.Store(d)
	return nil
}

// staff adds the people whom HR has, and a group for each department.
func (w *world) staff(d *ldap.Server) error {
	members, managers := map[string][]string{}, map[string]string{}
	names := map[string]string{}
	for _, source := range []string{hr.Workday, hr.BambooHR} {
		for _, r := range w.hr.List(source) {
			user, _, ok := strings.Cut(r.WorkEmail, "@")
			name := "uid=" + user + "," + ldap.People
			if _, there := d.Look(name); !ok || there || r.LastName == "" {
				continue // A human with two records has one account.
			}
			lines := []string{
				"objectClass: inetOrgPerson", "uid: " + user, "cn: " + r.FirstName + " " + r.LastName, "sn: " + r.LastName, "mail: " + r.WorkEmail,
				"employeeNumber: " + source + "-" + r.EmployeeID,
			}
			for attribute, value := range map[string]string{"givenName": r.FirstName, "title": r.Title, "departmentNumber": r.Department, "telephoneNumber": r.WorkPhone} {
				if value != "" {
					lines = append(lines, attribute+": "+value)
				}
			}
			if err := d.Add(name, lines...); err != nil {
				return err
			}
			names[source+"-"+r.EmployeeID], managers[name] = name, source+"-"+r.ManagerID
			members[r.Department] = append(members[r.Department], "member: "+name)
		}
	}
	for name, manager := range managers {
		if names[manager] == "" {
			continue
		}
		if err := d.Change(name, "manager", names[manager]); err != nil {
			return err
		}
	}
	for _, department := range slices.Sorted(maps.Keys(members)) {
		if department == "" {
			continue
		}
		if err := d.Add("cn="+department+","+ldap.Groups, append(members[department], "objectClass: groupOfNames")...); err != nil {
			return err
		}
	}
	return nil
}

// ldapControls are what an administrator of the directory does. Long because each control is one of a few lines.
func (s *Server) ldapControls(mux *http.ServeMux) {
	with := func(do func(*ldap.Server, http.ResponseWriter, *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			d := s.directory.Load()
			if d == nil {
				refuse(w, http.StatusNotFound, fmt.Errorf("sandbox: there is no directory: start it with --ldap ADDRESS"))
				return
			}
			do(d, w, r)
		}
	}
	mux.HandleFunc("GET /sandbox/ldap", with(func(d *ldap.Server, w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{
			"url": d.URL(), "bind_dn": ldap.BindDN, "password": ldap.Password, "people": ldap.People, "groups": ldap.Groups, "ca": string(d.CA),
		})
	}))
	mux.HandleFunc("GET /sandbox/ldap/journal", with(func(d *ldap.Server, w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, d.Journal()) }))
	mux.HandleFunc("GET /sandbox/ldap/entry", with(func(d *ldap.Server, w http.ResponseWriter, r *http.Request) {
		attributes, ok := d.Look(r.URL.Query().Get("dn"))
		if !ok {
			refuse(w, http.StatusNotFound, fmt.Errorf("sandbox: there is no entry of this DN"))
			return
		}
		reply(w, http.StatusOK, attributes)
	}))
	mux.HandleFunc("POST /sandbox/ldap/entry", with(func(d *ldap.Server, w http.ResponseWriter, r *http.Request) {
		var body struct {
			DN        string   `json:"dn"`
			Attribute string   `json:"attribute"`
			Values    []string `json:"values"`
		}
		if !read(w, r, &body) {
			return
		}
		if err := d.Change(body.DN, body.Attribute, body.Values...); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		reply(w, http.StatusOK, body)
	}))
	mux.HandleFunc("POST /sandbox/ldap/lie", with(func(d *ldap.Server, w http.ResponseWriter, r *http.Request) {
		var body struct {
			Lie ldap.Lie `json:"lie"`
		}
		if !read(w, r, &body) {
			return
		}
		if err := d.Lie(body.Lie); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		reply(w, http.StatusOK, body)
	}))
	mux.HandleFunc("POST /sandbox/ldap/faults", with(func(d *ldap.Server, w http.ResponseWriter, r *http.Request) {
		var body struct {
			ldap.Fault
			// URL is called when it happens, whatever it answers.
			URL string `json:"url"`
		}
		if !read(w, r, &body) {
			return
		}
		if body.URL != "" {
			body.Then = func() { callBack(body.URL) }
		}
		if err := d.Fail(body.Fault); err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		reply(w, http.StatusOK, body)
	}))
}

// callBack tells somebody that a fault has happened.
func callBack(url string) {
	resp, err := (&http.Client{Timeout: time.Minute}).Post(url, "application/json", http.NoBody) //nolint:noctx // Nobody's request ends it.
	if err != nil {
		return // Who is told may be killed by it.
	}
	_ = resp.Body.Close() // nothing was read from it
}
