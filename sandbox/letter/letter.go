// Package letter reads what an e-mail says, for the vendors that take e-mails.
package letter

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
)

// Texts are what an e-mail says, decoded.
type Texts struct{ Plain, HTML string }

// Read adds what a part of an e-mail says, and the parts of it. Usual is what a part is that does not say so; empty refuses such a part.
func (t *Texts) Read(contentType, usual, encoding string, body io.Reader) error {
	if contentType == "" {
		contentType = usual
	}
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
			if err := t.Read(p.Header.Get("Content-Type"), usual, p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
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
		t.Plain = string(text)
	case "text/html":
		t.HTML = string(text)
	}
	return nil
}
