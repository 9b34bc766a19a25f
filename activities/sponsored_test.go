package activities_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/sponsored"
	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

// sponsorable are the options of a company that has people whom HR does not have.
func sponsorable() rigOptions {
	return rigOptions{
		policy: []string{"\nend: policy", "\nsponsored: {longest: 300d}\nend: policy"},
		config: func(c *config.Config) { c.Schedules.Sponsored = time.Hour },
	}
}

// desk is what adds people to a rig's ledger.
func (r *rig) desk() *sponsored.Sponsored {
	r.t.Helper()
	return r.vendors.Sponsored
}

// carla is an auditor whom HR does not have.
func carla(change ...func(*sponsored.Request)) sponsored.Request {
	in := sponsored.Request{
		ID: "ticket-7", FirstName: "Carla", LastName: "Rossi", PersonalEmail: "carla.rossi@auditors.example", Company: "Rossi & Figli",
		Title: "Auditor", Department: "Finance", Location: "Berlin", Ends: "2026-06-30", Sponsor: "workday-21005",
		Reason: "the audit of the year", By: "grace@acme.example",
	}
	for _, c := range change {
		c(&in)
	}
	return in
}

func (r *rig) sponsor(change ...func(*sponsored.Request)) sponsored.Result {
	r.t.Helper()
	out, err := r.desk().Add(r.t.Context(), carla(change...))
	require.NoError(r.t, err)
	return out
}

func (r *rig) say(w sponsored.Word) (sponsored.Result, error) {
	r.t.Helper()
	if w.ID == "" {
		w.ID = fmt.Sprintf("%s %s %s %v", w.Verb, w.Day, w.To, r.clock.Now())
	}
	w.Reason, w.By = "because", "grace@acme.example"
	return r.desk().Say(r.t.Context(), w)
}

// standing is where a sponsored person stands by their record.
func (r *rig) standing(key string) identity.Person {
	r.t.Helper()
	st, err := r.vendors.Activities.Person.Stands(r.t.Context(), key)
	require.NoError(r.t, err)
	return st.Person
}

// pollSponsored has the ledger's own source read as its schedule does.
func (r *rig) pollSponsored(batch string) {
	r.t.Helper()
	report := r.collect(identity.SourceSponsored, batch)
	require.Empty(r.t, report.Quarantine)
	r.must(api.SyncAdmit, api.BatchInput{Source: identity.SourceSponsored, Batch: batch})
	r.settle(identity.SourceSponsored, batch, report.Cursor)
}

func (r *rig) sponsorItems() []worklist.Item {
	r.t.Helper()
	items, err := r.app.Ledger.Worklist().Items(r.t.Context(), worklist.ItemFilter{Class: sponsored.ItemClass})
	require.NoError(r.t, err)
	return items
}

