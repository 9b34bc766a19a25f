package census

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/catalog"
	"gatehouse/activities/hrsync"
	"gatehouse/activities/people"
	"gatehouse/connectors"
	"gatehouse/connectors/hr"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/systems"
)

// Reader reads everything that is compared. It writes nothing.
type Reader struct {
	Sweepers map[string]hr.Sweeper
	OneLogin *onelogin.Client
	// Ledger is nil where Gatehouse has not run yet.
	Ledger *ledger.Ledger
	Clock  func() time.Time
	// MaxAge is how old a complete inventory may be to be used instead of reading OneLogin; 0 reads OneLogin in any case.
	MaxAge time.Duration
	// Tell is told what is going on; it may be nil.
	Tell func(text string)

	telling sync.Mutex
}

// Coverage says how far one reading can be believed.
type Coverage struct {
	// What was read, such as "workday" or "onelogin", and from where.
	What string `json:"what"`
	From string `json:"from"`
	Read int    `json:"read"`
	// Counted is how many there are by the system's own count, -1 if it does not say.
	Counted int `json:"counted"`
	// SetAside are records that could not be read or used.
	SetAside int `json:"set_aside,omitempty"`
	// Problems say why the reading must not be believed as a whole; none if it may be.
	Problems []string `json:"problems,omitempty"`
}

// Data is everything that was read, as of one moment.
type Data struct {
	At       time.Time
	Coverage []Coverage
	// Records are all HR records, Sources those that were read.
	Records []identity.Record
	Sources []string
	// Accounts are all accounts of OneLogin.
	Accounts []identity.Account
	// Roles and Groups are the names that OneLogin has; none where the accounts are from the inventory.
	Roles, Groups []string
	// Directories are the ids of the directories that accounts come from, by account.
	Directories map[int64]int64

	// known, stated, refused and asked are the ledger's; empty without one.
	known   map[string]*ledger.Dossier
	stated  map[int64]*Stated
	refused map[identity.Ref][]inventory.Refusal
	asked   map[string]bool
	// out are those who have left and are known to be out: nothing of anybody else is deleted.
	out map[string]bool
	// views are what is known of people in the systems beside OneLogin; nil without a ledger.
	views func(whose []systems.Whose, names []string, compared []identity.SystemObject) (map[string][]identity.SystemView, error)
	// evidence digests what a refusal is about; nil without a ledger.
	evidence func(identity.Account) string
}

// Complete reports that everything was read in full.
func (d *Data) Complete() bool {
	return !slices.ContainsFunc(d.Coverage, func(c Coverage) bool { return len(c.Problems) > 0 })
}

