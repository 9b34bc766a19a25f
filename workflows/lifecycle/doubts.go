package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// raise makes an item of each account in doubt, and tells security at once. It waits for nobody: the run goes on with what
// is certain, and does not end before each item is decided.
func (r *run) raise(ctx workflow.Context, doubts []api.Doubt) {
	for _, d := range doubts {
		if slices.ContainsFunc(r.in.Doubts, func(open api.Doubt) bool { return open.Account.ID == d.Account.ID }) {
			continue
		}
		r.in.Doubts = append(r.in.Doubts, d)
		r.decideBeside(ctx, d)
	}
}

// decideBeside has one account in doubt decided while the run goes on.
func (r *run) decideBeside(ctx workflow.Context, d api.Doubt) {
	if err := r.deliver(ctx, r.doubtWord(d)); err != nil {
		workflow.GetLogger(ctx).Info("security was not told of an account in doubt", "outcome", err)
	}
	stop := func() {}
	if !d.Digest {
		r.pageDoubt(d)
		stop = r.keepDeadlineOf(r.root, "this account, which may be theirs, waits for a decision", &identity.Account{ID: d.Account.ID})
	}
	workflow.GoNamed(r.root, "decide "+d.Ref().String(), func(ctx workflow.Context) {
		defer stop()
		err := r.decideDoubt(ctx, d)
		if err != nil {
			if ctx.Err() == nil && !temporal.IsCanceledError(err) {
				workflow.GetLogger(ctx).Info("an account in doubt was not settled", "outcome", err)
				r.hints.unanswered = true
			}
			return
		}
		r.in.Doubts = slices.DeleteFunc(r.in.Doubts, func(open api.Doubt) bool { return open.Account.ID == d.Account.ID })
	})
}

// doubtWord tells security of an account in doubt.
func (r *run) doubtWord(d api.Doubt) api.Word {
	return r.message("slack.doubt@"+d.Ref().String(), "tell security of an account in doubt", api.Message{
		OnceKey: r.effect("slack-doubt/" + d.Ref().ID + "/" + d.Evidence), Kind: doubtMessage(d), Audience: api.AudienceSecurity,
		Account: &identity.Account{ID: d.Account.ID}, Text: doubtText(d),
	})
}

func doubtMessage(d api.Doubt) api.MessageKind {
	switch {
	case d.Code == api.NoticeNewOwner:
		return api.MessageLeaverOwner
	case d.Privileged:
		return api.MessageLeaverDoubtPrivileged
	}
	return api.MessageLeaverDoubt
}

// doubtText says what is to be decided about an account, without personal data.
func doubtText(d api.Doubt) string {
	why := strings.Join(d.Reasons, "; ")
	name := "OneLogin account " + d.Ref().ID
	switch d.Code {
	case api.NoticeNewOwner:
		return name + " is a service, shared or break-glass account that a leaver looks after (" + why + "). It is not suspended. " +
			"Name a new owner and rotate its secret, then skip. Link it if it is the person's own."
	case api.NoticeProtectedLeaver:
		return name + " is protected and belongs to somebody who has left (" + why + "). It CAN STILL SIGN IN. Suspend it in OneLogin by hand, " +
			"or have two people allow it; separate if it is not theirs."
	case api.NoticeBudgetContain:
		return name + " is a further account of a leaver and is held: " + why + ". Allow it, or separate it if it is not theirs."
	}
	if len(d.Also) > 0 {
		return fmt.Sprintf("%d OneLogin accounts carry the name of somebody who has left, and nothing says whose they are (%s): %s. They are "+
			"left as they are. One of them theirs: `starter account link`, then retry. None: separate.", len(d.Also)+1, why, all(d))
	}
	if d.Code == api.NoticeLeaverNamesake {
		return name + " carries the name of somebody who has left, and nothing says whose it is (" + why + "). It is left as it is. " +
			"Theirs: link. Not theirs: separate."
	}
	state := "It can still sign in."
	if d.Suspend {
		state = "It is suspended until somebody has decided."
	}
	return name + " may be a leaver's: " + why + ". " + state + " Theirs: link. Not theirs: separate."
}

// all lists the accounts of one question by their ids.
func all(d api.Doubt) string {
	ids := []string{d.Ref().ID}
	for _, shown := range d.Also {
		ids = append(ids, shown.Ref.ID)
	}
	return strings.Join(ids, ", ")
}

// doubtOptions are the decisions that settle an account in doubt.
func doubtOptions(d api.Doubt) []string {
	if len(d.Also) > 0 {
		return []string{api.VerbSeparate, api.VerbRetry}
	}
	switch d.Code {
	case api.NoticeNewOwner:
		return []string{api.VerbSkip, api.VerbLink, api.VerbRetry}
	case api.NoticeProtectedLeaver, api.NoticeBudgetContain:
		return []string{api.VerbAllow, api.VerbSeparate, api.VerbRetry}
	}
	return []string{api.VerbLink, api.VerbSeparate, api.VerbRetry}
}

