package notify

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
)

// maxField keeps a message well under the length at which Slack splits it in two.
const maxField = 300

// maxFields is how many characters all fields of a message have. Slack refuses one whose blocks have about 13,000 together.
// Source: slackapi/bolt-js issue 2509.
const maxFields = 12_000

// field is one labelled line of a message.
type field struct{ label, value string }

// Render writes a message. Our own words are the title and the text that phones show on a locked screen;
// everything that comes from HR goes into plain text, where it can neither ping a channel nor plant a link.
func (s *Slack) Render(in api.Message) (string, []slack.Block, error) {
	title, fields, err := say(in)
	if err != nil {
		return "", nil, err
	}
	asked, err := askedFields(in)
	if err != nil {
		return "", nil, err
	}
	text, err := notification(in, title)
	if err != nil {
		return "", nil, err
	}
	blocks := []slack.Block{
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, title, false, false), nil, nil),
	}
	if in.Instead {
		lines, err := frames.Lines("instead", frame{Instead: string(in.Audience), Key: in.Key})
		if err != nil {
			return "", nil, err
		}
		fields = append(fieldsOf(lines), slices.DeleteFunc(fields, func(f field) bool { return f.label == "Person" })...)
	}
	objects := listed(append(fields, asked...))
	for len(objects) > 0 {
		n := min(len(objects), 10)
		blocks = append(blocks, slack.NewSectionBlock(nil, objects[:n], nil))
		objects = objects[n:]
	}
	if len(in.Buttons) > 0 {
		blocks = append(blocks, buttons(in))
	}
	if _, ofItem := api.ButtonsOfItem(in.WorkflowID); in.WorkflowID != "" && !ofItem {
		blocks = append(blocks, slack.NewContextBlock("", slack.NewTextBlockObject(slack.MarkdownType, s.links(in), false, false)))
	}
	return slackutilsx.EscapeMessage(text), blocks, nil
}

// links lead to the run, and to the ticket and the page as far as there are any.
func (s *Slack) links(in api.Message) string {
	links := "<" + step.RunLink(s.UI, s.Namespace, in.WorkflowID) + "|Open the run>"
	if in.Ticket != "" && s.Tickets != "" {
		links += "  <" + strings.TrimSuffix(s.Tickets, "/") + "/browse/" + url.PathEscape(in.Ticket) + "|Open the ticket>"
	}
	// The address is PagerDuty's word, and plants nothing else.
	if page, err := url.Parse(in.Page); err == nil && page.Scheme == "https" && !strings.ContainsAny(in.Page, "<>|\n ") {
		links += "  <" + in.Page + "|Open the page>"
	}
	return links
}

// listed are the fields that have something to say, as far as a message has room for them.
func listed(fields []field) []*slack.TextBlockObject {
	fields = slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.value == "" })
	var objects []*slack.TextBlockObject
	left := maxFields
	for i, f := range fields {
		text := f.label + ": " + shorten(f.value)
		if left -= utf8.RuneCountInString(text); left < 0 {
			text = fmt.Sprintf("… (%d more lines)", len(fields)-i)
		}
		objects = append(objects, slack.NewTextBlockObject(slack.PlainTextType, text, false, false))
		if left < 0 {
			break
		}
	}
	return objects
}

func shorten(text string) string { return step.Shorten(text, maxField) }

// maxSteps is how many lines of steps a message shows.
const maxSteps = 20

// askedFields show what a decision would let happen, and how to give it.
func askedFields(in api.Message) ([]field, error) {
	if in.Asked == nil {
		return nil, nil
	}
	view := frame{Whose: step.WhoseRun(in.WorkflowID, in.Key)}
	for _, step := range in.Asked.Plan {
		view.Steps = append(view.Steps, wrap(step, maxField)...)
	}
	if view.More = max(0, len(view.Steps)-maxSteps); view.More > 0 {
		view.Steps = view.Steps[:maxSteps]
	}
	if len(in.Asked.Options) > 0 && len(in.Buttons) == 0 {
		var err error
		if view.Decide, err = decideCommand(in); err != nil {
			return nil, err
		}
	}
	lines, err := frames.Lines("asked", view)
	return fieldsOf(lines), err
}

// wrap breaks a line at its spaces, so that nothing of it has to be left out.
func wrap(line string, most int) []string {
	var lines []string
	for len([]rune(line)) > most {
		at := strings.LastIndex(string([]rune(line)[:most]), " ")
		if at <= 0 {
			break
		}
		lines, line = append(lines, line[:at]), line[at+1:]
	}
	return append(lines, line)
}
