package mailbox

import (
	"bytes"
	"encoding/base64"
	"mime"
	"net/http"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/letter"
	"gatehouse/sandbox/tenant"
)

// Mail is a letter, read by its parts.
type Mail struct {
	ID      string            `json:"id"`
	At      time.Time         `json:"at"`
	From    string            `json:"from"`
	To      []string          `json:"to"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Headers map[string]string `json:"headers"`

	owner, thread string
	raw           []byte
	// labels are those of each mailbox that the letter is in, by address.
	labels map[string][]string
}

// mailAddress is what Gmail takes for a recipient. It refuses what a mail parser may accept: a domain without a dot, letters that
// are not ASCII, a quoted local part, an address in brackets.
var mailAddress = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$`)

// message is a message in a request.
type message struct {
	ID       string   `json:"id"`
	Raw      string   `json:"raw"`
	ThreadID string   `json:"threadId"`
	LabelIDs []string `json:"labelIds"`
}

// read takes a message apart, which stands in the request or was uploaded beside it.
func (b *Mailboxes) read(c *tenant.Call, m message, content *wire.Media) (*Mail, *tenant.Reply) {
	bad := func(text string) (*Mail, *tenant.Reply) {
		r := wire.Failure(http.StatusBadRequest, "invalidArgument", text)
		return nil, &r
	}
	raw, err := []byte(nil), error(nil)
	switch {
	case content != nil && content.Kind != "message/rfc822":
		return bad("Media type '" + content.Kind + "' is not supported. Valid media types: [message/*]")
	case content != nil:
		raw = content.Data
	case m.Raw == "":
		return bad("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
	default:
		if raw, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(m.Raw, "=")); err != nil {
			return bad("Invalid value for ByteString: raw")
		}
	}
	if len(raw) > wire.MaxMail {
		return bad("Message too large")
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return bad("Invalid message")
	}
	out := &Mail{owner: c.ClientName(), raw: raw, Headers: map[string]string{}, From: c.ClientName(), thread: m.ThreadID}
	for _, name := range []string{"To", "Cc", "Bcc"} {
		if parsed.Header.Get(name) == "" {
			continue
		}
		list, err := parsed.Header.AddressList(name)
		if err != nil {
			return bad("Invalid " + name + " header")
		}
		for _, a := range list {
			if !mailAddress.MatchString(a.Address) {
				return bad("Invalid " + name + " header")
			}
			out.To = append(out.To, a.Address)
		}
	}
	words := new(mime.WordDecoder)
	for name := range parsed.Header {
		value, err := words.DecodeHeader(parsed.Header.Get(name))
		if err != nil {
			return bad("Invalid header " + name)
		}
		// Gmail gives messages an id of its own on this path.
		if name != "Message-Id" {
			out.Headers[name] = value
		}
	}
	out.Subject = out.Headers["Subject"]
	var said letter.Texts
	if err := said.Read(parsed.Header.Get("Content-Type"), "text/plain", parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body); err != nil {
		return bad("Invalid message body")
	}
	out.Text, out.HTML = said.Plain, said.HTML
	return out, nil
}

// messageID is the Message-ID that Gmail gave.
func (m *Mail) messageID() string { return "CA" + m.ID + "@mail.gmail.com" }

// view is a message as Gmail shows it in a format, in somebody's mailbox.
func (m *Mail) view(format, mailbox string, only []string) map[string]any {
	v := map[string]any{"id": m.ID, "threadId": m.thread}
	if format == "listed" {
		return v
	}
	if labels := m.labels[mailbox]; len(labels) > 0 {
		v["labelIds"] = labels
	}
	if format == "written" {
		return v
	}
	v["snippet"], v["internalDate"] = clipped(strings.Join(strings.Fields(m.Text), " "), 200), strconv.FormatInt(m.At.UnixMilli(), 10)
	v["sizeEstimate"], v["historyId"] = len(m.raw), strconv.FormatInt(m.At.UnixMilli(), 10)
	switch format {
	case "minimal":
		return v
	case "raw":
		v["raw"] = base64.URLEncoding.EncodeToString(m.raw)
		return v
	}
	headers := []map[string]string{}
	for name, value := range m.Headers {
		// Gmail keeps the spelling of headers; net/mail does not.
		headers = append(headers, map[string]string{"name": name, "value": value})
	}
	headers = append(headers, map[string]string{"name": "Message-ID", "value": "<" + m.messageID() + ">"})
	if format == "metadata" && len(only) > 0 {
		headers = slices.DeleteFunc(headers, func(h map[string]string) bool {
			return !slices.ContainsFunc(only, func(o string) bool { return strings.EqualFold(o, h["name"]) })
		})
	}
	slices.SortFunc(headers, func(a, b map[string]string) int { return strings.Compare(a["name"], b["name"]) })
	payload := map[string]any{"partId": "", "mimeType": "text/plain", "filename": "", "headers": headers}
	v["payload"] = payload
	if format == "metadata" {
		return v
	}
	part := func(id, kind, text string) map[string]any {
		return map[string]any{"partId": id, "mimeType": kind, "filename": "", "headers": []any{}, "body": map[string]any{
			"size": len(text), "data": base64.URLEncoding.EncodeToString([]byte(text)),
		}}
	}
	if m.HTML == "" {
		payload["body"] = part("", "", m.Text)["body"]
		return v
	}
	payload["mimeType"], payload["body"] = "multipart/alternative", map[string]any{"size": 0}
	payload["parts"] = []any{part("0", "text/plain", m.Text), part("1", "text/html", m.HTML)}
	return v
}

// clipped is the beginning of a text.
func clipped(text string, most int) string {
	runes := []rune(text)
	return string(runes[:min(most, len(runes))])
}
