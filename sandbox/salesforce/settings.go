package salesforce

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/tenant"
)

// Rights of a running user.
const (
	ManageUsers          = "ManageUsers"
	ViewAllUsers         = "ViewAllUsers"
	ViewSetup            = "ViewSetup"
	AssignPermissionSets = "AssignPermissionSets"
	ResetPasswords       = "ResetPasswords"
)

// Settings are the org's limits, what its integration user has lost, and in what it lies. Zero values are Salesforce's own.
type Settings struct {
	// DailyRequests is how many requests the org has in 24 hours (default 100,000).
	DailyRequests int `json:"daily_requests,omitempty"`
	// SessionSeconds is how long a session lasts without a request (default 7,200).
	SessionSeconds int `json:"session_seconds,omitempty"`
	// PageSize is how many records a page of a query has, whatever the client asks for.
	PageSize int `json:"page_size,omitempty"`
	// Lost are rights that nobody has any more, and fields that nobody sees any more, such as User.FederationIdentifier.
	Lost []string `json:"lost,omitempty"`
	// LooseIDs says that the external id was not made unique.
	LooseIDs bool `json:"loose_ids,omitempty"`
	// RefusalCode is the error code of a refused deactivation (default FIELD_INTEGRITY_EXCEPTION).
	RefusalCode string `json:"refusal_code,omitempty"`

	// Empty are objects whose queries are answered with 200 and no record.
	Empty []string `json:"empty,omitempty"`
	// FirstPage says that queries end after their first page. Their total stays what it is, unless Silent.
	FirstPage bool `json:"first_page,omitempty"`
	Silent    bool `json:"silent,omitempty"`
	// Doubled says that each further page of a query is the first one again.
	Doubled bool `json:"doubled,omitempty"`
	// Yesterday says that reads are answered from what was there when this was set.
	Yesterday bool `json:"yesterday,omitempty"`
}

// SetSettings takes the place of all settings before.
func (s *Salesforce) SetSettings(in Settings) error {
	for _, lost := range in.Lost {
		object, name, isField := strings.Cut(lost, ".")
		known := slices.Contains([]string{ManageUsers, ViewAllUsers, ViewSetup, AssignPermissionSets, ResetPasswords}, lost)
		if t := s.tables[object]; isField && t != nil && t.object.field(name) != nil || known {
			continue
		}
		return fmt.Errorf("salesforce: %q is neither a right nor a field of an object", lost)
	}
	for _, object := range in.Empty {
		if s.tables[object] == nil {
			return fmt.Errorf("salesforce: there is no object %q", object)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.Yesterday && s.copy == nil {
		s.copy = s.tables.copied()
	} else if !in.Yesterday {
		s.copy = nil
	}
	s.settings = in
	return nil
}

// usualDaily is the usual allowance of an enterprise org. Source: developer.salesforce.com, API request limits and allocations.
const (
	usualDaily   = 100_000
	usualSession = 2 * time.Hour
)

func (s *Salesforce) daily() int {
	if s.settings.DailyRequests > 0 {
		return s.settings.DailyRequests
	}
	return usualDaily
}

// SetUsed sets how many requests of the last 24 hours are counted.
func (s *Salesforce) SetUsed(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = n
}

// reads is what reads are answered from. The lock must be held.
func (s *Salesforce) reads() tables {
	if s.copy != nil {
		return s.copy
	}
	return s.tables
}

// limits answers what is left of the org's requests.
func (s *Salesforce) limits() tenant.Reply {
	return tenant.JSON(http.StatusOK, map[string]any{
		"DailyApiRequests": map[string]int{"Max": s.daily(), "Remaining": max(0, s.daily()-s.used)},
	})
}

// guard signs a request in and counts it.
func (s *Salesforce) guard(c *tenant.Call) *tenant.Reply {
	if strings.HasPrefix(c.Path, "/services/oauth2/") || c.Path == "/services/data" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.caller(c)
	if who == nil {
		r := sessionEnded().reply()
		return &r
	}
	c.Client(who.client)
	if s.used >= s.daily() {
		r := failure(http.StatusForbidden)
		return &r
	}
	s.used++
	return nil
}

// finish adds what Salesforce sends with every answer of the REST API.
func (s *Salesforce) finish(c *tenant.Call, r *tenant.Reply) {
	if !strings.HasPrefix(c.Path, "/services/data/") || r.Status == http.StatusUnauthorized {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	*r = r.With("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", s.used, s.daily()))
}
