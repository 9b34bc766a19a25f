package hr

import (
	"context"

	"gatehouse/identity"
)

// ShrinkLimit is the share of a source's records that may be missing from one report to the next. More looks like a
// filter or a permission that was changed, not like people.
const ShrinkLimit = 0.10

// Snapshot is one reading of a whole HR source.
type Snapshot struct {
	// Records are the current ones by employee id. A source that can tell what changed leaves out the others and names
	// them in Unchanged.
	Records map[string]identity.Record
	// Unchanged are employee ids that are still there and were not read again.
	Unchanged map[string]bool
	// Digests are what the roster compares, by employee id, for Records only.
	Digests map[string]string
	// SetAside are the records that could not be read or used. They are in none of the above, and are tried again at the
	// next reading.
	SetAside []SetAside
	// Cursor is where the next reading goes on.
	Cursor string
	// Missing are required columns that no record had.
	Missing []string
	// Lost says what else is gone of the source although the records are there, empty if nothing is.
	Lost string
}

// SetAside is one record that could not be read or used, for a reason of its own.
type SetAside struct {
	// ID is the employee id, empty if that is what cannot be used.
	ID string
	// Why says so in a few words that name nobody.
	Why string
	// Left says that what could be read says that the person has left.
	Left bool
}

// Why a record is set aside, besides what the source answered.
const (
	whyUnusableID = "the employee id cannot be used"
	whyNoID       = "no employee id"
)

// Size is how many people the source has.
func (s Snapshot) Size() int { return len(s.Records) + len(s.Unchanged) + len(s.SetAside) }

// Known is what an earlier reading saw of a record.
type Known struct {
	// Digest is of what the record said.
	Digest string
	Active bool
}

// Sweeper reads a whole HR source.
type Sweeper interface {
	// Sweep reads the source. Known is the roster of the last sweep and cursor where that ended; both are empty the
	// first time. Beat is called while it makes progress.
	Sweep(ctx context.Context, known map[string]Known, cursor string, beat func(done int)) (Snapshot, error)
}

// AsideIDs are the employee ids that were set aside.
func (s Snapshot) AsideIDs() map[string]bool {
	ids := map[string]bool{}
	for _, a := range s.SetAside {
		ids[a.ID] = a.ID != ""
	}
	return ids
}

// words are texts that many records have, each of them once.
type words map[string]string

// shared is a record whose repeating texts are not in memory once for each.
func (w words) shared(rec identity.Record) identity.Record {
	for _, text := range []*string{
		&rec.Department, &rec.Title, &rec.Location, &rec.Company, &rec.EmploymentType, &rec.ManagerID, (*string)(&rec.Status),
		(*string)(&rec.HireDate), (*string)(&rec.LastDay), (*string)(&rec.TerminationDate),
	} {
		if one, there := w[*text]; there {
			*text = one
		} else {
			w[*text] = *text
		}
	}
	return rec
}
