package gsuite

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"net/mail"
	"net/url"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
)

// letterFile is written without style sheets, which mail programs take out. html/template escapes what comes from HR.
//
//go:embed layout/letter.html
var letterFile string

var letterHTML = template.Must(template.New("letter").Option("missingkey=error").Parse(letterFile))

// compose writes the e-mail as a MIME message: HTML, and the same as plain text beside it.
func (l Letter) compose(name, sender, marker string) ([]byte, error) {
	bad := func(what string) error {
		// The address itself is somebody's, and the value may be one: neither belongs in a history.
		return step.NonRetryable(api.ErrInvalid, "write an e-mail: "+what+"; correct it where it comes from")
	}
	to, err := mail.ParseAddress(l.To)
	if err != nil || !Deliverable(l.To) {
		return nil, refusedError{bad("the recipient's address is not one")}
	}
	if l.Link != "" {
		if u, err := url.Parse(l.Link); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, bad("the link is not an http or https URL")
		}
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat(inOneLine(name), sender); err != nil {
		return nil, bad("google.sender is not an address")
	}
	if err := m.To((&mail.Address{Address: to.Address}).String()); err != nil {
		return nil, refusedError{bad("the recipient's address is not one")}
	}
	m.Subject(inOneLine(l.Subject))
	m.SetGenHeader(keyHeader, marker)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, l.render())
	var html bytes.Buffer
	if err := letterHTML.Execute(&html, l.shown()); err != nil {
		return nil, fmt.Errorf("write an e-mail: %w", err)
	}
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
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
