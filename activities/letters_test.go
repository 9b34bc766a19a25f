package activities_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/letters"
	"gatehouse/sandbox/control"
)

func letter() letters.Letter {
	return letters.Letter{
		OnceKey: "mfa/workday-21002/1/remind", To: "ada@acme.example", Subject: "Please set up\r\nBcc: all@acme.example",
		Paragraphs: []string{"Hello Zoë,", `your account has <b>no</b> second factor.`},
		Table:      [][]string{{"Name", "Since"}, {"<script>alert(1)</script>", "März"}},
		Link:       "https://acme.onelogin.com/profile", LinkText: "Set it up",
	}
}

func TestLetterIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"google.gmail.create_draft", "google.gmail.send_draft"} {
		for how, fault := range lostReplies() {
			t.Run(op+"/"+how, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, rigOptions{})
				fault.Op = op
				r.fault(fault)
				deliver := func() error { _, err := r.vendors.Activities.Letters.Deliver(t.Context(), letter()); return err }
				require.Greater(t, r.persist(deliver), 1)
				require.NoError(t, deliver())
				r.restart()
				require.NoError(t, deliver())
				require.Equal(t, []string{"google.gmail.create_draft: draft created", "google.gmail.send_draft: mail sent to 1"}, r.effects(0))
				var left struct {
					Google struct{ Drafts int }
				}
				require.NoError(t, r.sandbox.State(t.Context(), &left))
				require.Zero(t, left.Google.Drafts)
			})
		}
	}
}

func TestLetterSaysWhatItShould(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	_, err := r.vendors.Activities.Letters.Deliver(t.Context(), letter())
	require.NoError(t, err)
	require.Len(t, r.mails(), 1)
	m := r.mails()[0]
	require.Equal(t, []string{"ada@acme.example"}, m.To)
	require.Equal(t, "it-security@acme.example", m.From)
	require.Equal(t, "Please set up Bcc: all@acme.example", m.Subject, "a line break starts no header")
	require.Empty(t, m.Headers["Bcc"])
	require.Len(t, m.Headers["X-Gatehouse-Key"], 20)
	require.NotContains(t, fmt.Sprint(m.Headers), "21002", "the marker says nothing")
	require.Contains(t, m.HTML, "&lt;b&gt;no&lt;/b&gt;")
	require.NotContains(t, m.HTML, "<script>")
	require.Contains(t, m.HTML, `<a href="https://acme.onelogin.com/profile">Set it up</a>`)
	require.Contains(t, m.Text, "Hello Zoë,")
	require.Contains(t, m.Text, "| März")
	require.Contains(t, m.Text, "Set it up: https://acme.onelogin.com/profile")

	for name, edit := range map[string]func(*letters.Letter){
		"address":    func(l *letters.Letter) { l.To = "nobody" },
		"two":        func(l *letters.Letter) { l.To = "a@acme.example, b@acme.example" },
		"link":       func(l *letters.Letter) { l.Link = "javascript:alert(1)" },
		"line break": func(l *letters.Letter) { l.To = "a@acme.example\r\nBcc: b@acme.example" },
	} {
		l := letter()
		l.OnceKey = name
		edit(&l)
		_, err := r.vendors.Activities.Letters.Deliver(t.Context(), l)
		require.True(t, application(t, err).NonRetryable(), name)
		require.NotContains(t, err.Error(), "acme.example", "addresses stay out of histories")
	}
	require.Len(t, r.mails(), 1)
}

func TestDeletedDraftIsWrittenAnew(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.fault(control.Fault{Op: "google.gmail.send_draft", When: "before", Style: "status", Status: 403})
	_, err := r.vendors.Activities.Letters.Deliver(t.Context(), letter())
	require.Equal(t, api.ErrUnauthorized, application(t, err).Type())
	// Somebody tidies the mailbox up: Google says that the draft is not there.
	r.fault(control.Fault{Op: "google.gmail.send_draft", When: "before", Style: "status", Status: 404})
	require.Equal(t, 2, r.persist(func() error { _, err := r.vendors.Activities.Letters.Deliver(t.Context(), letter()); return err }))
	require.Len(t, r.mails(), 1)
}
