package notify

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"gatehouse/activities/api"
	"gatehouse/activities/letters"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
)

// Mail says things by e-mail: what Slack would say, in plain text. Nothing in it can be pressed, because programs that look for malware
// follow every link: who is asked is told the command that answers.
type Mail struct {
	Letters letters.Sender
	Person  *people.Person
	// IT and Security are the addresses that stand for the channels.
	IT, Security string
	// UI is the base URL of the Temporal UI and Namespace where the runs are, for links.
	UI        string
	Namespace string
}

// Bounds of an e-mail. A subject longer than that is cut off by every program that shows it.
const (
	maxSubject   = 180
	maxMailValue = 2000
	maxMailLines = 200
)

// reader is somebody whom an e-mail may go to. Instead says that it is meant for somebody else.
type reader struct {
	address string
	instead bool
}

// Post sends an e-mail to one audience, once per OnceKey. Somebody without an address, or whose server refuses it for good, is replaced
// by whoever answers for the process, and the e-mail says so.
func (m *Mail) Post(ctx context.Context, in api.Message) (api.Posted, error) {
	readers, err := m.readers(ctx, in)
	if err != nil {
		return api.Posted{}, err
	}
	var refused error
	for i, r := range readers {
		if !letters.Deliverable(r.address) {
			continue
		}
		letter, err := m.Letter(in, r.instead)
		if err != nil {
			return api.Posted{}, err
		}
		letter.To, letter.OnceKey = r.address, in.OnceKey+"/mail"
		if i > 0 {
			letter.OnceKey += "/" + strconv.Itoa(i)
		}
		if _, err = m.Letters.Deliver(ctx, letter); err == nil {
			return api.Posted{Fallback: r.instead}, nil
		}
		if !letters.Refuses(err) {
			return api.Posted{}, err
		}
		refused = errors.Join(refused, err)
	}
	if in.Strict {
		return api.Posted{Unreachable: true}, nil
	}
	return api.Posted{}, refused
}

// readers are those whom an e-mail goes to, the first that has a mailbox.
func (m *Mail) readers(ctx context.Context, in api.Message) ([]reader, error) {
	var found []reader
	switch in.Audience {
	case api.AudienceIT:
		return []reader{{address: m.IT}}, nil
	case api.AudienceSecurity:
		return []reader{{address: m.Security}}, nil
	case api.AudienceManager, api.AudiencePerson:
		whom := in.ManagerKey
		if in.Audience == api.AudiencePerson {
			whom = in.Key
		}
		address, err := m.Person.EmailOf(ctx, whom)
		if err != nil {
			return nil, err
		}
		found = []reader{{address: address}, {address: in.Former}}
		if !in.Strict {
			found = append(found, reader{in.Owner, true})
		}
	case api.AudienceOwner:
		found = []reader{{address: in.Owner}}
	}
	if !in.Strict {
		found = append(found, reader{m.IT, true})
	}
	return found, nil
}

// Letter writes a message as an e-mail, without whom it is to and its key. Instead says that its reader is not who was meant.
func (m *Mail) Letter(in api.Message, instead bool) (letters.Letter, error) {
	in = answerable(in)
	title, fields, err := say(in)
	if err != nil {
		return letters.Letter{}, err
	}
	asked, err := askedFields(in)
	if err != nil {
		return letters.Letter{}, err
	}
	subject, err := subjectOf(in, title)
	if err != nil {
		return letters.Letter{}, err
	}
	view := frame{Title: inOneLine(title), Asked: in.Asked != nil && len(in.Asked.Options) > 0}
	if instead {
		view.Instead = string(in.Audience)
	}
	for _, f := range append(fields, asked...) {
		if f.value == "" {
			continue
		}
		if len(view.Fields) == maxMailLines {
			view.More++
			continue
		}
		view.Fields = append(view.Fields, api.Line{Label: f.label, Value: indented(step.Shorten(f.value, maxMailValue))})
	}
	if _, ofItem := api.ButtonsOfItem(in.WorkflowID); in.WorkflowID != "" && !ofItem {
		view.Link = step.RunLink(m.UI, m.Namespace, in.WorkflowID)
	}
	lines, err := frames.Lines("mail", view)
	if err != nil {
		return letters.Letter{}, err
	}
	letter := letters.Letter{Subject: subject, Plain: true, Paragraphs: []string{lines[0].String(), ""}}
	for i, l := range lines[1:] {
		if i > 0 {
			letter.Paragraphs[1] += "\n"
		}
		letter.Paragraphs[1] += l.String()
	}
	return letter, nil
}

// answerable is a message whose question is answered by a command instead of its buttons.
func answerable(in api.Message) api.Message {
	if in.Asked != nil && len(in.Asked.Options) == 0 && len(in.Buttons) > 0 {
		asked := *in.Asked
		for _, b := range in.Buttons {
			asked.Options = append(asked.Options, b.Action)
		}
		in.Asked = &asked
	}
	in.Buttons = nil
	return in
}

// subjectOf is an e-mail's subject: what it is about, at which step, and what to do. Like a notification it names nobody.
func subjectOf(in api.Message, title string) (string, error) {
	view := frame{Title: title}
	switch in.Audience {
	case api.AudienceIT, api.AudienceSecurity, api.AudienceOwner:
		if isKey(in.Key) && !strings.Contains(title, in.Key) {
			view.Key = in.Key
		}
		if in.Asked != nil && !strings.Contains(title, in.Asked.Step) {
			view.Step = in.Asked.Step
		}
		view.Asked = in.Asked != nil && len(in.Asked.Options) > 0
	case api.AudienceManager, api.AudiencePerson:
	}
	// What is to be done gives way to nothing: a title that is too long is cut before it.
	rest, err := framed("mail_subject", frame{Key: view.Key, Step: view.Step, Asked: view.Asked})
	if err != nil {
		return "", err
	}
	view.Title = cutOff(inOneLine(title), maxSubject-len([]rune(rest)))
	text, err := framed("mail_subject", view)
	return cutOff(inOneLine(text), maxSubject), err
}

// inOneLine is a text without what ends a line, and without what turns the order of its letters around.
func inOneLine(text string) string {
	return strings.Join(strings.Fields(shown(text)), " ")
}

// indented is a text whose further lines cannot be taken for lines of ours.
func indented(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
	for i := range lines {
		lines[i] = inOneLine(lines[i])
	}
	return strings.Join(lines, "\n    ")
}

// shown leaves out control characters and those that direct how a text is shown.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}
