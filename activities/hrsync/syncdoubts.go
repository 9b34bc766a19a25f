package hrsync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/reading"
	"gatehouse/connectors/hr"
	"gatehouse/ledger/roster"
)

const (
	// growthLimit is the share of people by which a source may grow from one reading to the next, and growthFloor how many
	// it may grow by in any case: a class of trainees, a small company's good month.
	growthLimit = 0.05
	growthFloor = 10
	// turnoverFloor is from how many records on that came back under other ids, or carry somebody else's name or values, it
	// is the source that has changed and not the people.
	turnoverFloor = 5
	// blankFloor is from how many records on without a value that they had a column has lost its values.
	blankFloor = 3
	// shownAside is how many of the records that a doubt is about are listed one by one.
	shownAside = 500
)

// doubt is one reason for which a reading is quarantined, or not wholly.
type doubt struct {
	kind, code, why string
	// records says of single records why they wait.
	records map[string]string
	about   int
	// columns are those that it is about, if it is about columns.
	columns []string
}

// joinsOnly reports that nothing but joins can have been made up by what is wrong.
func (d doubt) joinsOnly() bool { return d.kind == reading.DoubtGrown }

func newDoubt(kind string, subjects []string, about int, v view) doubt {
	return doubt{kind: kind, code: codeFor(append([]string{kind}, subjects...)...), about: about, why: words.Sure(kind, v)}
}

// codeFor is a short name of what was shown.
func codeFor(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:4])
}

// doubts lists the reasons for which a reading must not be believed as it is.
func (s *Sync) doubts(ctx context.Context, source string, state roster.SourceState, known map[string]roster.Row, snapshot hr.Snapshot) ([]doubt, error) {
	if s.Upkeep[source] != nil {
		return nil, nil
	}
	v := s.survey(known, snapshot)
	moved, err := s.postponed(ctx, source, v)
	return append(s.doubtsOf(state, known, snapshot, v), moved...), err
}

// doubtsOf lists those that the readings alone tell of.
func (s *Sync) doubtsOf(state roster.SourceState, known map[string]roster.Row, snapshot hr.Snapshot, v survey) []doubt {
	var found []doubt
	if len(snapshot.Missing) > 0 {
		found = append(found, newDoubt(reading.DoubtMissing, snapshot.Missing, snapshot.Size(), view{Columns: snapshot.Missing}))
	}
	if snapshot.Lost != "" {
		found = append(found, newDoubt(reading.DoubtLost, []string{snapshot.Lost}, snapshot.Size(), view{Lost: snapshot.Lost}))
	}
	found = append(found, shrunk(state, snapshot, v)...)
	found = append(found, garbled(state, v)...)
	if state.BaselinedAt.IsZero() {
		return found
	}
	came := v.came
	if pairs := v.pairs(known); len(pairs) >= turnoverFloor {
		d := newDoubt(reading.DoubtRenumbered, sortedKeys(pairs), len(pairs), view{Count: len(pairs)})
		d.records = map[string]string{}
		for id, old := range pairs {
			d.records[id] = records.Sure(reading.DoubtRenumbered, view{Old: old})
		}
		found = append(found, d)
		came = slices.DeleteFunc(slices.Clone(came), func(id string) bool { return pairs[id] != "" })
	}
	if n := len(v.strangers); n >= turnoverFloor {
		d := newDoubt(reading.DoubtRenamed, v.strangers, n, view{Count: n})
		d.records = reasons(d.kind, v.strangers)
		found = append(found, d)
	}
	if n := len(v.unclear); n >= turnoverFloor && float64(n) > float64(v.employed)*hr.ShrinkLimit {
		d := newDoubt(reading.DoubtUnclear, v.unclear, n, view{Count: n, Employed: v.employed})
		d.records = reasons(d.kind, v.unclear)
		found = append(found, d)
	}
	found = append(found, respelled(v)...)
	found = append(found, s.columnDoubts(v)...)
	if n := len(came); n > max(growthFloor, int(float64(v.employed)*growthLimit)) {
		d := newDoubt(reading.DoubtGrown, came, n, view{Count: n, Employed: v.employed, OneIn: int(1 / growthLimit)})
		d.records = reasons(d.kind, came)
		found = append(found, d)
	}
	return found
}

