package incidents

import (
	"testing"
	"time"

	"gatehouse/ledger/ledgertest"
)

// What agents ask about one user or app must not read all events.
func TestNothingScansTheEvents(t *testing.T) {
	t.Parallel()
	span := Between{Since: time.Unix(1, 0), Until: time.Unix(2, 0)}
	users, ofUsers := About{Users: []int64{1, 2}}.about(span)
	app, ofApp := About{App: 7}.about(span)
	ledgertest.NothingScans(t, map[string]ledgertest.Statement{
		"about users":  {Query: countAbout(users), Args: ofUsers},
		"about an app": {Query: countAbout(app), Args: ofApp},
		"without user": {Query: keptWithoutUser},
	})
}
