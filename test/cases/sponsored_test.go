package cases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/sponsored"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// sponsoring is a stack with people whom HR does not have. It is noon there.
func sponsoring(t *testing.T, clock *movable) *kit.Stack {
	t.Helper()
	s := kit.New(t, kit.Options{
		Clock: clock.now, Config: func(c *config.Config) { c.Schedules.Sponsored = time.Hour },
		Policy: func(text string) string { return roomy(t)(text) + "\nsponsored: {longest: 200d}\n" },
	})
	noon(s, clock)
	s.Baseline()
	require.True(t, s.Sync(identity.SourceSponsored).Report.Baseline)
	return s
}

// novak is a partner under the name of [namesake], until a day from now.
func novak(clock *movable, until int) sponsored.Request {
	return sponsored.Request{
		ID: "NOVAK-1", FirstName: "Jan", LastName: "Novak", PersonalEmail: "novak@home.example", Department: "Engineering", Title: "Engineer", Location: "Berlin",
		Ends: inDays(clock, until), Sponsor: "workday-21005", Reason: "a project", By: "grace@acme.example",
	}
}

func inDays(clock *movable, days int) identity.Date {
	return identity.Date(clock.now().UTC().AddDate(0, 0, days).Format(time.DateOnly))
}

// added adds somebody and waits until they can sign in.
func added(s *kit.Stack, in sponsored.Request) (key string, account control.Person) {
	s.T.Helper()
	out, err := s.Vendors.Sponsored.Add(s.T.Context(), in)
	require.NoError(s.T, err)
	require.False(s.T, out.Known)
	s.Until("they can sign in", func() bool {
		found := false
		account, found, err = s.Sandbox.ByExternalID(s.T.Context(), out.Key)
		return err == nil && found && account.Status == 1 && len(account.Roles) == 5
	})
	s.AwaitStage(out.Key, api.StageWaiting)
	require.NoError(s.T, s.Sandbox.AcceptInvite(s.T.Context(), account.Username))
	return out.Key, account
}

// passes moves Gatehouse and the tenant some days ahead and polls.
func passes(s *kit.Stack, clock *movable, days int) {
	s.T.Helper()
	ahead := time.Duration(days) * 24 * time.Hour
	clock.advance(ahead)
	require.NoError(s.T, s.Sandbox.Advance(s.T.Context(), ahead))
	s.Sync(identity.SourceSponsored)
}

// gone has a sponsor leave by HR, with everybody above them or none of them.
func gone(s *kit.Stack, keys ...string) {
	s.T.Helper()
	for _, key := range keys {
		s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
		tell(s, key)
		s.AwaitShut(s.Account(key).ID)
	}
	s.Sync(identity.SourceSponsored)
}

// TestCase_S01_TheSponsorLeaves: the manager is told and confirms, or nobody does. Who is confirmed keeps what they have, whoever is not is
// out on the day; so is whoever nobody inherits, because the sponsor has no manager or that one has left as well, unless somebody takes
// them over.
func TestCase_S01_TheSponsorLeaves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		manager string
		leave   []string
		verb    string
		stays   bool
	}{
		"confirmed":                           {"21006", []string{"workday-21005"}, sponsored.VerbConfirm, true},
		"nobody confirms":                     {"21006", []string{"workday-21005"}, "", false},
		"no manager":                          {"", []string{"workday-21005"}, "", false},
		"no manager, and somebody takes over": {"", []string{"workday-21005"}, sponsored.VerbTransfer, true},
		"the manager is gone too":             {"21006", []string{"workday-21006", "workday-21005"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clock movable
			s := sponsoring(t, &clock)
			s.HR("workday-21005", "change", control.Fields{"manager_id": c.manager})
			s.HR("workday-21006", "change", control.Fields{"manager_id": ""})
			key, account := added(s, novak(&clock, 100))
			gone(s, c.leave...)
			require.True(t, s.Of(account.ID).CanSignIn, "they have 14 days")
			if c.manager != "" && len(c.leave) == 1 {
				heir := s.Account("workday-21006").Email
				s.Until("the manager is told", func() bool { return strings.Contains(s.Told(heir), "sponsor confirm --person "+key) })
			} else {
				s.Until("the fallback owner is told", func() bool { return strings.Contains(s.Messages(""), "A sponsor is gone and has no manager here") })
			}
			if c.verb != "" {
				_, err := s.Vendors.Sponsored.Say(t.Context(), sponsored.Word{
					ID: "1", Verb: c.verb, Person: key, To: map[bool]string{true: "workday-21007"}[c.verb == sponsored.VerbTransfer],
					Reason: "they stay", By: "grace@acme.example",
				})
				require.NoError(t, err)
			}
			passes(s, &clock, 16)
			if c.stays {
				s.AwaitStage(key, api.StageWaiting)
				require.True(t, s.Of(account.ID).CanSignIn)
				require.Len(t, s.Of(account.ID).Roles, 5)
				return
			}
			s.AwaitShut(account.ID)
		})
	}
}

