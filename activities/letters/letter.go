package letters

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"net/mail"
	"net/url"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
)

// letterFile is written without style sheets, which mail programs take out. html/template escapes what comes from HR.
//
//go:embed layout/letter.html
var letterFile string

var letterHTML = template.Must(template.New("letter").Option("missingkey=error").Parse(letterFile))

// KeyHeader carries the opaque marker of an e-mail. Gmail replaces a Message-ID of ours, and keeps this.
const KeyHeader = "X-Gatehouse-Key"

// Letter is one mail to one person, sent once per OnceKey. All of it is text; nothing in it is ever markup.
type Letter struct {
	OnceKey string
	// To is an address, Subject one line.
	To, Subject string
	Paragraphs  []string
	// Table stands below the paragraphs; its first row is the header.
	Table [][]string
	// Link is an http or https URL, LinkText what stands on it.
	Link, LinkText string
	// Plain leaves out the form with markup: what is only said needs none.
	Plain bool
}

// Envelope is what an e-mail is sent with.
type Envelope struct {
	// Name stands beside From, the sender's address.
	Name, From string
	// Marker is opaque, and the same at each try.
	Marker string
	// ID is the Message-ID, empty where whoever sends it makes one. Date is of now where it is zero.
	ID   string
	Date time.Time
}

// Compose writes the e-mail as a MIME message: HTML, and the same as plain text beside it.
func (l Letter) Compose(e Envelope) ([]byte, error) {
	bad := func(what string) error {
		// The address itself is somebody's, and the value may be one: neither belongs in a history.
		return step.NonRetryable(api.ErrInvalid, "write an e-mail: "+what+"; correct it where it comes from")
	}
	if !Deliverable(l.To) {
		return nil, refusedError{bad("the recipient's address is not one")}
	}
	if l.Link != "" {
		if u, err := url.Parse(l.Link); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, bad("the link is not an http or https URL")
		}
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat(inOneLine(e.Name), e.From); err != nil {
		return nil, bad("the sender's address (mail.smtp.from, google.sender) is not one")
	}
	if err := m.To((&mail.Address{Address: address(l.To)}).String()); err != nil {
		return nil, refusedError{bad("the recipient's address is not one")}
	}
	m.Subject(inOneLine(l.Subject))
	m.SetGenHeader(KeyHeader, e.Marker)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if e.ID != "" {
		m.SetMessageIDWithValue(e.ID)
	}
	if !e.Date.IsZero() {
		m.SetDateWithValue(e.Date)
	}
	m.SetBodyString(gomail.TypeTextPlain, l.render())
	if !l.Plain {
		var html bytes.Buffer
		if err := letterHTML.Execute(&html, l.shown()); err != nil {
			return nil, fmt.Errorf("write an e-mail: %w", err)
		}
		m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	}
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write an e-mail: %w", err)
	}
	return out.Bytes(), nil
}

// shownLetter is what the HTML of an e-mail shows.
type shownLetter struct {
	Letter
	Head []string
	Rows [][]string
}

func (l Letter) shown() shownLetter {
	out := shownLetter{Letter: l}
	if len(l.Table) > 1 {
		out.Head, out.Rows = l.Table[0], l.Table[1:]
	}
	out.LinkText = cmp.Or(l.LinkText, l.Link)
	return out
}

// Deliverable reports whether an e-mail can be addressed to somebody.
func Deliverable(to string) bool {
	_, err := mail.ParseAddress(to)
	return err == nil && !strings.ContainsAny(to, "\r\n")
}

// render is the e-mail for programs that show no HTML.
func (l Letter) render() string {
	var b strings.Builder
	for _, p := range l.Paragraphs {
		b.WriteString(p + "\n\n")
	}
	if len(l.Table) > 1 {
		for _, row := range l.Table {
			line := make([]string, 0, len(row))
			for _, cell := range row {
				line = append(line, inOneLine(cell))
			}
			b.WriteString(strings.Join(line, " | ") + "\n")
		}
		b.WriteString("\n")
	}
	if l.Link != "" {
		if l.LinkText != "" {
			b.WriteString(l.LinkText + ": ")
		}
		b.WriteString(l.Link + "\n")
	}
	return b.String()
}

// address is the bare address of a recipient, "" if it is none.
func address(to string) string {
	parsed, err := mail.ParseAddress(to)
	if err != nil {
		return ""
	}
	return parsed.Address
}

// inOneLine keeps a value from starting another line or header.
func inOneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
}
