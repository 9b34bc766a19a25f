package incident

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// responses are those that the rule calls for.
type responses struct {
	// questions are those that somebody has to decide about, ordered those that were begun without that.
	questions []*question
	ordered   []string
	// round is the last reopening.
	round    string
	deciding workflow.Mutex
	// presses counts those of buttons.
	presses int
}

// question is a response that somebody has to decide about.
type question struct {
	response api.Response
	step     string
	// round is the reopening in which it is asked, empty for the first time.
	round  string
	posted api.Posted
	// item is the name of the question as it was asked.
	item string
	// answer is VerbApprove or VerbDeny once decided, by whom; withdrawn says why nobody has to decide any more.
	answer, by, withdrawn string
	// unlist takes the question off the list, nil if it is on none.
	unlist func()
	// unverified says that nobody has shown to be whom the answer names.
	unverified bool
}

func (q *question) open() bool { return q.answer == "" && q.withdrawn == "" }

// named tells a question from the same one in another round.
func (q *question) named(separator string) string {
	if q.round == "" {
		return q.step
	}
	return q.step + separator + q.round
}

// outcome says in a few words what came of the question.
func (q *question) outcome() string {
	switch {
	case q.withdrawn != "":
		return "Not decided: " + q.withdrawn
	case q.answer == api.VerbApprove:
		return "Approved by " + q.by
	}
	return "Denied by " + q.by
}

// respondAll starts the responses that nobody has decided about and that are not asked for already.
func (i *incident) respondAll(ctx workflow.Context) {
	for _, r := range i.seen.Respond {
		q := i.responses.questionOf(approvalStep(r))
		if slices.Contains(i.responses.ordered, r.Order) || q != nil && q.withdrawn == "" {
			continue
		}
		i.respond(ctx, r)
	}
}

func approvalStep(r api.Response) string { return "approve." + r.Order }

// respond starts a response: at once, or when a second person has approved it.
func (i *incident) respond(ctx workflow.Context, r api.Response) {
	if r.Automatic {
		i.responses.ordered = append(i.responses.ordered, r.Order)
		i.spawn(ctx, "respond "+r.Order, func(ctx workflow.Context) error { return i.order(ctx, r, "", "the rule asks for it") })
		return
	}
	q := &question{response: r, step: approvalStep(r), round: i.responses.round}
	i.responses.questions = append(i.responses.questions, q)
	i.spawn(ctx, q.step, func(ctx workflow.Context) error { return i.askFor(ctx, q) })
}

// askFor asks security for a decision and carries it out. The message and the question stand until somebody who may
// decide does, by a button or by an update: a decision needs no Slack.
func (i *incident) askFor(ctx workflow.Context, q *question) error {
	item := api.Attention{
		Step: q.step, Code: api.CodeApproval, Options: []string{api.VerbApprove, api.VerbDeny}, Since: workflow.Now(ctx),
		Text: fmt.Sprintf("Response %s for %s: %s. A listed approver decides, in Slack or here.", q.response.Order, i.subject(), i.headline()),
	}
	// A message of an earlier round must not answer this one.
	q.item = i.Identify(ctx, api.Attention{Step: q.named("/"), Code: item.Code, Text: item.Text})
	item.Item = q.item
	i.State.Attention = append(i.State.Attention, item)
	if err := i.SetStage(ctx, api.StageAttention); err != nil {
		return err
	}
	if i.in.Listed {
		q.unlist = i.List(ctx, item)
	}
	if i.ticketAsync {
		i.spawn(ctx, "decision "+q.step, func(ctx workflow.Context) error { return i.decided(ctx, q) })
	}
	post := api.Call.SlackPost(i.proposal(q), &q.posted)
	if _, err := i.Run(ctx, step.Step{ID: "slack." + q.named(":"), Activity: post, Summary: "ask for approval: " + q.response.Order}); err != nil {
		return err
	}
	if !i.ticketAsync {
		return i.decided(ctx, q)
	}
	if !q.open() {
		i.show(ctx, q, ":late")
	}
	return nil
}

// decided waits for the decision about a question and sees to it.
func (i *incident) decided(ctx workflow.Context, q *question) error {
	i.strands.waiting++
	err := workflow.Await(ctx, func() bool { return !q.open() })
	i.strands.waiting--
	if err != nil {
		return err
	}
	if q.unlist != nil {
		q.unlist()
	}
	i.State.Attention = slices.DeleteFunc(i.State.Attention, func(a api.Attention) bool { return a.Item == q.item })
	if len(i.State.Attention) == 0 {
		if err := i.SetStage(ctx, api.StageWatching); err != nil {
			return err
		}
	}
	i.Log(ctx, "Response "+q.response.Order+": "+q.outcome())
	if i.ticketAsync {
		i.spawn(ctx, "show "+q.step, func(ctx workflow.Context) error { i.show(ctx, q, ""); return nil })
	} else {
		i.show(ctx, q, "")
	}
	switch {
	case q.answer == api.VerbApprove:
		return i.order(ctx, q.response, q.by, "approved by a second person")
	case q.answer == api.VerbDeny:
		if err := i.evidence(ctx, q.step, "denied", q.by); err != nil {
			return err
		}
	case i.ticketAsync:
		return nil // Nobody decided, so it is asked again if the incident is.
	}
	return i.record(ctx, q.step, api.NoteCase{Answered: q.response.Order})
}