func (r *Reader) tell(format string, args ...any) {
	if r.Tell == nil {
		return
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	r.Tell(fmt.Sprintf(format, args...))
}

// Read reads HR, OneLogin and the ledger side by side.
func (r *Reader) Read(ctx context.Context) (*Data, error) {
	d := &Data{At: r.Clock(), Directories: map[int64]int64{}, Sources: slices.Sorted(maps.Keys(r.Sweepers))}
	group, within := errgroup.WithContext(ctx)
	snapshots, covers := make([]hr.Snapshot, len(d.Sources)), make([]Coverage, len(d.Sources)+1)
	for i, source := range d.Sources {
		group.Go(func() (err error) {
			snapshots[i], covers[i], err = r.source(within, source)
			return err
		})
	}
	group.Go(func() (err error) {
		covers[len(d.Sources)], err = r.accounts(within, d)
		return err
	})
	if r.Ledger != nil {
		group.Go(func() error { return r.ledger(within, d) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	d.Coverage = covers
	shared := texts{}
	for i, s := range snapshots {
		d.Records = slices.Grow(d.Records, len(s.Records))
		for _, id := range slices.Sorted(maps.Keys(s.Records)) {
			rec := s.Records[id]
			for _, text := range []*string{&rec.Source, &rec.FirstName, &rec.LastName, &rec.Department, &rec.Title, &rec.Location, &rec.Company, &rec.EmploymentType} {
				shared.share(text)
			}
			d.Records = append(d.Records, rec)
			delete(s.Records, id)
		}
		snapshots[i] = hr.Snapshot{}
	}
	slices.SortFunc(d.Accounts, func(a, b identity.Account) int { return int(a.ID - b.ID) })
	return d, nil
}

// shrinkLimit is the share of a source's records that may be missing since Gatehouse last read it.
const shrinkLimit = 0.10

// source reads one HR source in full.
func (r *Reader) source(ctx context.Context, source string) (hr.Snapshot, Coverage, error) {
	c := Coverage{What: source, From: "read now", Counted: -1}
	r.tell("reading %s", source)
	s, err := r.Sweepers[source].Sweep(ctx, nil, "", func(done int) {
		if done > 0 && done%5000 == 0 {
			r.tell("%s: %d records", source, done)
		}
	})
	if err != nil {
		return s, c, fmt.Errorf("read %s: %w", source, err)
	}
	c.Read, c.SetAside = len(s.Records), len(s.SetAside)
	if len(s.Missing) > 0 {
		c.Problems = append(c.Problems, "empty in every record: "+strings.Join(s.Missing, ", "))
	}
	if s.Lost != "" {
		c.Problems = append(c.Problems, s.Lost)
	}
	if broken := hrsync.BrokenEncoding(s); broken != "" {
		c.Problems = append(c.Problems, broken)
	}
	if c.Read == 0 {
		c.Problems = append(c.Problems, "it has no record that can be used")
	}
	if r.Ledger != nil {
		state, err := r.Ledger.Roster().Source(ctx, source)
		if err != nil {
			return s, c, err
		}
		if n := c.Read + c.SetAside; float64(n) < float64(state.LastSize)*(1-shrinkLimit) {
			c.Problems = append(c.Problems, fmt.Sprintf("it had %d records when it was last read", state.LastSize))
		}
	}
	return s, c, nil
}

// accounts takes the accounts from a young inventory, or reads OneLogin in full.
func (r *Reader) accounts(ctx context.Context, d *Data) (Coverage, error) {
	if r.Ledger != nil && r.MaxAge > 0 {
		last, complete, err := r.Ledger.Inventory().LastSweep(ctx, identity.SystemOneLogin, inventory.SweepFull, true)
		if err != nil {
			return Coverage{}, err
		}
		if complete && d.At.Sub(last.StartedAt) < r.MaxAge {
			return r.inventory(ctx, d)
		}
	}
	return r.onelogin(ctx, d)
}

func (r *Reader) inventory(ctx context.Context, d *Data) (Coverage, error) {
	rows, last, _, err := r.Ledger.Inventory().All(ctx, identity.SystemOneLogin)
	if err != nil {
		return Coverage{}, err
	}
	for _, row := range rows {
		if row.ObservedAt.IsZero() || !row.MissingSince.IsZero() {
			continue
		}
		d.Accounts = append(d.Accounts, row.Document)
		if row.DirectoryID != 0 {
			d.Directories[row.Document.ID] = row.DirectoryID
		}
	}
	return Coverage{
		What: identity.SystemOneLogin, From: "inventory of " + last.StartedAt.UTC().Format("2006-01-02 15:04 MST"),
		Read: len(d.Accounts), Counted: int(last.Total),
	}, nil
}

// onelogin reads every account. Accounts that are made or deleted meanwhile move the pages, so that one may be shown twice
// or not at all: where fewer were seen than OneLogin counts, all pages are read once more.
func (r *Reader) onelogin(ctx context.Context, d *Data) (Coverage, error) {
	c := Coverage{What: identity.SystemOneLogin, From: "read now"}
	client := r.OneLogin.For(onelogin.Sweep)
	seen := &accounts{data: d, catalog: catalog.NewCatalog(client, r.Clock), at: map[int64]int{}, texts: texts{}}
	var err error
	for attempt := 0; ; attempt++ {
		total, err := r.pages(ctx, client, seen)
		if err != nil {
			return c, fmt.Errorf("read the accounts of OneLogin: %w", err)
		}
		if c.Counted = total; len(d.Accounts) >= total {
			break
		}
		if attempt > 0 {
			c.Problems = append(c.Problems, fmt.Sprintf("%d accounts were seen, and OneLogin counts %d", len(d.Accounts), total))
			break
		}
	}
	c.Read = len(d.Accounts)
	d.Roles, d.Groups, err = seen.catalog.Names(ctx)
	return c, err
}

func (r *Reader) pages(ctx context.Context, client *onelogin.Client, seen *accounts) (total int, err error) {
	total = onelogin.NotStated
	cursor := ""
	for page := 0; ; page++ {
		var list onelogin.UserList
		if err := r.patiently(ctx, func() (err error) {
			list, err = client.Inventory(ctx, time.Time{}, cursor)
			return err
		}); err != nil {
			return total, err
		}
		for _, u := range list.Users {
			if err := seen.take(ctx, u); err != nil {
				return total, err
			}
		}
		if list.Total != onelogin.NotStated {
			total = list.Total
		}
		if page > 0 && page%50 == 0 {
			r.tell("onelogin: %d of %d accounts", len(seen.at), max(total, len(seen.at)))
		}
		if cursor = list.Next; cursor == "" {
			return total, nil
		}
	}
}

// accounts takes up accounts as their pages come. One that is shown again replaces what was shown before.
type accounts struct {
	data    *Data
	catalog *catalog.Catalog
	at      map[int64]int
	texts   texts
}

func (s *accounts) take(ctx context.Context, u onelogin.User) error {
	a, err := people.DescribeUser(ctx, s.catalog, u)
	if err != nil {
		return err
	}
	for _, text := range []*string{&a.FirstName, &a.LastName, &a.Title, &a.Department, &a.Company} {
		s.texts.share(text)
	}
	i, shown := s.at[a.ID]
	if !shown {
		i = len(s.data.Accounts)
		s.at[a.ID], s.data.Accounts = i, append(s.data.Accounts, identity.Account{})
	}
	s.data.Accounts[i] = *a
	delete(s.data.Directories, u.ID)
	if u.DirectoryID != 0 {
		s.data.Directories[u.ID] = u.DirectoryID
	}
	return nil
}

// texts keeps one copy of what many have, such as the name of a department: each record is read with texts of its own.
type texts map[string]string

func (t texts) share(text *string) {
	kept, known := t[*text]
	if !known {
		kept = strings.Clone(*text)
		t[kept] = kept
	}
	*text = kept
}

// patiently repeats a call that OneLogin's quota does not allow just now, for as long as the caller waits.
func (r *Reader) patiently(ctx context.Context, call func() error) error {
	for {
		err := call()
		var refused *connectors.Error
		if err == nil || !errors.As(err, &refused) || refused.RetryAfter <= 0 {
			return err
		}
		r.tell("OneLogin's quota is used up: going on in %s", refused.RetryAfter.Round(time.Second))
		timer := time.NewTimer(refused.RetryAfter)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
