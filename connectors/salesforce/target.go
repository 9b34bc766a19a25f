package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// Target is a Salesforce org as a system in which people have access.
type Target struct{ client *Client }

var (
	_ target.System       = (*Target)(nil)
	_ target.Finder       = (*Target)(nil)
	_ target.Lister       = (*Target)(nil)
	_ target.Suspender    = (*Target)(nil)
	_ target.Resumer      = (*Target)(nil)
	_ target.SessionEnder = (*Target)(nil)
	_ target.Remover      = (*Target)(nil)
)

// NewTarget returns what a client can be asked to do.
func NewTarget(c *Client) *Target { return &Target{client: c} }

// Read implements target.System.
func (t *Target) Read(ctx context.Context, in target.ReadRequest) (target.Account, error) {
	_, _, a, err := t.read(ctx, "read user "+in.ID, in.ID)
	return a, err
}

// read reads a user and what stands beside them.
func (t *Target) read(ctx context.Context, op, id string) (user, *rights, target.Account, error) {
	u, err := t.client.user(ctx, op, id)
	if err != nil {
		return user{}, nil, target.Account{}, err
	}
	beside, err := t.client.rightsOf(ctx, op, []string{id})
	if err != nil {
		return user{}, nil, target.Account{}, err
	}
	return u, beside[id], account(u, beside[id]), nil
}

// forWrite reads the account that a write is for, and refuses a protected one.
func (t *Target) forWrite(ctx context.Context, op string, in target.Write) (user, *rights, target.Account, error) {
	u, r, a, err := t.read(ctx, op, in.ID)
	if err != nil || in.Lifted || t.client.protected == nil {
		return u, r, a, err
	}
	if reason := t.client.protected(a); reason != "" {
		return user{}, nil, target.Account{}, &connectors.Error{
			System: System, Op: op, Kind: connectors.KindRefused, Code: "protected_account",
			Err: fmt.Errorf("the account is protected: %s", reason),
		}
	}
	return u, r, a, nil
}

// externalForm is what our ids look like. Anything else would have to be escaped in paths, where Salesforce takes some endings for
// the names of files.
var externalForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)

func isAddress(text string) bool {
	at, err := mail.ParseAddress(text)
	return err == nil && at.Address == text
}

// Find implements target.Finder. Salesforce has no index that lags for these fields.
func (t *Target) Find(ctx context.Context, in target.FindRequest) ([]target.Account, error) {
	const op = "find users"
	field, value, fits := "Username", in.Username, isAddress(in.Username)
	switch {
	case in.ExternalID != "":
		field, value, fits = t.client.external, in.ExternalID, externalForm.MatchString(in.ExternalID)
	case in.Email != "":
		field, value, fits = "Email", in.Email, isAddress(in.Email)
	case in.Username != "" && !fits && len(in.Username) > 2 && !strings.ContainsAny(in.Username, "*%"):
		return nil, nil // Every username of Salesforce has the form of an address.
	}
	if !fits {
		return nil, invalid(op, "there is nothing to search for, or it has not the form of what is searched")
	}
	found, err := t.find(ctx, op, field+" = "+quoted(value))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(a target.Account) bool {
		switch {
		case in.ExternalID != "":
			return a.Document.ExternalID != value
		case in.Email != "":
			return !strings.EqualFold(a.Document.Email, value)
		}
		return !strings.EqualFold(a.Document.Username, value)
	}), nil
}

// find reads the users that a condition is true of.
func (t *Target) find(ctx context.Context, op, where string) ([]target.Account, error) {
	soql := "SELECT " + t.client.fields() + " FROM User WHERE " + where + " ORDER BY Id"
	rows, err := all(ctx, t.client, op, soql, func(r row) string { return r.id })
	if err != nil {
		return nil, err
	}
	records := make([]json.RawMessage, len(rows))
	for i, r := range rows {
		records[i] = r.raw
	}
	return t.accounts(ctx, op, records)
}

// accounts reads what stands beside users.
func (t *Target) accounts(ctx context.Context, op string, records []json.RawMessage) ([]target.Account, error) {
	users := make([]user, 0, len(records))
	ids := make([]string, 0, len(records))
	for _, raw := range records {
		u, err := t.client.readUser(op, raw)
		if err != nil {
			return nil, err
		}
		users, ids = append(users, u), append(ids, u.ID)
	}
	beside := map[string]*rights{}
	for some := range slices.Chunk(ids, batch) {
		part, err := t.client.rightsOf(ctx, op, some)
		if err != nil {
			return nil, err
		}
		for id, r := range part {
			beside[id] = r
		}
	}
	var out []target.Account
	for _, u := range users {
		out = append(out, account(u, beside[u.ID]))
	}
	return out, nil
}

// batch is how many users a page has. What stands beside them is asked for by their ids, which have to fit into an address.
const batch = 200

const listOp = "list users"

// cursor is where a list goes on: behind an id, after so many that were shown.
type cursor struct {
	after string
	shown int
}

func readCursor(text string) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	after, count, ok := strings.Cut(text, ".")
	shown, err := strconv.Atoi(count)
	if !ok || err != nil || shown < 0 || !isID(after, prefixUser) {
		return cursor{}, invalid(listOp, "the cursor is not one of this list")
	}
	return cursor{after, shown}, nil
}

// List implements target.Lister. It goes from id to id, so that a cursor never ends, and needs no query of Salesforce's to be
// kept open.
func (t *Target) List(ctx context.Context, in target.ListRequest) (target.ListResponse, error) {
	from, err := readCursor(in.Cursor)
	if err != nil {
		return target.ListResponse{}, err
	}
	if err := t.client.limits.admit(listOp, t.client.clock()); err != nil {
		return target.ListResponse{}, err
	}
	if !in.Since.IsZero() {
		return t.listChanged(ctx, in.Since, from)
	}
	behind := ""
	if from.after != "" {
		behind = " WHERE Id > " + quoted(from.after)
	}
	a, err := t.client.query(ctx, listOp, "SELECT "+t.client.fields()+" FROM User"+behind+" ORDER BY Id", batch)
	if err != nil {
		return target.ListResponse{}, err
	}
	out := target.ListResponse{Total: from.shown + *a.Total}
	if out.Accounts, err = t.accounts(ctx, listOp, a.Records); err != nil {
		return target.ListResponse{}, err
	}
	last := from.after
	for _, one := range out.Accounts {
		if one.Ref.ID <= last {
			return target.ListResponse{}, malformed(listOp, "users are not in the order of their ids, or come twice")
		}
		last = one.Ref.ID
	}
	if last == "" {
		// The user who asks is one, so that an org without users is an answer that cannot be right.
		return target.ListResponse{}, malformed(listOp, "the org shows no user at all; check the rights of the run-as user")
	}
	left := *a.Total - len(out.Accounts)
	if left == 0 {
		// That a page says it is the last is no proof: the org is asked how many come behind it.
		if left, err = t.client.count(ctx, listOp, "User WHERE Id > "+quoted(last)); err != nil {
			return target.ListResponse{}, err
		}
		out.Total += left
	}
	if left > 0 && len(out.Accounts) > 0 {
		out.Next = last + "." + strconv.Itoa(from.shown+len(out.Accounts))
	}
	return out, nil
}

// nonRetryable reports that repeating a request changes nothing about its error.
func nonRetryable(err error) bool {
	var e *connectors.Error
	return errors.As(err, &e) && e.Kind != connectors.KindUnavailable && e.Kind != connectors.KindRateLimited && e.Kind != connectors.KindMalformed
}