// proposal is the message with the buttons.
func (i *incident) proposal(q *question) api.Message {
	label := map[string]string{
		"log_out": "log out", "lock": "lock the account", "suspend": "suspend the account", "contain": "end all access",
		"reset_password": "reset the password",
	}[q.response.Order]
	return api.Message{
		OnceKey: i.id + "/" + q.named("/"), Kind: api.MessageApproval, Audience: api.AudienceSecurity, Key: i.subject(),
		Text: i.headline() + ". Proposed: " + label, WorkflowID: i.id,
		Approval: i.seen.DedupKey + "-" + q.response.Order, Step: q.step, Asked: &api.Asked{Item: q.item},
		Buttons: []api.Button{
			{Action: api.VerbApprove, Label: "Approve: " + label, Style: "danger", Confirm: "This takes effect at once."},
			{Action: api.VerbDeny, Label: "Deny"},
		},
	}
}

// show takes the buttons off a message and says what came of them.
func (i *incident) show(ctx workflow.Context, q *question, nonce string) {
	if q.posted.Timestamp == "" {
		return
	}
	message := i.proposal(q)
	message.Buttons, message.Asked = nil, nil
	update := api.Call.SlackUpdate(api.MessageUpdate{
		Channel: q.posted.Channel, Timestamp: q.posted.Timestamp, Message: message, Outcome: q.outcome(),
		Unverified: q.unverified,
	}, nil)
	i.tolerant(ctx, step.Step{ID: "slack.outcome:" + q.named(":") + nonce, Activity: update, Summary: "show the outcome"})
}

// order gives a response as an order to the run of the person, which is the only one to write to their account.
func (i *incident) order(ctx workflow.Context, r api.Response, by, why string) error {
	o := identity.Order{
		ID: i.seen.DedupKey + "-" + r.Order, Key: i.seen.PersonKey, Kind: identity.OrderKind(r.Order), By: by, Minutes: r.Minutes,
		Reason: fmt.Sprintf("incident %s, case %d: %s", i.in.Case.Rule, i.in.Case.Number, why), At: workflow.Now(ctx),
	}
	if by == "" {
		o.By, o.Rule = "gatehouse", "events/"+i.in.Case.Rule
	}
	give := api.Call.OrdersGive(api.GiveOrder{Order: o, Hint: api.Hint{Source: "incident", Cause: r.Order}}, nil)
	skipped, err := i.Run(ctx, step.Step{ID: "orders." + r.Order, Activity: give, Summary: "order: " + r.Order})
	if err != nil {
		return err
	}
	outcome := "ordered"
	if skipped {
		outcome = "skipped"
	}
	i.Log(ctx, "Response "+r.Order+": "+outcome)
	if err := i.evidence(ctx, "orders."+r.Order, outcome, o.By); err != nil {
		return err
	}
	return i.record(ctx, "answered/"+r.Order, api.NoteCase{Answered: r.Order})
}

// evidence keeps who decided what.
func (i *incident) evidence(ctx workflow.Context, name, outcome, by string) error {
	info := workflow.GetInfo(ctx)
	record := api.Call.LedgerRecord(api.RecordInput{
		Key: i.subject(), RunID: info.WorkflowExecution.RunID,
		Facts: []api.Fact{{
			Step: name, Template: api.TypeIncident, Outcome: outcome, Actor: by, Cause: i.id,
			Started: workflow.Now(ctx), Finished: workflow.Now(ctx),
		}},
	})
	s := step.Step{ID: "ledger.record:" + name, Activity: record, Summary: "record the evidence"}
	_, err := i.RunWith(step.Options(ctx, s), s, api.VerbRetry, api.VerbSkip)
	return err
}

// withdraw ends all questions that nobody has decided.
func (i *incident) withdraw(_ workflow.Context, why string) {
	for _, q := range i.responses.questions {
		if q.open() {
			q.withdrawn = why
		}
	}
}

// listen takes clicks: the first decision wins. None waits for another one, which may be of somebody about whom nobody
// can be asked; in a run that began when they did, each waits for the one before.
func (i *incident) listen(ctx workflow.Context) {
	seen := map[string]int{}
	for {
		var click api.Click
		i.clicks.Receive(ctx, &click)
		i.Signals++
		nonce := ":" + click.UserID + ":" + strconv.FormatInt(click.At.UnixMilli(), 10)
		if !i.in.Beside {
			i.strands.busy++
			i.clicked(ctx, click, nonce)
			i.strands.busy--
			continue
		}
		if seen[nonce]++; seen[nonce] > 1 {
			nonce += ":" + strconv.Itoa(seen[nonce])
		}
		i.spawn(ctx, "click"+nonce, func(ctx workflow.Context) error { i.clicked(ctx, click, nonce); return nil })
	}
}

