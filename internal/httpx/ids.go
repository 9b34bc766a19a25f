package httpx

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// maxDepth is how deep an id may be nested.
const maxDepth = 6

// IDs returns the ids that a JSON value names, in the shapes that senders have been seen to write: texts, several of them in one
// text, numbers, 21001.0 among them, and lists and objects of any of these. Of an object the first of keys that it has, in any
// spelling, says who it is about. Other values name nobody.
func IDs(raw json.RawMessage, keys ...string) []string { return idsAt(raw, keys, 0) }

func idsAt(raw json.RawMessage, keys []string, depth int) []string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || depth > maxDepth {
		return nil
	}
	switch raw[0] {
	case '"':
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return nil
		}
		var out []string
		for each := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' }) {
			if each = strings.Trim(each, " \t\r\n\u00a0\ufeff"); each != "" {
				out = append(out, each)
			}
		}
		return out
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return nil
		}
		var out []string
		for _, each := range list {
			out = append(out, idsAt(each, keys, depth+1)...)
		}
		return out
	case '{':
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) != nil {
			return nil
		}
		if idsOfWorkday(object) {
			return nil
		}
		for _, key := range keys {
			for name, value := range object {
				if fold(name) != fold(key) {
					continue
				}
				if ids := idsAt(value, keys, depth+1); len(ids) > 0 {
					return ids
				}
			}
		}
		return nil
	case 'n', 't', 'f':
		return nil
	}
	return number(string(raw))
}

// idsOfWorkday reports that an object is a reference by Workday's own id of a profile, which is no employee id: the entry beside it is.
func idsOfWorkday(object map[string]json.RawMessage) bool {
	var kind string
	return json.Unmarshal(object["type"], &kind) == nil && strings.EqualFold(kind, "WID")
}

// number is a whole number in plain digits.
func number(text string) []string {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
		return []string{strconv.FormatInt(n, 10)}
	}
	f, err := strconv.ParseFloat(text, 64)
	const exact = 1 << 53
	if err != nil || f != float64(int64(f)) || f < 0 || f > exact {
		return nil
	}
	return []string{strconv.FormatInt(int64(f), 10)}
}

// fold makes employee_id, employeeId and Employee_ID one name.
func fold(name string) string {
	return strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(name, "_", ""), "-", ""))
}
