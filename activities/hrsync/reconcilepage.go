package hrsync

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/worklist"
)

// comparedPage is how many people are compared at a time: what is known of them is read before, and their gaps are written
// down after.
const comparedPage = 400

// page is what is known of some people while they are compared.
type page struct {
	people   map[string]persons.Person
	links    map[string][]persons.Link
	assessed map[string]persons.Assessed
	accounts map[int64]inventory.Account
	access   inventory.AccessOf
	was      map[gapID]worklist.Gap
	gaps     map[gapID]worklist.Gap
	// views are what is known of them in the systems beside OneLogin.
	views map[string][]identity.SystemView
	// judged are the people of whom everything is known, elsewhere those who were compared with the systems beside OneLogin.
	judged, elsewhere map[string]bool
}

// readPage reads what the ledger knows of some people.
func (c *comparison) readPage(ctx context.Context, keys []string) error {
	c.page = page{
		accounts: map[int64]inventory.Account{}, was: map[gapID]worklist.Gap{}, gaps: map[gapID]worklist.Gap{}, judged: make(map[string]bool, len(keys)),
		elsewhere: map[string]bool{},
	}
	some, err := c.Ledger.People().Some(ctx, keys)
	if err != nil {
		return err
	}
	c.people, c.links = some.People, some.Links
	if c.assessed, err = c.Ledger.People().AssessedOf(ctx, keys); err != nil {
		return err
	}
	gaps, err := c.Ledger.Worklist().GapsOf(ctx, keys)
	if err != nil {
		return err
	}
	for _, g := range gaps {
		c.was[gapID{g.Key, g.Kind}] = g
	}
	var ids []string
	for _, key := range keys {
		if id := c.people[key].AccountID; id != 0 {
			ids = append(ids, identity.OneLoginRef(id).ID)
		}
	}
	if c.access, err = c.Ledger.Inventory().AccessOf(ctx, keys, identity.SystemOneLogin, ids); err != nil {
		return err
	}
	if err := c.readViews(ctx, keys); err != nil {
		return err
	}
	rows, err := c.Ledger.Inventory().AccountDocuments(ctx, identity.SystemOneLogin, ids)
	for _, row := range rows {
		if id, ok := row.Ref.OneLogin(); ok {
			c.accounts[id] = row
		}
	}
	return err
}

// comparePages compares people a page at a time, and writes each page's gaps down before it goes on: nothing is held of
// everybody but what HR says and who is who. What is closed is forgotten at the end: a repeated attempt compares with it
// once more.
func (c *comparison) comparePages(ctx context.Context) error {
	var closed []gapID
	for keys := range slices.Chunk(c.visited(), comparedPage) {
		if err := c.readPage(ctx, keys); err != nil {
			return err
		}
		for _, key := range keys {
			c.visit(key)
			if err := c.beat(ctx); err != nil {
				return err
			}
		}
		if err := c.blame(ctx); err != nil {
			return err
		}
		drop, err := c.keep(ctx)
		if err != nil {
			return err
		}
		closed = append(closed, drop...)
	}
	c.page = page{}
	for ids := range slices.Chunk(closed, comparedPage) {
		drop := make([]worklist.Gap, len(ids))
		for i, id := range ids {
			drop[i] = worklist.Gap{Key: id.key, Kind: id.kind}
		}
		if err := c.Ledger.Worklist().DropGaps(ctx, drop); err != nil {
			return err
		}
		step.Beat(ctx, len(drop))
	}
	return nil
}

// visit finds the gaps of one person.
func (c *comparison) visit(key string) {
	for _, kind := range c.outs[key] {
		switch kind {
		case api.GapLeft:
			c.left(key)
		case api.GapLeftBefore:
			c.leftBefore(key)
		case api.GapDelete:
			c.deletes(key)
		case api.GapSystemsLeft: // Their plan says what is due.
		default:
			c.add(worklist.Gap{Key: key, Kind: kind})
		}
	}
	due := c.dueSoon(key)
	if due {
		c.add(worklist.Gap{Key: key, Kind: api.GapDue})
	}
	if !c.compares(key, due || len(c.outs[key]) > 0) {
		return
	}
	if row, known := c.primaryOf(key); known {
		c.compareOne(key, row)
	} else {
		c.compareElsewhere(key)
	}
}

// primaryOf is somebody's primary account by the inventory. Known is false if it should have one that it does not show.
func (c *comparison) primaryOf(key string) (row *inventory.Account, known bool) {
	id := c.people[key].AccountID
	if id == 0 {
		return nil, true
	}
	found, there := c.accounts[id]
	if !there || found.ObservedAt.IsZero() || !found.MissingSince.IsZero() {
		return nil, false
	}
	return &found, true
}
