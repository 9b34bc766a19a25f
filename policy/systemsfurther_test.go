package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// TestWhatGatehouseGaveToAFurtherAccount goes when no rule gives it to the person any more, and nothing else does.
func TestWhatGatehouseGaveToAFurtherAccount(t *testing.T) {
	t.Parallel()
	const eng, sales, chess, bees = "eng@acme.example", "sales@acme.example", "chess@acme.example", "bees@acme.example"
	for name, tt := range map[string]struct {
		change func(*systemsCase, *identity.SystemAccount)
		want   string
	}{
		"it goes":       {want: "remove_groups(" + bees + ")"},
		"HR moved them": {change: func(c *systemsCase, _ *identity.SystemAccount) { c.moved = true }, want: "remove_groups(" + bees + ")"},
		"hidden":        {change: func(_ *systemsCase, a *identity.SystemAccount) { a.Groups = nil }},
		"closed":        {change: func(_ *systemsCase, a *identity.SystemAccount) { a.Document.Status = identity.AccountSuspended }},
		"disputed":      {change: func(_ *systemsCase, a *identity.SystemAccount) { a.Disputed = true }, want: "!system_disputed"},
		"shared":        {change: func(_ *systemsCase, a *identity.SystemAccount) { a.Kind = identity.KindShared }},
		"not read": {change: func(c *systemsCase, _ *identity.SystemAccount) {
			c.views["google"].ReadAt = systemsNow.Add(-72 * time.Hour)
		}},
		"an order holds": {change: func(c *systemsCase, _ *identity.SystemAccount) { ordered(identity.OrderHold)(c) }},
		"a field of the record is missing": {change: func(c *systemsCase, _ *identity.SystemAccount) {
			c.engagement.Missing = []string{"title"}
		}},
		"the first one is disputed": {
			change: func(c *systemsCase, _ *identity.SystemAccount) { c.google().Disputed = true }, want: "!system_disputed | remove_groups(" + bees + ")",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := inGoogle()
			second := *c.google()
			second.ID, second.Use, second.Container, second.Licences = "g8", identity.UseSecondary, "/", []string{"Starter", "Vault"}
			second.Groups = []string{eng, sales, chess, bees}
			second.Given = map[identity.SystemObjectKind][]string{identity.ObjectGroup: {eng, bees}, identity.ObjectLicence: {"Vault"}}
			if tt.change != nil {
				tt.change(c, &second)
			}
			c.views["google"].Accounts = append(c.views["google"].Accounts, second)
			require.Equal(t, tt.want, told(c.in(t, strings.TrimSuffix(everySystem, "attributes:\n"), "google")))
		})
	}
}
