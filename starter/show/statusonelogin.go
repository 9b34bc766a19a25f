package show

import (
	"errors"
	"fmt"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/incidents"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/internal/cli"
	"gatehouse/ledger/inventory"
)

// Where OneLogin's quota is called scarce and spent: sweeps wait below the first, all but containments below the second.
const (
	scarceQuota = 30
	spentQuota  = 10
)

// readOneLogin asks OneLogin whether it answers, and what is left of the hour's quota.
func (s *survey) readOneLogin() {
	c, ok, err := s.app.Reader()
	switch {
	case err != nil:
		s.add(unknown("OneLogin", err))
		return
	case !ok:
		s.add(unknown("OneLogin", errors.New("this machine holds no credential of it")))
		return
	}
	if err := s.within(c.Ping); err != nil {
		s.add(part{
			name: "OneLogin", state: "DOES NOT ANSWER: " + err.Error(), standing: wrong,
			todo: "nobody can be suspended until it does; steps are repeated by themselves",
		})
		return
	}
	s.add(quota(c.RateLimit()))
}

func quota(r onelogin.RateState) part {
	one := part{name: "OneLogin", state: "answers, quota not known"}
	if !r.Known || r.Limit <= 0 {
		return one
	}
	one.state = fmt.Sprintf("answers, %d of %d calls left until %s", r.Remaining, r.Limit, r.ResetAt.UTC().Format("15:04 MST"))
	switch left := 100 * r.Remaining / r.Limit; {
	case r.Remaining == 0:
		one.standing, one.state, one.todo = wrong, "QUOTA SPENT: "+one.state, "nobody can be suspended until then, which is tried every ten seconds; find out who else uses the quota"
	case left < spentQuota:
		one.standing, one.state, one.todo = wrong, "QUOTA SPENT: "+one.state, "only containments go on; find out who else uses the quota"
	case left < scarceQuota:
		one.standing, one.state, one.todo = wrong, "QUOTA SCARCE: "+one.state, "sweeps and reviews wait for the next hour"
	}
	return one
}

// readInventory says how old the inventory of accounts is.
func (s *survey) readInventory() {
	const name = "inventory of accounts"
	sweep, found, err := s.app.Ledger.Inventory().LastSweep(s.cmd.Context(), identity.SystemOneLogin, inventory.SweepFull, true)
	switch every := s.app.Config.Schedules.Accounts; {
	case err != nil:
		s.add(unknown(name, err))
	case !found:
		s.add(part{name: name, state: "NEVER READ COMPLETELY: the first sweep is due within " + cli.Span(every), standing: wrong, todo: "temporal schedule trigger --schedule-id " + api.AccountSweepID})
	case s.now.Sub(sweep.FinishedAt) > 2*every:
		s.add(part{
			name: name, state: "LATE: complete " + cli.Ago(sweep.FinishedAt) + ", due every " + cli.Span(every), standing: wrong,
			todo: "look at schedule " + api.AccountSweepID + " and at starter list --attention",
		})
	default:
		s.add(part{name: name, state: fmt.Sprintf("%d accounts, complete %s", sweep.Seen, cli.Ago(sweep.FinishedAt))})
	}
}

// lateEvents is from when security events are late.
const lateEvents = 2 * time.Minute

// readEvents says until when OneLogin's events were read.
func (s *survey) readEvents() {
	const name = "security events"
	c, err := s.app.Ledger.Incidents().EventCursor(s.cmd.Context(), incidents.EventReader)
	late := max(lateEvents, 2*s.app.Config.Schedules.Events)
	switch {
	case err != nil:
		s.add(unknown(name, err))
	case c.PolledAt.IsZero() && s.idle[api.EventWatchID] != "":
		s.add(part{name: name, state: "NEVER READ: " + s.idle[api.EventWatchID], standing: wrong, todo: "schedules apply"})
	case c.PolledAt.IsZero():
		s.add(part{name: name, state: "NEVER READ", standing: wrong, todo: "temporal schedule trigger --schedule-id " + api.EventWatchID})
	case s.now.Sub(c.PolledAt) > late:
		s.add(part{name: name, state: "LATE: read " + cli.Ago(c.PolledAt), standing: wrong, todo: "look at the run event-watch: starter list"})
	default:
		s.add(part{name: name, state: "read " + cli.Ago(c.PolledAt)})
	}
}
