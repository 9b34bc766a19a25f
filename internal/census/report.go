package census

import (
	"cmp"
	"embed"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/wording"
	"gatehouse/policy/match"
)

// The sections of a report, the most urgent first.
const (
	SectionLeft      = "left"
	SectionMaybeLeft = "may_have_left"
	SectionDisputed  = "disputed"
	SectionCandidate = "candidate"
	SectionNameOnly  = "name_only"
	SectionService   = "likely_service"
	SectionUnowned   = "unowned"
	SectionNone      = "no_account"
	SectionBeyond    = "beyond_policy"
	SectionDeclared  = "declared"
	SectionLinked    = "linked"
)

// Section is one kind of finding.
type Section struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Meaning says what it means, and Next what to do about it.
	Meaning string `json:"meaning"`
	Next    string `json:"next,omitempty"`
	Rows    []Row  `json:"rows"`
}

// Privileged counts the rows that are about a privileged or protected account.
func (s Section) Privileged() int {
	n := 0
	for _, r := range s.Rows {
		if r.Privileged {
			n++
		}
	}
	return n
}

// Row is one account, or one person who has none.
type Row struct {
	Account string `json:"account,omitempty"`
	Person  string `json:"person,omitempty"`
	// Also are further people whom the account may belong to.
	Also []string  `json:"also,omitempty"`
	Tie  match.Tie `json:"tie,omitempty"`
	Why  string    `json:"why,omitempty"`
	// Kind is a guess at what an account is for that is no person's.
	Kind       identity.AccountKind `json:"kind,omitempty"`
	Status     string               `json:"status,omitempty"`
	LastSignIn string               `json:"last_sign_in,omitempty"`
	// Roles are those that the account holds, or of them those beyond the policy.
	Roles      []string `json:"roles,omitempty"`
	Privileged bool     `json:"privileged,omitempty"`
	// Suggest is the decision that most would make, empty where somebody has to look closer.
	Suggest string `json:"suggest,omitempty"`
	// Username and Name are personal data: they go into files only.
	Username string `json:"username,omitempty"`
	Name     string `json:"name,omitempty"`
}

// RoleCount counts the accounts that hold a role which no rule gives them.
type RoleCount struct {
	Role     string `json:"role"`
	Accounts int    `json:"accounts"`
	// Managed says that Gatehouse takes the role away where the rules do not give it.
	Managed    bool `json:"managed,omitempty"`
	Privileged bool `json:"privileged,omitempty"`
}

// Report is what stands between a company and switching Gatehouse on.
type Report struct {
	At       time.Time   `json:"at"`
	Policy   string      `json:"policy"`
	Complete bool        `json:"complete"`
	Coverage []Coverage  `json:"coverage"`
	People   int         `json:"people"`
	Accounts int         `json:"accounts"`
	Sections []Section   `json:"sections"`
	Beyond   []RoleCount `json:"roles_beyond_policy"`
}

// Section returns the section with a name.
func (r *Report) Section(name string) Section {
	for _, s := range r.Sections {
		if s.Name == name {
			return s
		}
	}
	return Section{Name: name}
}

// Report sorts everything by what somebody has to do about it.
func (c *Census) Report() *Report {
	r := &Report{
		At: c.At, Policy: c.Policy.Hash(), Complete: c.Complete(), Coverage: c.Coverage, People: len(c.Humans), Accounts: len(c.Accounts),
		Sections: Sections(),
	}
	add := func(name string, row Row) {
		i := slices.IndexFunc(r.Sections, func(s Section) bool { return s.Name == name })
		r.Sections[i].Rows = append(r.Sections[i].Rows, row)
	}
	for i := range c.Accounts {
		row := c.row(i)
		name := c.sort(i, &row)
		add(name, row)
	}
	beyond, asked := map[string]int{}, map[*Human]bool{}
	for _, o := range c.Owned {
		if o.Tie == match.TieCandidate {
			asked[o.Human] = true
		}
	}
	for p := range c.Plans() {
		switch {
		case p.lacks() && !asked[p.Human]:
			add(SectionNone, Row{Person: p.Key, Why: p.why(), Name: name(p.Person.Record)})
		case p.Account != nil && p.Belongs:
			if extra := p.beyond(); len(extra) > 0 {
				row := c.row(int(c.byID[p.Account.ID]))
				row.Roles, row.Privileged = extra, c.privileged(extra)
				add(SectionBeyond, row)
				for _, role := range extra {
					beyond[role]++
				}
			}
		}
	}
	for role, n := range beyond {
		r.Beyond = append(r.Beyond, RoleCount{
			Role: role, Accounts: n, Managed: slices.Contains(c.Policy.ManagedRoles(), role), Privileged: c.privileged([]string{role}),
		})
	}
	slices.SortFunc(r.Beyond, func(a, b RoleCount) int { return cmp.Or(b.Accounts-a.Accounts, strings.Compare(a.Role, b.Role)) })
	for i := range r.Sections {
		slices.SortStableFunc(r.Sections[i].Rows, byUrgency)
	}
	return r
}