// TestCase_S02_HiredByHR: HR hires a sponsored person. There is never a second account; that both are one human is asked while both
// last, and once somebody has said so the end of the sponsorship ends nothing.
func TestCase_S02_HiredByHR(t *testing.T) {
	t.Parallel()
	var clock movable
	s := sponsoring(t, &clock)
	key, account := added(s, novak(&clock, 100))
	id, err := s.Sandbox.HireAgain(t.Context(), "workday", account.Owner, namesake("today", "novak@home.example", "Engineering"))
	require.NoError(t, err)
	hired := "workday-" + id
	tell(s, hired)
	s.Until("it is asked whether they are one", func() bool { return waits(s, hired, api.NoticePossibleDuplicate) })
	require.NoError(t, s.Decide(api.PersonID(hired), api.VerbLink))
	_, err = s.Vendors.Sponsored.Say(t.Context(), sponsored.Word{ID: "1", Verb: sponsored.VerbEnd, Person: key, Reason: "hired", By: "grace@acme.example"})
	require.NoError(t, err)
	s.Until("they go on by HR's record", func() bool {
		_, found, err := s.Sandbox.ByExternalID(t.Context(), hired)
		return err == nil && !found && s.Of(account.ID).Status == 1
	})
	passes(s, &clock, 2)
	require.True(t, s.Of(account.ID).CanSignIn)
	s.HR(hired, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	tell(s, hired)
	s.AwaitShut(account.ID)
}

// TestCase_S03_TheLastDayPassesUnseen: Temporal has lost the run that waits for the last day. The next poll ends the access, and somebody
// who comes back has the same account.
func TestCase_S03_TheLastDayPassesUnseen(t *testing.T) {
	t.Parallel()
	var clock movable
	s := sponsoring(t, &clock)
	key, account := added(s, novak(&clock, 5))
	s.Sync(identity.SourceSponsored)
	s.LoseTemporal()
	passes(s, &clock, 8)
	s.AwaitShut(account.ID)

	again := novak(&clock, 30)
	again.ID = "NOVAK-2"
	out, err := s.Vendors.Sponsored.Add(t.Context(), again)
	require.NoError(t, err)
	require.NotEqual(t, key, out.Key)
	s.Until("they are back", func() bool { return s.Of(account.ID).Status == 1 })
	_, second, err := s.Sandbox.ByExternalID(t.Context(), out.Key)
	require.NoError(t, err)
	require.False(t, second, "no second account")
}

// TestCase_S04_WhoIsNotSponsored: whom HR has, who is sponsored already, a sponsor who is the person or is sponsored, and ends that
// cannot be: nothing is made.
func TestCase_S04_WhoIsNotSponsored(t *testing.T) {
	t.Parallel()
	var clock movable
	s := sponsoring(t, &clock)
	key, account := added(s, novak(&clock, 100))
	employee := s.Account("workday-21008")
	mark := s.Mark()
	d := s.Desk(func(text string) string {
		return kit.Replace(t, text, "workday: 1h, bamboohr: 1h", "workday: 1h, bamboohr: 1h, sponsored: 1h")
	})
	base := []string{"sponsor", "add", "--reason", "test", "--department", "Engineering"}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"whom HR has":              {[]string{"--first-name", "A", "--last-name", "B", "--work-email", employee.Email, "--until", string(inDays(&clock, 9)), "--sponsor", "workday-21005"}, "HR has them as workday-21008"},
		"who is sponsored":         {[]string{"--first-name", "Jan", "--last-name", "Novak", "--email", "novak@home.example", "--until", string(inDays(&clock, 9)), "--sponsor", "workday-21005"}, "sponsored already as " + key},
		"by themselves":            {[]string{"--first-name", "A", "--last-name", "B", "--work-email", employee.Email, "--until", string(inDays(&clock, 9)), "--sponsor", "workday-21008"}, "cannot answer for themselves"},
		"by a sponsored person":    {[]string{"--first-name", "A", "--last-name", "B", "--email", "b@else.example", "--until", string(inDays(&clock, 9)), "--sponsor", key}, "is sponsored themselves"},
		"until a day that is over": {[]string{"--first-name", "A", "--last-name", "B", "--email", "b@else.example", "--until", "2020-01-31", "--sponsor", "workday-21005"}, "is over already"},
		"for ever":                 {[]string{"--first-name", "A", "--last-name", "B", "--email", "b@else.example", "--until", "9999-12-31", "--sponsor", "workday-21005"}, "is too far ahead"},
	} {
		p := d.Run(append(append([]string{}, base...), c.args...)...)
		require.Equal(t, 1, p.Code, name)
		require.Contains(t, p.Err, c.want, name)
	}
	s.AwaitStage(key, api.StageWaiting)
	require.Empty(t, s.Effects(mark, "onelogin.create_user", "onelogin.send_invite_link"))
	require.True(t, s.Of(account.ID).CanSignIn)
}

// TestCase_S05_AnotherPosition: a sponsored person gets another department, and then another one again by the same request. Access follows
// once.
func TestCase_S05_AnotherPosition(t *testing.T) {
	t.Parallel()
	var clock movable
	s := sponsoring(t, &clock)
	key, account := added(s, novak(&clock, 100))
	for range 2 {
		_, err := s.Vendors.Sponsored.Say(t.Context(), sponsored.Word{
			ID: "1", Verb: sponsored.VerbChange, Person: key, Position: sponsored.Position{Department: "Sales"}, Reason: "another project", By: "grace@acme.example",
		})
		require.NoError(t, err)
	}
	s.Until("access follows", func() bool {
		return s.Of(account.ID).Group == "Sales" && slices.Contains(s.Of(account.ID).Roles, "Salesforce")
	})
	s.AwaitStage(key, api.StageWaiting)
	require.NotContains(t, s.Of(account.ID).Roles, "GitHub")
}