// TestSponsored: somebody whom HR does not have is a joiner by the rules, changes like anybody and leaves on the last day. A dry run
// writes nothing, and the same request again is the same person.
func TestSponsored(t *testing.T) {
	t.Parallel()
	r := newRig(t, sponsorable())
	dry := r.sponsor(func(in *sponsored.Request) { in.DryRun = true })
	require.Equal(t, identity.VerdictJoin, dry.Plan.Verdict)
	require.Equal(t, []string{"Everyone", "Finance", "NetSuite"}, dry.Plan.Desired.Roles)
	all, err := r.app.Ledger.Sponsored().All(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
	require.Empty(t, r.hints())

	made := r.sponsor()
	require.Equal(t, dry.Key, made.Key)
	require.False(t, made.Known || made.Repeated)
	require.Equal(t, []string{"person/" + made.Key}, r.hints())
	again := r.sponsor()
	require.True(t, again.Repeated)
	require.Equal(t, made.Key, again.Key)
	_, err = r.desk().Add(t.Context(), carla(func(in *sponsored.Request) { in.LastName = "Bianchi" }))
	require.ErrorContains(t, err, "said something else")

	a := r.assess(made.Key)
	require.Equal(t, identity.VerdictJoin, a.Plan.Verdict, "%v", codes(a))
	require.Equal(t, "workday-21005", a.ManagerKey)
	require.Equal(t, identity.SourceSponsored, a.Source)
	require.Equal(t, "carla.rossi@auditors.example", a.Plan.Desired.Profile.PersonalEmail)
	require.Equal(t, made.Key, a.Plan.Desired.Profile.ExternalID)

	out, err := r.say(sponsored.Word{Verb: sponsored.VerbExtend, Person: made.Key, Day: "2026-09-30"})
	require.NoError(t, err)
	require.Equal(t, identity.Date("2026-09-30"), out.Record.LastDay())
	out, err = r.say(sponsored.Word{Verb: sponsored.VerbEnd, Person: made.Key, Day: "2026-03-20"})
	require.NoError(t, err)
	require.Equal(t, identity.StandingLeaving, r.standing(made.Key).Standing)
	require.Equal(t, time.Date(2026, 3, 20, 17, 0, 0, 0, time.UTC), r.standing(made.Key).LeaveAt, "18:00 in Berlin")
	r.clock.Advance(19 * 24 * time.Hour)
	require.Equal(t, identity.StandingLeft, r.standing(made.Key).Standing)
	require.Equal(t, identity.VerdictNone, r.assess(made.Key).Plan.Verdict, "no account was ever made")
	_, err = r.say(sponsored.Word{Verb: sponsored.VerbExtend, Person: made.Key, Day: "2026-09-30"})
	require.ErrorContains(t, err, "over since 2026-03-20")
}

// TestSponsoredEndsAtOnce: what somebody ends now is over now, and not at the end of the day.
func TestSponsoredEndsAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, sponsorable())
	key := r.sponsor().Key
	r.assess(key)
	r.clock.Advance(48 * time.Hour)
	r.assess(key)
	_, err := r.say(sponsored.Word{ID: "x", Verb: sponsored.VerbEnd, Person: key})
	require.NoError(t, err)
	require.Equal(t, identity.StandingLeft, r.standing(key).Standing)
	out, err := r.say(sponsored.Word{ID: "x", Verb: sponsored.VerbEnd, Person: key})
	require.NoError(t, err)
	require.True(t, out.Repeated)
}

// TestSponsorGone: whoever answered for somebody leaves. The manager inherits, whatever record says so first; who confirms in time
// answers for them from then on, and otherwise the access ends.
func TestSponsorGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		confirm bool
		gone    func(*rig)
	}{
		"by HR, confirmed": {true, func(r *rig) {
			r.hr("workday", "terminate", "21005", control.Fields{"last_day": "today", "involuntary": true})
		}},
		"by HR, nobody confirms": {false, func(r *rig) {
			r.hr("workday", "terminate", "21005", control.Fields{"last_day": "today", "involuntary": true})
		}},
		"contained, and confirmed": {true, func(r *rig) { r.contain("workday-21005") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, sponsorable())
			key := r.sponsor().Key
			manager := r.manager("workday-21005")
			r.assess(key)
			r.pollSponsored("1")
			require.Empty(t, r.sponsorItems())

			c.gone(r)
			r.clock.Advance(24 * time.Hour)
			r.pollSponsored("2")
			r.pollSponsored("2 again")
			p := r.standing(key)
			require.True(t, p.Record.Unconfirmed)
			require.Equal(t, identity.Date("2026-03-17"), p.Record.LastDay)
			require.Equal(t, manager, p.Record.ManagerID)
			require.Contains(t, p.Notices[0].Text, "confirm --person "+key)
			items := r.sponsorItems()
			require.Len(t, items, 1)
			require.Equal(t, key, items[0].Object)
			require.Equal(t, "it", items[0].Owner)
			require.Contains(t, items[0].Next, "starter sponsor confirm --person "+key)
			require.Contains(t, r.hints(), "person/"+key)

			if !c.confirm {
				r.clock.Advance(15 * 24 * time.Hour)
				r.pollSponsored("3")
				require.Equal(t, identity.StandingLeft, r.standing(key).Standing)
				require.Empty(t, r.sponsorItems())
				_, err := r.say(sponsored.Word{Verb: sponsored.VerbConfirm, Person: key})
				require.ErrorContains(t, err, "is over")
				return
			}
			out, err := r.say(sponsored.Word{Verb: sponsored.VerbConfirm, Person: key})
			require.NoError(t, err)
			require.Equal(t, manager, out.Record.Sponsor)
			r.pollSponsored("3")
			require.Empty(t, r.sponsorItems())
			require.Equal(t, identity.Date("2026-06-30"), r.standing(key).Record.LastDay)
		})
	}
}

