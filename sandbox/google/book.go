package google

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// The kinds of value that a cell can hold.
const (
	nothing = iota
	text
	number
	truth
	formula
)

// cell is one cell. Text holds the value in every kind.
type cell struct {
	kind uint8
	text string
}

// maxCell is how many characters a cell holds, counted as Google's own machines do. Source: Google, "Files you can store in Google
// Drive", and the answer of the Sheets API.
const maxCell = 50_000

// fits refuses a value that is too long for a cell.
func (v cell) fits() error {
	if len(v.text) > maxCell && len(utf16.Encode([]rune(v.text))) > maxCell {
		return fmt.Errorf("Your input contains more than the maximum of %d characters in a single cell.", maxCell)
	}
	return nil
}

// book is a spreadsheet.
type book struct {
	id     string
	sheets []*sheet
}

// sheet is a tab.
type sheet struct {
	id                     int64
	title                  string
	hidden                 bool
	rows, cols             int64
	frozenRows, frozenCols int64
	widths                 map[int64]int64
	filter                 *area
	protected              []protection
	choices                []choice
	formats                []format
	conditions             []json.RawMessage
	charts                 []chart
	data                   [][]cell
	shared                 bool
	made                   time.Time
}

// area is a half-open block within a sheet.
type area struct{ r0, r1, c0, c1 int64 }

func (a area) contains(r, c int64) bool { return r >= a.r0 && r < a.r1 && c >= a.c0 && c < a.c1 }

type protection struct {
	id      int64
	area    area
	except  []area
	note    string
	editors []string
	warning bool
}

type choice struct {
	area   area
	values []string
	strict bool
}

type format struct {
	area   area
	fields string
	format json.RawMessage
}

type chart struct {
	id    int64
	title string
	kind  string
	spec  json.RawMessage
}

// newBook is a spreadsheet as Google makes one: with an empty tab whose id is 0.
func newBook(id string) *book {
	return &book{id: id, sheets: []*sheet{{title: "Sheet1", rows: 1000, cols: 26}}}
}

// clone returns a copy that can be changed without the original noticing. Rows are shared until they are written.
func (b *book) clone() *book {
	out := &book{id: b.id}
	for _, s := range b.sheets {
		c := *s
		c.widths, c.shared = maps.Clone(s.widths), true
		c.protected, c.choices, c.formats = slices.Clone(s.protected), slices.Clone(s.choices), slices.Clone(s.formats)
		c.conditions, c.charts = slices.Clone(s.conditions), slices.Clone(s.charts)
		out.sheets = append(out.sheets, &c)
	}
	return out
}

func (b *book) sheet(id int64) *sheet {
	for _, s := range b.sheets {
		if s.id == id {
			return s
		}
	}
	return nil
}

func (b *book) titled(title string) *sheet {
	for _, s := range b.sheets {
		if strings.EqualFold(s.title, title) {
			return s
		}
	}
	return nil
}

// cells counts what Google's limit counts: every cell of every grid.
func (b *book) cells() int64 {
	var n int64
	for _, s := range b.sheets {
		n += s.rows * s.cols
	}
	return n
}

// set puts a value into a cell within the grid.
func (s *sheet) set(r, c int64, v cell) {
	if s.shared {
		s.data = slices.Clone(s.data)
		for i := range s.data {
			s.data[i] = s.data[i][:len(s.data[i]):len(s.data[i])]
		}
		s.shared = false
	}
	for int64(len(s.data)) <= r {
		s.data = append(s.data, nil)
	}
	// Whoever reads has the row as it was: it is replaced, never changed.
	row := make([]cell, max(int64(len(s.data[r])), c+1))
	copy(row, s.data[r])
	row[c] = v
	s.data[r] = row
}

func (s *sheet) get(r, c int64) cell {
	if r >= int64(len(s.data)) || c >= int64(len(s.data[r])) {
		return cell{}
	}
	return s.data[r][c]
}

// value is what a reader gets: formatted, as it is, or the formula.
func (v cell) value(render string) any {
	switch v.kind {
	case nothing:
		return ""
	case number:
		if render != "FORMATTED_VALUE" {
			return json.Number(v.text)
		}
	case truth:
		if render != "FORMATTED_VALUE" {
			return v.text == "TRUE"
		}
	case formula:
		if render != "FORMULA" {
			// Nothing is evaluated here. That there is a formula at all is what matters.
			return "#NAME?"
		}
	}
	return v.text
}

// literal takes a JSON value as it is (RAW).
func literal(raw any) (v cell, keep bool, err error) {
	switch raw := raw.(type) {
	case nil:
		return cell{}, true, nil
	case string:
		if raw == "" {
			return cell{}, false, nil
		}
		return cell{text, raw}, false, nil
	case json.Number:
		return cell{number, raw.String()}, false, nil
	case bool:
		return cell{truth, strings.ToUpper(strconv.FormatBool(raw))}, false, nil
	}
	return cell{}, false, fmt.Errorf("Invalid values: %T is not a bool, number or string", raw)
}

