package lifecycle

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// noticeDigest tells one notice of a plan from another, whatever its words.
func noticeDigest(plan identity.SystemPlan, code string) string {
	return shortDigest("notice", plan.System, plan.Account, code)
}

// raiseNotices tells people what a plan cannot do by itself. An account of a leaver that stays open is asked about beside the rest, and
// the run stays open for it.
func (r *run) raiseNotices(ctx workflow.Context, a *systemAccount) {
	for _, n := range a.plan.Notices {
		digest := noticeDigest(a.plan, n.Code)
		switch {
		case a.plan.Leaving && api.StaysOpen(n.Code):
			if !a.knows(digest) && !r.systems.finished(digest) {
				r.askAboutOpen(ctx, a, n, digest)
			}
		case api.ToldOfSystems(n.Code, a.plan.Leaving) && (n.Code != api.NoticeAddressDoubtful || toldOfAddresses(ctx)):
			code := "systems-notice/" + shortDigest(a.episode, digest)
			if !r.told.knows(code) {
				r.told.add(code)
				a.left = append(a.left, systemName(a)+": "+noticeText(a, n))
			}
		}
	}
	r.tellLeft(ctx, a)
}

// toldOfAddresses reports that IT is told of an address that is not written.
func toldOfAddresses(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, step.ChangeAddressTold, workflow.DefaultVersion, 1) != workflow.DefaultVersion
}

// noticeText is what a notice says, without the name of its system.
func noticeText(a *systemAccount, n identity.Notice) string {
	return strings.TrimPrefix(n.Text, a.plan.System+": ")
}

// askAboutOpen tells security that an account of a leaver stays open, and asks until it is closed or somebody has decided to leave it.
func (r *run) askAboutOpen(ctx workflow.Context, a *systemAccount, n identity.Notice, digest string) {
	text := a.ref.String() + ": " + noticeText(a, n)
	r.tellOpen(ctx, a, n.Code, text)
	a.asking = append(a.asking, digest)
	item := api.Attention{
		Step: "notice:" + n.Code + systemPlace(a, &systemStep{}), Code: n.Code, Options: []string{api.VerbRetry, api.VerbSkip},
		Text: text + ". Access of somebody who has left stays open there. Retry looks again; skip leaves it as it is.",
	}
	over := func() bool {
		return !slices.ContainsFunc(a.plan.Notices, func(other identity.Notice) bool { return other.Code == n.Code })
	}
	r.inScope(a, "ask about an open account", func(ctx workflow.Context) {
		defer func() {
			a.asking = slices.DeleteFunc(a.asking, func(other string) bool { return other == digest })
			r.wake()
		}()
		for !over() {
			d, decided, err := r.parkUntil(ctx, item, step.ReassessAfter, over)
			if err != nil {
				return
			}
			if decided {
				r.settleOpen(ctx, a, item, digest, d)
				return
			}
		}
	})
}

// settleOpen takes over what somebody has decided about an account that stays open.
func (r *run) settleOpen(ctx workflow.Context, a *systemAccount, item api.Attention, digest string, d api.Decision) {
	outcome := "retried"
	if d.Verb == api.VerbSkip {
		outcome = "skipped"
		r.systems.keep(&systemStep{digest: digest}, api.SystemSkipped)
	} else {
		// Whether it is open still is found by another assessment.
		r.hints.unanswered, r.lookAfter = true, r.lookAfter || r.State.Template != api.TypePerson
	}
	r.recordFact(ctx, api.Fact{
		Step: item.Step, Template: r.State.Template, Episode: a.episode, Outcome: outcome + ": " + item.Code, Actor: d.By, Cause: d.Reason,
		Finished: workflow.Now(ctx),
	}, systemName(a)+": "+outcome+" by "+step.Named(d))
}

// tellOpen tells security, once, of an account that a leaver can sign in with, and wakes somebody where it is a protected one.
func (r *run) tellOpen(ctx workflow.Context, a *systemAccount, code, text string) {
	known := "systems-open/" + shortDigest(a.episode, noticeDigest(a.plan, code))
	if r.told.knows(known) {
		return
	}
	r.told.add(known)
	ref := a.ref.String()
	if err := r.deliver(ctx, r.message("slack.open@"+ref, "tell security of a leaver's account that stays open", api.Message{
		OnceKey: r.effect(known), Kind: api.MessageLeaverDoubt, Audience: api.AudienceSecurity, Text: text,
		Lines: []api.Line{{Label: "Account", Value: ref}},
	})); err != nil {
		workflow.GetLogger(ctx).Info("security was not told of an account that stays open", "outcome", err)
	}
	if r.assessment.Pages && code == api.NoticeSystemProtected {
		r.page("open", a.ref, code, "URGENT: "+systemName(a)+" is protected and belongs to somebody who has left. It can still sign in: close it by hand.")
	}
}

// dropNotices takes back what is not so any more by a newer assessment: accounts that it has no plan of are closed, or nobody's.
func (r *run) dropNotices(now []identity.SystemPlan) {
	gone := func(p identity.SystemPlan) bool {
		return !slices.ContainsFunc(now, func(n identity.SystemPlan) bool { return n.System == p.System && n.Account == p.Account })
	}
	for _, a := range r.systems.accounts {
		if gone(a.plan) {
			a.plan.Notices = nil
		}
	}
	r.assessment.Systems = slices.Clone(r.assessment.Systems)
	for i := range r.assessment.Systems {
		if gone(r.assessment.Systems[i]) {
			r.assessment.Systems[i].Notices = nil
		}
	}
}
