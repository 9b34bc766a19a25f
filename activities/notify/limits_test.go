package notify_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/notify"
)

// TestManyLinesFitAMessage: Slack refuses a message whose blocks are too long. What is left out is counted.
func TestManyLinesFitAMessage(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233/", Namespace: "default"}
	m := api.Message{Kind: api.MessageReviewUnshared, Audience: api.AudienceIT, Text: strings.Repeat("x", 500)}
	for range 200 {
		m.Lines = append(m.Lines, api.Line{Label: "Reader", Value: strings.Repeat("r", 100)})
	}
	_, blocks, err := s.Render(m)
	require.NoError(t, err)
	require.LessOrEqual(t, len(blocks), 50)
	total, texts := 0, textsOf(t, blocks)
	for _, text := range texts {
		total += utf8.RuneCountInString(text)
	}
	require.LessOrEqual(t, total, 13_000)
	all := strings.Join(texts, "\n")
	require.Regexp(t, `… \(\d+ more lines\)`, all)
	require.Contains(t, all, "… (232 more characters)")
}

// TestReadersAreToldOfAsTheyAre: where every reader was refused, nobody else has the spreadsheet.
func TestReadersAreToldOfAsTheyAre(t *testing.T) {
	t.Parallel()
	s := &notify.Slack{UI: "http://127.0.0.1:8233/", Namespace: "default"}
	_, blocks, err := s.Render(api.Message{
		Kind: api.MessageReviewUnshared, Audience: api.AudienceIT,
		Text: "Google refuses to share the spreadsheet of access review 2026-11 with these readers. Everybody else has it. Give them access by hand.",
	})
	require.NoError(t, err)
	all := strings.Join(textsOf(t, blocks), "\n")
	require.NotContains(t, all, "Everybody else")
	require.Contains(t, all, "with these readers. Readers who are not listed here have it. Give them")
}
