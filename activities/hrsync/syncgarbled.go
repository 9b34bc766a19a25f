package hrsync

import (
	"gatehouse/activities/reading"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger/roster"
)

// garbled says that texts came in a broken encoding. A first reading is quarantined in that only if it has more of them than of
// names with such letters that are right: a few old records may really say so.
func garbled(state roster.SourceState, v survey) []doubt {
	n := len(v.garbled)
	if n < blankFloor || state.BaselinedAt.IsZero() && n <= v.sound {
		return nil
	}
	d := newDoubt(reading.DoubtGarbled, v.garbled, n, view{Count: n})
	d.records = reasons(d.kind, v.garbled)
	return []doubt{d}
}

// encoding looks at the letters of a record that came or has changed. Of whom nothing would be made does not count.
func (v *survey) encoding(id string, rec identity.Record) {
	switch {
	case rec.Status == identity.StatusTerminated || rec.Status == identity.StatusRescinded:
	case len(rec.WithoutGarbled().Garbled) > 0:
		v.garbled = append(v.garbled, id)
	case rec.International():
		v.sound++
	}
}

// BrokenEncoding says why a first reading is not to be believed in its letters, "" if it may be.
func BrokenEncoding(s hr.Snapshot) string {
	var v survey
	for id, rec := range s.Records {
		v.encoding(id, rec)
	}
	if len(garbled(roster.SourceState{}, v)) == 0 {
		return ""
	}
	return words.Sure("broken_encoding", view{Count: len(v.garbled)})
}
