package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/policy/policytest"
)

// TestAnotherFormKeepsWhatWasKept: an edit that stays and a value that was set aside stay what they are under another normal form.
func TestAnotherFormKeepsWhatWasKept(t *testing.T) {
	t.Parallel()
	forms := []string{"", ", normalise: lower", ", normalise: upper", ", normalise: trim", ", normalise: plain", ", normalise: phone, country: DE"}
	for _, was := range forms {
		for _, is := range forms {
			of := func(when, form string) string {
				return everySystem + "  title: {when: " + when + form + "}\n  last_name: {}\n"
			}
			c := inGoogle()
			c.engagement.Title = "Héad  Engineer"
			c.google().Document.Title, c.google().Document.LastName = "Héad  Engineer", "Byron"
			agreed := c.in(t, of("change", was), "google")[0].Agreed
			c.google().Values = agreed
			says("Chief of Fun")(c)
			require.Equal(t, "!system_drift", told(c.in(t, of("change", is), "google")), "%q, then %q", was, is)
			require.Equal(t, "write_profile(title=Héad  Engineer)", told(c.in(t, of("always", is), "google")), "%q, then %q", was, is)

			normal, form := policytest.Parse(t, of("always", was)).NormalForm("google", "title", "Chief of Fun")
			v := agreed["title"]
			v.Seen, v.Form = digestOf(normal), form
			c.google().Values["title"] = v
			require.Equal(t, "!system_value_not_kept", told(c.in(t, of("always", is), "google")), "%q, then %q", was, is)
		}
	}
}

// TestAStricterFormCountsWhatDidNotCount: what differed in capitals was neither refused nor edited back under a form to which these are alike.
func TestAStricterFormCountsWhatDidNotCount(t *testing.T) {
	t.Parallel()
	const lower = everySystem + "  title: {normalise: lower}\n  last_name: {}\n"
	c := inGoogle()
	c.google().Document.LastName = "Byron"
	says("ENGINEER")(c)
	c.google().Values = c.in(t, lower, "google")[0].Agreed
	require.Equal(t, "!system_drift", told(c.in(t, everySystem+"  title: {}\n  last_name: {}\n", "google")))
	require.Equal(t, "write_profile(title=Engineer)", told(c.in(t, everySystem+"  title: {when: always}\n  last_name: {}\n", "google")))
}
