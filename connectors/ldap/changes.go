package ldap

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/since"
	"gatehouse/connectors/target"
)

// The ways of a directory to say what has changed.
const (
	// wayProvider is OpenLDAP's overlay syncprov (RFC 4533).
	wayProvider = "syncrepl"
	// wayDirSync is Active Directory's (MS-ADTS 3.1.1.3.4.1.3).
	wayDirSync = "dirsync"
	// waySeen is the same for a bind account without the right to replicate: of what it may read, and of nothing that was deleted.
	waySeen = "dirsync-seen"
	// wayStamps goes by the times of changes. It knows of no deletion.
	wayStamps = "stamps"
)

// mark is what a cookie holds: where to go on.
type mark struct {
	Way string `json:"w"`
	// People and Groups are the directory's own cookies.
	People []byte `json:"p,omitempty"`
	Groups []byte `json:"g,omitempty"`
	// Stamp is where to go on by the times of changes.
	Stamp since.Mark `json:"s,omitzero"`
}

func readMark(op, cookie string) (m mark, err error) {
	if cookie == "" {
		return m, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || json.Unmarshal(raw, &m) != nil || !slices.Contains([]string{wayProvider, wayDirSync, waySeen, wayStamps}, m.Way) {
		return m, refused(op, connectors.KindInvalid, "", "the cookie is of no directory: begin without one, and list")
	}
	return m, nil
}

// changes collects what may have changed.
type changes struct {
	accounts, groups map[string]bool
	everything       bool
}

// Changes implements target.Watcher. OpenLDAP and Active Directory say it themselves if they are set up to; of others it is asked by the
// times of changes, which tells of no deletion.
func (t *Target) Changes(ctx context.Context, in target.ChangesRequest) (out target.ChangesResponse, err error) {
	const op = "ask for changes"
	m, err := readMark(op, in.Cookie)
	if err != nil {
		return out, err
	}
	found := changes{accounts: map[string]bool{}, groups: map[string]bool{}}
	err = t.call(ctx, op, func(s session) error {
		if m.Way == "" {
			return s.begin(ctx, &m)
		}
		err := s.moved(ctx, &m, &found)
		if is(err, goldap.LDAPResultSyncRefreshRequired, goldap.LDAPResultUnwillingToPerform, goldap.LDAPResultSizeLimitExceeded) {
			// The directory has forgotten what was then, is a copy of before then, or shows no more at a time than it limits.
			m, found.everything = mark{}, true
			return s.begin(ctx, &m)
		}
		return err
	})
	if err != nil {
		return out, err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return out, refused(op, connectors.KindMalformed, "", "the directory's cookie cannot be kept")
	}
	return target.ChangesResponse{
		Accounts: slices.Sorted(maps.Keys(found.accounts)), Groups: slices.Sorted(maps.Keys(found.groups)), Everything: found.everything,
		Cookie: base64.RawURLEncoding.EncodeToString(raw),
	}, nil
}

// nobody matches no entry: what is asked for by it is the cookie alone.
const nobody = "(&(objectClass=person)(!(objectClass=person)))"

// stampsFrom is how far the clocks of Gatehouse and of a directory may be apart.
const stampsFrom = 5 * time.Minute

// begin finds out how the directory says what has changed, and from where on to ask.
func (s session) begin(ctx context.Context, m *mark) error {
	switch s.t.client.o.Kind {
	case OpenLDAP:
		cookie, err := s.provided(ctx, s.t.client.o.People, nobody, nil, map[string]bool{})
		if err == nil && len(cookie) > 0 {
			*m = mark{Way: wayProvider, People: cookie, Groups: cookie}
			return nil
		}
		if err != nil && !is(err, goldap.LDAPResultUnavailableCriticalExtension, goldap.LDAPResultUnwillingToPerform) {
			return err
		}
	case ActiveDirectory:
		for _, way := range []string{wayDirSync, waySeen} {
			cookie, err := s.dirSync(way, nobody, nil, func(*goldap.Entry) {})
			if err == nil && len(cookie) > 0 {
				*m = mark{Way: way, People: cookie, Groups: cookie}
				return nil
			}
			if err != nil && !is(err, goldap.LDAPResultUnavailableCriticalExtension, goldap.LDAPResultUnwillingToPerform, goldap.LDAPResultInsufficientAccessRights) {
				return err
			}
		}
	case DirectoryServer:
	}
	*m = mark{Way: wayStamps, Stamp: since.Mark{From: s.t.client.o.Clock().Add(-stampsFrom).Truncate(time.Second).UTC()}}
	return nil
}

// moved asks for what has changed since a mark, and moves the mark on.
func (s session) moved(ctx context.Context, m *mark, found *changes) (err error) {
	o, f := s.t.client.o, s.t.flavour
	switch {
	case m.Way == wayProvider && o.Kind == OpenLDAP:
		if m.People, err = s.provided(ctx, o.People, f.people, m.People, found.accounts); err == nil {
			m.Groups, err = s.provided(ctx, o.Groups, f.groups, m.Groups, found.groups)
		}
		return err
	case (m.Way == wayDirSync || m.Way == waySeen) && o.Kind == ActiveDirectory:
		// What was deleted has lost its category, and machines change all the time.
		if m.People, err = s.dirSync(m.Way, "(&(objectClass=user)(!(objectClass=computer)))", m.People, under(found.accounts, o.People, f.key)); err == nil {
			m.Groups, err = s.dirSync(m.Way, f.groups, m.Groups, under(found.groups, o.Groups, f.key))
		}
		return err
	case m.Way == wayStamps:
		return s.stamped(m, found)
	}
	return refused(s.op, connectors.KindInvalid, "", "the cookie is of another kind of directory: begin without one, and list")
}

// provided asks the overlay syncprov for what has changed below a base since a cookie, and returns the next one. Without a log of
// sessions the overlay names what is still there instead of what was deleted, which nobody here compares.
func (s session) provided(ctx context.Context, base, filter string, cookie []byte, ids map[string]bool) (next []byte, err error) {
	req := goldap.NewSearchRequest(base, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, filter, none, nil)
	ctx, cancel := context.WithTimeout(ctx, s.t.client.o.Timeout)
	defer cancel()
	next = cookie
	keep := func(given []byte) {
		if len(given) > 0 {
			next = given
		}
	}
	r := s.conn.Syncrepl(ctx, req, 64, goldap.SyncRequestModeRefreshOnly, cookie, false)
	for r.Next() {
		for _, control := range r.Controls() {
			switch c := control.(type) {
			case *goldap.ControlSyncState:
				ids[c.EntryUUID.String()] = true
				keep(c.Cookie)
			case *goldap.ControlSyncInfo:
				if c.SyncIdSet != nil && c.SyncIdSet.RefreshDeletes {
					for _, id := range c.SyncIdSet.SyncUUIDs {
						ids[id.String()] = true
					}
				}
			case *goldap.ControlSyncDone:
				keep(c.Cookie)
			}
		}
	}
	if err := r.Err(); is(err, goldap.LDAPResultNoSuchObject) {
		return nil, s.nothing()
	} else if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ended(s.op, ctx.Err())
	}
	return next, nil
}

