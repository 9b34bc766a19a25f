package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/sandbox/control"
	"gatehouse/test/golden"
)

// TestLettersSayWhatIsOnRecord compares every kind of e-mail with the recorded ones: those of a review and those of a grace period.
func TestLettersSayWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	reviewAt(api.ReviewMail)(r)
	r.must(api.ReviewMail, review)
	r.must(api.ReviewManagers, review)
	in := uncovered(r, "workday-21010")
	name := `<b>Ada</b> & "co"`
	_, err := r.vendors.OneLogin.UpdateUser(t.Context(), in.AccountID, onelogin.UserChange{Username: &name})
	require.NoError(t, err)
	for _, kind := range []api.MessageKind{api.MessageMFARemind, api.MessageMFARestricted, api.MessageMFALifted} {
		r.must(api.MFALetter, api.MFALetterInput{
			OnceKey: string(kind), Key: in.Key, AccountID: in.AccountID, Kind: kind, Text: "Please enrol: <now>.\nOpen `the page`.",
		})
	}
	var shown []string
	for _, m := range r.mails() {
		text := strings.ReplaceAll(letterText(m), r.sandbox.URL(), "http://sandbox")
		shown = append(shown, strings.ReplaceAll(text, "\r\n", "\n"))
	}
	slices.Sort(shown)
	golden.Equal(t, "letters.txt", strings.Join(shown, ""))
}

func letterText(m control.Mail) string {
	return fmt.Sprintf("== %s\nto %s\n%s\n-- html\n%s\n", m.Subject, strings.Join(m.To, ","), m.Text, m.HTML)
}
