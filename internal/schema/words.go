package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gatehouse/internal/yamlfile"
)

// keyRow is a row of a table of keys: one or several keys, the default, the meaning.
var (
	keyRow  = regexp.MustCompile(`^\| (.+?) \|(.*?)\|(.*)\|$`)
	quoted  = regexp.MustCompile("`([^`]+)`")
	link    = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)
	heading = regexp.MustCompile(`^## (\w+)`)
)

// tableHead begins a table of keys. Any other table of a page is about something else.
const tableHead = "| key | default | meaning |"

// describe reads what the tables of a page say about the keys of a file. Every key has to have a row with a meaning, and
// every key of a row has to be one.
func describe(page string, shape *yamlfile.Shape) (map[string]string, error) {
	known := keysOf(shape)
	words := map[string]string{}
	var problems []string
	section, inTable := "", false
	for _, line := range strings.Split(page, "\n") {
		if m := heading.FindStringSubmatch(line); m != nil {
			section = m[1]
		}
		if line == tableHead {
			inTable = true
			continue
		}
		row := keyRow.FindStringSubmatch(line)
		inTable = inTable && strings.HasPrefix(line, "|")
		if !inTable || row == nil || strings.HasPrefix(line, "|---") {
			continue
		}
		keys, meaning := keysIn(row[1]), plain(row[3])
		standards := standardsIn(row[2], len(keys))
		for i, key := range keys {
			paths := find(known, section, key)
			switch {
			case len(paths) == 0:
				problems = append(problems, fmt.Sprintf("%s has a row and is no key", key))
			case meaning == "":
				problems = append(problems, fmt.Sprintf("%s has a row that does not say what it means", key))
			}
			for _, path := range paths {
				words[path] = meaning + standards[i]
			}
		}
	}
	for _, path := range known {
		if words[path] == "" {
			problems = append(problems, fmt.Sprintf("%s has no row in a table %q", path, tableHead))
		}
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("the tables of keys are not complete:\n  %s", strings.Join(problems, "\n  "))
	}
	return words, nil
}

// keysIn returns the keys of a cell. One that begins with a dot is beside the one before it.
func keysIn(cell string) []string {
	var keys []string
	for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
		key := m[1]
		if strings.HasPrefix(key, ".") && len(keys) > 0 {
			last := keys[len(keys)-1]
			key = last[:strings.LastIndex(last, ".")] + key
		}
		keys = append(keys, key)
	}
	return keys
}

// comma separates what is beside each other in a cell, and not inside of a value.
var comma = regexp.MustCompile("(`[^`]*`|[^,`])+")

// standardsIn words the defaults of a cell: one for each key, one for all of them, or none where that is not clear.
func standardsIn(cell string, keys int) []string {
	out := make([]string, keys)
	parts := comma.FindAllString(plain(cell), -1)
	for i := range out {
		standard := ""
		switch len(parts) {
		case 1:
			standard = parts[0]
		case keys:
			standard = parts[i]
		}
		standard = strings.TrimSpace(standard)
		if standard != "" && standard != "required" && !strings.HasPrefix(standard, "as ") {
			out[i] = " Default: " + standard + "."
		}
	}
	return out
}

// find returns the paths that a key of a page stands for: in the section that the page is at, in each entry of that section
// if its keys are the tenant's or if it is a list, or as it is. A * stands for any key.
func find(known []string, section, key string) []string {
	for _, pattern := range []string{section + "." + key, section + ".*." + key, section + "[]." + key, key} {
		var paths []string
		for _, path := range known {
			if fits(pattern, path) {
				paths = append(paths, path)
			}
		}
		if len(paths) > 0 {
			return paths
		}
	}
	return nil
}

func fits(pattern, path string) bool {
	want, have := strings.Split(pattern, "."), strings.Split(path, ".")
	return slices.EqualFunc(want, have, func(w, h string) bool { return w == "*" || w == h })
}

// plain takes out of a cell what only a page can show.
func plain(cell string) string {
	return strings.TrimSpace(link.ReplaceAllString(cell, "$1"))
}

// keysOf lists the paths of everything that is a key of a section.
func keysOf(s *yamlfile.Shape) []string {
	var paths []string
	for _, name := range s.Names {
		paths = append(paths, s.Keys[name].Path)
		paths = append(paths, keysOf(s.Keys[name])...)
	}
	if s.Item != nil {
		paths = append(paths, keysOf(s.Item)...)
	}
	return paths
}