// manager is the key of somebody's manager by HR.
func (r *rig) manager(key string) string {
	r.t.Helper()
	st, err := r.vendors.Activities.Person.Stands(r.t.Context(), key)
	require.NoError(r.t, err)
	require.NotEmpty(r.t, st.Manager)
	return st.Manager
}

func (r *rig) contain(key string) {
	r.t.Helper()
	order := identity.Order{ID: "contain-" + key, Key: key, Kind: identity.OrderContain, By: "grace", Reason: "test", At: r.clock.Now()}
	require.NoError(r.t, r.app.Ledger.Orders().Put(r.t.Context(), order))
}

// TestSponsorIsBack: whoever was gone is here again before anybody has confirmed, and answers for them as before.
func TestSponsorIsBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, sponsorable())
	key := r.sponsor().Key
	r.contain("workday-21005")
	r.pollSponsored("1")
	require.Len(t, r.sponsorItems(), 1)
	_, err := r.app.Ledger.Orders().Release(r.t.Context(), "contain-workday-21005", "grace", "a mistake")
	require.NoError(t, err)
	r.pollSponsored("2")
	require.Empty(t, r.sponsorItems())
	require.Equal(t, identity.Date("2026-06-30"), r.standing(key).Record.LastDay)
}

// TestRefusedSponsoring: what cannot be asked is refused, all of it at once, and nothing is written.
func TestRefusedSponsoring(t *testing.T) {
	t.Parallel()
	r := newRig(t, sponsorable())
	r.collect("workday", "w")
	r.collect("bamboohr", "b")
	for name, c := range map[string]struct {
		change func(*sponsored.Request)
		want   string
	}{
		"no name":                 {func(in *sponsored.Request) { in.FirstName = " " }, "first and the last name are needed"},
		"no address":              {func(in *sponsored.Request) { in.PersonalEmail = "" }, "an e-mail address is needed"},
		"an address of nobody":    {func(in *sponsored.Request) { in.PersonalEmail = "none@x.example" }, "is not an e-mail address of somebody"},
		"an end in the past":      {func(in *sponsored.Request) { in.Ends = "2025-12-31" }, "is over already"},
		"an end today":            {func(in *sponsored.Request) { in.Ends = "2026-03-02" }, "is over already, or is today"},
		"an end before the start": {func(in *sponsored.Request) { in.Starts = "2026-07-01" }, "is before the start"},
		"an end too far ahead":    {func(in *sponsored.Request) { in.Ends = "2026-12-31" }, "2026-12-27 at the latest"},
		"an end that is no day":   {func(in *sponsored.Request) { in.Ends = "soon" }, "is not a day"},
		"a start that is no day":  {func(in *sponsored.Request) { in.Starts = "31.12.2026" }, "the start \"31.12.2026\" is not a day"},
		"a name of two lines":     {func(in *sponsored.Request) { in.Title = "a\nb" }, "the title is longer"},
		"no reason":               {func(in *sponsored.Request) { in.Reason = "" }, "the reason is empty"},
		"no request":              {func(in *sponsored.Request) { in.ID = "" }, "needs an id"},
		"a sponsor who is none":   {func(in *sponsored.Request) { in.Sponsor = "grace" }, "is not a person whom HR has"},
		"an account as sponsor":   {func(in *sponsored.Request) { in.Sponsor = "onelogin-1" }, "is not a person whom HR has"},
		"a sponsor whom HR lacks": {func(in *sponsored.Request) { in.Sponsor = "workday-1" }, "by HR they do not work here now"},
	} {
		_, err := r.desk().Add(t.Context(), carla(c.change))
		require.ErrorContains(t, err, c.want, name)
		var refused sponsored.Refusal
		require.ErrorAs(t, err, &refused, name)
	}
	all, err := r.app.Ledger.Sponsored().All(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)

	off := newRig(t, rigOptions{})
	_, err = off.desk().Add(t.Context(), carla())
	require.ErrorContains(t, err, "the policy has no sponsored people")
}

