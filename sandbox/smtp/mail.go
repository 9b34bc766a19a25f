package smtp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
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
	return m, m.part(parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body)
}

// part reads a part of an e-mail, and the parts of it.
func (m *Mail) part(contentType, encoding string, body io.Reader) error {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return errors.New("no content type")
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, parameters["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return errors.New("parts that do not end")
			}
			if err := m.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return errors.New("a text that cannot be decoded")
	}
	switch kind {
	case "text/plain":
		m.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
	case "text/html":
		m.HTML = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	return nil
}
