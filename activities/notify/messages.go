package notify

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/policy"
)

// maxField keeps a message well under the length at which Slack splits it in two.
const maxField = 300

// field is one labelled line of a message.
type field struct{ label, value string }

// Render writes a message. Our own words are the title and the text that phones show on a locked screen;
// everything that comes from HR goes into plain text, where it can neither ping a channel nor plant a link.
func (s *Slack) Render(in api.Message) (string, []slack.Block) {
	title, fields := words(in)
	fields = append(fields, askedFields(in)...)
	blocks := []slack.Block{
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, title, false, false), nil, nil),
	}
	var objects []*slack.TextBlockObject
	for _, f := range fields {
		if f.value == "" {
			continue
		}
		text := f.label + ": " + shorten(f.value)
		objects = append(objects, slack.NewTextBlockObject(slack.PlainTextType, text, false, false))
	}
	for len(objects) > 0 {
		n := min(len(objects), 10)
		blocks = append(blocks, slack.NewSectionBlock(nil, objects[:n], nil))
		objects = objects[n:]
	}
	if len(in.Buttons) > 0 {
		blocks = append(blocks, buttons(in))
	}
	if _, ofItem := api.ButtonsOfItem(in.WorkflowID); in.WorkflowID != "" && !ofItem {
		link := "<" + step.RunLink(s.UI, s.Namespace, in.WorkflowID) + "|Open the run>"
		blocks = append(blocks, slack.NewContextBlock("", slack.NewTextBlockObject(slack.MarkdownType, link, false, false)))
	}
	return slackutilsx.EscapeMessage(notification(in, title)), blocks
}

func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= maxField {
		return text
	}
	return string(runes[:maxField]) + "…"
}

// Title is what a message says first.
func Title(in api.Message) string {
	title, _ := words(in)
	return title
}

// words chooses title and fields. A message carries what its reader needs and no more: security learns that an
// account was closed and where to look, not who left and why.
// Long because each kind of message is one case.
func words(in api.Message) (string, []field) {
	person := []field{{"Person", in.Key}}
	account := accountFields(in.Account)
	switch in.Kind {
	case api.MessageJoinerIT:
		title := "Joiner: account prepared, opens on the first day"
		if in.Text == "active" {
			title = "Joiner: account is open and the invitation is sent"
		}
		if in.Person != nil && in.Person.Late {
			title += " (entered in HR after the first day)"
		}
		return title, append(append(joinerFields(in), account...), noticeFields(in.Notices)...)
	case api.MessageJoinerManager:
		title := "Your new team member's account is prepared"
		if in.Text == "active" {
			title = "Your new team member can sign in"
		}
		if in.ManagerKey == "" {
			title = "A joiner has no manager in HR: you are told as the fallback owner"
		}
		return title, joinerFields(in)
	case api.MessageJoinerUndone:
		return "Joiner: the hire was called off, the unused account is deleted", append(person, account...)
	case api.MessageLeaverSecurity:
		return "Leaver: sign-in has ended, access is being removed", append(append(person, account...), field{"Cause", cause(in.Text)})
	case api.MessageContainOverdue:
		return "OVERDUE: a leaver can still sign in. Suspend the account in OneLogin by hand and look at the run",
			append(person, account...)
	case api.MessageDepartureOverdue:
		return "OVERDUE: somebody who must have no access is not known to be out. If what holds it up cannot be mended now, suspend the account in OneLogin by hand",
			append(append(person, account...), field{"Held up by", in.Text})
	case api.MessageHoldOverdue:
		return "OVERDUE: people who must have no access are held by the safety budget, and nobody has decided", []field{{"What", in.Text}}
	case api.MessageLeaverDrift:
		fields := append(person, account...)
		if in.Text != "" {
			fields = append(fields, field{"What gave it", in.Text})
		}
		return "A leaver's access had come back and was taken away again. Look for a mapping or a person who gave it", fields
	case api.MessageLeaverByHand:
		return "Leaver: a second factor is left that no OneLogin API removes. Remove it by hand in OneLogin",
			append(append(person, account...), field{"What", in.Text})
	case api.MessageLeaverDoubt:
		return "Leaver: whose account is this? Somebody who has left may still be able to sign in", append(append(person, account...), field{"What", in.Text})
	case api.MessageLeaverDoubtPrivileged:
		return "URGENT: a privileged or protected account may be a leaver's and can still sign in", append(append(person, account...), field{"What", in.Text})
	case api.MessageCredentialOwner:
		return "Action needed: an API credential of OneLogin has to get another owner", append(account, field{"What", in.Text})
	case api.MessageLeaverOwner:
		return "Leaver: a service or shared account needs a new owner and a new secret", append(append(person, account...), field{"What", in.Text})
	case api.MessageMoverPerson:
		return "Your access has changed: it follows your position in HR", lineFields(in.Lines)
	case api.MessageMoverManager:
		title := "The access of somebody in your team has changed: it follows their position in HR"
		if in.ManagerKey == "" {
			title = "Somebody's access has changed, and HR names no manager: you are told as the fallback owner"
		}
		return title, append(person, lineFields(in.Lines)...)
	case api.MessageContractEnds:
		title := "A contract in your team ends soon, and HR has no extension"
		if in.ManagerKey == "" {
			title = "A contract ends soon, and HR has no extension and no manager: you are told as the fallback owner"
		}
		return title, append(append(person, lineFields(in.Lines)...), field{"What to do", in.Text})
	case api.MessageMoverIT:
		return "Mover: Action needed", append(append(person, account...), noticeFields(in.Notices)...)
	case api.MessageAttention:
		return "Needs a decision", append(person, field{"What", in.Text})
	case api.MessageItem, api.MessageDigest:
		return in.Text, append([]field{{"Next", in.Step}}, lineFields(in.Lines)...)
	case api.MessageMFARemind:
		return "Please enrol a second factor", mfaFields(in)
	case api.MessageMFARestricted:
		return "Your account is restricted until you enrol a second factor", mfaFields(in)
	case api.MessageMFALifted:
		return "Your second factor is enrolled", mfaFields(in)
	case api.MessageMFAEscalate:
		title := "Somebody in your team has no second factor"
		if in.ManagerKey == "" {
			title = "Somebody has no second factor: you are told as the one who answers for it"
		}
		return title, append(append(person, account...), mfaFields(in)...)
	case api.MessageReviewUnshared:
		fields := []field{{"What", in.Text}}
		for _, l := range in.Lines {
			fields = append(fields, field{l.Label, l.Value})
		}
		return "Action needed: give somebody access to the review's spreadsheet", fields
	case api.MessageIncident:
		return "Security incident: OneLogin events match a rule", append(person, field{"What", in.Text})
	case api.MessageApproval:
		return "A response to a security incident needs a second person's approval", append(person, field{"What", in.Text})
	case api.MessageRefused:
		return "Your decision was not taken", []field{{"Why", in.Text}}
	case api.MessageSyncQuarantine:
		return "HR report quarantined: what it cannot prove waits", []field{{"Why", in.Text}}
	case api.MessageSyncHeld:
		return "Held by the safety budget: nobody was touched", []field{{"What", in.Text}}
	case api.MessageSyncVanished:
		return "Records have disappeared from HR: nothing was changed for them", []field{{"What", in.Text}}
	case api.MessageSyncSetAside:
		return "HR records could not be read: the others went on", []field{{"What", in.Text}}
	}
	return string(in.Kind), append(person, field{"What", in.Text})
}