func (i *incident) clicked(ctx workflow.Context, click api.Click, nonce string) {
	var who api.SlackPerson
	ask := api.Call.SlackWhoIs(api.WhoIsInput{UserID: click.UserID, TeamID: click.TeamID}, &who)
	s := step.Step{ID: "slack.whois" + nonce, Activity: ask, Summary: "who pressed the button"}
	if err := s.Execute(step.Options(ctx, s)); err != nil {
		i.Log(ctx, "A click was not taken: nobody could say whose it was")
		return
	}
	in := api.Decision{Verb: click.Verb, Step: click.Step, Item: click.Item, By: who.Email}
	err := i.answer(ctx, in, who.Unfit, nonce)
	if err == nil {
		i.Keep("", i.responses.meant(in).item)
		return
	}
	i.Log(ctx, "A click was not taken: "+err.Error())
	if q := i.responses.questionOf(click.Step); q != nil && !q.open() {
		i.show(ctx, q, nonce)
	}
	if who.Email == "" || who.Unfit != "" {
		return
	}
	post := api.Call.SlackPost(api.Message{
		OnceKey: i.id + "/refused" + nonce, Kind: api.MessageRefused, Audience: api.AudienceOwner, Owner: who.Email,
		Text: err.Error(), WorkflowID: i.id,
	}, nil)
	i.tolerant(ctx, step.Step{ID: "slack.refused" + nonce, Activity: post, Summary: "say why a click was not taken"})
}

// questionOf is the question of that name, the last one if it was asked again.
func (r *responses) questionOf(name string) *question {
	for _, q := range slices.Backward(r.questions) {
		if q.step == name {
			return q
		}
	}
	return nil
}

// meant is the question that a decision names, by its item or else by its step.
func (r *responses) meant(in api.Decision) *question {
	if in.Item == "" {
		return r.questionOf(in.Step)
	}
	for _, q := range r.questions {
		if q.item == in.Item && (in.Step == "" || q.step == in.Step) {
			return q
		}
	}
	return nil
}

// answer takes a decision if whoever makes it may, and nobody has before.
func (i *incident) answer(ctx workflow.Context, in api.Decision, unfit, nonce string) error {
	return i.answerAs(ctx, in, unfit, nonce, "")
}

// answerAs is answer for the Slack user whose press it is, if it is one.
func (i *incident) answerAs(ctx workflow.Context, in api.Decision, unfit, nonce, user string) error {
	if !i.in.Beside {
		if err := i.responses.deciding.Lock(ctx); err != nil {
			return err
		}
		defer i.responses.deciding.Unlock()
	}
	q := i.responses.meant(in)
	switch {
	case q == nil:
		return errors.New("nothing of that name waits for a decision here. " + step.WaitingNow(i.Open()))
	case in.Verb != api.VerbApprove && in.Verb != api.VerbDeny:
		return errors.New("the decision is neither approve nor deny")
	case unfit != "":
		return errors.New("this Slack user decides nothing here: " + unfit)
	case !q.open():
		return i.answered(q)
	}
	by, err := i.mayAnswer(ctx, in, nonce, user)
	switch {
	case err != nil:
		return err
	case !q.open():
		return i.answered(q)
	}
	q.answer, q.by = in.Verb, by
	return nil
}

// answered says that a question is open no more, and what is instead.
func (i *incident) answered(q *question) error {
	text := "already decided: " + q.outcome()
	if open := i.Open(); len(open) > 0 {
		text += ". " + step.WaitingNow(open)
	}
	return errors.New(text)
}

// handleAnswers registers approve and deny for operators: the same rules hold as for a click.
func (i *incident) handleAnswers(ctx workflow.Context) error {
	calls := 0
	for _, verb := range []string{api.VerbApprove, api.VerbDeny} {
		validate := func(ctx workflow.Context, in api.Decision) error {
			switch {
			case i.Took(ctx):
				return nil
			case in.By == "" || in.Step == "" && in.Item == "":
				return fmt.Errorf("%s needs \"by\", an approver's e-mail address, and \"item\" or \"step\"", verb)
			case i.responses.meant(in) == nil:
				return fmt.Errorf("nothing of that name is waiting for %s here. %s", verb, step.WaitingNow(i.Open()))
			}
			return nil
		}
		handle := func(ctx workflow.Context, in api.Decision) (api.State, error) {
			if i.Took(ctx) {
				return i.State, nil
			}
			calls++
			i.strands.busy++
			defer func() { i.strands.busy-- }()
			in.Verb = verb
			err := i.answer(ctx, in, "", ":update:"+strconv.Itoa(calls))
			if err == nil {
				q := i.responses.meant(in)
				q.unverified = in.Proof == nil
				i.Keep(workflow.GetCurrentUpdateInfo(ctx).ID, q.item)
			}
			return i.State, err
		}
		err := workflow.SetUpdateHandlerWithOptions(ctx, verb, handle, workflow.UpdateHandlerOptions{
			Description: "Decide about a response. Send the item and, as by, the e-mail address of a listed approver.", Validator: validate,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
