package agents

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds a text of somebody else's in an answer, in characters.
const maxText = 200

// data makes a text of somebody else's safe to show: without control, format and private characters, which hide instructions from
// people and not from models, on one line, and not longer than maxText.
func data(text string) string {
	cleaned := strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector):
			return -1
		}
		return r
	}, text)
	cleaned = strings.Join(strings.Fields(cleaned), " ")
	if runes := []rune(cleaned); len(runes) > maxText {
		cleaned = string(runes[:maxText-1]) + "…"
	}
	return cleaned
}
