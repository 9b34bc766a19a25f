package ledger_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

// testFindPeople: an operator knows people by address and name, and the ledger by digests of them.
func testFindPeople(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: storetest.NewClock().Now, DigestKey: []byte("key")})
	record := func(source, id, work, personal, name string) {
		storetest.Admit(t, l, source, id, persons.Digests{WorkEmail: l.Digest(work), PersonalEmail: l.Digest(personal), Name: l.Digest(name)})
	}
	record("workday", "1", "ada@acme.example", "ada@home.example", "Ada Byron")
	record("workday", "2", "grace@acme.example", "shared@home.example", "Grace Hopper")
	record("bamboohr", "3", "", "shared@home.example", "Grace Hopper")
	record("bamboohr", "4", "", "", "Zoë Müller-Lüdenscheidt")
	require.NoError(t, l.People().Join(ctx, "bamboohr", "3", "workday-2", "it"))
	record("bamboohr", "5", "", "shared@home.example", "Ada Byron")
	_, err := l.People().ReserveUsername(ctx, "a.byron@acme.example", "workday-1")
	require.NoError(t, err)

	none := []ledger.Known(nil)
	for address, want := range map[string][]ledger.Known{
		"ada@acme.example":       {{Key: "workday-1", Sources: []string{"workday"}}},
		" ADA@Home.Example ":     {{Key: "workday-1", Sources: []string{"workday"}}},
		"a.byron@acme.example":   {{Key: "workday-1", Sources: []string{"account"}}},
		"shared@home.example":    {{Key: "bamboohr-5", Sources: []string{"bamboohr"}}, {Key: "workday-2", Sources: []string{"bamboohr", "workday"}}},
		"nobody@acme.example":    none,
		"":                       none,
		"%@acme.example":         none,
		"ada@acme.example' OR 1": none,
	} {
		got, err := l.FindByAddress(ctx, address)
		require.NoError(t, err)
		require.Equal(t, want, got, address)
	}
	for name, want := range map[string][]ledger.Known{
		"Ada Byron":               {{Key: "bamboohr-5", Sources: []string{"bamboohr"}}, {Key: "workday-1", Sources: []string{"workday"}}},
		"  grace   HOPPER ":       {{Key: "workday-2", Sources: []string{"bamboohr", "workday"}}},
		"ZOË MÜLLER-LÜDENSCHEIDT": {{Key: "bamboohr-4", Sources: []string{"bamboohr"}}},
		"Byron":                   none,
		"":                        none,
		"Ada Lovelace":            none,
	} {
		got, err := l.FindByName(ctx, name)
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}
