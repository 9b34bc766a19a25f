package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// reached is a leaver whose run covers every account, with what a search finds.
func (p *play) reached(found api.Found, pages *[]api.PagerEvent) *play {
	return p.reachedBy(func() api.Found { return found }, pages)
}

// reachedBy is reached with searches that find different things.
func (p *play) reachedBy(found func() api.Found, pages *[]api.PagerEvent) *play {
	p.env.RegisterActivityWithOptions(func(context.Context, api.SearchInput) (api.Found, error) { return found(), nil },
		activity.RegisterOptions{Name: api.PersonSearch})
	p.env.RegisterActivityWithOptions(func(ctx context.Context, in api.PagerEvent) (api.PagerSent, error) {
		return api.PagerSent{DedupKey: in.DedupKey}, p.w.step(ctx, func() { *pages = append(*pages, in) })
	}, activity.RegisterOptions{Name: api.PagerDutyEvent})
	p.env.RegisterActivityWithOptions(func(ctx context.Context, _ api.SettleInput) error { return p.w.step(ctx, nil) },
		activity.RegisterOptions{Name: api.PersonSettle})
	p.env.RegisterActivityWithOptions(func(context.Context, api.AccountInput) (api.ReopenedBy, error) { return api.ReopenedBy{}, nil },
		activity.RegisterOptions{Name: api.OneLoginReopenedBy})
	return p
}

// TestUrgentWakesSomebodyAndHoldsNothingUp: a pager that refuses keeps nobody's access, and a company without one is as
// before.
func TestUrgentWakesSomebodyAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	admin := api.Doubt{Account: identity.Account{ID: 502}, Code: api.NoticeProtectedLeaver, Privileged: true, Evidence: "e1"}
	someones := api.Doubt{Account: identity.Account{ID: 502}, Code: api.NoticeLeaverDoubt, Evidence: "e1"}
	for name, tt := range map[string]struct {
		pages bool
		doubt api.Doubt
		want  int
	}{
		"a protected account": {true, admin, 1}, "nobody can be woken": {false, admin, 0}, "an ordinary account in doubt": {true, someones, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, pages := newWorld(t), []api.PagerEvent(nil)
			a := leaver()
			a.Reach, a.VerifyAfter, a.Pages = 2, nil, tt.pages
			w.account.Status, w.account.Roles = "suspended", nil
			w.atOnce.access = api.AccessEnded{Roles: true, Password: true, Factors: true}
			w.refusing("pagerduty.doubt@onelogin/502", 1)
			p := w.open(start).reached(api.Found{Doubts: []api.Doubt{tt.doubt}}, &pages)
			p.after(time.Hour, func() { p.decide(api.VerbSeparate, api.Decision{By: "ann", Step: "account@onelogin/502"}) })
			e := p.template(api.TypeOffboarding, a)
			for n := 0; e.err == nil && e.next != "" && n < 3; n++ {
				p = w.open(e.at).reached(api.Found{}, &pages)
				w.finds(left())
				e = p.run(e.next, e.input)
			}
			require.NoError(t, e.err)
			require.Equal(t, "confirmed", w.fact("onelogin.read-back").Outcome)
			require.Len(t, pages, tt.want)
			for _, p := range pages {
				require.Equal(t, api.SeverityCritical, p.Severity)
				require.Contains(t, p.Summary, "502")
				require.Equal(t, key+"/2/page-doubt/502", p.DedupKey)
			}
		})
	}
}

// TestComingBackWakesSomebodyOnce: whether access comes back within one read-back or once in each of several.
func TestComingBackWakesSomebodyOnce(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]map[int]bool{
		"within one": {1: true, 2: true, 3: true}, "once each": {2: true, 4: true}, "only once": {2: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, pages := newWorld(t), []api.PagerEvent(nil)
			a := leaver()
			a.Reach, a.VerifyAfter, a.Pages = 2, []time.Duration{time.Minute, time.Minute}, true
			w.account.Status, w.account.Roles = "suspended", nil
			w.atOnce.access = api.AccessEnded{Roles: true, Password: true, Factors: true}
			p := w.open(start).reached(api.Found{}, &pages)
			reads := 0
			read := func(context.Context, int) error {
				if reads++; again[reads] {
					w.change(func() { w.account.Status = "active" })
				}
				return nil
			}
			for _, id := range []string{api.OneLoginReadBack, "onelogin.read-back", "onelogin.read-back:1", "onelogin.read-back:2"} {
				w.before(id, read)
				w.before(id+":mended", read)
			}
			require.NoError(t, p.template(api.TypeOffboarding, a).err)
			want := 1
			if name == "only once" {
				want = 0
			}
			require.Len(t, pages, want)
		})
	}
}
