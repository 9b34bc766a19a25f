package salesforce

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"gatehouse/connectors"
)

// What a list leaves of the org's requests, and for how long what was said of them counts.
const (
	listFloor  = 30 // percent
	limitsGood = 15 * time.Minute
)

// limits is what Salesforce last said about the org's requests of the last 24 hours, which all programs share. There is no word
// about when some come back: they do so one by one.
type limits struct {
	mu        sync.Mutex
	used, max int
	at        time.Time
}

// heard takes in a reply's header. Source: REST API Developer Guide, Limit Info Header.
func (l *limits) heard(h http.Header, now time.Time) {
	var used, most int
	if _, err := fmt.Sscanf(h.Get("Sforce-Limit-Info"), "api-usage=%d/%d", &used, &most); err != nil || most <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used, l.max, l.at = used, most, now
}

// admit refuses what nobody waits for while little is left.
func (l *limits) admit(op string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.max == 0 || now.Sub(l.at) >= limitsGood || (l.max-l.used)*100 > l.max*listFloor {
		return nil
	}
	return &connectors.Error{
		System: System, Op: op, Kind: connectors.KindRateLimited, Code: "quota_kept_for_people", RetryAfter: limitsGood - now.Sub(l.at),
	}
}