// decideDoubt asks until somebody has decided, and does what they said.
func (r *run) decideDoubt(ctx workflow.Context, d api.Doubt) error {
	c := r.further(d.Account)
	if d.Suspend {
		c.doubt = true
		if err := c.endSignIn(ctx); err != nil {
			return err
		}
	}
	var allowed []string
	for {
		item := api.Attention{
			Step: doubtStep(d.Ref()), Code: d.Code, Text: doubtText(d), Options: doubtOptions(d),
			About: strings.Join(d.Reasons, "; "), Shut: d.Suspend,
		}
		if d.Digest {
			item.About = api.AboutDigest
		}
		if len(allowed) > 0 {
			item.Text = step.SecondText(item.Text, allowed[0])
			if r.persists() {
				item.AllowedBy = allowed
			}
		}
		said, decided, err := r.parkUntil(ctx, item, step.ReassessAfter, func() bool { return r.doubts.elsewhere[d.Ref()] != "" })
		if err != nil {
			return err
		}
		if verb := r.doubts.elsewhere[d.Ref()]; verb != "" {
			delete(r.doubts.elsewhere, d.Ref())
			if !decided && len(d.Also) > 0 {
				// What is left of the question is found by another assessment.
				r.hints.unanswered, r.lookAfter = true, true
				return nil
			}
			if !decided {
				return r.settledElsewhere(ctx, c, d, item.Step, verb)
			}
		}
		switch {
		case decided && said.Verb == api.VerbRetry && len(d.Also) > 0:
			// One of them may be on record by now: what is left of the question is found by another assessment.
			r.hints.unanswered, r.lookAfter = true, true
			return nil
		case !decided, said.Verb == api.VerbRetry:
			continue
		case said.Verb == api.VerbAllow && d.Code == api.NoticeProtectedLeaver:
			if !slices.ContainsFunc(allowed, func(by string) bool { return identity.SameDecider(by, said.By) }) {
				allowed = append(allowed, said.By)
			}
			if len(allowed) < 2 {
				continue
			}
		}
		return r.settleDoubt(ctx, c, d, said, allowed)
	}
}

// settleDoubt keeps somebody's word on an account and carries it out.
func (r *run) settleDoubt(ctx workflow.Context, c closing, d api.Doubt, said api.Decision, allowed []string) error {
	r.doubts.settling++
	defer func() { r.doubts.settling-- }()
	in := api.SettleInput{Key: r.in.Key, Episode: r.assessment.Episode, Ref: d.Ref(), Code: d.Code, Evidence: d.Evidence, Suspended: d.Suspend, Decision: said, Also: d.Also}
	if r.persists() {
		in.LiftedBy = allowed
		c.account.Lifted = len(allowed) > 1
	}
	s := c.named(step.Step{ID: stepSettle, Activity: api.Call.PersonSettle(in), Summary: said.Verb + " by " + said.By})
	s = s.Noting(func(f *api.Fact) {
		f.Actor, f.Cause, f.Outcome, f.Before = said.By, said.Reason, said.Verb+": "+d.Code, d.Account
	})
	if _, err := r.runStep(ctx, s); err != nil {
		return err
	}
	theirs := said.Verb == api.VerbLink || said.Verb == api.VerbAllow
	switch {
	case !theirs:
		return nil
	case len(allowed) > 1 && r.lifted(d):
		return r.closeAgain(ctx, d)
	case r.State.Template != api.TypeOffboarding && (len(allowed) == 0 || r.persists()):
		r.hints.unanswered = true // The next assessment finds the account on record.
		return nil
	}
	if c.liftedBy, c.doubt = allowed, false; !r.dealsWith(d.Account) {
		r.takeOn(*c.account)
	} else if len(allowed) < 2 && workflow.GetVersion(ctx, step.ChangeFoundMeanwhile, workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		return nil // A search has found it to be theirs, and whoever took it over closes it.
	}
	return r.closeDecided(ctx, c)
}

// decideAll waits until something that was raised is decided, a hint arrives, or a day has gone by.
func (r *run) decideAll(ctx workflow.Context) (api.Outcome, bool, error) {
	r.raise(ctx, r.assessment.Doubts)
	open := len(r.in.Doubts)
	if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: step.ReassessAfter, TimerOptions: workflow.TimerOptions{Summary: "until an account in doubt is decided about"},
	}, func() bool { return len(r.in.Doubts) < open || r.hints.arrived() }); err != nil {
		return api.Outcome{}, false, err
	}
	return r.reassessNow(ctx)
}

// untilDoubtsDecided waits until no account of a leaver is in doubt any more, or a hint asks for another assessment.
func (r *run) untilDoubtsDecided(ctx workflow.Context) error {
	if len(r.in.Doubts) == 0 {
		return nil
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return len(r.in.Doubts) == 0 || r.lookAfter }); err != nil {
		return err
	}
	if !r.lookAfter {
		r.departed(ctx)
	}
	return nil
}