// shrunk says that records are gone.
func shrunk(state roster.SourceState, snapshot hr.Snapshot, v survey) []doubt {
	if state.LastSize > 0 && float64(snapshot.Size()) < float64(state.LastSize)*(1-hr.ShrinkLimit) {
		return []doubt{newDoubt(reading.DoubtShrunk, v.vanished, state.LastSize-snapshot.Size(),
			view{Count: snapshot.Size(), Before: state.LastSize})}
	}
	if n := len(v.vanished); n >= blankFloor && float64(n) > float64(v.employed)*hr.ShrinkLimit {
		return []doubt{newDoubt(reading.DoubtShrunk, v.vanished, n, view{Count: n, Employed: v.employed})}
	}
	return nil
}

// columnDoubts says which columns have lost their values, and which have those of other records.
func (s *Sync) columnDoubts(v survey) []doubt {
	var found []doubt
	for _, each := range []struct {
		kind  string
		is    func(columnSurvey) bool
		about func(columnSurvey) int
	}{
		{reading.DoubtBlank, columnSurvey.blank, func(c columnSurvey) int { return c.lost }},
		{reading.DoubtMoved, columnSurvey.moved, func(c columnSurvey) int { return c.changed }},
	} {
		names, most := v.named(each.is), 0
		if len(names) == 0 {
			continue
		}
		for _, c := range v.columns {
			if each.is(c) {
				most = max(most, each.about(c))
			}
		}
		d := newDoubt(each.kind, names, most, view{Columns: names, Count: most})
		d.columns = names
		found = append(found, d)
	}
	return found
}

// reasons say of each record that it waits because of a kind of doubt.
func reasons(kind string, ids []string) map[string]string {
	why, out := records.Sure(kind, view{}), make(map[string]string, len(ids))
	for _, id := range ids {
		out[id] = why
	}
	return out
}

// judge keeps what of a reading is quarantined where an operator sees it, takes an operator's word for it, and returns
// what nobody has accepted. A word counts for what it was said about: what looks otherwise by now is asked about anew.
func (s *Sync) judge(ctx context.Context, in api.SyncInput, found []doubt) ([]doubt, error) {
	rows := make([]roster.SourceDoubt, len(found))
	for i, d := range found {
		rows[i] = roster.SourceDoubt{Source: in.Source, Kind: d.kind, Code: d.code, Why: d.why, Records: d.about, Columns: strings.Join(d.columns, " ")}
	}
	if err := s.Ledger.Roster().KeepDoubts(ctx, in.Source, rows); err != nil {
		return nil, err
	}
	open, err := s.unaccepted(ctx, in.Source, found)
	if err != nil {
		return nil, err
	}
	if in.Accept && (in.Accepted == "" || in.Accepted == codeOf(open)) {
		if err := s.Ledger.Roster().AcceptDoubts(ctx, in.Source, in.By, rows); err != nil {
			return nil, err
		}
		open = nil
	}
	var held []roster.Finding
	for _, d := range open {
		for _, id := range sortedKeys(d.records) {
			if len(held) < shownAside {
				held = append(held, roster.Finding{Source: in.Source, Kind: roster.FindingHeldBack, Subject: id, Why: d.records[id]})
			}
		}
	}
	return open, s.Ledger.Roster().KeepFindings(ctx, in.Source, roster.FindingHeldBack, held)
}

// unaccepted are the doubts that nobody has accepted.
func (s *Sync) unaccepted(ctx context.Context, source string, found []doubt) ([]doubt, error) {
	kept, err := s.Ledger.Roster().Doubts(ctx, source)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(found), func(d doubt) bool {
		return slices.ContainsFunc(kept, func(k roster.SourceDoubt) bool {
			return k.Kind == d.kind && k.Code == d.code && !k.AcceptedAt.IsZero()
		})
	}), nil
}

// quarantine says why a reading must not be believed, "" if it may be. What somebody has accepted for the polls is accepted.
func (s *Sync) quarantine(ctx context.Context, source string, state roster.SourceState, known map[string]roster.Row, snapshot hr.Snapshot) (string, error) {
	found, err := s.doubts(ctx, source, state, known, snapshot)
	if err != nil {
		return "", err
	}
	open, err := s.unaccepted(ctx, source, found)
	if err != nil || len(open) == 0 {
		return "", err
	}
	return told(source, open), nil
}

// codeOf stands for all that is quarantined of a reading.
func codeOf(open []doubt) string {
	if len(open) == 1 {
		return open[0].code
	}
	var codes []string
	for _, d := range open {
		codes = append(codes, d.code)
	}
	return codeFor(codes...)
}

// told says what is quarantined, and how to accept it.
func told(source string, open []doubt) string {
	var parts []string
	for _, d := range open {
		parts = append(parts, d.why)
	}
	return words.Sure("quarantined", view{Doubts: parts, Source: source, Code: codeOf(open)})
}