// mfaFields are what a person has to know and, after a line break, what to do.
func mfaFields(in api.Message) []field {
	what, how, _ := strings.Cut(in.Text, "\n")
	return []field{{"What", what}, {"What to do", how}}
}

func joinerFields(in api.Message) []field {
	fields := []field{{"Person", in.Key}}
	if in.Person == nil {
		return fields
	}
	rec := in.Person.Record
	return append(fields,
		field{"Name", strings.TrimSpace(cmp.Or(rec.PreferredName, rec.FirstName) + " " + rec.LastName)},
		field{"Department", rec.Department}, field{"Title", rec.Title}, field{"Location", rec.Location},
		field{"First day", string(rec.HireDate)}, field{"Roles", strings.Join(in.Roles, ", ")})
}

// unverified follows a name that somebody has given without showing that it is theirs.
const unverified = " (unverified)"

// cause is why somebody was contained. Who gave an order is only said.
func cause(text string) string {
	if strings.HasPrefix(text, "order ") && !strings.HasSuffix(text, " by "+people.ByGatehouse) {
		return text + unverified
	}
	return text
}

// maxSteps is how many lines of steps a message shows.
const maxSteps = 20

// askedFields show what a decision would let happen, and how to give it.
func askedFields(in api.Message) []field {
	if in.Asked == nil {
		return nil
	}
	var fields []field
	for _, step := range in.Asked.Plan {
		for _, line := range wrap(step, maxField) {
			fields = append(fields, field{"Step", line})
		}
	}
	if more := len(fields) - maxSteps; more > 0 {
		fields = append(fields[:maxSteps], field{"Step", strconv.Itoa(more) + " more lines: starter decide " + step.WhoseRun(in.WorkflowID, in.Key) + " shows all of them"})
	}
	if len(in.Asked.Options) > 0 && len(in.Buttons) == 0 {
		fields = append(fields, field{"Decide", decideCommand(in.WorkflowID, in.Key, in.Asked.Item, in.Asked.Options)})
	}
	return fields
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

func lineFields(lines []api.Line) []field {
	var fields []field
	for _, l := range lines {
		fields = append(fields, field{l.Label, l.Value})
	}
	return fields
}

func accountFields(a *identity.Account) []field {
	if a == nil || a.ID == 0 {
		return nil
	}
	return []field{{"OneLogin account", strconv.FormatInt(a.ID, 10)}, {"Username", a.Username}}
}

func noticeFields(notices []identity.Notice) []field {
	var fields []field
	for _, n := range notices {
		// Whose contract ends is the manager's business before it does.
		if n.Code != policy.NoticeContractEnds {
			fields = append(fields, field{"Action needed", n.Text})
		}
	}
	return fields
}
