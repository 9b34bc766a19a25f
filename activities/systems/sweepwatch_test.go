package systems_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/ldap"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// directory is one whose list shows no changes, and that may say something else about them.
type directory struct {
	*ldap.Target
	say func(context.Context, target.ChangesRequest) (target.ChangesResponse, error)
}

func (d *directory) List(ctx context.Context, in target.ListRequest) (target.ListResponse, error) {
	if !in.Since.IsZero() {
		return target.ListResponse{Total: -1}, nil
	}
	return d.Target.List(ctx, in)
}

func (d *directory) Changes(ctx context.Context, in target.ChangesRequest) (target.ChangesResponse, error) {
	if d.say != nil {
		return d.say(ctx, in)
	}
	return d.Target.Changes(ctx, in)
}

// crm is a Salesforce whose list shows no changes.
type crm struct{ *salesforce.Target }

func (c crm) List(ctx context.Context, in target.ListRequest) (target.ListResponse, error) {
	if !in.Since.IsZero() {
		return target.ListResponse{Total: -1}, nil
	}
	return c.Target.List(ctx, in)
}

// blind starts a directory of the sandbox whose list shows no changes.
func blind(t *testing.T) (liar, *directory) {
	t.Helper()
	l := ldapLiar(t)
	plain, ok := l.system.(*ldap.Target)
	require.True(t, ok)
	return l, &directory{Target: plain}
}

// TestWhatASystemNamesIsReadAtOnce changes accounts by hand, which only the system's own word for it shows.
func TestWhatASystemNamesIsReadAtOnce(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) (liar, target.System){
		"salesforce": func(t *testing.T) (liar, target.System) {
			l := salesforceLiar(t)
			plain, ok := l.system.(*salesforce.Target)
			require.True(t, ok)
			return l, crm{plain}
		},
		"ldap": func(t *testing.T) (liar, target.System) {
			l, d := blind(t)
			return l, d
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, system := start(t)
			r := newReading(t, l.name, system)
			require.Empty(t, r.sweep().Why)
			keys := r.link(l.ids...)
			require.Empty(t, r.sweep().Why)
			r.hints.take()
			l.title(t, l.ids[1], "By hand")
			out := r.read(false)
			require.Equal(t, "changes", out.Kind)
			require.True(t, out.Complete)
			require.Equal(t, "By hand", r.account(keys[1]).Document.Title)
			require.Equal(t, []string{keys[1]}, r.hints.take())
			require.Empty(t, r.read(false).Why)
			require.Empty(t, r.hints.take(), "what was told is not told again")
			require.Empty(t, r.items(""))
		})
	}
}

// TestWhoComesAndGoesInANamedGroupIsRead takes somebody out of a group by hand, and puts somebody else into it.
func TestWhoComesAndGoesInANamedGroupIsRead(t *testing.T) {
	t.Parallel()
	l, d := blind(t)
	r := newReading(t, l.name, d)
	require.Empty(t, r.sweep().Why)
	keys := r.link(l.ids...)
	require.Empty(t, r.sweep().Why)
	r.hints.take()
	before := r.held(keys)
	l.take(l.ids[0])
	out := r.read(false)
	require.Equal(t, "changes", out.Kind)
	require.EqualValues(t, 1, out.Held)
	require.Equal(t, before, r.held(keys), "what is gone is believed until its date")
	r.offset += 25 * time.Hour
	require.Empty(t, r.sweep().Why)
	require.Len(t, r.held(keys)[keys[0]], len(before[keys[0]])-1)

	a, err := d.Read(t.Context(), target.ReadRequest{ID: l.ids[1]})
	require.NoError(t, err)
	left := a.Memberships[0]
	b, err := d.Read(t.Context(), target.ReadRequest{ID: l.ids[0]})
	require.NoError(t, err)
	if !slices.Contains(b.Memberships, left) {
		require.NoError(t, d.Add(t.Context(), target.AddRequest{Write: target.Write{ID: l.ids[0]}, To: []string{left}}))
	}
	r.hints.take()
	require.Equal(t, "changes", r.read(false).Kind)
	require.Equal(t, before[keys[0]], r.held(keys)[keys[0]], "what has come is known at once")
	require.Equal(t, []string{keys[0]}, r.hints.take())
}