// TestWhomHRHasIsNotSponsored: HR has them, or they are sponsored already: nobody is added, and their own run is hinted. Nobody
// answers for themselves, and no sponsored person for anybody.
func TestWhomHRHasIsNotSponsored(t *testing.T) {
	t.Parallel()
	r := newRig(t, sponsorable())
	r.collect("workday", "w")
	st, err := r.vendors.Activities.Person.Stands(t.Context(), "workday-21007")
	require.NoError(t, err)
	theirs := func(in *sponsored.Request) {
		in.FirstName, in.LastName, in.WorkEmail = st.Person.Record.FirstName, st.Person.Record.LastName, st.Person.Record.WorkEmail
	}
	dry := r.sponsor(theirs, func(in *sponsored.Request) { in.DryRun = true })
	require.True(t, dry.Known)
	require.Empty(t, r.hints())
	known := r.sponsor(theirs)
	require.True(t, known.Known)
	require.Equal(t, "workday-21007", known.Key)
	require.Equal(t, []string{"person/workday-21007"}, r.hints())
	_, err = r.desk().Add(t.Context(), carla(theirs, func(in *sponsored.Request) { in.Sponsor = "workday-21007" }))
	require.ErrorContains(t, err, "cannot answer for themselves")

	first := r.sponsor()
	twice := r.sponsor(func(in *sponsored.Request) { in.ID = "ticket-8" })
	require.True(t, twice.Known)
	require.Equal(t, first.Key, twice.Key)
	_, err = r.desk().Add(t.Context(), carla(func(in *sponsored.Request) {
		in.ID, in.FirstName, in.PersonalEmail, in.Sponsor = "ticket-9", "Dino", "dino@auditors.example", first.Key
	}))
	require.ErrorContains(t, err, "is sponsored themselves, and answers for nobody")
	_, err = r.say(sponsored.Word{Verb: sponsored.VerbTransfer, Person: first.Key, To: first.Key})
	require.ErrorContains(t, err, "is sponsored themselves")
}

