package google

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
)

// errQuery is a search that Drive does not understand.
var errQuery = errors.New("Invalid Value")

// A search is terms joined by and, or, not and parentheses. Source: Google, "Search query terms and operators".
type query struct {
	rest, caller string
}

// matcher says whether a file is found.
type matcher func(f *file) bool

// search turns a query into a condition.
func search(text, caller string) (matcher, error) {
	q := &query{rest: text, caller: caller}
	if q.blank(); q.rest == "" {
		return func(*file) bool { return true }, nil
	}
	m, err := q.either()
	if err == nil && q.rest != "" {
		err = errQuery
	}
	return m, err
}

func (q *query) blank() { q.rest = strings.TrimLeft(q.rest, " \t\n") }

// word takes a keyword, if it comes next.
func (q *query) word(w string) bool {
	rest, found := strings.CutPrefix(q.rest, w)
	if found = found && (rest == "" || strings.ContainsAny(rest[:1], " ('")); found {
		q.rest = rest
		q.blank()
	}
	return found
}

func (q *query) either() (matcher, error) {
	left, err := q.both()
	for err == nil && q.word("or") {
		var right matcher
		one := left
		right, err = q.both()
		left = func(f *file) bool { return one(f) || right(f) }
	}
	return left, err
}

func (q *query) both() (matcher, error) {
	left, err := q.one()
	for err == nil && q.word("and") {
		var right matcher
		one := left
		right, err = q.one()
		left = func(f *file) bool { return one(f) && right(f) }
	}
	return left, err
}

func (q *query) one() (matcher, error) {
	if q.word("not") {
		m, err := q.one()
		return func(f *file) bool { return !m(f) }, err
	}
	if rest, ok := strings.CutPrefix(q.rest, "("); ok {
		q.rest = rest
		q.blank()
		m, err := q.either()
		if rest, ok = strings.CutPrefix(q.rest, ")"); err != nil || !ok {
			return nil, errQuery
		}
		q.rest = rest
		q.blank()
		return m, nil
	}
	return q.term()
}

const quoted = `'((?:[^'\\]|\\.)*)'`

var (
	inForm   = regexp.MustCompile(`^` + quoted + ` in (parents|owners|writers|readers)`)
	hasForm  = regexp.MustCompile(`^(appProperties|properties) has \{ *key *= *` + quoted + ` and value *= *` + quoted + ` *\}`)
	textForm = regexp.MustCompile(`^(name|mimeType|fullText) *(=|!=|contains) *` + quoted)
	flagForm = regexp.MustCompile(`^(trashed|starred|sharedWithMe) *(=|!=)? *(true|false)?`)
	timeForm = regexp.MustCompile(`^(createdTime|modifiedTime) *(<=|<|>=|>|=|!=) *` + quoted)
)

