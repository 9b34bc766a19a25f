package seed

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/onelogin"
	"gatehouse/sandbox/onelogin/mapping"
)

// Directory is the directory that most accounts of a legacy company come from.
const Directory = 77

// nicknames are what some people are called in OneLogin and not in HR.
var nicknames = map[string]string{
	"Samuel": "Sam", "Rafael": "Rafa", "Katya": "Ekaterina", "Elena": "Lena", "Felix": "F.", "Vikram": "Vik", "Viktor": "Vic",
	"Olivia": "Liv", "Esther": "Essie", "Nadia": "Nadja", "David": "Dave", "Priya": "P.",
}

// legacy makes a company's accounts as old as companies' accounts are.
type legacy struct {
	rng *rand.Rand
	ol  *onelogin.OneLogin
	now time.Time
	// short counts the people whose username is an initial and a last name.
	short map[string]int
}

// Legacy gives the accounts of a filled company a past without Gatehouse: external ids of a directory, a security
// identifier, or the bare employee number; other last names, first names and addresses than HR has; second and admin
// accounts; service and shared accounts in people's names. Nobody who has left gets in.
func Legacy(records *hr.Store, ol *onelogin.OneLogin, seed uint64, now time.Time) error {
	l := &legacy{rng: rand.New(rand.NewPCG(seed, 0x01d)), ol: ol, now: now, short: map[string]int{}}
	byHuman := map[string]*hr.Record{}
	for _, source := range []string{hr.Workday, hr.BambooHR} {
		for _, r := range records.List(source) {
			byHuman[r.Human] = r
		}
	}
	n := 0
	for _, u := range ol.Users() {
		r := byHuman[u.Owner]
		if r == nil {
			continue
		}
		if err := l.age(n, u, r); err != nil {
			return fmt.Errorf("seed: make account %d older: %w", u.ID, err)
		}
		n++
	}
	return nil
}

// age makes one account old, and gives some people more of them.
func (l *legacy) age(n int, u onelogin.UserState, r *hr.Record) error {
	fields := map[string]any{
		"created_at": l.now.AddDate(-1-n%5, 0, -n%28), "last_login": l.now.Add(-time.Duration(1+n%60) * 24 * time.Hour),
		"updated_at": l.now.AddDate(0, 0, -1-n%90),
	}
	external := l.guid()
	local, _, _ := strings.Cut(r.WorkEmail, "@")
	switch n % 10 {
	case 0, 1, 2:
		fields["directory_id"] = Directory
	case 3:
		external = fmt.Sprintf("S-1-5-21-3623811015-3361044348-30300820-%d", 1100+n)
		fields["directory_id"] = Directory
	case 4:
		external = r.EmployeeID
	case 5:
		external = r.Source + "-" + r.EmployeeID
	case 6:
		// Married, or divorced: HR has the name of today.
		fields["lastname"] = lastNames[(n*7+3)%len(lastNames)]
		fields["directory_id"] = Directory
	case 7:
		// The address of the company before it was renamed.
		fields["email"], fields["username"] = local+"@acme-legacy.example", l.free(r.FirstName[:1]+strings.TrimPrefix(local, slug(r.FirstName)+"."))
		fields["trusted_idp_id"] = 9
	case 8:
		external = ""
	case 9:
		if name := nicknames[r.FirstName]; name != "" {
			fields["firstname"] = name
		}
	}
	fields["external_id"] = external
	if err := l.byHand("edit", u.ID, fields); err != nil {
		return err
	}
	if u.Status != 1 {
		return nil
	}
	return l.more(n, u, r, local)
}

// free is a username that nobody has: in a large company several people share an initial and a last name.
func (l *legacy) free(username string) string {
	l.short[username]++
	if n := l.short[username]; n > 1 {
		return username + "-" + fmt.Sprint(n)
	}
	return username
}

// more gives people second accounts, and puts service and shared accounts under people's names.
func (l *legacy) more(n int, u onelogin.UserState, r *hr.Record, local string) error {
	if r.Department == "IT" || n%11 == 0 {
		role := "AWS Admin"
		if r.Department == "IT" {
			role = "Super admin"
		}
		if err := l.byHand("copy", u.ID, map[string]any{"username": "adm-" + local + "@" + Domain, "roles": []string{role}, "directory_id": Directory, "external_id": l.guid()}); err != nil {
			return err
		}
	}
	switch n % 17 {
	case 2:
		// The same address under another name to sign in with, from before single sign-on.
		return l.byHand("copy", u.ID, map[string]any{"username": local + ".old", "roles": []string{"Everyone"}})
	case 7:
		return l.byHand("copy", u.ID, map[string]any{
			"username": "svc-" + slug(r.LastName) + fmt.Sprint(n), "email": "", "kind": "service", "roles": []string{"AWS Admin"},
			"comment": "batch jobs, ask " + r.FirstName + " " + r.LastName,
		})
	case 12:
		return l.byHand("copy", u.ID, map[string]any{
			"username": strings.ToLower(r.Department) + fmt.Sprint(n) + "@" + Domain, "email": strings.ToLower(r.Department) + fmt.Sprint(n) + "@" + Domain,
			"kind": "shared", "roles": []string{"Everyone"}, "external_id": "mailbox-" + fmt.Sprint(n),
		})
	}
	return nil
}

func (l *legacy) byHand(action string, id int64, fields map[string]any) error {
	h := onelogin.Hand{Action: action, ID: id, Quiet: true, Fields: map[string]json.RawMessage{}}
	for name, value := range fields {
		raw, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("field %s: %w", name, err)
		}
		h.Fields[name] = raw
	}
	_, err := l.ol.ByHand(h)
	return err
}

// guid is an object's id as a directory writes it.
func (l *legacy) guid() string {
	a, b := l.rng.Uint64(), l.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(a>>32), uint16(a>>16), uint16(a)&0xfff, uint16(b>>48)&0x3fff|0x8000, b&0xffffffffffff)
}

// Forget opens the accounts of up to n people who have left, with the roles of their department: nobody had ended their access when
// they went. It returns how many there were.
func Forget(records *hr.Store, ol *onelogin.OneLogin, n int) (int, error) {
	left := map[string]*hr.Record{}
	for _, source := range []string{hr.Workday, hr.BambooHR} {
		for _, r := range records.List(source) {
			if r.LeaveDate() != "" {
				left[r.Human] = r
			}
		}
	}
	l, opened := &legacy{ol: ol}, 0
	for _, u := range ol.Users() {
		r := left[u.Owner]
		if opened == n || r == nil || u.Status == 1 {
			continue
		}
		if err := l.byHand("edit", u.ID, map[string]any{"status": 1, "roles": mapping.Birthright(r.Department)}); err != nil {
			return opened, fmt.Errorf("seed: open account %d again: %w", u.ID, err)
		}
		opened++
	}
	return opened, nil
}
