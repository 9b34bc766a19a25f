package jira

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/sandbox/tenant"
)

// Name is the vendor's prefix on the sandbox's port.
const Name = "jira"

// The site's one integration user and its projects.
const (
	User       = "gatehouse@acme.example"
	Token      = "sandbox-jira-token"
	AccountID  = "712020:gatehouse"
	ProjectIT  = "IT"
	ProjectSec = "SEC"
)

// DefaultIndexLag is how long a change takes to show in searches.
const DefaultIndexLag = 2 * time.Second

// Person is a user of the site.
type Person struct {
	AccountID string `json:"accountId"`
	Email     string `json:"emailAddress,omitempty"`
	Name      string `json:"displayName"`
	Active    bool   `json:"active"`
}

// Comment is a comment on an issue.
type Comment struct {
	ID      string    `json:"id"`
	Author  string    `json:"author"`
	Body    string    `json:"body"`
	Created time.Time `json:"created"`
}

// Issue is an issue. It is never changed once stored; a change stores another.
type Issue struct {
	ID          string   `json:"id"`
	Key         string   `json:"key"`
	Project     string   `json:"project"`
	Summary     string   `json:"summary"`
	Description string   `json:"description"`
	Type        string   `json:"type"`
	Labels      []string `json:"labels"`
	Assignee    string   `json:"assignee,omitempty"`
	Components  []string `json:"components,omitempty"`
	// Fields are the custom fields by id: an option as its text, a user as an account id, a team as its id.
	Fields     map[string]any `json:"fields,omitempty"`
	Priority   string         `json:"priority"`
	Resolution string         `json:"resolution,omitempty"`
	Status     string         `json:"status"`
	DueDate    string         `json:"due_date,omitempty"`
	Comments   []Comment      `json:"comments"`
	Properties map[string]any `json:"properties,omitempty"`
	Reporter   string         `json:"reporter"`
	Created    time.Time      `json:"created"`
	Updated    time.Time      `json:"updated"`

	commentsMade int
}

// Jira is a simulated site.
type Jira struct {
	t *tenant.Tenant
	// lag is the index lag in nanoseconds.
	lag atomic.Int64

	mu       sync.RWMutex
	projects map[string]*Project
	issues   map[string]*Issue
	byID     map[string]string
	byLabel  map[string][]string
	order    []string
	next     map[string]int
	nextID   int
	people   map[string]*Person
	byEmail  map[string]string
	accounts []string
}

// New returns a site with the projects IT and SEC.
func New(t *tenant.Tenant) *Jira {
	j := &Jira{
		t: t, projects: standardProjects(), issues: map[string]*Issue{}, byID: map[string]string{}, byLabel: map[string][]string{},
		next: map[string]int{ProjectIT: 1, ProjectSec: 1}, nextID: 10001,
		people: map[string]*Person{}, byEmail: map[string]string{},
	}
	j.lag.Store(int64(DefaultIndexLag))
	j.addPerson(Person{AccountID: AccountID, Email: User, Name: "Gatehouse", Active: true})
	return j
}

// SetIndexLag sets how long a change takes to show in searches.
func (j *Jira) SetIndexLag(d time.Duration) { j.lag.Store(int64(d)) }

// AddPerson adds a user of the site. The number makes the account id.
func (j *Jira) AddPerson(number int64, email, first, last string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.addPerson(Person{
		AccountID: fmt.Sprintf("712020:%08d", number), Email: email, Name: strings.TrimSpace(first + " " + last), Active: true,
	})
}

func (j *Jira) addPerson(p Person) {
	j.people[p.AccountID] = &p
	j.accounts = append(j.accounts, p.AccountID)
	j.byEmail[strings.ToLower(p.Email)] = p.AccountID
}

// Vendor is the site's HTTP face.
func (j *Jira) Vendor() tenant.Vendor {
	var routes []tenant.Route
	for _, v := range []string{"/rest/api/2", "/rest/api/3"} {
		routes = append(routes, j.searchRoutes(v)...)
		routes = append(routes, j.issueRoutes(v)...)
		routes = append(routes, j.commentRoutes(v)...)
		routes = append(routes, j.projectRoutes(v)...)
		routes = append(routes, j.userRoutes(v)...)
	}
	return tenant.Vendor{
		Name: Name, Routes: routes, Guard: j.guard,
		Unknown: func(*tenant.Call) tenant.Reply { return fail(http.StatusNotFound, "Not Found") },
		WrongMethod: func(*tenant.Call, string) tenant.Reply {
			return fail(http.StatusMethodNotAllowed, "Method Not Allowed")
		},
		BadQuery: func(_ *tenant.Call, name string) tenant.Reply {
			return fail(http.StatusBadRequest, "Unknown query parameter: "+name)
		},
		Failure: func(_ *tenant.Call, status int) tenant.Reply { return fail(status, http.StatusText(status)) },
		RateLimited: func(_ *tenant.Call, status, retryAfter int) tenant.Reply {
			if status == 0 {
				status = http.StatusTooManyRequests
			}
			// The body is no JSON; the reason and the pause are in headers.
			return tenant.Raw(status, "text/html", []byte("<html><body>Too many requests</body></html>")).
				With("Retry-After", strconv.Itoa(max(1, retryAfter))).With("RateLimit-Reason", "jira-burst-based")
		},
	}
}

// fail is an error without a field. The errors object is always there.
func fail(status int, messages ...string) tenant.Reply {
	return tenant.JSON(status, map[string]any{"errorMessages": messages, "errors": map[string]string{}})
}

// failField is an error about one field.
func failField(field, message string) tenant.Reply {
	return failFields(map[string]string{field: message})
}

func failFields(messages map[string]string) tenant.Reply {
	return tenant.JSON(http.StatusBadRequest, map[string]any{"errorMessages": []string{}, "errors": messages})
}

func (j *Jira) guard(c *tenant.Call) *tenant.Reply {
	user, token, ok := c.Request.BasicAuth()
	if !ok || user != User || token != Token {
		r := fail(http.StatusUnauthorized, "Client must be authenticated to access this resource.")
		return &r
	}
	c.Client(user)
	kind, _, _ := mime.ParseMediaType(c.Request.Header.Get("Content-Type")) // What cannot be parsed is no JSON either.
	if len(c.Body) > 0 && kind != "application/json" {
		r := fail(http.StatusUnsupportedMediaType, http.StatusText(http.StatusUnsupportedMediaType))
		return &r
	}
	return nil
}

// State returns every issue in the order in which they were made, or the newest so many if last is positive.
func (j *Jira) State(last int) []*Issue {
	j.mu.RLock()
	defer j.mu.RUnlock()
	keys := j.order
	if last > 0 && len(keys) > last {
		keys = keys[len(keys)-last:]
	}
	out := make([]*Issue, 0, len(keys))
	for _, k := range keys {
		out = append(out, j.issues[k])
	}
	return out
}

// find returns an issue by key or id, nil if there is none.
func (j *Jira) find(keyOrID string) *Issue {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if key := j.byID[keyOrID]; key != "" {
		keyOrID = key
	}
	return j.issues[strings.ToUpper(keyOrID)]
}
