package seed

import (
	"fmt"
	"math/rand/v2"
	"time"

	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/onelogin"
	"gatehouse/sandbox/onelogin/mapping"
)

// Domain is the company's mail domain.
const Domain = "acme.example"

// DefaultPeople is the size of the company if none is given.
const DefaultPeople = 60

// strangers are the accounts that no person stands behind.
const strangers = 4

// company is a company in the making.
type company struct {
	rng     *rand.Rand
	records *hr.Store
	ol      *onelogin.OneLogin
	now     time.Time
	people  int
	// taken counts people by the name in their address.
	taken map[string]int
	// heads and reports find a manager: an employee id by department, and the people of a department so far.
	heads map[string]string
	staff map[string][]string
	// projects are the roles of the further apps.
	projects []string
	// accounts is OneLogin's id by source and employee id.
	accounts map[string]int64
}

// Fill makes the company. people counts everybody in HR and the accounts without a person. Apps are further ones, five to a role
// of its own, of which everybody who is here has one.
func Fill(records *hr.Store, ol *onelogin.OneLogin, people, apps int, seed uint64, now time.Time) {
	if people <= 0 {
		people = DefaultPeople
	}
	c := &company{
		rng: rand.New(rand.NewPCG(seed, 0x5eed)), records: records, ol: ol, now: now, people: people,
		taken: map[string]int{}, heads: map[string]string{}, staff: map[string][]string{}, accounts: map[string]int64{},
	}
	c.access()
	c.further(apps)
	contractors := max(1, people/6)
	for i := range max(1, people-contractors-strangers) {
		c.person(hr.Workday, i)
	}
	for i := range contractors {
		c.person(hr.BambooHR, i)
	}
	c.strangers()
}

// access makes groups, and roles with the apps they carry.
func (c *company) access() {
	for _, g := range Groups() {
		c.ol.AddGroup(g)
	}
	c.ol.AddRole("Everyone", "Google Workspace", "Slack", "Workday", "-Directory Sync")
	c.ol.AddRole("Engineering", "Confluence", "Datadog")
	c.ol.AddRole("GitHub", "GitHub")
	c.ol.AddRole("AWS Read Only", "AWS")
	c.ol.AddRole("AWS Admin", "AWS", "AWS Admin Console")
	c.ol.AddRole("Sales", "Gong")
	c.ol.AddRole("Salesforce", "Salesforce")
	c.ol.AddRole("Marketing", "HubSpot")
	c.ol.AddRole("Finance", "Expensify")
	c.ol.AddRole("NetSuite", "NetSuite")
	c.ol.AddRole("People", "Greenhouse")
	c.ol.AddRole("IT", "Jamf", "OneLogin Admin")
	c.ol.AddRole("Jira", "Jira")
	c.ol.AddRole("Support", "Intercom")
	c.ol.AddRole("Zendesk", "Zendesk")
	c.ol.AddRole("Super admin", "OneLogin Admin")
}

// appsPerRole is how many of the further apps one role carries.
const appsPerRole = 5

// further makes roles for further apps.
func (c *company) further(apps int) {
	for first := 0; first < apps; first += appsPerRole {
		names := make([]string, 0, appsPerRole)
		for i := first; i < min(first+appsPerRole, apps); i++ {
			names = append(names, fmt.Sprintf("App %03d", i+1))
		}
		role := fmt.Sprintf("Project %02d", len(c.projects)+1)
		c.ol.AddRole(role, names...)
		c.projects = append(c.projects, role)
	}
}

// Groups are the names of all groups.
func Groups() []string {
	return append(append([]string{"Default"}, mapping.Departments()...), "Contractors", "MFA required", "Break glass")
}

// department spreads people: of every twenty, seven in Engineering, and so on.
func department(i int) string {
	spread := []string{
		"People", "Engineering", "Sales", "IT", "Finance", "Marketing", "Support", "Engineering", "Engineering", "Sales",
		"Engineering", "Support", "Engineering", "Marketing", "Engineering", "Sales", "Finance", "Engineering", "IT", "People",
	}
	return spread[i%len(spread)]
}

// person makes one person's record and account. Of every sixteen one has left.
func (c *company) person(source string, i int) {
	dep := department(i)
	if source == hr.BambooHR {
		dep = []string{"Engineering", "Support", "Marketing"}[i%3]
	}
	r := hr.Record{Source: source, InsertedAt: c.now, LastChanged: c.now}
	if source == hr.Workday && i == 0 {
		r.Title = "Chief Executive Officer"
	}
	c.name(&r)
	r.Department, r.Location, r.Company = dep, locations[c.rng.IntN(len(locations))], "Acme"
	r.HireDate = c.now.AddDate(0, 0, -60-c.rng.IntN(2400)).Format(time.DateOnly)
	r.EmploymentType = "Employee"
	if source == hr.BambooHR {
		r.EmploymentType = "Contractor"
	}
	left := i%16 == 13
	if left {
		r.TerminationDate = c.now.AddDate(0, 0, -5-c.rng.IntN(60)).Format(time.DateOnly)
		r.LastDay = r.TerminationDate
	}
	head := c.place(&r, left)
	stored := c.records.Seed(r)
	c.staffed(stored, left)
	c.account(stored, head, left)
}

