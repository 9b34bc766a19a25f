package letters

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoDataBecomesHTML: an e-mail with hostile data has the same elements as one with harmless data.
func TestNoDataBecomesHTML(t *testing.T) {
	t.Parallel()
	write := func(text string) (html, plain string) {
		l := Letter{
			To: "ada@acme.example", Subject: text, Paragraphs: []string{text, text}, Table: [][]string{{text}, {text}}, Link: "https://acme.example/?a=1",
			LinkText: text,
		}
		raw, err := l.Compose(Envelope{Name: "Gatehouse", From: "it@acme.example", Marker: "marker"})
		require.NoError(t, err)
		require.NotContains(t, strings.ToLower(string(raw[:bytes.Index(raw, []byte("\r\n\r\n"))])), "\r\nbcc:")
		var out bytes.Buffer
		require.NoError(t, letterHTML.Execute(&out, l.shown()))
		return out.String(), l.render()
	}
	want, _ := write("harmless")
	for _, text := range []string{
		"<script>alert(1)</script>", "<img src=x onerror=y>", "</td></table><a href=\"https://evil.example\">x</a>", "<!channel> & `x`", "a\r\nBcc: all@acme.example",
		"{{.Link}}", strings.Repeat("very long ", 500), "\u202eevil", "%!s", `"onclick="x"`, "",
	} {
		html, plain := write(text)
		for _, mark := range []string{"<", ">", `"`} {
			require.Equal(t, strings.Count(want, mark), strings.Count(html, mark), "%q made %s", text, mark)
		}
		require.NotContains(t, html+plain, "<no value>")
	}
}

func TestDeliverable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"ada@acme.example": true, "": false, "ada": false, "ada@": false, "a@acme.example\r\nBcc: b@acme.example": false,
	} {
		require.Equal(t, want, Deliverable(address), address)
	}
}
