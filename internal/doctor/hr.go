package doctor

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gatehouse/activities/hrsync"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
)

// hrChecks are about the HR sources.
func (d *Doctor) hrChecks() []check {
	return []check{
		{"GH-D20", "HR read in full", d.sources},
		{"GH-D21", "one HR record", d.oneRecord},
		{"GH-D22", "HR as Gatehouse last read it", d.lastRead},
	}
}

// reading is an HR source as it was read for this examination.
type reading struct {
	source   hr.Source
	snapshot hr.Snapshot
	err      error
}

// readHR reads every HR source in full, once for all checks.
func (d *Doctor) readHR(ctx context.Context) {
	d.hr = map[string]reading{}
	one, all, err := d.App.HR()
	if err != nil {
		for _, source := range d.App.Config.Sources() {
			d.hr[source] = reading{err: err}
		}
		return
	}
	for _, source := range slices.Sorted(maps.Keys(all)) {
		if d.Tell != nil {
			d.Tell("reading " + source)
		}
		snapshot, err := all[source].Sweep(ctx, nil, "", func(int) {})
		if err == nil && source == identity.SourceSponsored && snapshot.Size() == 0 {
			continue // Where nobody is sponsored nothing is missing.
		}
		d.hr[source] = reading{source: one[source], snapshot: snapshot, err: err}
	}
}

// records are the HR records of all sources that could be read.
func (d *Doctor) records() (records []identity.Record, sources []string) {
	for _, source := range slices.Sorted(maps.Keys(d.hr)) {
		if h := d.hr[source]; h.err == nil {
			sources = append(sources, source)
			records = slices.AppendSeq(records, maps.Values(h.snapshot.Records))
		}
	}
	return records, sources
}

func (d *Doctor) sources(_ context.Context, r *report) {
	if len(d.hr) == 0 {
		r.unknown(elsewhere, "no HR source is configured")
	}
	for _, source := range slices.Sorted(maps.Keys(d.hr)) {
		h := d.hr[source]
		switch {
		case h.err != nil:
			r.failure("see that the credential of "+source+" and its URL are right", "%s: %v", source, h.err)
			continue
		case len(h.snapshot.Missing) > 0:
			r.failure("add the columns to the report, or the fields to the rights of the credential", "%s: empty in every record: %s", source, strings.Join(h.snapshot.Missing, ", "))
		case len(h.snapshot.Records) == 0:
			r.failure("see that the report is not filtered", "%s: it has no record that can be used", source)
		}
		if broken := hrsync.BrokenEncoding(h.snapshot); broken != "" {
			r.failure("have "+source+"'s report written in UTF-8", "%s: %s", source, broken)
		}
		if n := len(h.snapshot.SetAside); n > 0 {
			r.warn("starter records --source "+source, "%s: %d records cannot be read or used, and whoever they are is not looked after", source, n)
		}
		if len(h.snapshot.Missing) == 0 && len(h.snapshot.Records) > 0 {
			r.fine("%s: %d records, every required column has values", source, len(h.snapshot.Records))
		}
	}
}

// oneRecord reads one record by itself: that is how a leaver is confirmed.
func (d *Doctor) oneRecord(ctx context.Context, r *report) {
	for _, source := range slices.Sorted(maps.Keys(d.hr)) {
		h := d.hr[source]
		ids := slices.Sorted(maps.Keys(h.snapshot.Records))
		if h.err != nil || len(ids) == 0 {
			r.unknown("see GH-D20", "%s: there is no record to ask for", source)
			continue
		}
		var found bool
		err := bounded(ctx, func(ctx context.Context) (err error) {
			_, found, err = h.source.Read(ctx, ids[0])
			return err
		})
		switch {
		case err != nil:
			r.failure("see that the report for one worker is shared with the credential, and takes the prompt in the configuration", "%s: one record cannot be read by itself, so that no departure can be confirmed: %v", source, err)
		case !found:
			r.failure("see that the report for one worker is not filtered", "%s: the report of all has a record that the report of one does not find", source)
		default:
			r.fine("%s: read by itself", source)
		}
	}
}

// lastRead says what Gatehouse itself came to.
func (d *Doctor) lastRead(ctx context.Context, r *report) {
	if d.ledgerMissing(r) {
		return
	}
	if d.App.Ledger == nil {
		r.warn("start a worker and apply the schedules", "it was never read")
		return
	}
	for _, plan := range d.App.Schedules().Wanted() {
		if plan.Source == "" {
			continue
		}
		state, err := d.App.Ledger.Roster().Source(ctx, plan.Source)
		switch {
		case err != nil:
			r.unknown("see GH-D02", "%s: %v", plan.Source, err)
		case state.BaselinedAt.IsZero():
			r.failure("temporal schedule trigger --schedule-id "+plan.ID, "%s: it was never read", plan.Source)
		case !state.QuarantinedAt.IsZero():
			r.failure("starter records --source "+plan.Source, "%s: it is quarantined: %s", plan.Source, state.QuarantineReason)
		case d.Now().Sub(state.SyncedAt) > 2*plan.Every:
			r.failure("starter list, and see GH-D05", "%s: it was last in step %s, and is due every %s", plan.Source, state.SyncedAt.UTC().Format("2006-01-02 15:04 MST"), plan.Every)
		default:
			r.fine("%s: in step %s", plan.Source, state.SyncedAt.UTC().Format("2006-01-02 15:04 MST"))
		}
	}
}