// namesakes is how many people of a large company have one full name, before others get a double surname.
const (
	large     = 10_000
	namesakes = 2
)

// name finds a name and an address that nobody has yet.
func (c *company) name(r *hr.Record) {
	r.FirstName = firstNames[c.rng.IntN(len(firstNames))]
	r.LastName = lastNames[c.rng.IntN(len(lastNames))]
	local := slug(r.FirstName) + "." + slug(r.LastName)
	c.taken[local]++
	// In a company of tens of thousands some share a full name, and not every one of them with twenty others.
	if n := c.taken[local]; c.people > large && n > namesakes {
		r.LastName += "-" + lastNames[n%len(lastNames)]
		local = slug(r.FirstName) + "." + slug(r.LastName)
		c.taken[local]++
	}
	if n := c.taken[local]; n > 1 {
		local += fmt.Sprint(n)
	}
	r.WorkEmail = local + "@" + Domain
	r.PersonalEmail = local + "@home.example"
}

// reports is how many people a manager has before the next one becomes a manager.
const reports = 8

// place gives a person a title and a manager of the same source: the first of a department leads it, and in a large
// one every eighth leads those who come after.
func (c *company) place(r *hr.Record, left bool) (head bool) {
	unit := r.Source + "/" + r.Department
	staff := c.staff[unit]
	head = len(staff) == 0 && !left
	if r.Title == "" {
		kinds := titles[r.Department]
		r.Title = kinds[1+c.rng.IntN(len(kinds)-1)]
		if head && r.Source == hr.Workday {
			r.Title = kinds[0]
		}
	}
	switch {
	case len(staff) > 0:
		r.ManagerID = staff[(len(staff)-1)/reports]
	case c.heads[r.Source] != "":
		r.ManagerID = c.heads[r.Source]
	}
	return head
}

// staffed remembers who is there to be a manager.
func (c *company) staffed(r *hr.Record, left bool) {
	if left {
		return
	}
	unit := r.Source + "/" + r.Department
	c.staff[unit] = append(c.staff[unit], r.EmployeeID)
	if c.heads[r.Source] == "" {
		c.heads[r.Source] = r.EmployeeID
	}
}

// account makes a person's OneLogin account: complete for who is here, suspended and bare for who has left.
func (c *company) account(r *hr.Record, head, left bool) {
	a := onelogin.Account{
		Username: r.WorkEmail, Email: r.WorkEmail, First: r.FirstName, Last: r.LastName, Title: r.Title,
		Department: r.Department, Company: r.Company, ExternalID: r.Source + "-" + r.EmployeeID,
		Group: r.Department, Status: 1, Password: true, Manager: c.accounts[r.Source+"-"+r.ManagerID],
		Owner: r.Human,
	}
	if r.Source == hr.BambooHR {
		a.Group = "Contractors"
	}
	a.Factors, a.Unused = c.factors()
	switch {
	case left:
		a.Status, a.Factors, a.Unused = 2, nil, nil
	default:
		a.Roles = mapping.Birthright(r.Department)
		if n := len(c.projects); n > 0 {
			a.Roles = append(a.Roles, c.projects[len(c.accounts)%n])
		}
		extra := map[string]string{"IT": "Super admin", "Engineering": "AWS Admin"}[r.Department]
		if head && r.Source == hr.Workday && extra != "" {
			a.Roles = append(a.Roles, extra)
		}
	}
	c.accounts[a.ExternalID] = c.ol.AddUser(a)
}

// factors gives one or two factors to most, none to one in eight, and to some only what API v2 does not show.
func (c *company) factors() (used, unused []string) {
	switch c.rng.IntN(16) {
	case 0, 1:
		return nil, nil
	case 2:
		return nil, []string{"OneLogin Protect"}
	case 3:
		return []string{"WebAuthn"}, nil
	case 4, 5, 6, 7:
		return []string{"OneLogin Protect", "OneLogin SMS"}, nil
	case 8, 9:
		return []string{"Google Authenticator", "YubiKey"}, nil
	}
	return []string{"OneLogin Protect"}, nil
}

// strangers makes the accounts without a person. breakglass-1 is the administrator who made the API credentials.
func (c *company) strangers() {
	glass := func(name string) int64 {
		return c.ol.AddUser(onelogin.Account{
			Username: name + "@" + Domain, Email: name + "@" + Domain, First: "Break", Last: "Glass", Group: "Break glass", Kind: "shared",
			Roles: []string{"Super admin"}, Status: 1, Password: true, Factors: []string{"WebAuthn"},
		})
	}
	c.ol.SetOwner(glass("breakglass-1"))
	glass("breakglass-2")
	c.ol.AddUser(onelogin.Account{
		Username: "svc-backup@" + Domain, Email: "svc-backup@" + Domain, First: "Service", Last: "Backup", Group: "Default", Kind: "service",
		Roles: []string{"AWS Admin"}, Status: 1, Password: true,
	})
	c.ol.AddUser(onelogin.Account{
		Username: "riley.orphan@" + Domain, Email: "riley.orphan@" + Domain, First: "Riley", Last: "Orphan",
		Department: "Engineering", Title: "Contractor", Group: "Contractors", Roles: []string{"Everyone", "Engineering", "GitHub"},
		Status: 1, Password: true, Factors: []string{"OneLogin SMS"},
	})
}
