package agent

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"gatehouse/internal/yamlfile"
	"gatehouse/policy/condition"
)

// agentName is what stands in workflow ids.
var agentName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// Read reads the section agents of a policy. Problems in the file go to its reader; the error is for what is not the file's fault.
func Read(root yamlfile.Section) ([]Agent, error) {
	nothing := view{call: &Call{}, target: &Target{}}
	compiler, err := condition.NewScoped(condition.Scope{Name: "call or target", Empty: nothing}, callSubject(), targetSubject())
	if err != nil {
		return nil, fmt.Errorf("prepare the rules of agents: %w", err)
	}
	var found []Agent
	lines, subjects := map[string]int{}, map[string]int{}
	for i, node := range root.Items("agents", "agents, each with a name, an owner and rules") {
		s := root.Reader.Section(yamlfile.Item("agents", i), node, node,
			"name", "owner", "purpose", "subject", "state", "mode", "until", "see", "limits", "hours", "rules")
		found = append(found, readAgent(s, compiler, lines, subjects))
	}
	return found, nil
}

func readAgent(s yamlfile.Section, compiler *condition.Compiler, lines, subjects map[string]int) Agent {
	a := Agent{State: StateStaged, Mode: ModeLogOnly, Limits: Limits{CallsPerMinute: 60, WritesPerDay: 20, PeoplePerDay: 100, RefusalsPerHour: DefaultRefusals}}
	if w, ok := s.Required("name", "give the agent a name, like helpdesk: requests and records are called by it"); ok {
		a.Name = w.Text
		if !agentName.MatchString(w.Text) {
			s.Fail(w.Node, "%s.name: %q cannot be part of a request's name: use up to 40 small letters, digits and hyphens", s.Path, w.Text)
		}
		unlessTwice(s, "name", w, lines)
	}
	if w, ok := s.Required("owner", "the work address of the person whose agent it is"); ok {
		a.Owner = s.Reader.Mailbox(s.Path+".owner", w)
	}
	if w, ok := s.Required("purpose", "say what it is for: approvers and reviewers read it"); ok {
		a.Purpose = w.Text
	}
	if w, ok := s.Text("subject"); ok {
		a.Subject = w.Text
		unlessTwice(s, "subject", w, subjects)
	}
	choice(s, "state", &a.State, StateStaged, StateActive, StateRetired)
	choice(s, "mode", &a.Mode, ModeLogOnly, ModeDryRun, ModeEnforce)
	if w, ok := s.Required("until", "the day on which it ends, like 2027-05-31: an agent that nobody renews goes"); ok {
		day, err := time.Parse(time.DateOnly, w.Text)
		if err != nil {
			s.Fail(w.Node, "%s.until: %q is not a day: write one like 2027-05-31", s.Path, w.Text)
		}
		a.Until = day.AddDate(0, 0, 1)
	}
	a.See = knownWords(s, "see", fields, "an attribute")
	l := s.Section("limits", "calls_per_minute", "writes_per_day", "people_per_day", "refusals_per_hour")
	l.Integer("calls_per_minute", 1, 6000, &a.Limits.CallsPerMinute)
	l.Integer("writes_per_day", 0, 1000, &a.Limits.WritesPerDay)
	l.Integer("people_per_day", 1, 100_000, &a.Limits.PeoplePerDay)
	l.Integer("refusals_per_hour", 1, 100_000, &a.Limits.RefusalsPerHour)
	a.Hours = readHours(s)
	s.MustHave("rules", "say what it may do, such as rules: [{name: look, tools: [look_up_user], verdict: allow}]; what no rule allows is denied")
	names := map[string]int{}
	for i, node := range s.Items("rules", "rules") {
		sub := s.Reader.Section(yamlfile.Item(s.Path+".rules", i), node, node, "name", "tools", "when", "verdict")
		a.Rules = append(a.Rules, readRule(sub, compiler, names))
	}
	return a
}

func unlessTwice(s yamlfile.Section, key string, w yamlfile.Word, lines map[string]int) {
	if first, twice := lines[w.Text]; twice {
		s.Fail(w.Node, "%s.%s: the one on line %d has %q as well: give each its own", s.Path, key, first, w.Text)
		return
	}
	lines[w.Text] = w.Line
}

func choice[T ~string](s yamlfile.Section, key string, into *T, allowed ...T) {
	words := make([]string, len(allowed))
	for i, word := range allowed {
		words[i] = string(word)
	}
	text := string(*into)
	s.Choice(key, &text, words...)
	*into = T(text)
}

// knownWords reads a list of words, each of which must be known.
func knownWords(s yamlfile.Section, key string, known []string, what string) []string {
	path := yamlfile.Join(s.Path, key)
	s.Reader.NoteChoices(path+"[]", known)
	words := s.Words(key)
	for _, w := range words {
		if !slices.Contains(known, w.Text) {
			s.Fail(w.Node, "%s: %q is not %s%s; known: %s", path, w.Text, what, yamlfile.DidYouMean(w.Text, known), strings.Join(known, ", "))
		}
	}
	return yamlfile.Texts(words)
}

func readHours(s yamlfile.Section) Hours {
	if !s.Has("hours") {
		s.Section("hours", "days", "from", "to", "zone")
		return Hours{}
	}
	h := s.Section("hours", "days", "from", "to", "zone")
	var out Hours
	for _, day := range knownWords(h, "days", weekdays, "a day of the week") {
		out.Days = append(out.Days, time.Weekday(slices.Index(weekdays, day)))
	}
	text, from, to := "", yamlfile.Clock{}, yamlfile.Clock{}
	h.Clock("from", &text, &from)
	h.Clock("to", &text, &to)
	if h.Has("from") != h.Has("to") {
		s.Fail(h.At, "%s has one end: give from and to, or neither for the whole day", h.Path)
	}
	out.From, out.To = from.Hour*60+from.Minute, to.Hour*60+to.Minute
	if w, ok := h.Required("zone", "name the time zone of these hours, like Europe/Berlin"); ok {
		out.Zone = s.Reader.Zone(h.Path+".zone", w)
	}
	return out
}

func readRule(s yamlfile.Section, compiler *condition.Compiler, names map[string]int) Rule {
	var r Rule
	if w, ok := s.Required("name", "give the rule a name: refusals and records quote it"); ok {
		r.Name = w.Text
		unlessTwice(s, "name", w, names)
	}
	s.MustHave("tools", "name one or more tools, or any: "+strings.Join(Tools(), ", "))
	r.Tools = knownWords(s, "tools", append([]string{AnyTool}, Tools()...), "a tool")
	when := yamlfile.Word{Text: "true", Line: 1, Col: 1, Node: s.At}
	if w, ok := s.Text("when"); ok {
		when = w
	}
	r.when, _ = compiler.Compile(s.Reader, s.Path+".when", when)
	s.MustHave("verdict", "say what it answers: deny, ask or allow")
	choice(s, "verdict", &r.Verdict, Deny, Ask, Allow)
	reads := slices.ContainsFunc(r.Tools, func(tool string) bool { return slices.Contains(reading, tool) })
	if r.Verdict == Ask && reads && !slices.Contains(r.Tools, AnyTool) {
		s.Fail(s.At, "%s: nobody is asked about what is only read: make it allow or deny, and a rule of its own for the rest", s.Path)
	}
	return r
}