// TestWhoInherits: the first one above a sponsor who is here, as HR says it now or said it last. Where nobody is known, security is
// told; a circle of managers ends, and whoever HR says nothing of has not left.
func TestWhoInherits(t *testing.T) {
	t.Parallel()
	over := control.Fields{"last_day": "today", "involuntary": true}
	for name, c := range map[string]struct {
		before, after func(*rig)
		want          string
		item          bool
	}{
		"the manager": {nil, func(r *rig) { r.hr("workday", "terminate", "21005", over) }, "21006", true},
		"the manager's manager, because that one is gone too": {nil, func(r *rig) {
			r.hr("workday", "terminate", "21005", over)
			r.hr("workday", "terminate", "21006", over)
		}, "21007", true},
		"nobody above is here": {nil, func(r *rig) {
			for _, id := range []string{"21005", "21006", "21007"} {
				r.hr("workday", "terminate", id, over)
			}
		}, "", true},
		"managers in a circle": {func(r *rig) { r.hr("workday", "change", "21007", control.Fields{"manager_id": "21005"}) }, func(r *rig) {
			for _, id := range []string{"21005", "21006", "21007"} {
				r.hr("workday", "terminate", id, over)
			}
		}, "", true},
		"no manager": {
			func(r *rig) { r.hr("workday", "change", "21005", control.Fields{"manager_id": ""}) },
			func(r *rig) { r.hr("workday", "terminate", "21005", over) }, "", true,
		},
		"HR takes the manager off a record that ends": {nil, func(r *rig) {
			r.hr("workday", "change", "21005", control.Fields{"manager_id": ""})
			r.hr("workday", "terminate", "21005", over)
		}, "21006", true},
		"the record disappears": {nil, func(r *rig) { r.hr("workday", "delete", "21005", nil) }, "21005", false},
		"nobody":                {nil, func(*rig) {}, "21005", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, sponsorable())
			r.hr("workday", "change", "21005", control.Fields{"manager_id": "21006"})
			r.hr("workday", "change", "21006", control.Fields{"manager_id": "21007"})
			r.hr("workday", "change", "21007", control.Fields{"manager_id": ""})
			if c.before != nil {
				c.before(r)
			}
			key := r.sponsor().Key
			c.after(r)
			r.clock.Advance(24 * time.Hour)
			r.pollSponsored("1")
			rec := r.standing(key).Record
			_, answers := rec.Manager()
			require.Equal(t, c.want, answers)
			require.Equal(t, c.item, rec.Unconfirmed)
			items := r.sponsorItems()
			if !c.item {
				require.Empty(t, items)
				return
			}
			require.Len(t, items, 1)
			require.Equal(t, map[bool]string{true: "it", false: "security"}[c.want != ""], items[0].Owner)
			_, err := r.say(sponsored.Word{Verb: sponsored.VerbConfirm, Person: key})
			if c.want == "" {
				require.ErrorContains(t, err, "hand it over with transfer")
				_, err = r.say(sponsored.Word{Verb: sponsored.VerbTransfer, Person: key, To: "workday-21008"})
			}
			require.NoError(t, err)
			r.pollSponsored("2")
			require.Empty(t, r.sponsorItems())
			require.False(t, r.standing(key).Record.Unconfirmed)
		})
	}
}

// TestRefusedWords: what cannot be said about a sponsored person changes nothing.
func TestRefusedWords(t *testing.T) {
	t.Parallel()
	r := newRig(t, sponsorable())
	key := r.sponsor().Key
	before, err := r.desk().Find(t.Context(), key)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		word sponsored.Word
		want string
	}{
		"longer, and it is not":       {sponsored.Word{Verb: sponsored.VerbExtend, Day: "2026-06-30"}, "lasts until 2026-06-30 already"},
		"longer than may be":          {sponsored.Word{Verb: sponsored.VerbExtend, Day: "2027-06-30"}, "too far ahead"},
		"until no day":                {sponsored.Word{Verb: sponsored.VerbExtend, Day: "summer"}, "is not a day"},
		"an end after the end":        {sponsored.Word{Verb: sponsored.VerbEnd, Day: "2026-07-01"}, "ends on 2026-06-30 in any case"},
		"an end on no day":            {sponsored.Word{Verb: sponsored.VerbEnd, Day: "2026-02-30"}, "is not a day"},
		"to whoever has them":         {sponsored.Word{Verb: sponsored.VerbTransfer, To: "workday-21005"}, "answers for " + key + " already"},
		"to nobody":                   {sponsored.Word{Verb: sponsored.VerbTransfer}, "is not a person whom HR has"},
		"no change":                   {sponsored.Word{Verb: sponsored.VerbChange, Position: sponsored.Position{Department: "Finance"}}, "nothing of " + key + " would change"},
		"a title of two lines":        {sponsored.Word{Verb: sponsored.VerbChange, Position: sponsored.Position{Title: "a\nb"}}, "the title is longer"},
		"nothing to confirm":          {sponsored.Word{Verb: sponsored.VerbConfirm}, "nothing to confirm"},
		"something else":              {sponsored.Word{Verb: "promote"}, "says nothing"},
		"about somebody who is not":   {sponsored.Word{Verb: sponsored.VerbEnd, Person: "sponsored-s1"}, "there is no sponsored person"},
		"about somebody whom HR has":  {sponsored.Word{Verb: sponsored.VerbEnd, Person: "workday-21005"}, "is not a sponsored person"},
		"about an account":            {sponsored.Word{Verb: sponsored.VerbEnd, Person: "onelogin-42"}, "is not a sponsored person"},
		"about what is no key at all": {sponsored.Word{Verb: sponsored.VerbEnd, Person: "Carla"}, "is not a sponsored person"},
	} {
		if c.word.Person == "" {
			c.word.Person = key
		}
		_, err := r.say(c.word)
		require.ErrorContains(t, err, c.want, name)
		now, err := r.desk().Find(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, before, now, name)
	}
}

