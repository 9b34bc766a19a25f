package smtp

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"strings"

	"gatehouse/sandbox/letter"
)

// Mail is an e-mail as it was taken.
type Mail struct {
	// From and To are the envelope's.
	From, To string
	// ID is the Message-ID, and Arrivals how often an e-mail with it came.
	ID       string
	Arrivals int
	// Subject is decoded, and so are Text and HTML.
	Subject    string
	Header     mail.Header
	Text, HTML string
}

// once are the headers of which an e-mail has one. Source: RFC 5322, section 3.6.
var once = []string{"From", "To", "Date", "Message-Id", "Subject"}

// read takes an e-mail apart, and says what is wrong with it.
func read(from, to string, text []byte) (Mail, error) {
	m := Mail{From: from, To: to}
	parsed, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		return m, errors.New("no headers")
	}
	m.Header = parsed.Header
	for _, name := range once {
		if n := len(parsed.Header[name]); n != 1 {
			return m, fmt.Errorf("%d headers %s", n, name)
		}
	}
	for _, field := range []struct{ name, envelope string }{{"From", from}, {"To", to}} {
		list, err := parsed.Header.AddressList(field.name)
		if err != nil || len(list) != 1 || !strings.EqualFold(list[0].Address, field.envelope) {
			return m, errors.New("header " + field.name + " is not the envelope's")
		}
	}
	if _, err := parsed.Header.Date(); err != nil {
		return m, errors.New("no date")
	}
	m.ID = parsed.Header.Get("Message-Id")
	left, right, found := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(m.ID, "<"), ">"), "@")
	if !found || left == "" || right == "" || !strings.HasPrefix(m.ID, "<") || strings.ContainsAny(m.ID, " \t") {
		return m, errors.New("no Message-ID")
	}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		return m, errors.New("a subject that cannot be read")
	}
	var said letter.Texts
	err = said.Read(parsed.Header.Get("Content-Type"), "", parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body)
	m.Text, m.HTML = strings.ReplaceAll(said.Plain, "\r\n", "\n"), strings.ReplaceAll(said.HTML, "\r\n", "\n")
	return m, err
}