// byUrgency puts privileged accounts first.
func byUrgency(a, b Row) int {
	switch {
	case a.Privileged == b.Privileged:
		return 0
	case a.Privileged:
		return -1
	}
	return 1
}

// sections are the words of each section: its title, what it means and, where there is something to be done, what.
//
//go:embed sections/*.tmpl
var sections embed.FS

// empty are the sections of a report without rows, the most urgent first.
var empty = readSections(wording.Must(sections, "sections", wording.Marked, nil),
	SectionLeft, SectionMaybeLeft, SectionDisputed, SectionCandidate, SectionNameOnly, SectionService, SectionUnowned, SectionNone, SectionBeyond,
	SectionDeclared, SectionLinked)

func readSections(words *wording.Book, names ...string) []Section {
	var all []Section
	for _, name := range names {
		says := append(words.List(name, nil), "") // Where nothing is to be done there is no third line.
		all = append(all, Section{Name: name, Title: says[0], Meaning: says[1], Next: says[2]})
	}
	return all
}

// Sections are the sections of a report without rows, the most urgent first.
func Sections() []Section { return slices.Clone(empty) }

// sort says which section an account belongs in.
func (c *Census) sort(i int, row *Row) string {
	a, o := c.Accounts[i], c.Owned[i]
	open := a.Status != identity.AccountSuspended
	if o.Declared() {
		row.Kind, row.Why = o.Stated.Kind, o.Stated.Purpose
		return SectionDeclared
	}
	if kind, why := guess(c.Policy, a, o.Tie); o.Tie != match.TieCertain && o.Tie != match.TieDisputed && kind != "" {
		row.Kind, row.Why = kind, "likely: "+why
		return SectionService
	}
	switch {
	case o.Tie == match.TieCertain && o.Human.Left() && open:
		return SectionLeft
	case o.Tie == match.TieCertain:
		return SectionLinked
	case o.Tie == match.TieDisputed:
		return SectionDisputed
	case o.Tie == match.TieCandidate && open && slices.ContainsFunc(append([]*Human{o.Human}, o.Others...), (*Human).Left):
		return SectionMaybeLeft
	case o.Tie == match.TieCandidate:
		if o.plain() && !row.Privileged {
			row.Suggest = "link"
		}
		return SectionCandidate
	case o.Tie == match.TieNamesake:
		return SectionNameOnly
	}
	return SectionUnowned
}

// plain reports that name and work address are somebody's, nobody else comes into question, and all that speaks against it is
// an external id that says nothing, as directories give them.
func (o Owned) plain() bool {
	agree := 0
	for _, reason := range o.Reasons {
		switch reason {
		case match.ReasonWorkAddress, match.ReasonName:
			agree++
		case match.ReasonOtherAnchor, match.ReasonNoAnchor, match.ReasonUsername, match.ReasonPrivateAddress, match.ReasonDirectoryName:
		default:
			return false
		}
	}
	return agree == 2 && len(o.Others) == 0
}

// row is what is shown of an account.
func (c *Census) row(i int) Row {
	a, o := c.Accounts[i], c.Owned[i]
	row := Row{
		Account: identity.OneLoginRef(a.ID).String(), Status: a.Status.String(), Roles: a.Roles,
		Privileged: c.Policy.Protected(a) != "" || c.privileged(a.Roles),
		Username:   a.Username, Name: strings.TrimSpace(a.FirstName + " " + a.LastName),
	}
	if !a.LastLogin.IsZero() {
		row.LastSignIn = a.LastLogin.UTC().Format(time.DateOnly)
	}
	if o.Human != nil {
		row.Person, row.Tie, row.Why = o.Human.Key, o.Tie, strings.Join(o.Reasons, "; ")
		for _, other := range o.Others {
			row.Also = append(row.Also, other.Key)
		}
	}
	return row
}

func (c *Census) privileged(roles []string) bool {
	privileged := c.Policy.PrivilegedRoles()
	return slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(privileged, role) })
}

// lacks reports that somebody should have an account by now and has none.
func (p *Planned) lacks() bool {
	return p.Account == nil && p.Belongs &&
		(p.Person.Standing != identity.StandingUpcoming || !p.Person.CreateAt.After(p.Person.AsOf))
}

// why says why somebody has no account.
func (p *Planned) why() string {
	for _, n := range p.Plan.Notices {
		switch {
		case !n.Blocking:
		case n.Code == api.NoticeAmbiguousAccount:
			return "several accounts share their external id or address: link the primary one"
		case n.Code == api.NoticePossibleDuplicate:
			return "the record may be another person's: somebody is asked once Gatehouse runs"
		default:
			return n.Code
		}
	}
	return "no account has their id or address"
}

// beyond are the roles that an account holds and no rule gives.
func (p *Planned) beyond() []string {
	var extra []string
	for _, role := range p.Account.Roles {
		if !slices.Contains(p.Plan.Desired.Roles, role) {
			extra = append(extra, role)
		}
	}
	return extra
}

func name(r identity.Record) string { return strings.TrimSpace(r.FirstName + " " + r.LastName) }