// typed takes a value as if somebody had typed it (USER_ENTERED): what looks like a formula or a number becomes one.
func typed(v cell) cell {
	if v.kind != text {
		return v
	}
	trimmed := strings.TrimSpace(v.text)
	if strings.HasPrefix(trimmed, "'") {
		return cell{text, trimmed[1:]}
	}
	if f, err := strconv.ParseFloat(trimmed, 64); err == nil && numeral.MatchString(trimmed) {
		return cell{number, strconv.FormatFloat(f, 'f', -1, 64)}
	}
	if up := strings.ToUpper(trimmed); up == "TRUE" || up == "FALSE" {
		return cell{truth, up}
	}
	if trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
		return cell{formula, "=" + strings.TrimPrefix(trimmed, "=")}
	}
	return v
}

// numeral is how a person writes a number.
var numeral = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

var a1Form = regexp.MustCompile(`^([A-Za-z]{0,3})([0-9]*)(?::([A-Za-z]{0,3})([0-9]*))?$`)

// block is a range in A1 notation, found in a spreadsheet. Open says that its end was not given.
type block struct {
	sheet *sheet
	area
	single bool
}

// find resolves a range such as 'My tab'!A1:C9, A:C, B2 or a tab's title.
func (b *book) find(a1 string) (block, error) {
	bad := fmt.Errorf("Unable to parse range: %s", a1)
	title, cells, both := cutRange(a1)
	if !both {
		if s := b.titled(title); s != nil {
			return block{sheet: s, area: area{0, s.rows, 0, s.cols}}, nil
		}
		if len(b.sheets) == 0 {
			return block{}, bad
		}
		title, cells = b.sheets[0].title, a1
	}
	s := b.titled(title)
	m := a1Form.FindStringSubmatch(cells)
	if s == nil || m == nil || cells == "" {
		return block{}, bad
	}
	out := block{sheet: s, area: area{0, s.rows, 0, s.cols}, single: !strings.Contains(cells, ":")}
	out.c0, out.r0 = columnIndex(m[1], 0), rowIndex(m[2], 0)
	if out.single {
		out.c1, out.r1 = out.c0+1, out.r0+1
	} else {
		out.c1, out.r1 = columnIndex(m[3], s.cols-1)+1, rowIndex(m[4], s.rows-1)+1
	}
	if out.c1 <= out.c0 || out.r1 <= out.r0 || out.r0 < 0 {
		return block{}, bad
	}
	if out.r0 >= s.rows || out.c0 >= s.cols || out.r1 > s.rows || out.c1 > s.cols {
		return block{}, s.beyond(out.area)
	}
	return out, nil
}

func (s *sheet) beyond(a area) error {
	return fmt.Errorf("Range (%s) exceeds grid limits. Max rows: %d, max columns: %d", s.name(a), s.rows, s.cols)
}

func cutRange(a1 string) (title, cells string, both bool) {
	if strings.HasPrefix(a1, "'") {
		end := 1
		for end < len(a1) {
			if a1[end] == '\'' {
				if end+1 < len(a1) && a1[end+1] == '\'' {
					end += 2
					continue
				}
				break
			}
			end++
		}
		title = strings.ReplaceAll(a1[1:min(end, len(a1))], "''", "'")
		cells, both = strings.CutPrefix(a1[min(end+1, len(a1)):], "!")
		return title, cells, both
	}
	if i := strings.LastIndexByte(a1, '!'); i >= 0 {
		return a1[:i], a1[i+1:], true
	}
	return a1, "", false
}

func columnIndex(letters string, fallback int64) int64 {
	if letters == "" {
		return fallback
	}
	var n int64
	for _, l := range strings.ToUpper(letters) {
		n = n*26 + int64(l-'A') + 1
	}
	return n - 1
}

func rowIndex(digits string, fallback int64) int64 {
	if digits == "" {
		return fallback
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		n = math.MaxInt32 // More digits than a number holds: beyond every grid.
	}
	return n - 1
}

func columnName(c int64) string {
	name := ""
	for c++; c > 0; c = (c - 1) / 26 {
		name = string(rune('A'+(c-1)%26)) + name
	}
	return name
}

// name writes an area of the sheet in A1 notation.
func (s *sheet) name(a area) string {
	title := s.title
	if strings.ContainsFunc(title, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_'
	}) {
		title = "'" + strings.ReplaceAll(title, "'", "''") + "'"
	}
	first := columnName(a.c0) + strconv.FormatInt(a.r0+1, 10)
	if a.r1-a.r0 == 1 && a.c1-a.c0 == 1 {
		return title + "!" + first
	}
	return title + "!" + first + ":" + columnName(a.c1-1) + strconv.FormatInt(a.r1, 10)
}
