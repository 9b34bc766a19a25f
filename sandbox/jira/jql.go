package jira

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query is the part of JQL that the sandbox understands: conditions joined by AND, and an order by created, key or id.
type query struct {
	conditions []condition
	ascending  bool
}

// condition holds where one of the values of a field is one of its own, or where none is.
type condition struct {
	field  string
	values []string
	// not turns it round, empty asks for a field that is not set, and part for a part of a text.
	not, empty, part bool
	// dates are the values where the field is one, and compare is how they are compared, "" if they are to be equal.
	dates   []time.Time
	compare string
}

// named lists the values of which a field has to have one, none if it may have others.
func (q *query) named(field string) []string {
	for _, c := range q.conditions {
		if c.field == field && !c.not && !c.empty {
			return c.values
		}
	}
	return nil
}

func (q *query) matches(i *Issue, p *Project) bool {
	for _, c := range q.conditions {
		if dateFields[c.field] != "" {
			if !c.dated(i) {
				return false
			}
			continue
		}
		values := i.values(c.field, p)
		// What has no value at all is not found as one that has another.
		if c.holds(values) == c.not || c.not && !c.empty && len(values) == 0 {
			return false
		}
	}
	return true
}

func (c condition) holds(values []string) bool {
	if c.empty {
		return len(values) == 0
	}
	for _, v := range values {
		for _, wanted := range c.values {
			if strings.EqualFold(v, wanted) || c.part && strings.Contains(strings.ToLower(v), strings.ToLower(strings.Trim(wanted, "*"))) {
				return true
			}
		}
	}
	return false
}

// fieldsOfJQL are the fields that a query may name.
var fieldsOfJQL = []string{
	"project", "labels", "status", "statuscategory", "key", "issuekey", "id", "assignee", "reporter", "issuetype", "type", "priority",
	"component", "resolution", "summary", "description", "text",
}

// values are the values of a field of an issue by which a query may name it.
func (i *Issue) values(field string, p *Project) []string {
	switch field {
	case "project":
		return []string{p.Key, p.ID, p.Name}
	case "labels":
		return i.Labels
	case "status", "statuscategory":
		return []string{i.Status}
	case "key", "issuekey", "id":
		return []string{i.Key, i.ID}
	case "issuetype", "type":
		return []string{i.Type, strconv.Itoa(firstType + slices.Index(issueTypes, i.Type))}
	case "component":
		return i.Components
	case "text":
		return []string{i.Summary, i.Description}
	}
	one := map[string]string{
		"assignee": i.Assignee, "reporter": i.Reporter, "priority": i.Priority, "resolution": i.Resolution, "summary": i.Summary, "description": i.Description,
	}[field]
	if one == "" {
		return nil
	}
	return []string{one}
}

// parseJQL reads a bounded query, or complains in Jira's words.
func parseJQL(jql string, now time.Time) (q *query, complaint string) {
	words, complaint := tokens(jql)
	if complaint != "" {
		return nil, complaint
	}
	q = &query{}
	for len(words) > 0 && !strings.EqualFold(words[0], "order") {
		c, rest, complaint := readCondition(words, now)
		if complaint != "" {
			return nil, complaint
		}
		q.conditions, words = append(q.conditions, c), rest
		if len(words) > 0 && strings.EqualFold(words[0], "and") {
			if words = words[1:]; len(words) == 0 {
				return nil, "Error in the JQL Query: Expecting either a field name or a function at the end of the query."
			}
		} else if len(words) > 0 && !strings.EqualFold(words[0], "order") {
			return nil, fmt.Sprintf("Error in the JQL Query: expecting 'AND' before '%s'.", words[0])
		}
	}
	// What only excludes is no restriction.
	if !slices.ContainsFunc(q.conditions, func(c condition) bool { return !c.not }) {
		return nil, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
	}
	return q, q.readOrder(words)
}

