package step

import (
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// Heard is how long a template's run waits, its work done, for what is still being told. After that it goes on and
// takes along what it owes.
const Heard = time.Minute

// Word is a message or a ticket that is on its way beside the run's work.
type Word struct {
	api.Word
	Stop workflow.CancelFunc
	// Resting says that nothing of it is under way any more: it was stopped, or there is nothing left to do about it.
	// parked says that it was refused and waits for a decision, Refused that it was at any time.
	Resting, parked, Refused bool
	// Got is what delivering it came to.
	Got any
}

// Delivery is the step that delivers a word.
func Delivery(w api.Word) Step {
	s := Step{ID: w.Step, Summary: w.Summary}
	switch {
	case w.Ticket != nil:
		s.Activity = api.Call.JiraTicket(*w.Ticket, &api.Ticket{})
	case w.Conclude != nil:
		s.Activity = api.Call.JiraConclude(*w.Conclude, &api.Concluded{})
	case w.Letter != nil:
		s.Activity = api.Call.MFALetter(*w.Letter, &api.MFALettered{})
	case w.Track != nil:
		s.Activity = api.Call.MFATrack(*w.Track, &api.MFATracked{})
	case w.Page != nil:
		s.Activity = api.Call.PagerDutyEvent(*w.Page, &api.PagerSent{})
	default:
		s.Activity = api.Call.SlackPost(*w.Message, &api.Posted{})
	}
	return s
}

// DeliveryOptions are for the step that delivers a word. A whole sheet takes longer than anything else.
func DeliveryOptions(ctx workflow.Context, s Step) workflow.Context {
	if s.Activity.Name() == api.MFATrack {
		return SweepOptions(ctx, s)
	}
	return Options(ctx, s)
}

// reached reports that what was delivered has reached somebody.
func reached(delivered any) bool {
	switch d := delivered.(type) {
	case *api.Posted:
		return !d.Unreachable
	case *api.MFALettered:
		return d.Sent
	}
	return true
}

// Distinct prepares a word to be told beside others. The same word twice is one, for which fresh is false; another one of the
// same name gets a name of its own, because a run cannot have two steps of one name under way.
func Distinct(others []*Word, say api.Word) (w api.Word, fresh bool) {
	taken := func(id string) bool {
		return slices.ContainsFunc(others, func(w *Word) bool { return w.Step == id })
	}
	if slices.ContainsFunc(others, func(w *Word) bool { return once(w.Word) == once(say) }) {
		return say, false
	}
	for n, id := 2, say.Step; taken(say.Step); n++ {
		say.Step = id + ":" + strconv.Itoa(n)
	}
	return say, true
}

// once is what a word is not said twice under.
func once(w api.Word) string {
	switch {
	case w.Ticket != nil:
		return w.Ticket.OnceKey
	case w.Conclude != nil:
		return w.Conclude.OnceKey
	case w.Letter != nil:
		return w.Letter.OnceKey
	case w.Track != nil:
		return "track/" + strconv.FormatInt(w.Track.AccountID, 10)
	case w.Page != nil:
		return w.Page.OnceKey
	}
	return w.Message.OnceKey
}

// Unshared is what tells IT whom to give access to a spreadsheet by hand.
func Unshared(text string, readers []api.Unshared) *api.Message {
	m := &api.Message{Kind: api.MessageReviewUnshared, Text: text}
	for _, u := range readers {
		m.Lines = append(m.Lines, api.Line{Label: "Reader", Value: u.Address}, api.Line{Label: "Spreadsheet", Value: u.Link})
	}
	return m
}
