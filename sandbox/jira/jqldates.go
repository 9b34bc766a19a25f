package jira

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dateFields are the fields of a query that are moments or days, with their other names.
var dateFields = map[string]string{
	"created": "created", "createddate": "created", "updated": "updated", "updateddate": "updated", "due": "due", "duedate": "due",
}

// comparisons are the operators that dates have beside =, !=, in and is.
var comparisons = []string{">", ">=", "<", "<="}

// date is a date of an issue, if it has that one.
func (i *Issue) date(field string) (at time.Time, has bool) {
	switch field {
	case "created":
		return i.Created, true
	case "updated":
		return i.Updated, true
	}
	at, err := time.Parse(time.DateOnly, i.DueDate)
	return at, err == nil
}

// dated reports whether the date of an issue is as the condition says.
func (c condition) dated(i *Issue) bool {
	at, has := i.date(c.field)
	if c.empty || !has {
		return c.empty && has == c.not
	}
	found := slices.ContainsFunc(c.dates, func(wanted time.Time) bool {
		switch order := at.Compare(wanted); c.compare {
		case ">":
			return order > 0
		case ">=":
			return order >= 0
		case "<":
			return order < 0
		case "<=":
			return order <= 0
		default:
			return order == 0
		}
	})
	return found != c.not
}

// readDates reads the values of a condition as dates. The site's time zone is UTC, and a day without a time is its midnight.
func (c *condition) readDates(named string, now time.Time) (complaint string) {
	for _, text := range c.values {
		at, ok := jqlDate(text, now)
		if !ok {
			return fmt.Sprintf("Date value '%s' for field '%s' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', "+
				"'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.", text, named)
		}
		c.dates = append(c.dates, c.on(at))
	}
	return ""
}

// on is a time as the field has it: what is due is so on a day.
func (c *condition) on(at time.Time) time.Time {
	if c.field == "due" {
		return at.Truncate(24 * time.Hour)
	}
	return at
}

// period is a time relative to now: weeks, days, hours and minutes, of which the sign is that of all.
var period = regexp.MustCompile(`^[+-]?\d{1,6}[wdhm]( ?\d{1,6}[wdhm])*$`)

func jqlDate(text string, now time.Time) (time.Time, bool) {
	if !period.MatchString(text) {
		for _, layout := range []string{"2006/1/2 15:04", "2006-1-2 15:04", "2006/1/2", "2006-1-2"} {
			if at, err := time.Parse(layout, text); err == nil {
				return at, true
			}
		}
		return time.Time{}, false
	}
	units := map[byte]time.Duration{'w': 7 * 24 * time.Hour, 'd': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute}
	var far time.Duration
	rest := strings.TrimLeft(text, "+-")
	for rest != "" {
		end := strings.IndexAny(rest, "wdhm")
		n, err := strconv.Atoi(strings.TrimSpace(rest[:end]))
		if err != nil || n > 10_000 {
			return time.Time{}, false // Further than any issue is old, and than a duration reaches.
		}
		far += time.Duration(n) * units[rest[end]]
		rest = rest[end+1:]
	}
	if text[0] == '-' {
		far = -far
	}
	return now.Add(far), true
}

// readFunction reads "now()" in the place of a value of a date. Its complaint is Jira's about a function that there is not.
func (c *condition) readFunction(words []string, now time.Time) (rest []string, complaint string) {
	if len(words) < 3 || words[2] != ")" || !strings.EqualFold(words[0], "now") || dateFields[c.field] == "" {
		return nil, fmt.Sprintf("Unable to find JQL function '%s()'.", words[0])
	}
	c.dates = []time.Time{c.on(now)}
	return words[3:], ""
}
