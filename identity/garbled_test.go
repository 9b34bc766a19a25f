package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

func TestGarbled(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"M\uFFFDller", "MÃ¼ller", "JosÃ©", "NovÃ¡k", "Dvo\u00C5\u2122\u00C3\u00A1k", "Å\u0081ukasz", "Å\u0090ri", "ÐœÐ°Ñ€Ð¸Ñ", "ä½\u00A0å¥½", "â‚¬uro",
		"Oâ€™Brien", "\u0092Brien", "\uFEFFAnna", "A\x00n\x00n\x00a\x00", "M\u00FC\uFFFD", "Ä\u008C",
	} {
		require.True(t, identity.Garbled(text), "%q", text)
	}
	for _, text := range []string{
		"", "Anna", "Müller", "José", "Nuñez", "Dvořák", "Łukasz", "Марія", "你好", "O’Brien", "O'Brien", "Ångström", "ÅÄÖ", "São João", "Ærøskøbing", "Zoë",
		"ANDRÉ’S CAFÉ", "Þórður", "Đặng Thị", "Ñusta", "Îles", "Ελένη", "אבי", "राम", "Ãsa", "Â", "DÃO", "IRMÃ", "IRMÃ Á", "Hoffman-Reyes", "René–Marie", "“Sam” Â©",
		"Research & Development", "Köln (Süd)", "A\tB",
	} {
		require.False(t, identity.Garbled(text), "%q", text)
	}
}

func TestWithoutGarbled(t *testing.T) {
	t.Parallel()
	whole := identity.Record{FirstName: "Jürgen", LastName: "Müller", Department: "Köln"}
	require.Equal(t, whole, whole.WithoutGarbled())
	broken := identity.Record{FirstName: "JÃ¼rgen", LastName: "M\uFFFDller", Department: "Sales", EmployeeID: "21005"}
	require.Equal(t, identity.Record{Department: "Sales", EmployeeID: "21005", Garbled: []string{"first_name", "last_name"}}, broken.WithoutGarbled())
	require.Equal(t, "JÃ¼rgen", broken.FirstName)
}
