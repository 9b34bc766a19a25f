package notify

import (
	"strings"
	"unicode"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
)

// maxNotification is how much of a message a phone shows before it cuts it off.
const maxNotification = 400

// notification is a message's text, which is all that a notification and a locked screen show: what it is about, at which
// step, and what to do, and not only the title that every message of its kind has. It names nobody: whom a message is about is
// a key. What goes to a person or their manager stays a title, because others may see their screen.
func notification(in api.Message, title string) (string, error) {
	switch in.Audience {
	case api.AudienceIT, api.AudienceSecurity, api.AudienceOwner:
	case api.AudienceManager, api.AudiencePerson:
		return title, nil
	}
	if in.Kind == api.MessageItem || in.Kind == api.MessageDigest {
		return framed("notification_item", frame{Text: cutOff(plainWords(in.Text), maxNotification), Step: in.Step})
	}
	view := frame{Title: title, Asked: in.Asked != nil}
	if isKey(in.Key) && !strings.Contains(title, in.Key) {
		view.Key = in.Key
	}
	if in.Asked == nil {
		return framed("notification", view)
	}
	if !strings.Contains(title, in.Asked.Step) {
		view.Step = in.Asked.Step
	}
	if len(in.Asked.Options) > 0 {
		var err error
		if view.Decide, err = decideCommand(in); err != nil {
			return "", err
		}
	}
	// What the run says gives way to everything else.
	rest, err := framed("notification", view)
	if err != nil {
		return "", err
	}
	view.Text = cutOff(plainWords(in.Text), maxNotification+len(". ")-len([]rune(rest)))
	return framed("notification", view)
}

// framed renders one line of what stands around a message.
func framed(name string, view frame) (string, error) {
	lines, err := frames.Lines(name, view)
	if err != nil {
		return "", err
	}
	return lines[0].String(), nil
}

// isKey reports that a text is a source and an employee id, and nothing that a reader could take for more.
func isKey(text string) bool {
	source, id, ok := strings.Cut(text, "-")
	return ok && source != "" && id != "" && plainWords(text) == text && !strings.ContainsRune(text, ' ')
}

// plainWords leaves letters, digits and harmless punctuation of a text. A notification's text has no plain form: what came from
// HR must not format it, nor look like a link.
func plainWords(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .,;-()\"'", r) {
			return r
		}
		return ' '
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// decideCommand is the command that answers a question of a run, with the reason that most answers need. It runs as it stands, and
// names the other answers behind it.
func decideCommand(in api.Message) (string, error) {
	return framed("decide", frame{
		Whose: step.WhoseRun(in.WorkflowID, in.Key), Item: in.Asked.Item, Verb: in.Asked.Options[0],
		OtherVerbs: strings.Join(in.Asked.Options[1:], ", "),
	})
}

// cutOff cuts a text off where there is no room for more.
func cutOff(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= max(0, most) {
		return text
	}
	return string(runes[:max(0, most-1)]) + "…"
}