// The flags of DirSync: of long lists only the values that came or went are shown; what the bind account may not read is left out,
// instead of the right to replicate being demanded.
const (
	dirSyncIncremental = 0x80000000
	dirSyncSeen        = 0x1
)

// dirSync asks Active Directory for what has changed since a cookie, and returns the next one.
func (s session) dirSync(way, filter string, cookie []byte, take func(*goldap.Entry)) ([]byte, error) {
	root, err := s.one("", []string{"defaultNamingContext"})
	if err != nil || root == nil {
		return nil, err
	}
	f, flags := s.t.flavour, int64(dirSyncIncremental)
	if way == waySeen {
		flags |= dirSyncSeen
	}
	attributes := []string{f.key.name, "isDeleted", f.username, s.t.client.o.ExternalID, "userPrincipalName", "cn", controlAttribute, "accountExpires", "lockoutTime", "pwdLastSet", "primaryGroupID", "member"}
	attributes = append(attributes, slices.Sorted(maps.Values(f.names))...)
	for range maxDirSync {
		req := goldap.NewSearchRequest(root.GetEqualFoldAttributeValue("defaultNamingContext"), goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, filter, attributes, nil)
		page, err := s.conn.DirSync(req, flags, 0, cookie)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			take(e)
		}
		answer, ok := goldap.FindControl(page.Controls, goldap.ControlTypeDirSync).(*goldap.ControlDirSync)
		if !ok || len(answer.Cookie) == 0 {
			return cookie, nil
		}
		if cookie = answer.Cookie; answer.Flags == 0 {
			return cookie, nil
		}
	}
	return cookie, nil // The rest comes with the next request.
}

// maxDirSync is how many pages of changes are read for one answer.
const maxDirSync = 200

// under takes the keys of entries that are below a base, or were deleted: nobody knows where those were.
func under(ids map[string]bool, base string, key keyAttribute) func(*goldap.Entry) {
	return func(e *goldap.Entry) {
		if below(e.DN, base) || e.GetEqualFoldAttributeValue("isDeleted") != "" {
			ids[key.of(e)] = true
		}
	}
}

// stamped asks by the times of changes.
func (s session) stamped(m *mark, found *changes) error {
	o, f := s.t.client.o, s.t.flavour
	now, newest, filter := o.Clock(), time.Time{}, s.t.changedSince(m.Stamp.From)
	for _, each := range []struct {
		base, every string
		ids         map[string]bool
	}{{o.People, f.people, found.accounts}, {o.Groups, f.groups, found.groups}} {
		err := s.each(each.base, "(&"+each.every+filter+")", []string{f.key.name, f.changed}, o.PageSize, func(e *goldap.Entry) error {
			each.ids[f.key.of(e)] = true
			if at := readTime(e.GetEqualFoldAttributeValue(f.changed)); at.After(newest) {
				newest = at
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	m.Stamp = m.Stamp.Next(newest, now)
	return nil
}
