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
	at   time.Time
}

// walkFor is how long keys are remembered. Who is made after they were read comes with the next list.
const walkFor = 15 * time.Minute

func (w *walks) get(name string, now time.Time) ([]string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known, ok := w.of[name]
	return known.keys, ok && now.Sub(known.at) < walkFor
}

func (w *walks) put(name string, keys []string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == nil {
		w.of = map[string]walk{}
	}
	w.of[name] = walk{keys: keys, at: now}
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
		filter = "(" + t.flavour.changed + ">=" + in.Since.UTC().Format("20060102150405") + t.fraction() + "Z)"
	}
	err = t.call(ctx, "list accounts", func(s session) error {
		keys, next, total, err := s.page(t.client.o.People, t.flavour.people, filter, in.Cursor)
		if err != nil {
			return err
		}
		out = target.ListResponse{Next: next, Total: total}
		if len(keys) == 0 {
			return nil
		}
		found, err := s.search(t.client.o.People, "(&"+t.flavour.people+t.flavour.key.anyOf(keys)+")", t.attributes(), t.client.o.PageSize)
		if err != nil {
			return err
		}
		of := map[string]*goldap.Entry{}
		for _, e := range found {
			of[t.flavour.key.of(e)] = e
		}
		for _, key := range keys {
			if of[key] == nil {
				continue // It was deleted since, or moved out of sight.
			}
			a, err := s.account(of[key])
			if err != nil {
				return err
			}
			out.Accounts = append(out.Accounts, a)
		}
		return nil
	})
	if err != nil {
		return target.ListResponse{}, err
	}
	return out, nil
}

// fraction is the part of a time that Active Directory wants and others do not.
func (t *Target) fraction() string {
	if t.client.o.Kind == ActiveDirectory {
		return ".0"
	}
	return ""
}

// page returns the keys after a cursor.
func (s session) page(base, every, filter, cursor string) (keys []string, next string, total int, err error) {
	if cursor != "" && !s.t.flavour.key.valid(cursor) {
		return nil, "", 0, refused(s.op, connectors.KindInvalid, "", "the cursor is none of this list: begin it anew")
	}
	name, now := base+" "+every+filter, s.t.client.o.Clock()
	all, ok := s.t.walks.get(name, now)
	if !ok || cursor == "" {
		if all, err = s.keys(base, every, filter); err != nil {
			return nil, "", 0, err
		}
		s.t.walks.put(name, all, now)
	}
	from, found := slices.BinarySearch(all, cursor)
	if found {
		from++
	}
	to := min(from+s.t.client.o.PageSize, len(all))
	if to == len(all) {
		s.t.walks.drop(name)
		return all[from:], "", len(all), nil
	}
	return all[from:to], all[to-1], len(all), nil
}

// keys reads the keys of all entries, in ascending order. A directory that ignores paging and cuts its answers ends a list at
// the end of a page: a list that does so is read again in pages of another size.
func (s session) keys(base, every, filter string) ([]string, error) {
	size := s.t.client.o.PageSize
	keys, err := s.sweep(base, "(&"+every+filter+")", size)
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
		return s.sweep(base, "(&"+every+filter+")", size)
	}
	if len(keys)%size == 0 {
		again, err := s.sweep(base, "(&"+every+filter+")", size+1)
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

func (s session) sweep(base, filter string, size int) ([]string, error) {
	found, err := s.search(base, filter, []string{s.t.flavour.key.name}, size)
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(found))
	for i, e := range found {
		if keys[i] = s.t.flavour.key.of(e); keys[i] == "" {
			return nil, refused(s.op, connectors.KindUnauthorized, "", "the directory does not show "+s.t.flavour.key.name+" of every entry: let the bind account read it")
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}
