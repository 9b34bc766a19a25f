package ticket

import (
	"context"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
)

// Desk keeps tickets in Jira. Where there is none, a ticket is a message to IT, and an item that is open until somebody takes it.
type Desk struct {
	// Jira is nil where there is none.
	Jira   *Jira
	Ledger *ledger.Ledger
	// Post tells IT.
	Post func(context.Context, api.Message) (api.Posted, error)
}

// memo is how the keys of tickets begin that are messages.
const memo = "MEMO-"

// memoKey is what a ticket of a once-key is called that is a message.
func memoKey(once string) string { return memo + strings.ToUpper(step.Mark(once)[:8]) }

// EnsureTicket makes one ticket per OnceKey.
func (d *Desk) EnsureTicket(ctx context.Context, in api.TicketInput) (api.Ticket, error) {
	if d.Jira != nil {
		return d.Jira.EnsureTicket(ctx, in)
	}
	key := memoKey(in.OnceKey)
	summary, description, err := (&Jira{}).Wording(in)
	if err != nil {
		return api.Ticket{}, err
	}
	if err := d.tell(ctx, in.OnceKey, key, summary, in.WorkflowID, told(description)); err != nil {
		return api.Ticket{}, err
	}
	return api.Ticket{Key: key}, d.list(ctx, key)
}

// told are the lines of a ticket's text as a message has them. The message has a link of its own.
func told(description string) []api.Line {
	var lines []api.Line
	for line := range strings.Lines(description) {
		line = strings.TrimSpace(line)
		label, value, labelled := strings.Cut(line, ":")
		switch {
		case line == "" || line == "{noformat}" || strings.HasPrefix(value, "//"):
		case labelled:
			lines = append(lines, api.Line{Label: label, Value: strings.TrimSpace(value)})
		default:
			lines = append(lines, api.Line{Label: "What", Value: line})
		}
	}
	return lines
}

func (d *Desk) tell(ctx context.Context, once, key, text, run string, lines []api.Line) error {
	_, err := d.Post(ctx, api.Message{
		OnceKey: once + "/memo", Kind: api.MessageTicket, Audience: api.AudienceIT, Lines: lines, WorkflowID: run,
		Text: key + ": " + flat(text, maxTicketSummary) + "\n" + takeIt(key),
	})
	return err
}

// list raises the item of a ticket, unless it was: one that somebody has taken stays closed.
func (d *Desk) list(ctx context.Context, key string) error {
	id := worklist.ItemID(worklist.SystemTicket, worklist.ClassTicket, key)
	known, err := d.Ledger.Worklist().Items(ctx, worklist.ItemFilter{ID: id})
	if err != nil || len(known) > 0 {
		return err
	}
	return d.Ledger.Worklist().RaiseItem(ctx, worklist.Item{
		System: worklist.SystemTicket, Class: worklist.ClassTicket, Object: key, Severity: worklist.SeverityInfo, Owner: "it",
		Text: "Ticket " + key + " went to IT as a message, because no Jira is configured, and nobody has taken it.",
		Next: "do what the message says. " + takeIt(key),
	})
}

// takeIt is how somebody says that a ticket is theirs.
func takeIt(key string) string {
	return "Say that you see to it: starter attention take " + worklist.ItemID(worklist.SystemTicket, worklist.ClassTicket, key)
}

// Comment adds one comment per OnceKey.
func (d *Desk) Comment(ctx context.Context, in api.CommentInput) (api.Commented, error) {
	if !d.byMessage(in.Ticket) {
		return d.Jira.Comment(ctx, in)
	}
	some, more := lines(in.Lines)
	text, err := texts.Text("comment", view{Lines: some, More: more})
	if err != nil {
		return api.Commented{}, err
	}
	return api.Commented{ID: step.Mark(in.OnceKey)}, d.tell(ctx, in.OnceKey, in.Ticket, "news", "", told(text))
}

// Transition brings a ticket into a status. A message has none: its item goes when the work is done.
func (d *Desk) Transition(ctx context.Context, in api.TransitionInput) (api.Transitioned, error) {
	if !d.byMessage(in.Ticket) {
		return d.Jira.Transition(ctx, in)
	}
	if in.Status != "" {
		return api.Transitioned{Status: in.Status}, nil
	}
	return api.Transitioned{Status: "Done", Changed: true}, d.Ledger.Worklist().ClearItem(ctx, worklist.SystemTicket, worklist.ClassTicket, in.Ticket)
}

// Conclude adds a comment and, if that is asked for, has the ticket done.
func (d *Desk) Conclude(ctx context.Context, in api.ConcludeInput) (api.Concluded, error) {
	if d.Jira != nil && (in.Of != "" || !d.byMessage(in.Ticket)) {
		return d.Jira.Conclude(ctx, in)
	}
	if in.Of != "" {
		in.Ticket = memoKey(in.Of)
	}
	if _, err := d.Comment(ctx, in.CommentInput); err != nil || !in.Close {
		return api.Concluded{}, err
	}
	moved, err := d.Transition(ctx, api.TransitionInput{Ticket: in.Ticket})
	return api.Concluded{Status: moved.Status}, err
}

// byMessage reports that a ticket is a message, or one of a Jira that is not configured any more.
func (d *Desk) byMessage(ticket string) bool { return d.Jira == nil || strings.HasPrefix(ticket, memo) }