// term is one condition.
func (q *query) term() (matcher, error) {
	for _, t := range []struct {
		form *regexp.Regexp
		make func(m []string) (matcher, error)
	}{{inForm, q.in}, {hasForm, has}, {textForm, textual}, {flagForm, q.flag}, {timeForm, timed}} {
		m := t.form.FindStringSubmatch(q.rest)
		if m == nil {
			continue
		}
		q.rest = q.rest[len(m[0]):]
		q.blank()
		for i := range m[1:] {
			m[i+1] = strings.NewReplacer(`\'`, `'`, `\\`, `\`).Replace(m[i+1])
		}
		return t.make(m)
	}
	return nil, errQuery
}

func (q *query) in(m []string) (matcher, error) {
	who := m[1]
	if who == "me" {
		who = q.caller
	}
	roles := map[string][]string{
		"owners": {"owner"}, "writers": {"owner", "organizer", "fileOrganizer", "writer"},
		"readers": {"owner", "organizer", "fileOrganizer", "writer", "commenter", "reader"},
	}[m[2]]
	return func(f *file) bool {
		if m[2] == "parents" {
			return slices.Contains(f.Parents, m[1])
		}
		return slices.Contains(roles, f.role(who))
	}, nil
}

func has(m []string) (matcher, error) {
	return func(f *file) bool {
		in := f.Properties
		if m[1] == "appProperties" {
			in = f.AppProperties
		}
		v, ok := in[m[2]]
		return ok && v == m[3]
	}, nil
}

func textual(m []string) (matcher, error) {
	if m[1] == "fullText" && m[2] != "contains" {
		return nil, errQuery
	}
	return func(f *file) bool {
		value := f.Name
		if m[1] == "mimeType" {
			value = f.MimeType
		}
		switch m[2] {
		case "=":
			return value == m[3]
		case "!=":
			return value != m[3]
		}
		// "contains" matches what names begin words with.
		value, want := strings.ToLower(value), strings.ToLower(m[3])
		return strings.HasPrefix(value, want) || strings.Contains(value, " "+want) || m[1] == "fullText" && strings.Contains(strings.ToLower(f.Description), want)
	}, nil
}

func (q *query) flag(m []string) (matcher, error) {
	if (m[2] == "") != (m[3] == "") || m[2] == "" && m[1] != "sharedWithMe" {
		return nil, errQuery
	}
	want := m[3] != "false"
	if m[2] == "!=" {
		want = !want
	}
	return func(f *file) bool {
		return want == map[string]bool{
			"trashed": f.Trashed, "starred": f.Starred, "sharedWithMe": f.Drive == "" && f.Owner != q.caller,
		}[m[1]]
	}, nil
}

func timed(m []string) (matcher, error) {
	var at time.Time
	var err error
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
		if at, err = time.Parse(form, m[3]); err == nil {
			break
		}
	}
	if err != nil {
		return nil, errQuery
	}
	return func(f *file) bool {
		when := f.Modified
		if m[1] == "createdTime" {
			when = f.Created
		}
		c := when.Compare(at)
		switch m[2] {
		case "<":
			return c < 0
		case "<=":
			return c <= 0
		case ">":
			return c > 0
		case ">=":
			return c >= 0
		case "!=":
			return c != 0
		}
		return c == 0
	}, nil
}

// ordering reads orderBy. Without one, what was changed last comes first.
func ordering(text string) (func(a, b *file) int, error) {
	if text == "" {
		text = "modifiedTime desc"
	}
	keys := map[string]func(a, b *file) int{
		"createdTime":  func(a, b *file) int { return a.Created.Compare(b.Created) },
		"modifiedTime": func(a, b *file) int { return a.Modified.Compare(b.Modified) },
		"recency":      func(a, b *file) int { return a.Modified.Compare(b.Modified) },
		"name":         func(a, b *file) int { return cmp.Compare(a.Name, b.Name) },
		"name_natural": func(a, b *file) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
		"quotaBytesUsed": func(a, b *file) int {
			return cmp.Compare(len(a.Content), len(b.Content))
		},
		"folder":  func(a, b *file) int { return yes(b.MimeType == folderType) - yes(a.MimeType == folderType) },
		"starred": func(a, b *file) int { return yes(b.Starred) - yes(a.Starred) },
		// Nobody has looked at anything here, so that these tell no two files apart.
		"modifiedByMeTime": func(*file, *file) int { return 0 }, "sharedWithMeTime": func(*file, *file) int { return 0 },
		"viewedByMeTime": func(*file, *file) int { return 0 },
	}
	var all []func(a, b *file) int
	for part := range strings.SplitSeq(text, ",") {
		name, down := strings.CutSuffix(strings.TrimSpace(part), " desc")
		key := keys[strings.TrimSpace(name)]
		if key == nil {
			return nil, errQuery
		}
		if down {
			up := key
			key = func(a, b *file) int { return up(b, a) }
		}
		all = append(all, key)
	}
	return func(a, b *file) int {
		for _, key := range all {
			if c := key(a, b); c != 0 {
				return c
			}
		}
		return 0
	}, nil
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}
