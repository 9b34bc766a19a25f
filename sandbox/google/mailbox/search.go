package mailbox

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mailTerm is one condition of a search: an operator, or words. Source: Google, "Refine searches in Gmail".
var mailTerm = regexp.MustCompile(`^(-?)(?:([a-z_0-9]+):)?(?:"([^"]*)"|\(([^()]*)\)|(\S+))\s*`)

// searchMail turns a query into a condition on letters of a mailbox. Terms have to hold all; OR and what stands in braces are
// not known here and are taken for words, as Gmail does with every operator that it does not know.
func searchMail(q, mailbox string, now time.Time) func(*Mail) bool {
	var all []func(*Mail) bool
	anywhere := false
	for q = strings.TrimSpace(q); q != ""; {
		m := mailTerm.FindStringSubmatch(q)
		if m == nil {
			break
		}
		q = q[len(m[0]):]
		value := strings.ToLower(m[3] + m[4] + m[5])
		anywhere = anywhere || m[2] == "in" && (value == "anywhere" || value == "trash")
		term := termOf(m[2], value, mailbox, now)
		if m[1] == "-" {
			wanted := term
			term = func(l *Mail) bool { return !wanted(l) }
		}
		all = append(all, term)
	}
	return func(l *Mail) bool {
		if !anywhere && l.labelled(mailbox, "TRASH") {
			return false
		}
		return !slices.ContainsFunc(all, func(term func(*Mail) bool) bool { return !term(l) })
	}
}

func (m *Mail) labelled(mailbox, label string) bool {
	return slices.ContainsFunc(m.labels[mailbox], func(l string) bool { return strings.EqualFold(l, label) })
}

func termOf(operator, value, mailbox string, now time.Time) func(*Mail) bool {
	within := func(text string) bool { return strings.Contains(strings.ToLower(text), value) }
	at := func(text string) time.Time {
		for _, form := range []string{"2006/01/02", "2006-01-02", "2006/1/2"} {
			if t, err := time.Parse(form, text); err == nil {
				return t
			}
		}
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}
		}
		return time.Unix(seconds, 0)
	}
	switch operator {
	case "from":
		return func(l *Mail) bool { return within(l.From) || within(l.Headers["From"]) }
	case "to":
		return func(l *Mail) bool { return within(strings.Join(l.To, " ")) }
	case "subject":
		return func(l *Mail) bool { return within(l.Subject) }
	case "rfc822msgid":
		return func(l *Mail) bool { return strings.EqualFold(l.messageID(), strings.Trim(value, "<>")) }
	case "in", "label", "is":
		if value == "anywhere" {
			return func(*Mail) bool { return true }
		}
		if operator == "in" && value == "drafts" {
			value = "draft"
		}
		if operator == "is" && value == "read" {
			return func(l *Mail) bool { return !l.labelled(mailbox, "UNREAD") }
		}
		return func(l *Mail) bool { return l.labelled(mailbox, value) }
	case "has":
		return func(*Mail) bool { return false } // Nothing here has an attachment.
	case "after", "newer":
		return func(l *Mail) bool { return !l.At.Before(at(value)) }
	case "before", "older":
		return func(l *Mail) bool { return l.At.Before(at(value)) }
	case "newer_than":
		return func(l *Mail) bool { return l.At.After(now.Add(-span(value))) }
	case "older_than":
		return func(l *Mail) bool { return l.At.Before(now.Add(-span(value))) }
	}
	return func(l *Mail) bool { return within(l.Subject + " " + l.Text + " " + l.HTML) }
}

// span reads 2d, 3m and 1y.
func span(text string) time.Duration {
	const day = 24 * time.Hour
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil {
		return 0
	}
	unit := map[byte]time.Duration{'h': time.Hour, 'd': day, 'm': 30 * day, 'y': 365 * day}[text[len(text)-1]]
	return time.Duration(n) * unit
}
