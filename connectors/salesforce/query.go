package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The beginnings of ids. Source: help.salesforce.com, standard key prefixes.
const (
	prefixUser          = "005"
	prefixProfile       = "00e"
	prefixPermissionSet = "0PS"
)

// isID reports that a text is an id of the kind that begins with prefix, in its long form: the short one is another text for
// the same record.
func isID(text, prefix string) bool {
	if len(text) != 18 || !strings.HasPrefix(text, prefix) {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// quoted writes a text as SOQL does. Source: SOQL and SOSL Reference, Quoted String Escape Sequences.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text) + "'"
}

func quotedList(texts []string) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = quoted(text)
	}
	return "(" + strings.Join(out, ",") + ")"
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// answer is a page of a query's answer.
type answer struct {
	Total   *int              `json:"totalSize"`
	Done    bool              `json:"done"`
	Next    string            `json:"nextRecordsUrl"`
	Records []json.RawMessage `json:"records"`
}

// query asks for the first page of a query's answer.
func (c *Client) query(ctx context.Context, op, soql string, batch int) (answer, error) {
	var a answer
	r := request{op: op, method: http.MethodGet, path: []string{"query"}, query: url.Values{"q": {soql}}, batch: batch}
	if _, err := c.call(ctx, r, &a); err != nil {
		return answer{}, sight(err)
	}
	if a.Total == nil || *a.Total < len(a.Records) {
		return answer{}, malformed(op, "the reply does not say how many records there are")
	}
	return a, nil
}

// count asks how many records a query has.
func (c *Client) count(ctx context.Context, op, from string) (int, error) {
	a, err := c.query(ctx, op, "SELECT COUNT() FROM "+from, 0)
	if err != nil {
		return 0, err
	}
	return *a.Total, nil
}

// all asks for a query's answer to its end. Every record has to come, and each once: pages that come twice or are missing are an
// error, because what is not there would be taken for gone.
func all[T any](ctx context.Context, c *Client, op, soql string, id func(T) string) ([]T, error) {
	a, err := c.query(ctx, op, soql, 0)
	if err != nil {
		return nil, err
	}
	total := *a.Total
	var out []T
	seen := map[string]bool{}
	for {
		for _, raw := range a.Records {
			var one T
			if err := json.Unmarshal(raw, &one); err != nil {
				return nil, malformed(op, "a record is not of the form that it has to have")
			}
			if id(one) == "" || seen[id(one)] {
				return nil, malformed(op, "a record has no id, or comes twice")
			}
			seen[id(one)] = true
			out = append(out, one)
		}
		if a.Done || a.Next == "" || len(out) > total {
			break
		}
		before := a.Next
		if a, err = c.more(ctx, op, a.Next); err != nil {
			return nil, err
		}
		if a.Next == before {
			return nil, malformed(op, "a page leads to itself")
		}
	}
	if len(out) != total {
		return nil, malformed(op, fmt.Sprintf("the answer says it has %d records and has %d", total, len(out)))
	}
	return out, nil
}

// more asks for a further page. Its address is a path on the same host, of which only the last part counts.
func (c *Client) more(ctx context.Context, op, next string) (answer, error) {
	locator, ok := strings.CutPrefix(next, "/services/data/"+c.version+"/query/")
	if !ok || locator == "" || strings.ContainsAny(locator, "/?#") {
		return answer{}, malformed(op, "the next page is not where it has to be")
	}
	var a answer
	_, err := c.call(ctx, request{op: op, method: http.MethodGet, path: []string{"query", locator}}, &a)
	return a, err
}