// TestADeletedAccountThatIsNamedGoesByItsDate: a name that leads nowhere proves nothing.
func TestADeletedAccountThatIsNamedGoesByItsDate(t *testing.T) {
	t.Parallel()
	l, d := blind(t)
	d.say = func(ctx context.Context, in target.ChangesRequest) (target.ChangesResponse, error) {
		out, err := d.Target.Changes(ctx, in)
		out.Accounts = append(out.Accounts, l.ids[0], "11111111-2222-3333-4444-555555555555")
		return out, err
	}
	r := newReading(t, l.name, d)
	require.Empty(t, r.sweep().Why)
	keys, accounts := r.link(l.ids...), r.accounts()
	l.remove(l.ids[0])
	for range 3 {
		require.Equal(t, "changes", r.read(false).Kind)
	}
	require.Equal(t, accounts, r.accounts())
	require.NotEmpty(t, r.held(keys)[keys[0]])
	r.offset += time.Hour
	require.EqualValues(t, 1, r.sweep().Missing)
	r.offset += 25 * time.Hour
	require.EqualValues(t, 1, r.sweep().Dropped)
	require.Equal(t, accounts-1, r.accounts())
	require.Len(t, r.items(""), 1)
	require.Len(t, r.items(accountsGone), 1, "somebody's account is gone")
}

// TestEverythingIsReadWhereASystemCannotSay has a directory that has forgotten what was, whose list cannot be believed at first.
func TestEverythingIsReadWhereASystemCannotSay(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]func(target.ChangesRequest) (target.ChangesResponse, error){
		"forgotten": func(in target.ChangesRequest) (target.ChangesResponse, error) {
			return target.ChangesResponse{Everything: in.Cookie == "old", Cookie: "new"}, nil
		},
		"another directory": func(in target.ChangesRequest) (target.ChangesResponse, error) {
			if in.Cookie == "old" {
				return target.ChangesResponse{}, &connectors.Error{System: "ldap", Op: "ask", Kind: connectors.KindInvalid, Err: errors.New("whose is it?")}
			}
			return target.ChangesResponse{Cookie: "new"}, nil
		},
		"too much": func(in target.ChangesRequest) (target.ChangesResponse, error) {
			out := target.ChangesResponse{Cookie: "new"}
			if in.Cookie == "old" {
				out.Accounts = make([]string, 501)
			}
			return out, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, d := blind(t)
			r := newReading(t, l.name, d)
			d.say = func(_ context.Context, in target.ChangesRequest) (target.ChangesResponse, error) { return say(in) }
			require.Empty(t, r.sweep().Why)
			require.Equal(t, "changes", r.read(false).Kind)
			require.NoError(t, r.l.Systems().PutWatched(t.Context(), l.name, "old"))
			l.lies["empty"]()
			for range 2 {
				out := r.read(false)
				require.Equal(t, "full", out.Kind)
				require.False(t, out.Complete, "and it is due until it is believed")
			}
			l.honest()
			out := r.read(false)
			require.Equal(t, "full", out.Kind)
			require.True(t, out.Complete)
			require.Equal(t, "changes", r.read(false).Kind)
			require.Empty(t, r.items(""))
		})
	}
}

// TestASystemThatDoesNotSayIsListed: what it says of changes is a hint, and a list needs none.
func TestASystemThatDoesNotSayIsListed(t *testing.T) {
	t.Parallel()
	l, d := blind(t)
	d.say = func(context.Context, target.ChangesRequest) (target.ChangesResponse, error) {
		return target.ChangesResponse{}, &connectors.Error{System: "ldap", Op: "ask", Kind: connectors.KindUnauthorized, Err: errors.New("not for you")}
	}
	r := newReading(t, l.name, d)
	require.True(t, r.sweep().Complete)
	out := r.read(false)
	require.Equal(t, "changes", out.Kind)
	require.True(t, out.Complete)
	require.Empty(t, r.items(""))
}

// TestNobodyLosesAnythingByANameInALie names everybody while the directory lies.
func TestNobodyLosesAnythingByANameInALie(t *testing.T) {
	t.Parallel()
	for _, lie := range liesOf("ldap") {
		t.Run(lie, func(t *testing.T) {
			t.Parallel()
			l, d := blind(t)
			var groups []string
			d.say = func(_ context.Context, in target.ChangesRequest) (target.ChangesResponse, error) {
				if in.Cookie == "" {
					return target.ChangesResponse{Cookie: "a"}, nil
				}
				return target.ChangesResponse{Accounts: l.ids, Groups: groups, Cookie: "b"}, nil
			}
			r := newReading(t, l.name, d)
			require.Empty(t, r.sweep().Why)
			keys, accounts := r.link(l.ids...), r.accounts()
			by, err := r.l.Systems().HeldBy(t.Context(), l.name, identity.ObjectGroup)
			require.NoError(t, err)
			for id := range by {
				groups = append(groups, id)
			}
			slices.Sort(groups)
			before := r.held(keys)
			l.lies[lie]()
			for range 3 {
				r.read(false)
				require.Equal(t, before, r.held(keys))
				require.Equal(t, accounts, r.accounts())
				r.offset += time.Hour
			}
			l.honest()
			r.offset += 25 * time.Hour
			out := r.sweep()
			require.Empty(t, out.Why)
			require.Zero(t, out.Held)
			require.Equal(t, before, r.held(keys))
			require.Equal(t, accounts, r.accounts())
			require.Empty(t, r.items(""))
		})
	}
}
