package cases

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// leaver is one of many who leave a company, and what their account, or a second one of theirs, carries.
type leaver struct {
	first, last   string
	only, second  control.Fields
	key           string
	theirs, daily control.Person
}

// allLeave has each of them leave one company, and checks that what is theirs is shut or known to security, and that nobody
// else is touched. Swept says that the inventory was filled before.
func allLeave(t *testing.T, swept bool, leavers []leaver) {
	t.Helper()
	s := kit.New(t, kit.Options{People: 120, Policy: roomy(t)})
	var theirs, all []control.Person
	for i := range leavers {
		l := &leavers[i]
		l.key = fmt.Sprintf("workday-%d", 21041+i)
		first, last := l.first, l.last
		if first == "" {
			first, last = "Fritz"+string(rune('a'+i%26)), "Kraut"+string(rune('a'+i/26))+string(rune('a'+i%26))
		}
		address := fmt.Sprintf("p%d@acme.example", 500+i)
		if l.first == "" {
			address = strings.ToLower(first + "." + last + "@acme.example")
		}
		s.HR(l.key, "change", control.Fields{"first_name": first, "last_name": last, "work_email": address})
		write := strings.NewReplacer("{F}", first, "{L}", last, "{f}", strings.ToLower(first), "{l}", strings.ToLower(last), "{n}", strings.TrimPrefix(l.key, "workday-"))
		fill := func(f control.Fields) control.Fields {
			out := control.Fields{"firstname": "", "lastname": "", "email": "", "external_id": "", "username": fmt.Sprintf("z%02d", i)}
			for field, value := range f {
				if text, ok := value.(string); ok {
					value = write.Replace(text)
				}
				out[field] = value
			}
			return out
		}
		if l.only != nil {
			l.theirs = s.Age(l.key, fill(l.only))
		} else {
			l.daily = s.Age(l.key, control.Fields{"firstname": first, "lastname": last, "email": address, "username": address})
			l.theirs = s.Second(s.Account(l.key), fill(l.second))
			all = append(all, l.daily)
		}
		theirs = append(theirs, l.theirs)
	}
	s.Baseline()
	if swept {
		readAccounts(s, true)
	}
	intact := untouched(s, append(all, theirs...)...)
	for _, l := range leavers {
		leaves(s, l.key)
	}
	settled(s, "", theirs...)
	for _, l := range all {
		s.AwaitShut(l.ID)
	}
	intact()
}

// TestCase_L01_AsAccountsAreCalled: the leaver's only account agrees with them by a number, a name or a username, and in another
// way than HR writes it.
func TestCase_L01_AsAccountsAreCalled(t *testing.T) {
	t.Parallel()
	var leavers []leaver
	for _, external := range []string{"SAL-00{n}", "{n}@hr", "workday:{n}", "EMP-{n}", "00000{n}", "WORKDAY-{n}", "{f}.{l}@acme.example"} {
		leavers = append(leavers, leaver{only: control.Fields{"external_id": external, "firstname": "Quentin", "lastname": "Twomey"}})
	}
	for _, username := range []string{"{f}_{l}", "{f}{l}", "{l}.{f}", `ACME\{f}.{l}`, "{f}.{l}#EXT#@acme.onmicrosoft.example", "{f}.{l}@acme-group.example", "u{n}"} {
		leavers = append(leavers, leaver{only: control.Fields{"external_id": guid, "username": username}})
	}
	for _, name := range [][4]string{
		{"Jürgen", "Müller", "Juergen", "Mueller"},
		{"Søren", "Øster", "Soeren", "Oester"},
		{"Åsa", "Åkesson", "Aasa", "Aakesson"},
		{"Lena", "Meyer-Landrut", "Meyer-Landrut, Lena", ""},
		{"Piet", "van der Berg", "Piet", "Vanderberg"},
		{"Ana", "Garcia Lopez", "Ana", "Garcia"},
		{"John Q.", "Publicman", "John", "Publicman"},
		{"Иван", "Петров", "Ivan", "Petrov"},
		{"Greta", "Holm", "Dr. Greta", "Holm (Contractor)"},
	} {
		leavers = append(leavers, leaver{first: name[0], last: name[1], only: control.Fields{"external_id": guid, "firstname": name[2], "lastname": name[3]}})
	}
	leavers = append(leavers, leaver{first: "Tobias", last: "Wolkenstein", only: control.Fields{"external_id": guid, "username": "twolkenstein"}})
	allLeave(t, false, leavers)
}

