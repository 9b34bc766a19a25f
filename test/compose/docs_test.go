package compose_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/config"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy"
)

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	require.NoError(t, err)
	return string(data)
}

// found returns what a pattern's first group matched, and fails if there are fewer than there must be.
func found(t *testing.T, text, pattern string, atLeast int) []string {
	t.Helper()
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	require.GreaterOrEqual(t, len(all), atLeast, "the pattern %s no longer finds what it is for", pattern)
	return all
}

// TestLinksInTheDocumentationLead holds that every relative link is to a file that is there.
func TestLinksInTheDocumentationLead(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	for _, page := range []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"} {
		pages = append(pages, filepath.Join(root, page))
	}
	for _, page := range pages {
		data, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(string(data), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target, _, _ := strings.Cut(m[1], "#")
			_, err := os.Stat(filepath.Join(filepath.Dir(page), target))
			require.NoError(t, err, "%s links to %s", filepath.Base(page), m[1])
		}
	}
}

// TestEveryNoticeIsExplained holds that whoever is shown a code finds what to do about it.
func TestEveryNoticeIsExplained(t *testing.T) {
	t.Parallel()
	explained := map[string]bool{}
	for _, word := range found(t, read(t, "docs", "operations.md"), "`(\\w+)`", 30) {
		explained[word] = true
	}
	codes := found(t, read(t, "policy", "notices.go"), `Notice\w+\s*= "(\w+)"`, 20)
	codes = append(codes, found(t, read(t, "policy", "system", "notices.go"), `Notice\w+\s*= "(\w+)"`, 10)...)
	codes = append(codes, found(t, read(t, "activities", "api", "person.go"), `Notice\w+\s*= "(\w+)"`, 5)...)
	codes = append(codes, found(t, read(t, "activities", "api", "names.go"), `Err\w+\s*= "(\w+)"`, 6)...)
	files, err := filepath.Glob(filepath.Join(root, "workflows", "*", "*.go"))
	require.NoError(t, err)
	var parked strings.Builder
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			parked.Write(text)
		}
	}
	codes = append(codes, found(t, parked.String(), `Code: +"(\w+)"`, 3)...)
	for _, code := range codes {
		if code == "Superseded" {
			continue // the run looks again by itself; nobody is shown it
		}
		require.True(t, explained[code], "docs/operations.md does not say what to do about %s", code)
	}
}

// TestEverySettingIsDescribed holds that both references are complete: the keys are those of the settings' types and those
// that the reader of the policy looks for, wherever they are written down. That each has a row of its own with a meaning is
// what the schemas are made from (internal/schema).
func TestEverySettingIsDescribed(t *testing.T) {
	t.Parallel()
	configuration := read(t, "docs", "configuration.md")
	keys := settings(reflect.TypeFor[config.Config]())
	for _, key := range []string{"base_url", "routing_key", "ping_every", "cell_limit", "everybody", "weekday", "security", "geoip"} {
		require.Contains(t, keys, key, "the walk over the settings' types no longer finds what it is for")
	}
	require.Greater(t, len(keys), 100)
	for _, key := range keys {
		describes(t, configuration, key)
	}
	reference := read(t, "docs", "policy.md")
	shape, err := policy.FileShape()
	require.NoError(t, err)
	for _, key := range namesIn(shape) {
		describes(t, reference, key)
	}
	for _, field := range found(t, read(t, "policy", "subjects.go")+read(t, "policy", "detect", "read.go"), `(?:text|get|of)\("(\w+)", `, 30) {
		describes(t, reference, field)
	}
}

// settings lists the keys of a type of settings and of all types in it.
func settings(t reflect.Type) []string {
	var keys []string
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return settings(t.Elem())
	case reflect.Struct:
		for field := range t.Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" {
				keys = append(append(keys, name), settings(field.Type)...)
			}
		}
	}
	return keys
}

// namesIn lists the keys of a policy.
func namesIn(s *yamlfile.Shape) []string {
	names := slices.Clone(s.Names)
	for _, name := range s.Names {
		names = append(names, namesIn(s.Keys[name])...)
	}
	if s.Item != nil {
		names = append(names, namesIn(s.Item)...)
	}
	return names
}

// describes says it without printing the page.
func describes(t *testing.T, page, word string) {
	t.Helper()
	require.True(t, regexp.MustCompile(`\b`+word+`\b`).MatchString(page), "the reference does not describe %s", word)
}

// TestTheFirstDayCanBePlayed holds that every program, flag, schedule and section that the page names is there; the tests of
// starter hold the same of its commands.
func TestTheFirstDayCanBePlayed(t *testing.T) {
	t.Parallel()
	page := read(t, "docs", "first-day.md")
	for _, line := range found(t, page, `(?m)^(?:\$ )?sandbox (.+)$`, 1) {
		for _, name := range found(t, line, `--([a-z]+)`, 3) {
			require.Regexp(t, `Var\(&s\.[\w.]+, "`+name+`"`, read(t, "sandbox", "main.go"), "sandbox --%s", name)
		}
	}
	for _, name := range found(t, page, `(?m)worker --([a-z-]+)`, 1) {
		require.Contains(t, read(t, "worker", "main.go"), `"`+name+`"`, "worker --%s", name)
	}
	for _, name := range found(t, page, "schedules ([a-z]+)[`\n]", 2) {
		require.Contains(t, read(t, "schedules", "main.go"), `Use: "`+name+`"`, "schedules %s", name)
	}
	plans := read(t, "activities", "api", "ids.go") + read(t, "activities", "api", "reconcile.go") + read(t, "activities", "api", "accountsweep.go")
	for _, id := range found(t, page, `--schedule-id ([a-z-]+)`, 5) {
		known := strings.HasPrefix(id, "hr-sync-") || strings.Contains(plans, `"`+id+`"`)
		require.True(t, known, "no schedule is called %s", id)
	}
	headings := map[string]bool{}
	for _, h := range found(t, page, `(?m)^## (.+)$`, 9) {
		headings[strings.ReplaceAll(strings.ToLower(strings.ReplaceAll(h, ",", "")), " ", "-")] = true
	}
	for _, anchor := range found(t, page, `\]\(#([^)]+)\)`, 10) {
		require.True(t, headings[anchor], "no section is called %s", anchor)
	}
	for _, file := range found(t, page, `cp \.\./(\S+)`, 2) {
		require.NotEmpty(t, read(t, strings.Split(file, "/")...))
	}
	for _, target := range found(t, page, `bin/([a-z]+)`, 5) {
		require.Contains(t, read(t, "Makefile"), "bin/"+target, "make bin/%s", target)
	}
	for _, line := range strings.Split(page, "\n") {
		if strings.HasPrefix(line, "┌") || strings.HasPrefix(line, "│") {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
	}
}