// TestSponsoredWarnings: whoever answers for somebody is warned 14 and 3 days ahead, and at no other time.
func TestSponsoredWarnings(t *testing.T) {
	t.Parallel()
	r := newRig(t, sponsorable())
	key := r.sponsor(func(in *sponsored.Request) { in.Ends = "2026-04-01" }).Key
	warned := map[int]string{}
	for day := range 31 {
		if notices := r.standing(key).Notices; len(notices) > 0 {
			warned[day] = notices[0].Text
		}
		r.clock.Advance(24 * time.Hour)
	}
	for day := range 31 {
		left := 30 - day
		switch {
		case left >= 14:
			require.NotContains(t, warned, day)
		case left >= 3:
			require.Contains(t, warned[day], "ends within 14 days", day)
		case left > 0:
			require.Contains(t, warned[day], "ends within 3 days", day)
		}
	}
}

// TestSponsoredJoinsDrawOnTheBudget: more sponsored people than join at a time wait for somebody's word, like those of an HR system.
func TestSponsoredJoinsDrawOnTheBudget(t *testing.T) {
	t.Parallel()
	o := sponsorable()
	o.policy = append(o.policy, "join: {count: 400, percent: 0}", "join: {count: 1}")
	r := newRig(t, o)
	r.temporal.On("SignalWithStartWorkflow", mock.Anything, "hold/sponsored/join", api.SignalHold, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(startedRun{}, nil)
	verdicts := map[identity.Verdict]int{}
	for i := range 3 {
		out := r.sponsor(func(in *sponsored.Request) {
			in.ID, in.FirstName, in.PersonalEmail = fmt.Sprint(i), "Carla"+string(rune('a'+i)), fmt.Sprintf("c%d@auditors.example", i)
		})
		verdicts[r.assess(out.Key).Plan.Verdict]++
	}
	require.Equal(t, map[identity.Verdict]int{identity.VerdictJoin: 1, identity.VerdictWait: 2}, verdicts)
	r.pollSponsored("1")
	holds, err := r.app.Ledger.Budgets().Holds(t.Context())
	require.NoError(t, err)
	require.Len(t, holds, 1)
	require.Equal(t, identity.SourceSponsored, holds[0].Source)
	require.Equal(t, 2, holds[0].People)
}

// TestSponsoredTwiceAtOnce: two requests for one human that come at once make one person.
func TestSponsoredTwiceAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, sponsorable())
	const askers = 6
	type came struct {
		sponsored.Result
		err error
	}
	results := make(chan came, askers)
	for i := range askers {
		go func() {
			out, err := r.desk().Add(t.Context(), carla(func(in *sponsored.Request) { in.ID = fmt.Sprint("ask ", i/2) }))
			results <- came{out, err}
		}()
	}
	made, keys := 0, map[string]bool{}
	for range askers {
		out := <-results
		require.NoError(t, out.err)
		keys[out.Key] = true
		if !out.Known && !out.Repeated {
			made++
		}
	}
	require.Equal(t, 1, made)
	require.Len(t, keys, 1)
	all, err := r.app.Ledger.Sponsored().All(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 1)
}
