package soak

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// dirt is a way in which accounts are not what Gatehouse would have made.
type dirt struct {
	name string
	// edit is what the account is instead; more are further accounts of the same human.
	edit func(s *soak, p *human, a control.Person) control.Fields
	more func(s *soak, p *human, a control.Person) control.Fields
}

// soils are all ways. Which accounts are certainly whose all the same is for certainly to say.
var soils = []dirt{
	{name: "a directory's external id", edit: func(s *soak, _ *human, _ control.Person) control.Fields {
		return control.Fields{"external_id": s.guid(), "directory_id": 77}
	}},
	{name: "no external id", edit: func(*soak, *human, control.Person) control.Fields {
		return control.Fields{"external_id": ""}
	}},
	{name: "the bare employee number", edit: func(_ *soak, p *human, _ control.Person) control.Fields {
		return control.Fields{"external_id": p.records[0].EmployeeID}
	}},
	{name: "another last name", edit: func(s *soak, _ *human, _ control.Person) control.Fields {
		return control.Fields{"lastname": "Born-" + letters(s.rng.IntN(100_000))}
	}},
	{name: "another last name and a directory's external id", edit: func(s *soak, _ *human, _ control.Person) control.Fields {
		return control.Fields{"lastname": "Born-" + letters(s.rng.IntN(100_000)), "external_id": s.guid()}
	}},
	{name: "another address and a directory's external id", edit: func(s *soak, p *human, _ control.Person) control.Fields {
		local, _, _ := strings.Cut(p.records[0].WorkEmail, "@")
		return control.Fields{"email": local + "@acme-legacy.example", "username": "u" + fmt.Sprint(s.rng.IntN(1_000_000)), "external_id": s.guid(), "trusted_idp_id": 9}
	}},
	{name: "another address and no external id", edit: func(_ *soak, p *human, _ control.Person) control.Fields {
		local, _, _ := strings.Cut(p.records[0].WorkEmail, "@")
		return control.Fields{"email": local + "@acme-legacy.example", "external_id": ""}
	}},
	{name: "an administrator's account beside it", more: func(_ *soak, _ *human, a control.Person) control.Fields {
		return control.Fields{"username": "adm-" + a.Username, "roles": []string{"AWS Admin"}}
	}},
	{name: "a second account with a directory's external id", more: func(s *soak, _ *human, a control.Person) control.Fields {
		return control.Fields{"username": a.Username + ".old", "roles": []string{"Everyone"}, "external_id": s.guid(), "directory_id": 77}
	}},
	{name: "a service account in their name", more: func(s *soak, _ *human, _ control.Person) control.Fields {
		return control.Fields{"username": fmt.Sprintf("svc-batch%d", s.rng.IntN(1_000_000)), "email": "", "kind": "service", "roles": []string{"AWS Admin"}}
	}},
	{name: "a shared mailbox in their name", more: func(s *soak, _ *human, _ control.Person) control.Fields {
		box := fmt.Sprintf("team%d@acme.example", s.rng.IntN(1_000_000))
		return control.Fields{"username": box, "email": box, "kind": "shared", "external_id": "mailbox-" + box, "roles": []string{"Everyone"}}
	}},
	{name: "suspended by hand", edit: func(*soak, *human, control.Person) control.Fields {
		return control.Fields{"status": 2}
	}},
	{name: "the name of a colleague", edit: (*soak).namesake},
}

// guid is an object's id as a directory writes it.
func (s *soak) guid() string {
	a, b := s.rng.Uint64(), s.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(a>>32), uint16(a>>16), uint16(a)&0xfff, uint16(b>>48)&0x3fff|0x8000, b&0xffffffffffff)
}

// namesake gives somebody a colleague's name, in HR and in OneLogin.
func (s *soak) namesake(p *human, _ control.Person) control.Fields {
	r := p.records[0]
	other := s.anybody(s.clock.Now(), func(o *human) bool { return o != p && o.dirt == "" })
	if other == nil {
		return nil
	}
	r.FirstName, r.LastName = other.records[0].FirstName, other.records[0].LastName
	_, err := s.sandbox.HR(s.t.Context(), r.Source, "change", r.EmployeeID, control.Fields{"first_name": r.FirstName, "last_name": r.LastName}, true)
	require.NoError(s.t, err)
	return control.Fields{"firstname": r.FirstName, "lastname": r.LastName}
}

// soil makes three of ten accounts dirty, as they have been since before Gatehouse.
func (s *soak) soil() {
	s.t.Helper()
	counts := map[string]int{}
	for _, p := range s.working(s.clock.Now()) {
		i := slices.IndexFunc(s.humansAccounts(p), func(a control.Person) bool { return a.Status == 1 && a.Kind == "person" })
		if i < 0 || s.rng.IntN(10) >= 3 {
			continue
		}
		a, d := s.humansAccounts(p)[i], soils[s.rng.IntN(len(soils))]
		p.dirt = d.name
		counts[d.name]++
		if d.edit != nil {
			if f := d.edit(s, p, a); f != nil {
				_, err := s.sandbox.AgeAccount(s.t.Context(), a.ID, f)
				require.NoError(s.t, err)
			}
		}
		if d.more != nil {
			_, err := s.sandbox.CopyAccount(s.t.Context(), a.ID, d.more(s, p, a))
			require.NoError(s.t, err)
		}
	}
	all, err := s.sandbox.Accounts(s.t.Context())
	require.NoError(s.t, err)
	for i := range all {
		s.accounts[all[i].ID] = all[i]
	}
	s.t.Logf("dirty accounts: %v", counts)
}

// humansAccounts lists somebody's accounts as they were at the beginning, in the order of their ids.
func (s *soak) humansAccounts(p *human) []control.Person { return s.ofHuman[p.id] }
