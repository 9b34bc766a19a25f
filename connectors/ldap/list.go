package ldap

import (
	"context"
	"slices"
	"sync"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// walks remember the keys of lists that are being read. They are a convenience: another process reads them anew.
type walks struct {
	mu sync.Mutex
	of map[string]walk
}

type walk struct {
	keys []string
	// names are the keys by DN.
	names map[dnHash]string
	at    time.Time
}

// walkFor is how long keys are remembered. Who is made after they were read comes with the next list.
const walkFor = 15 * time.Minute

func (w *walks) get(name string, now time.Time) (walk, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known, ok := w.of[name]
	return known, ok && now.Sub(known.at) < walkFor
}

func (w *walks) put(name string, read walk) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == nil {
		w.of = map[string]walk{}
	}
	w.of[name] = read
}

func (w *walks) drop(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.of, name)
}

// List implements target.Lister. A cursor is the key of the last account before the page.
func (t *Target) List(ctx context.Context, in target.ListRequest) (out target.ListResponse, err error) {
	filter := ""
	if !in.Since.IsZero() {
		filter = t.changedSince(in.Since)
	}
	err = t.call(ctx, "list accounts", func(s session) error {
		p, err := s.page(t.client.o.People, t.flavour.people, filter, in.Cursor)
		if err != nil {
			return err
		}
		out = target.ListResponse{Next: p.next, Total: p.total}
		if len(p.keys) == 0 {
			return nil
		}
		var around surroundings = s
		if p.total > t.apart {
			groups, err := s.groupIndex()
			if err != nil {
				return err
			}
			around, out.AsOf = together{s, groups, p.names}, groups.at
		}
		out.Accounts, err = s.listed(p.keys, around)
		return err
	})
	if err != nil {
		return target.ListResponse{}, err
	}
	return out, nil
}

// listed are the accounts of these keys, in their order.
func (s session) listed(keys []string, around surroundings) (all []target.Account, err error) {
	f, of := s.t.flavour, map[string]*goldap.Entry{}
	err = s.each(s.t.client.o.People, "(&"+f.people+f.key.anyOf(keys)+")", s.t.attributes(), s.t.client.o.PageSize, func(e *goldap.Entry) error {
		of[f.key.of(e)] = e
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if of[key] == nil {
			continue // It was deleted since, or moved out of sight.
		}
		a, err := s.accountIn(of[key], around)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// changedSince finds what was changed since an instant.
func (t *Target) changedSince(since time.Time) string {
	return "(" + t.flavour.changed + ">=" + since.UTC().Format("20060102150405") + t.fraction() + "Z)"
}

// fraction is the part of a time that Active Directory wants and others do not.
func (t *Target) fraction() string {
	if t.client.o.Kind == ActiveDirectory {
		return ".0"
	}
	return ""
}

// page is a part of a list: its keys, the cursor of the next one, and how many keys there are in all.
type page struct {
	walk
	next  string
	total int
}

// page returns the keys after a cursor.
func (s session) page(base, every, filter, cursor string) (p page, err error) {
	if cursor != "" && !s.t.flavour.key.valid(cursor) {
		return page{}, refused(s.op, connectors.KindInvalid, "", "the cursor is none of this list: begin it anew")
	}
	name, now := base+" "+every+filter, s.t.client.o.Clock()
	all, ok := s.t.walks.get(name, now)
	if !ok || cursor == "" {
		all = walk{at: now, names: map[dnHash]string{}}
		if all.keys, err = s.keys(base, every, filter, nil, s.t.client.o.PageSize, func(e *goldap.Entry) error {
			all.names[hashDN(e.DN)] = s.t.flavour.key.of(e)
			return nil
		}); err != nil {
			return page{}, err
		}
		s.t.walks.put(name, all)
	}
	from, found := slices.BinarySearch(all.keys, cursor)
	if found {
		from++
	}
	p = page{walk: all, total: len(all.keys)}
	to := min(from+s.t.client.o.PageSize, p.total)
	p.keys = all.keys[from:to]
	if to == p.total {
		s.t.walks.drop(name)
	} else {
		p.next = all.keys[to-1]
	}
	return p, nil
}

// keys reads the keys of all entries, in ascending order, and hands the entries over with further attributes. A directory that ignores
// paging and cuts its answers ends a list at the end of a page: a list that does so is read again in pages of another size, and an
// entry is handed over twice then.
func (s session) keys(base, every, filter string, attributes []string, size int, take func(*goldap.Entry) error) ([]string, error) {
	sweep := func(size int) ([]string, error) { return s.sweep(base, "(&"+every+filter+")", size, attributes, take) }
	keys, err := sweep(size)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		shown, err := s.visible(base, every)
		if err != nil {
			return nil, err
		}
		if !shown {
			return nil, s.nothing()
		}
		return sweep(size)
	}
	if len(keys)%size == 0 {
		again, err := sweep(size + 1)
		if err != nil {
			return nil, err
		}
		if len(again) > len(keys) && len(again)%(size+1) == 0 {
			return nil, refused(s.op, connectors.KindMalformed, "", "the directory ends its lists after one page: let the bind account read in pages")
		}
		keys = slices.Compact(slices.Sorted(slices.Values(append(keys, again...))))
	}
	return keys, nil
}

func (s session) sweep(base, filter string, size int, attributes []string, take func(*goldap.Entry) error) (keys []string, err error) {
	key := s.t.flavour.key
	err = s.each(base, filter, append([]string{key.name}, attributes...), size, func(e *goldap.Entry) error {
		id := key.of(e)
		if id == "" {
			return refused(s.op, connectors.KindUnauthorized, "", "the directory does not show "+key.name+" of every entry: let the bind account read it")
		}
		keys = append(keys, id)
		return take(e)
	})
	slices.Sort(keys)
	return slices.Compact(keys), err
}
