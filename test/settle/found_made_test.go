package settle

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// TestAnAccountThatWasMadeLongAgo: what it was given first was never counted, however long after the making that came.
func TestAnAccountThatWasMadeLongAgo(t *testing.T) {
	const directory = "  ldap: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m"
	h := newHouse(t, directory, directory+", limits: {profile: {count: 1, percent: 0}, grant: {count: 1, percent: 0}}")
	var who []string
	for _, name := range []string{"Abel", "Bodo", "Cleo"} {
		who = append(who, h.hiresNina(control.Fields{
			"first_name": name, "last_name": "Quitt" + name, "department": "Marketing", "personal_email": strings.ToLower(name) + "@home.example",
		}))
	}
	for range 4 {
		h.days()
	}
	h.clock.advance(60 * 24 * time.Hour)
	h.days()
	phones := func() (n int) {
		for _, k := range who {
			entry, err := h.sandbox.LDAPEntry(t.Context(), h.inDirectory(k))
			require.NoError(t, err)
			n += len(entry["telephonenumber"])
		}
		return n
	}
	require.Zero(t, phones())
	for i, k := range who {
		h.hand("phone", h.inGoogle(k), "+49 30 77700"+string(rune('1'+i)))
	}
	had := len(h.membersOf("Finance"))
	h.repolicy(marketing, marketing+"      groups: {ldap: [Finance]}\n")
	h.pass()
	h.pass()
	require.LessOrEqual(t, phones(), 1)
	require.LessOrEqual(t, len(h.membersOf("Finance"))-had, 1)
}

// TestWhatIsKeptBackFromANewAccount: a user of Salesforce was made with HR's title, which the policy writes nowhere, or not there.
func TestWhatIsKeptBackFromANewAccount(t *testing.T) {
	const salesforce = "  salesforce: {mode: enforce, provisioned_by: gatehouse, keep_absent: 10m"
	for name, edits := range map[string][]string{
		"not written there":         {salesforce, salesforce + ", attributes: {title: {write: false}}"},
		"the expression gives none": {alwaysTitle, "  title: {from: 'person.title.startsWith(\"Secret\") ? \"\" : person.title', when: always}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, edits...)
			who := h.hires("today", "Secret Merger Lead")
			h.days()
			require.NotEmpty(t, h.inSalesforce(who))
			require.Empty(t, h.crmUser(h.inSalesforce(who)).Title)
		})
	}
}
