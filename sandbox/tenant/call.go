package tenant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Call is one request on its way through a vendor.
type Call struct {
	Request *http.Request
	// Path is the request's path below the vendor's prefix.
	Path string
	// Body is the whole request body.
	Body []byte
	// Route is nil until the path is known.
	Route *Route

	params []string
	query  url.Values
	form   url.Values
	entry  Entry
	// tooLarge says that the body was larger than the route takes, and was not kept.
	tooLarge bool
}

// Param returns the path segment that the route calls name.
func (c *Call) Param(name string) string {
	i := 0
	for _, seg := range c.Route.segments {
		if !strings.HasPrefix(seg, "{") {
			continue
		}
		if seg[1:len(seg)-1] == name {
			return c.params[i]
		}
		i++
	}
	return ""
}

// Query returns the parsed query string.
func (c *Call) Query() url.Values {
	if c.query == nil {
		c.query = c.Request.URL.Query()
	}
	return c.query
}

// Form returns the form fields of an application/x-www-form-urlencoded body; nil if the body is none.
func (c *Call) Form() url.Values {
	if c.form == nil && strings.HasPrefix(c.Request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if v, err := url.ParseQuery(string(c.Body)); err == nil {
			c.form = v
		}
	}
	return c.form
}

// JSON decodes the body into v and refuses unknown fields and trailing data.
func (c *Call) JSON(v any) error { return DecodeStrict(bytes.NewReader(c.Body), v) }

// Subject names what the call is about in the journal, such as "user:42".
func (c *Call) Subject(kind string, id any) { c.entry.Subject = fmt.Sprintf("%s:%v", kind, id) }

// Effect notes in the journal that the call changed state. Several effects of one call are joined by "; ".
func (c *Call) Effect(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	if text == "" {
		return
	}
	if c.entry.Effect != "" {
		text = c.entry.Effect + "; " + text
	}
	c.entry.Effect = text
}

// Client names the credential the call came with.
func (c *Call) Client(name string) { c.entry.Client = name }

// ClientName is the credential set by Client.
func (c *Call) ClientName() string { return c.entry.Client }

// Reply is what a handler answers. The zero Body is an empty body.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// With returns the reply with one more header.
func (r Reply) With(name, value string) Reply {
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(name, value)
	return r
}

// JSON is a reply with a JSON body. A value that cannot be encoded is a fault of the sandbox itself and becomes a 500
// that says so.
func JSON(status int, v any) Reply {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return Reply{Status: http.StatusInternalServerError, Body: []byte("sandbox: encode reply: " + err.Error())}
	}
	return Raw(status, "application/json; charset=utf-8", bytes.TrimRight(buf.Bytes(), "\n"))
}

// Raw is a reply with a body of the given type.
func Raw(status int, contentType string, body []byte) Reply {
	return Reply{Status: status, Header: http.Header{"Content-Type": {contentType}}, Body: body}
}

// Empty is a reply without a body.
func Empty(status int) Reply { return Reply{Status: status} }

// DecodeStrict reads exactly one JSON value into v; unknown fields and trailing data are errors.
func DecodeStrict(r io.Reader, v any) error {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("empty body")
		}
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("unexpected data after the JSON value")
	}
	return nil
}
