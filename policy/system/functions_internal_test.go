package system

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

func TestPhoneNumbersOfOneLineAreEqual(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		country, want string
		written       []string
	}{
		{"DE", "+49301234", []string{"030 1234", "+49 30 1234", "0049-30-1234", "+49 (0)30 / 12 34", "(030) 12.34"}},
		{"US", "+15551234567", []string{"(555) 123-4567", "1 555 123 4567", "+1.555.123.4567"}},
		{"IT", "+390612345", []string{"06 12345", "+39 06 12345"}},
		{"HU", "+3611234567", []string{"06 1 123 4567", "+36 1 123 4567"}},
		{"", "0301234", []string{"030 1234"}},
		{"DE", "030 1234 ext. 5", []string{"030 1234 ext. 5", " 030 1234 ext. 5 "}},
		{"DE", "", []string{"", "  "}},
		{"DE", "-", []string{"-"}},
	} {
		for _, written := range tt.written {
			require.Equal(t, tt.want, phoneNumber(written, tt.country), "%q in %s", written, tt.country)
		}
	}
}

func TestNormalForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, normalise, value, want string }{
		{title, "", " Chef ", " Chef "},
		{title, normalTrim, " Chef  de cuisine ", "Chef de cuisine"},
		{title, normalLower, " ÄRZTIN ", "ärztin"},
		{title, normalUpper, "ärztin", "ÄRZTIN"},
		{title, normalPlain, "Ärztin  für Ø", "arztin fur o"},
		{title, normalPlain, "Мария", "мария"},
		{email, "", "Ada@Acme.Example", "ada@acme.example"},
	} {
		require.Equal(t, tt.want, attribute{name: tt.name, normalise: tt.normalise}.normal(tt.value))
	}
	require.Equal(t, "Strasse Aegir", plainText("Straße Ægir"))
}

func TestHowOldAReadingMayBe(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := System{MaxAge: time.Hour}
	require.False(t, s.Fresh(identity.SystemView{}, now))
	require.True(t, s.Fresh(identity.SystemView{ReadAt: now.Add(-time.Hour)}, now))
	require.False(t, s.Fresh(identity.SystemView{ReadAt: now.Add(-time.Hour - 1)}, now))
}
