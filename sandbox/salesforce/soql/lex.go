package soql

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Error is a query that cannot be read. Its text is what Salesforce says after the error's code.
type Error struct {
	Query string
	// At is the offset of what is wrong.
	At   int
	Text string
}

// Error shows the query around what is wrong, an arrow below it, and what it is.
func (e *Error) Error() string { return Quote(e.Query, e.At) + e.Text }

// Quote is how Salesforce points into a query.
func Quote(query string, at int) string {
	at = min(at, len(query))
	from, to := max(0, at-20), min(len(query), at+20)
	return fmt.Sprintf("\n%s\n%s^\nERROR at Row:1:Column:%d\n", query[from:to], strings.Repeat(" ", at-from), at+1)
}

type kind int

const (
	end kind = iota
	word
	text
	number
	instant
	mark
)

// token is a word of a query. value is a text without its quotes and escapes.
type token struct {
	kind  kind
	value string
	at    int
}

func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.value, keyword) }

func (t token) isMark(m string) bool { return t.kind == mark && t.value == m }

// shown is how an error names a token.
func (t token) shown() string {
	if t.kind == end {
		return "<EOF>"
	}
	return t.value
}

// pairs are the marks of two letters.
var pairs = []string{"<=", ">=", "!=", "<>"}

// lex cuts a query into tokens; the last has the kind end.
func lex(query string) ([]token, error) {
	var out []token
	for i := 0; i < len(query); {
		c := query[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			value, length, err := quoted(query, i)
			if err != nil {
				return nil, err
			}
			out = append(out, token{text, value, i})
			i += length
		case isDigit(c) || c == '-' && i+1 < len(query) && isDigit(query[i+1]):
			length := 1
			for i+length < len(query) && strings.ContainsRune("0123456789.-:+TZ", rune(query[i+length])) {
				length++
			}
			value := query[i : i+length]
			k := number
			if strings.ContainsAny(value, ":TZ") || strings.Count(value, "-") > 1 {
				k = instant
			}
			out = append(out, token{k, value, i})
			i += length
		case isLetter(rune(c)):
			length := 1
			for i+length < len(query) && (isLetter(rune(query[i+length])) || isDigit(query[i+length]) || query[i+length] == '.') {
				length++
			}
			out = append(out, token{word, query[i : i+length], i})
			i += length
		default:
			length := 1
			if i+1 < len(query) && slices.Contains(pairs, query[i:i+2]) {
				length = 2
			} else if !strings.ContainsRune("=<>(),", rune(c)) {
				return nil, &Error{query, i, fmt.Sprintf("line 1:%d no viable alternative at character '%s'", i, string(c))}
			}
			out = append(out, token{mark, query[i : i+length], i})
			i += length
		}
	}
	return append(out, token{kind: end, at: len(query)}), nil
}

// quoted reads a text in single quotes and returns it and how much of the query it takes.
// Source: SOQL and SOSL Reference, Quoted String Escape Sequences.
func quoted(query string, at int) (value string, length int, err error) {
	escapes := map[byte]string{'n': "\n", 'N': "\n", 'r': "\r", 'R': "\r", 't': "\t", 'T': "\t", 'b': "\b", 'B': "\b", 'f': "\f", 'F': "\f", '"': `"`, '\'': "'", '\\': `\`, '_': `\_`, '%': `\%`}
	var b strings.Builder
	for i := at + 1; i < len(query); i++ {
		switch query[i] {
		case '\'':
			return b.String(), i + 1 - at, nil
		case '\\':
			i++
			if i == len(query) || escapes[query[i]] == "" {
				return "", 0, &Error{query, i - 1, "Invalid string literal. Illegal character sequence in string literal."}
			}
			b.WriteString(escapes[query[i]])
		default:
			b.WriteByte(query[i])
		}
	}
	return "", 0, &Error{query, at, fmt.Sprintf("line 1:%d mismatched character '<EOF>' expecting '''", len(query))}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(r rune) bool { return r == '_' || r < unicode.MaxASCII && unicode.IsLetter(r) }