// readCondition reads a field, an operator and a value or a list of them in brackets.
func readCondition(words []string, now time.Time) (c condition, rest []string, complaint string) {
	c.field = strings.ToLower(words[0])
	date := dateFields[c.field]
	if date != "" {
		c.field = date
	} else if !slices.Contains(fieldsOfJQL, c.field) {
		return c, nil, fmt.Sprintf("Field '%s' does not exist or you do not have permission to view it.", words[0])
	}
	operator := func(text ...string) bool {
		for n, word := range text {
			if len(words) <= n+1 || !strings.EqualFold(words[n+1], word) {
				return false
			}
		}
		rest = words[1+len(text):]
		return true
	}
	// Of the fields that are no dates, Jira compares keys, ids and priorities too; here they have no order.
	unsupported := func(op string) (condition, []string, string) {
		return c, nil, fmt.Sprintf("The operator '%s' is not supported by the '%s' field.", op, words[0])
	}
	list := false
	switch {
	case len(words) > 1 && slices.Contains(comparisons, words[1]):
		if date == "" {
			return unsupported(words[1])
		}
		c.compare, rest = words[1], words[2:]
	case date != "" && operator("~"):
		return unsupported("~")
	case operator("="):
	case operator("~"):
		c.part = true
	case operator("!="):
		c.not = true
	case operator("in"):
		list = true
	case operator("not", "in"):
		c.not, list = true, true
	case operator("is", "not"):
		c.not, c.empty = true, true
	case operator("is"):
		c.empty = true
	default:
		return c, nil, fmt.Sprintf("Error in the JQL Query: expecting an operator near '%s'.", words[0])
	}
	if list {
		c.values, rest, complaint = readList(rest)
	} else {
		rest, complaint = c.readValue(rest, words[0], now)
	}
	if complaint == "" && date != "" && !c.empty {
		complaint = c.readDates(words[0], now)
	}
	return c, rest, complaint
}

// readValue reads the one value of a condition.
func (c *condition) readValue(rest []string, named string, now time.Time) (left []string, complaint string) {
	if len(rest) == 0 || rest[0] == "(" || c.empty && !strings.EqualFold(rest[0], "empty") && !strings.EqualFold(rest[0], "null") {
		return nil, fmt.Sprintf("Error in the JQL Query: expecting a value after '%s'.", named)
	}
	if len(rest) > 1 && rest[1] == "(" {
		return c.readFunction(rest, now)
	}
	c.values = rest[:1]
	return rest[1:], ""
}

// readList reads values in brackets with commas between them.
func readList(words []string) (values, rest []string, complaint string) {
	const expected = "Error in the JQL Query: expecting a list of values in brackets."
	if len(words) == 0 || words[0] != "(" {
		return nil, nil, expected
	}
	for n := 1; n+1 < len(words); n += 2 {
		values = append(values, words[n])
		switch words[n+1] {
		case ")":
			return values, words[n+2:], ""
		case ",":
		default:
			return nil, nil, expected
		}
	}
	return nil, nil, expected
}

// readOrder reads "ORDER BY created ASC".
func (q *query) readOrder(words []string) (complaint string) {
	if len(words) == 0 {
		return ""
	}
	if len(words) < 3 || len(words) > 4 || !strings.EqualFold(words[1], "by") ||
		!slices.Contains([]string{"created", "key", "id", "issuekey"}, strings.ToLower(words[2])) {
		return "Error in the JQL Query: the sandbox orders by created, key or id only."
	}
	q.ascending = len(words) == 3 && !strings.EqualFold(words[2], "created") || len(words) == 4 && strings.EqualFold(words[3], "asc")
	return ""
}

// tokens splits JQL into words, operators and quoted strings, in which a backslash escapes.
func tokens(jql string) (out []string, complaint string) {
	for i := 0; i < len(jql); {
		switch ch := jql[i]; {
		case ch == ' ' || ch == '\t' || ch == '\n':
			i++
		case strings.ContainsRune("=~(),", rune(ch)):
			out = append(out, string(ch))
			i++
		case strings.HasPrefix(jql[i:], "!="), strings.HasPrefix(jql[i:], ">="), strings.HasPrefix(jql[i:], "<="):
			out = append(out, jql[i:i+2])
			i += 2
		case ch == '<' || ch == '>':
			out = append(out, string(ch))
			i++
		case ch == '"' || ch == '\'':
			word, next := quoted(jql, i)
			if next < 0 {
				return nil, "Error in the JQL Query: The quoted string has not been completed."
			}
			out = append(out, word)
			i = next
		default:
			end := i
			for end < len(jql) && !strings.ContainsRune(" \t\n=!~<>(),\"'", rune(jql[end])) {
				end++
			}
			if end == i {
				return nil, fmt.Sprintf("Error in the JQL Query: The character '%s' is a reserved JQL character.", url.QueryEscape(string(ch)))
			}
			out = append(out, jql[i:end])
			i = end
		}
	}
	return out, ""
}

// quoted reads the string that starts at i and returns where it ends, negative if it does not.
func quoted(jql string, i int) (word string, next int) {
	var b strings.Builder
	quote := jql[i]
	for i++; i < len(jql); i++ {
		switch {
		case jql[i] == '\\' && i+1 < len(jql):
			i++
			b.WriteByte(jql[i])
		case jql[i] == quote:
			return b.String(), i + 1
		default:
			b.WriteByte(jql[i])
		}
	}
	return "", -1
}
