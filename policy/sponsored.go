package policy

import (
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// Sponsored says whether people whom HR does not have may get access because somebody answers for them.
type Sponsored struct {
	// On says that there may be such people. Without it nobody is added or extended; those who are there stay until their end.
	On bool
	// Longest is how far ahead the end may lie. Default and most: 365 days.
	Longest time.Duration

	at yamlfile.Word
}

const longestSponsored = 365 * yamlfile.Day

// Sponsored returns the section sponsored.
func (p *Policy) Sponsored() Sponsored { return p.sponsored }

func (p *Policy) readSponsored(root yamlfile.Section) {
	s := root.Section("sponsored", "longest")
	p.sponsored = Sponsored{On: root.Has("sponsored"), Longest: longestSponsored}
	s.Duration("longest", yamlfile.NonZero, &p.sponsored.Longest)
	if w, ok := s.Text("longest"); ok && p.sponsored.Longest != 0 && (p.sponsored.Longest < yamlfile.Day || p.sponsored.Longest > longestSponsored) {
		s.Fail(w.Node, "sponsored.longest is %q: write 1d to 365d", w.Text)
	}
	if node := root.Value("sponsored"); node != nil {
		token := node.GetToken()
		p.sponsored.at = yamlfile.Word{Line: token.Position.Line, Col: token.Position.Column}
	}
}

// sponsoredUnread says that the policy allows sponsored people and that nobody would look after them.
func (p *Policy) sponsoredUnread(sources []string) []yamlfile.Problem {
	if !p.sponsored.On || len(sources) == 0 || slices.Contains(sources, identity.SourceSponsored) {
		return nil
	}
	return []yamlfile.Problem{{File: p.file, Line: p.sponsored.at.Line, Col: p.sponsored.at.Col, Text: fmt.Sprintf(
		"sponsored is set, and nothing looks after such people: set schedules.%s in gatehouse.yaml, such as 1h, or leave this section out", identity.SourceSponsored)}}
}

// warnSponsored are how long before the end of a sponsored person whoever answers for them is told.
func warnSponsored() []time.Duration { return []time.Duration{14 * yamlfile.Day, 3 * yamlfile.Day} }

// noteSponsored is the warning that a sponsored person leaves soon.
func (p *Policy) noteSponsored(r identity.Record, stage time.Duration) identity.Notice {
	key := r.Source + "-" + r.EmployeeID
	if r.Unconfirmed {
		return p.note(NoticeContractEnds, fmt.Sprintf("whoever answered for them is gone: say that they stay, `starter sponsor confirm --person %s`, give "+
			"them to somebody else with `transfer`, or end it with `end`. Otherwise their access ends on %s", key, r.LastDay))
	}
	return p.note(NoticeContractEnds, fmt.Sprintf("the access ends within %s: `starter sponsor extend --person %s --until DAY` before the last day, or it "+
		"ends then", spanOf(stage), key))
}