// TestCase_L06_AsSecondAccountsAreCalled: the daily account is on record, and a second one, privileged, agrees in some way.
func TestCase_L06_AsSecondAccountsAreCalled(t *testing.T) {
	t.Parallel()
	admin := []string{"AWS Admin"}
	for name, swept := range map[string]bool{"with an inventory": true, "before the first sweep": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var leavers []leaver
			add := func(f control.Fields) {
				f["roles"] = admin
				leavers = append(leavers, leaver{second: f})
			}
			for _, username := range []string{
				"ext-{f}.{l}@acme.example", "{f}.{l}.ext@acme.example", "{f}_{l}", "{f}{l}", "{f}-{l}", "{l}.{f}", "{f}.{l}2@acme.example", "pa_{f}.{l}", "p-{f}.{l}",
				"su.{f}.{l}", "{f}.{l}.tier0", "{f}.{l}.old", "adm_{f}{l}", "admin{f}.{l}", `ACME\{f}.{l}`, "{f}.{l}#EXT#@acme.onmicrosoft.example", "{f}.{l}.priv", "adm{n}",
			} {
				add(control.Fields{"username": username})
			}
			for _, name := range [][2]string{
				{"{F}", "{L} (Admin)"},
				{"{F}", "{L} - Admin"},
				{"{F}", "{L} [T0]"},
				{"{F}", "{L} EXT"},
				{"{F}", "{L} 2"},
				{"{F}", "{L}, extern"},
				{"{F}", "{L} Jr."},
				{"{F} (ADM)", "{L}"},
				{"ADM {F}", "{L}"},
				{"Dr. {F}", "{L}"},
				{"{F} M.", "{L}"},
				{"{L}, {F}", ""},
				{"Admin", "{F} {L}"},
			} {
				add(control.Fields{"firstname": name[0], "lastname": name[1]})
			}
			add(control.Fields{"firstname": "Admin", "lastname": "Account", "email": "{f}.{l}@acme.onmicrosoft.example"})
			add(control.Fields{"firstname": "Admin", "lastname": "Account", "email": "admin+{f}.{l}@acme.example"})
			for _, external := range []string{"EMP-{n}", "00000{n}", "WORKDAY-{n}"} {
				add(control.Fields{"external_id": external})
			}
			allLeave(t, swept, leavers)
		})
	}
}

// TestCase_L05_PrivilegedNamesake: the daily account is on record, and a privileged one carries nothing but the full name, which
// somebody employed has too, with an account of their own.
func TestCase_L05_PrivilegedNamesake(t *testing.T) {
	t.Parallel()
	var daily, admin control.Person
	s := company(t, func(s *kit.Stack) {
		daily = s.Account("workday-21009")
		s.HR("workday-21015", "change", control.Fields{"first_name": daily.FirstName, "last_name": daily.LastName})
		s.Age("workday-21015", control.Fields{"firstname": daily.FirstName, "lastname": daily.LastName})
		admin = s.Second(daily, control.Fields{"username": "x4711", "email": "x4711@acme.example", "roles": []string{"AWS Admin"}})
	})
	intact := untouched(s, daily, admin)
	leaves(s, "workday-21009")
	s.AwaitShut(daily.ID)
	settled(s, "", admin)
	intact()
}

// TestCase_L06_ADoubtHidesNothing: the daily account agrees by a part of the name, or by a name that only a comparison of all
// accounts finds, and another one has a tagged address.
func TestCase_L06_ADoubtHidesNothing(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]control.Fields{
		"a part of the name":  {"firstname": "Lena", "lastname": "Meyer"},
		"a name in one field": {"firstname": "Meyer-Landrut, Lena", "lastname": ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var daily, tagged control.Person
			s := company(t, func(s *kit.Stack) {
				s.HR("workday-21009", "change", control.Fields{"first_name": "Lena", "last_name": "Meyer-Landrut", "work_email": "lena.meyer-landrut@acme.example"})
				f["external_id"], f["email"], f["username"] = guid, "x1@old.example", "x1"
				daily = s.Age("workday-21009", f)
				tagged = s.Second(daily, control.Fields{
					"firstname": "", "lastname": "", "external_id": "", "username": "x2", "email": "lena.meyer-landrut+vpn@acme.example", "roles": []string{"GitHub"},
				})
			})
			intact := untouched(s, daily, tagged)
			leaves(s, "workday-21009")
			settled(s, "", daily, tagged)
			intact()
		})
	}
}

// TestCase_L06_CalledSoAfterwards: the departure is over, and then an account appears that only its names and usernames tie to them.
func TestCase_L06_CalledSoAfterwards(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	readAccounts(s, true)
	daily := s.Account("workday-21009")
	leaves(s, "workday-21009")
	s.AwaitShut(daily.ID)
	require.Equal(t, "access ended", s.Outcome("workday-21009").Result)
	second := s.Second(daily, control.Fields{
		"username": "leon.moreau.priv", "email": "leon.moreau-priv@acme.example", "firstname": "", "lastname": "", "external_id": "", "roles": []string{"AWS Admin"},
	})
	readAccounts(s, true)
	settled(s, "", second)
}
